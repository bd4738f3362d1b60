/** One chain per volume: main volume, P-VOL, S-VOL, drill copy and the volumes of the DR Cinder. */
import type { Service, Site } from '../../config.ts';
import type { Bound, BoundPair } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { reads } from '../../vsp/paths.ts';
import { ldevSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, seeVolume } from '../reads.ts';
import { need } from './need.ts';

type BoundVolume = NonNullable<Bound['volumes']>[number];

interface Joining {
  readonly from: Site;
  readonly to: Site;
  readonly replication: readonly BoundPair[];
  readonly clone: readonly BoundPair[];
}

const BLOCKS_PER_GIB = 2_097_152;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/**
 * In the order services.yml names them. Pairs that lead to no volume of the service are left out:
 * they stand among the pairs. Throws ACT-UNREAD or ACT-UNJOINED.
 */
export async function joinVolumes(
  read: Reader,
  service: Service,
  joining: Joining,
): Promise<BoundVolume[]> {
  const { from, to, replication, clone } = joining;
  const labels = new Map<number, Label>();
  await Promise.all(
    replication.map(async ({ pvol }) => labels.set(pvol, await labelOf(read, from, pvol))),
  );
  const wanted = service.servers.flatMap((server) => server.volumes);
  return Promise.all(
    wanted.map(async (main) => {
      const found = replication.filter((pair) => labels.get(pair.pvol)?.volume === main);
      const [pair] = found;
      if (pair === undefined || found.length !== 1) {
        const { group } = service.replication;
        const why = `${found.length} P-VOLs of ${group} carry its label. ${hazardText(8)}`;
        throw unjoined(`Main volume ${main} is not replicated once.`, why);
      }
      const copy = clone.find((one) => one.pvol === pair.svol);
      if (copy === undefined) {
        const why = `No pair of ${service.drill.group} copies LDEV ${pair.svol}.`;
        throw unjoined(`S-VOL of pair ${pair.name} has no drill copy.`, why);
      }
      const chain = {
        main,
        mainLdev: pair.pvol,
        drLdev: pair.svol,
        drVolume: await volumeOf(read, to, pair.svol),
        copyLdev: copy.svol,
        copyVolume: await volumeOf(read, to, copy.svol),
        sizeGiB: labels.get(pair.pvol)?.sizeGiB ?? 0,
      };
      await checkVolumes(read, to, chain);
      return chain;
    }),
  );
}

export interface Label {
  /** Undefined when the label is no volume id. */
  readonly volume: string | undefined;
  readonly text: string;
  readonly sizeGiB: number;
}

export async function labelOf(read: Reader, site: Site, ldev: number): Promise<Label> {
  const seen = await need(read, onArray(site.id, site.array, reads.ldev(ldev)), ldevSchema);
  const text = seen.label ?? '';
  const sizeGiB = Math.floor((seen.blockCapacity ?? 0) / BLOCKS_PER_GIB);
  return { volume: volumeIdOf(text), text, sizeGiB };
}

async function volumeOf(read: Reader, site: Site, ldev: number): Promise<string> {
  const { volume, text } = await labelOf(read, site, ldev);
  if (volume !== undefined) return volume;
  const why = `Its label is "${text}", not a volume id.`;
  throw unjoined(`LDEV ${ldev} at ${site.id} belongs to no volume.`, why);
}

/** The driver labels an LDEV with the volume id without hyphens. */
export function volumeIdOf(label: string): string | undefined {
  const parts = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;
  return parts.exec(label)?.slice(1).join('-');
}

/** Both DR volumes exist in Cinder with the size of the main LDEV. */
async function checkVolumes(read: Reader, to: Site, chain: BoundVolume): Promise<void> {
  for (const id of [chain.drVolume, chain.copyVolume]) {
    const seen = await seeVolume(read, to, id);
    if (!seen.ok) {
      throw new ActionError('ACT-UNREAD', `Volume ${id} at ${to.id}.`, `${seen.why}.`);
    }
    if (seen.value.size !== chain.sizeGiB) {
      const why = `Its source has ${chain.sizeGiB} GiB.`;
      throw unjoined(`Volume ${id} at ${to.id} has ${seen.value.size} GiB.`, why);
    }
  }
}
