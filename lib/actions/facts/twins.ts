/**
 * Which DR volume is the other half of which main volume. Read at the DR site, so that it holds when
 * main is gone: LDEV -> label -> volume of the DR Cinder -> the main volume its metadata names.
 */
import type { Service, Site } from '../../config.ts';
import { cinderPaths, TWIN_OF } from '../../openstack/paths.ts';
import { volumesSchema } from '../../openstack/schema.ts';
import type { Bound } from '../../runbook/bound.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud } from '../reads.ts';
import { labelOf } from './join.ts';
import { need } from './need.ts';

type Twin = NonNullable<Bound['twins']>[number];
type Replication = NonNullable<Bound['replication']>;
type Takeover = NonNullable<Bound['takeover']>;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

export interface TwinSites {
  readonly from: Site;
  readonly to: Site;
  /** Both halves, or the one at DR alone when main is given up. */
  readonly replication: Replication | undefined;
  readonly takeover: Takeover | undefined;
}

/** In the order of services.yml; none at home, where DR is given up. Throws ACT-UNREAD or ACT-UNJOINED. */
export async function readTwins(read: Reader, service: Service, sites: TwinSites): Promise<Twin[]> {
  assertInPairs(service);
  const { from, to, replication, takeover } = sites;
  if (takeover?.site === from.id) {
    await assertAtHome(read, service, { from, takeover });
    return [];
  }
  const ldevs = ldevsAt(sites);
  const list = await need(read, onCloud(to, 'cinder', cinderPaths.volumes), volumesSchema);
  const labels = await Promise.all(
    ldevs.map(async ({ dr }) => ({ dr, ...(await labelOf(read, to, dr)) })),
  );
  const mains = await Promise.all(
    ldevs.map(async ({ main }) =>
      main === undefined ? undefined : (await labelOf(read, from, main)).volume,
    ),
  );
  const wanted = service.servers.flatMap((server) => server.volumes);
  return wanted.map((main) => {
    // Rows restored from main's Cinder keep their ids.
    const twins = list.volumes.filter((volume) =>
      service.atDr === 'restored' ? volume.id === main : volume.metadata[TWIN_OF] === main,
    );
    const [twin] = twins;
    if (twin === undefined || twins.length !== 1) {
      throw unjoined(`Main volume ${main} at ${to.id}.`, `${twins.length} ${whatToWrite(service)}`);
    }
    const place = labels.findIndex(({ volume }) => volume === twin.id);
    const label = labels[place];
    if (label === undefined) {
      const why = `No LDEV of copy group ${service.replication.group} carries its label.`;
      throw unjoined(`Volume ${twin.id} at ${to.id}, twin of ${main}.`, why);
    }
    if (replication !== undefined && mains[place] !== main) {
      const why = `It is paired with the LDEV of ${mains[place] ?? 'no volume'}.`;
      throw unjoined(`Volume ${twin.id} at ${to.id} says it is the twin of ${main}.`, why);
    }
    if (twin.size !== label.sizeGiB) {
      const why = `LDEV ${label.dr} has ${label.sizeGiB} GiB.`;
      throw unjoined(`Volume ${twin.id} at ${to.id} has ${twin.size} GiB.`, why);
    }
    const mainLdev = ldevs[place]?.main;
    return {
      main,
      ...(mainLdev === undefined ? {} : { mainLdev }),
      dr: twin.id,
      drLdev: label.dr,
      sizeGiB: label.sizeGiB,
    };
  });
}

/** The volumes of services.yml themselves lie on the LDEVs of the group, each on one. */
async function assertAtHome(
  read: Reader,
  service: Service,
  { from, takeover }: { readonly from: Site; readonly takeover: Takeover },
): Promise<void> {
  const labels = await Promise.all(takeover.pairs.map(({ svol }) => labelOf(read, from, svol)));
  for (const main of service.servers.flatMap((server) => server.volumes)) {
    const { length } = labels.filter(({ volume }) => volume === main);
    if (length === 1) continue;
    const why = `${length} LDEVs of copy group ${takeover.group} carry its label.`;
    throw unjoined(`Volume ${main} at ${from.id}.`, why);
  }
}

function whatToWrite({ atDr, id }: Service): string {
  if (atDr === 'restored') {
    return `volumes there have its id. Rows of ${id} are restored by failover-restored, see there.`;
  }
  return (
    `volumes there say that they are its twin (metadata ${TWIN_OF}). Run protect-volumes and protect; ` +
    `or write at ${id} in services.yml how its volumes become bootable there: ` +
    '`atDr: restored`, `atDr: copy` or `atDr: cut`, and use the failover runbook of that name.'
  );
}

/**
 * After these two failovers the servers run on volumes that are in no pair: whatever moves the pairs
 * would bring the old data to life and leave the work done at DR behind.
 */
function assertInPairs({ atDr, id, replication }: Service): void {
  if (atDr !== 'copy' && atDr !== 'cut') return;
  const how = atDr === 'copy' ? 'copies that are in no pair' : 'S-VOLs whose pairs are cut';
  const why =
    `services.yml says atDr: ${atDr}: at DR its servers run on ${how}. ` +
    `In a disaster use failover-${atDr}; the way home is in docs/moves/failover-${atDr}.md.`;
  throw unjoined(`The pairs of ${id} (${replication.group}) do not lead to its volumes.`, why);
}

/** LDEVs of each pair by site; main's only where its half was read. */
function ldevsAt({ to, replication, takeover }: TwinSites): { main?: number; dr: number }[] {
  if (replication === undefined) return (takeover?.pairs ?? []).map(({ svol }) => ({ dr: svol }));
  const home = replication.primary.site !== to.id;
  return replication.pairs.map(({ pvol, svol }) =>
    home ? { main: pvol, dr: svol } : { main: svol, dr: pvol },
  );
}
