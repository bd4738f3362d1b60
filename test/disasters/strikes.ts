/** What a disaster does to the bank, and what its people and the storage team repair afterwards. */
import type { Bank } from '../support/bank.ts';
import type { Blow, Story } from './story.ts';

type Turn = (bank: Bank, on: boolean) => void;

const site =
  (name: 'site-dead' | 'site-cut' | 'array-dead', at: string): Turn =>
  ({ world }, on) =>
    world.fault(name, on, { site: at });

/** Faults of the twin; gateways are struck beside them. */
const faults: Readonly<Record<Blow, Turn | undefined>> = {
  'main-burns': site('site-dead', 'main'),
  'dr-burns': site('site-dead', 'dr'),
  'main-array': site('array-dead', 'main'),
  'dr-array': site('array-dead', 'dr'),
  partition: site('site-cut', 'main'),
  link: ({ world }, on) => world.fault('link-cut', on),
  'main-gateway': undefined,
  'dr-gateway': undefined,
};

/** Gateways that nobody reaches any more. */
const silenced: Readonly<Partial<Record<Blow, string>>> = {
  'main-burns': 'main',
  'dr-burns': 'dr',
  partition: 'main',
  'main-gateway': 'main',
  'dr-gateway': 'dr',
};

export function strike(bank: Bank, blow: Blow): void {
  faults[blow]?.(bank, true);
  const gone = silenced[blow];
  if (gone !== undefined) bank.killGateway(gone);
}

/**
 * Everything answers again. A mirror that the disaster suspended is resumed by the storage team. `left`:
 * the service went on without the site.
 */
export async function repair(bank: Bank, { blow, service }: Story, left?: 'left'): Promise<void> {
  // Whoever repairs DR starts what ran there; what the service has left nobody starts.
  if (blow === 'dr-burns' && left === undefined) {
    bank.world.fault('guests-return', true, { site: 'dr' });
  }
  faults[blow]?.(bank, false);
  for (const { id } of bank.config.sites) {
    if (left === 'left') bank.world.fault('site-dead', false, { site: id });
    if (id === silenced[blow] || id === 'main') await bank.restartGateway(id);
  }
  bank.clock.advance(60_000);
  const { active, primary } = bank.world.oracle.moves(service);
  if (active !== null && active === primary) {
    bank.world.fault('replication-suspended', false, { service });
    bank.clock.advance(600_000);
  }
}
