/** Two officers who arm a gateway again that has lost its memory; one alone is not enough. */
import { fingerprint } from '../../lib/gateway/keys.ts';
import { type Order, type SignedOrder, signOrder } from '../../lib/gateway/orders.ts';
import { ownKeys } from './keys.ts';
import { person } from './people.ts';
import type { Sim } from './sim.ts';

export async function officers(sim: Sim, done: () => boolean): Promise<void> {
  while (!done()) {
    await sim.time.sleep(sim.chance.between(60_000, 900_000));
    for (const { id } of sim.config.sites) {
      if (done() || !(await hasForgotten(sim, id))) continue;
      if (sim.chance.happens(0.4)) await sim.arm(id, (order) => signed(sim, order, ['lee', 'lee']));
      await sim.arm(id, (order) => signed(sim, order, ['lee', 'park']));
    }
  }
}

/** It wrote down that more was seen of it, and nobody has armed it since. */
async function hasForgotten(sim: Sim, site: string): Promise<boolean> {
  const disk = await sim.disk(site);
  return disk.lastIndexOf('"type":"amnesia"') > disk.lastIndexOf('"type":"armed"');
}

function signed(sim: Sim, order: Order, handles: readonly string[]): SignedOrder {
  const signatures = handles.map((handle) => {
    const { privateKey } = ownKeys(handle);
    const key = fingerprint(privateKey);
    return signOrder(order, { person: person(sim, handle).id, key, privateKey });
  });
  return { order, signatures };
}
