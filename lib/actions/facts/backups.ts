/** Backups of the volumes of a service: what the secondary site can restore, what it does not know yet. */
import type { Service, Site } from '../../config.ts';
import { cinderPaths } from '../../openstack/paths.ts';
import { type Backup, backupsSchema, recordSchema } from '../../openstack/schema.ts';
import type { Bound } from '../../runbook/bound.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud } from '../reads.ts';
import { need } from './need.ts';

interface Wanted {
  readonly from: Site;
  readonly to: Site;
  readonly families: readonly string[];
}

/** Throws ACT-UNREAD, or ACT-UNJOINED for a volume that has no backup there. */
export async function readBackupFacts(
  read: Reader,
  service: Service,
  { from, to, families }: Wanted,
): Promise<Pick<Bound, 'backups' | 'records'>> {
  return {
    ...(families.includes('backups') ? { backups: await newest(read, service, to) } : {}),
    ...(families.includes('records')
      ? { records: await unknown(read, service, { from, to }) }
      : {}),
  };
}

const volumesOf = ({ servers }: Service): string[] => servers.flatMap(({ volumes }) => volumes);

async function backupsAt(read: Reader, site: Site): Promise<readonly Backup[]> {
  const place = onCloud(site, 'cinder', cinderPaths.backups);
  const { backups, backups_links: more } = await need(read, place, backupsSchema);
  if (more === undefined) return backups;
  const why = 'Cinder shows only a part of the list.';
  throw new ActionError('ACT-UNREAD', `Backups at ${site.id}.`, why);
}

/** A backup of a snapshot is as old as the snapshot. */
const dataAt = ({ data_timestamp: at, created_at: made }: Backup): string => at ?? made;

const usable = (backups: readonly Backup[], volume: string): Backup[] =>
  backups
    .filter((one) => one.volume_id === volume && one.status === 'available')
    .sort((a, b) => dataAt(a).localeCompare(dataAt(b)));

async function newest(
  read: Reader,
  service: Service,
  to: Site,
): Promise<NonNullable<Bound['backups']>> {
  const backups = await backupsAt(read, to);
  return volumesOf(service).map((main) => {
    const last = usable(backups, main).at(-1);
    if (last === undefined) {
      const why =
        'It has no usable backup there: backups/import makes those of the other site known.';
      throw new ActionError('ACT-UNJOINED', `Volume ${main} at ${to.id}.`, why);
    }
    return { main, backup: last.id, at: dataAt(last), sizeGiB: last.size };
  });
}

/** All of them, not only the newest: one that holds differences needs those before it. */
async function unknown(
  read: Reader,
  service: Service,
  { from, to }: { readonly from: Site; readonly to: Site },
): Promise<NonNullable<Bound['records']>> {
  const [there, here] = await Promise.all([backupsAt(read, from), backupsAt(read, to)]);
  const missing = volumesOf(service).flatMap((main) =>
    usable(there, main)
      .filter(({ id }) => here.every((one) => one.id !== id))
      .map((backup) => ({ main, backup })),
  );
  return Promise.all(
    missing.map(async ({ main, backup }) => {
      const place = onCloud(from, 'cinder', cinderPaths.exportRecord(backup.id));
      const { backup_service: service, backup_url: url } = (await need(read, place, recordSchema))[
        'backup-record'
      ];
      return { main, backup: backup.id, at: dataAt(backup), service, url };
    }),
  );
}
