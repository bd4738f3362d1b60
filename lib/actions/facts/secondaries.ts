/**
 * S-VOLs that the DR Cinder has no rows for: which main volume each stands for, read from its label
 * alone, so that it holds when main is gone; and free LDEV numbers for copies of them.
 */
import * as z from 'zod';
import type { Service, Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { isFree } from '../../vsp/adopting.ts';
import { reads } from '../../vsp/paths.ts';
import { type Pairable, pairableSchema, pairablesSchema } from '../../vsp/protection.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray } from '../reads.ts';
import { volumeIdOf } from './join.ts';
import { need } from './need.ts';

type Secondary = NonNullable<Bound['secondaries']>[number];

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

interface Wanted {
  readonly to: Site;
  readonly takeover: NonNullable<Bound['takeover']>;
}

const pooledSchema = pairableSchema.extend({ poolId: z.int().optional() });

/** In the order of services.yml. Throws ACT-UNREAD or ACT-UNJOINED. */
export async function readSecondaries(
  read: Reader,
  service: Service,
  { to, takeover }: Wanted,
): Promise<Secondary[]> {
  const ldevs = await Promise.all(
    takeover.pairs.map(({ svol }) =>
      need(read, onArray(to.id, to.array, reads.ldev(svol)), pooledSchema),
    ),
  );
  return service.servers.flatMap(({ volumes }) =>
    volumes.map((main) => {
      const found = ldevs.filter(({ label = '' }) => volumeIdOf(label) === main);
      const [ldev] = found;
      if (ldev === undefined || found.length !== 1) {
        const labels = ldevs.map(({ ldevId, label }) => `${ldevId} "${label ?? ''}"`).join(', ');
        const why = `${found.length} S-VOLs of ${takeover.group} carry its id as label: ${labels}.`;
        throw unjoined(`Main volume ${main} at ${to.id}.`, why);
      }
      return secondaryOf(main, ldev, to);
    }),
  );
}

function secondaryOf(main: string, ldev: z.infer<typeof pooledSchema>, to: Site): Secondary {
  const { ldevId, blockCapacity: blocks, poolId: pool, ports = [] } = ldev;
  if (blocks === undefined || pool === undefined) {
    const why = 'Only volumes of a pool can be copied and managed.';
    throw unjoined(`LDEV ${ldevId} at ${to.id} shows no size or no pool.`, why);
  }
  const paths = ports.map(({ portId, hostGroupNumber, lun }) => {
    return { ldev: ldevId, port: portId, hostGroup: hostGroupNumber, lun };
  });
  return { main, ldev: ldevId, blocks, pool, paths };
}

/** As many free numbers as there are volumes, the first behind them. Throws ACT-UNREAD or ACT-UNJOINED. */
export async function readSpares(
  read: Reader,
  to: Site,
  ldevs: readonly number[],
): Promise<number[]> {
  const head = Math.max(...ldevs) + 1;
  const place = onArray(to.id, to.array, reads.freeLdevs(head, ldevs.length));
  const { data } = await need(read, place, pairablesSchema);
  const free = data.filter((slot: Pairable) => isFree(slot)).map(({ ldevId }) => ldevId);
  if (free.length >= ldevs.length) return free.slice(0, ldevs.length);
  const why = `${ldevs.length} are needed.`;
  throw unjoined(`${to.id} has ${free.length} free LDEV numbers from ${head} on.`, why);
}
