/** Volume by volume: what there is at DR of it, and what keeps a twin from being made. */
import type { Config, Service, Site } from '../../config.ts';
import { cinderPaths, novaPaths, TWIN_OF } from '../../openstack/paths.ts';
import {
  COPY_OF,
  imageOf,
  isBootable,
  isFlagged,
  type Likeness,
  likenessesSchema,
  oneLikenessSchema,
} from '../../openstack/protection.ts';
import { oneServerSchema } from '../../openstack/schema.ts';
import { volumesLostWith } from '../../openstack/servers.ts';
import type { ProtectedVolume, Protection, ProtectionEnd } from '../../runbook/bound-protection.ts';
import { reads } from '../../vsp/paths.ts';
import { type Pairable, pairableSchema, pathsTo } from '../../vsp/protection.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, onCloud } from '../reads.ts';
import { volumeIdOf } from './join.ts';
import { need } from './need.ts';
import { type Labels, labelsOf, theLabelled } from './protection-labels.ts';
import { assertRoom, assertTypes, typeAt } from './protection-room.ts';

export interface Reading {
  readonly from: Site;
  readonly to: Site;
  readonly config: Pick<Config, 'mapping'>;
  readonly mirror: Protection['mirror'];
  readonly copies: Protection['copies'];
  /** P-VOLs by the name of their pair. */
  readonly pvols: ReadonlyMap<string, Pairable>;
}

/** In the order of services.yml. */
export async function readVolumes(
  read: Reader,
  service: Service,
  reading: Reading,
): Promise<ProtectedVolume[]> {
  const { from, to } = reading;
  const mains = await Promise.all(
    service.servers.flatMap(({ volumes }) => volumes).map((id) => seeMain(read, from, id)),
  );
  const list = await need(read, onCloud(to, 'cinder', cinderPaths.volumes), likenessesSchema);
  if (list.volumes_links !== undefined) {
    const why = 'Cinder shows only a part of them: raise osapi_max_limit.';
    throw new ActionError('ACT-UNREAD', `Volumes at ${to.id}.`, why);
  }
  const open = mains.filter(({ id }) => !isPaired(id, reading));
  const stray = list.volumes.some(({ metadata }) =>
    mains.some(({ id }) => metadata[TWIN_OF] === id || metadata[COPY_OF] === id),
  );
  const [here, there] = await Promise.all([
    open.length > 0 ? labelsOf(read, from) : new Map(),
    stray ? labelsOf(read, to) : new Map(),
  ]);
  const known: Known = { ...reading, read, here, there, volumes: list.volumes };
  const rows = await Promise.all(mains.map((main) => rowOf(known, main)));
  await assertTypes(read, to, rows);
  await assertRoom(read, to, rows);
  return rows;
}

interface Known extends Reading {
  readonly read: Reader;
  readonly here: Labels;
  readonly there: Labels;
  /** Of the DR Cinder. */
  readonly volumes: readonly Likeness[];
}

const isPaired = (main: string, { mirror }: Reading): boolean =>
  mirror.pairs.some((pair) => pair.main === main);

async function seeMain(read: Reader, site: Site, id: string): Promise<Likeness> {
  const place = onCloud(site, 'cinder', cinderPaths.volume(id));
  const { volume } = await need(read, place, oneLikenessSchema);
  if (volume.encrypted === true) {
    const why = 'Cinder encrypts it: at DR it would be opened with another key.';
    throw new ActionError('ACT-TWIN-ENCRYPTED', `Volume ${id} at ${site.id}.`, why);
  }
  for (const { server_id: server } of volume.attachments) {
    if (server === undefined) continue;
    const at = onCloud(site, 'nova', novaPaths.server(server));
    const { server: seen } = await need(read, at, oneServerSchema);
    if (!volumesLostWith(seen).includes(id)) continue;
    const why = `It is attached with delete_on_termination: a deleted server takes it along.`;
    throw new ActionError('ACT-TWIN-TERMINATION', `Volume ${id} of ${seen.name}.`, why);
  }
  return volume;
}

async function rowOf(known: Known, main: Likeness): Promise<ProtectedVolume> {
  const { mirror, copies, pvols, here, from, config } = known;
  const pairs = mirror.pairs.filter((pair) => pair.main === main.id);
  const [pair] = pairs;
  if (pairs.length > 1) {
    const why = `Pairs ${pairs.map(({ name }) => name).join(', ')} have it as their P-VOL.`;
    throw new ActionError('ACT-UNJOINED', `Volume ${main.id}.`, why);
  }
  const source = pair === undefined ? theLabelled(here, main.id, from) : pvols.get(pair.name);
  if (source === undefined) throw new Error(`P-VOL of ${pair?.name} was not read`);
  const likeness = { bootable: isBootable(main), image: imageOf(main) };
  const replica = await endOf(known, { main: main.id, role: TWIN_OF, ldev: pair?.svol, likeness });
  const svol = pair?.svol ?? replica?.ldev;
  const clone = copies.pairs.find(({ pvol }) => svol !== undefined && pvol === svol);
  const copy = await endOf(known, { main: main.id, role: COPY_OF, ldev: clone?.svol, likeness });
  return {
    ...{ main: main.id, name: main.name ?? main.id, sizeGiB: main.size, ldev: source.ldevId },
    ...{ ...likeness, ...ownPath(source) },
    volumeType: typeAt(main.volume_type ?? null, config),
    reduced: (source.dataReductionMode ?? 'disabled') !== 'disabled',
    ...(replica === undefined ? {} : { replica }),
    ...(copy === undefined ? {} : { copy }),
    ...(pair === undefined ? {} : { pair: pair.name }),
    ...(clone === undefined ? {} : { clone: clone.name }),
  };
}

interface EndAsked {
  readonly main: string;
  readonly role: typeof TWIN_OF | typeof COPY_OF;
  /** Of the pair, if there is one: then the LDEV says which volume it is. */
  readonly ldev: number | undefined;
  readonly likeness: { readonly bootable: boolean; readonly image: Record<string, string> };
}

/** Undefined where the DR Cinder has no such volume, also when the storage team made the pair. */
async function endOf(known: Known, asked: EndAsked): Promise<ProtectionEnd | undefined> {
  const { read, to, there, volumes } = known;
  const { main, role, ldev, likeness } = asked;
  const marked = volumes.filter(({ metadata }) => metadata[role] === main);
  const paired =
    ldev === undefined
      ? undefined
      : await need(read, onArray(to.id, to.array, reads.ldev(ldev)), pairableSchema);
  const owner = paired === undefined ? undefined : volumeIdOf(paired.label ?? '');
  const [first, second] = marked;
  const stranger = paired !== undefined && marked.find(({ id }) => id !== owner);
  if (second !== undefined || stranger) {
    const why = `Metadata ${role} of ${marked.map(({ id }) => id).join(', ')} names it.`;
    throw new ActionError('ACT-UNJOINED', `Volume ${main} has no one volume at ${to.id}.`, why);
  }
  const volume = paired === undefined ? first : volumes.find(({ id }) => id === owner);
  if (volume === undefined) return undefined;
  if (paired === undefined) assertFree(volume, to);
  const seen = paired ?? theLabelled(there, volume.id, to);
  return {
    ...{ volume: volume.id, ldev: seen.ldevId, sizeGiB: volume.size },
    parked: volume.status === 'maintenance',
    flagged: isFlagged(volume, likeness),
    ...ownPath(seen),
    named: volume.metadata[role] === main,
  };
}

function ownPath(ldev: Pairable): { path?: string } {
  const [own] = pathsTo(ldev).own;
  return own === undefined ? {} : { path: `${own.portId},${own.hostGroupNumber},${own.lun}` };
}

function assertFree({ id, status, attachments }: Likeness, { id: site }: Site): void {
  const { length } = attachments;
  if (length === 0 && (status === 'available' || status === 'maintenance')) return;
  const why = `It is ${status}${length > 0 ? ` and attached ${length} times` : ''}.`;
  throw new ActionError('ACT-TWIN-BUSY', `Volume ${id} at ${site} cannot be overwritten.`, why);
}
