/** What must have happened before each runbook is asked for, and where the service then is. */
import { TWIN_OF } from '../../lib/openstack/paths.ts';
import type { Bank } from '../support/bank.ts';
import { adminOf } from '../support/controllers.ts';
import { newDisk, withoutBeatsOf } from '../support/grown.ts';
import { disaster, moved, repaired } from '../support/moves.ts';
import { metro, threeCentres } from '../support/replication.ts';

export interface Course {
  readonly service: string;
  /** Files that are other ones in this house. */
  readonly edit?: Readonly<Record<string, (text: string) => string>>;
  /** What stands there before the first day, made by administrators and by no run. */
  furnish?(bank: Bank): Promise<void>;
  /** Runs it took are told, so that what they sent is known. */
  prelude(bank: Bank): Promise<readonly string[]>;
  /** Where hosts write before it; undefined = nowhere. */
  readonly from: string | undefined;
  /** Where they write once it has passed. */
  readonly to: string | undefined;
}

const service = 'loans';

const nothing = async (): Promise<readonly string[]> => [];

async function mainGone(bank: Bank): Promise<readonly string[]> {
  await disaster(bank);
  return [];
}

async function mainBack(bank: Bank): Promise<readonly string[]> {
  await disaster(bank);
  const { run } = await moved(bank, 'failover', service);
  await repaired(bank);
  return [run];
}

async function atDr(bank: Bank): Promise<readonly string[]> {
  const { run } = await moved(bank, 'switchover', service);
  bank.clock.advance(600_000);
  return [run];
}

async function drGone(bank: Bank): Promise<readonly string[]> {
  const ran = await atDr(bank);
  bank.world.fault('site-dead', true, { site: 'dr' });
  bank.killGateway('dr');
  bank.clock.advance(60_000);
  return ran;
}

async function stopped(bank: Bank): Promise<readonly string[]> {
  bank.world.fault('replication-suspended', true, { service });
  bank.clock.advance(60_000);
  return [];
}

async function leftSplit(bank: Bank): Promise<readonly string[]> {
  bank.world.fault('copies-left-split', true, { service });
  return [];
}

async function leftToDr(bank: Bank): Promise<readonly string[]> {
  await disaster(bank);
  return [(await moved(bank, 'failover', service)).run];
}

/** A disk that production writes to and nobody replicates. */
const grown = async (bank: Bank): Promise<void> => void (await newDisk(bank));

const made = async (bank: Bank): Promise<readonly string[]> => [
  (await moved(bank, 'protect-volumes', service)).run,
];

/** A twin at DR that does not say whose it is. */
async function unmarked(bank: Bank): Promise<void> {
  const dr = await adminOf(bank, 'dr');
  const [twin] = await dr.ids('cinder', '/volumes/detail?name=loan-app1-boot-dr');
  const status = (name: string) =>
    dr.change('POST', ['cinder', `/volumes/${twin}/action`], {
      'os-reset_status': { status: name },
    });
  await status('available');
  await dr.change('DELETE', ['cinder', `/volumes/${twin}/metadata/${TWIN_OF}`]);
  await status('maintenance');
}

/** What main has and DR has not. */
async function furnished(bank: Bank): Promise<void> {
  const { make } = await adminOf(bank, 'main');
  await make('nova', '/flavors', { flavor: { name: 'c16.m64', vcpus: 16, ram: 65_536, disk: 0 } });
  await make('keystone', '/projects', { project: { name: 'cards' } });
  const network_id = await make('neutron', '/v2.0/networks', { network: { name: 'cards' } });
  const subnet = { name: 'cards', network_id, cidr: '10.90.9.0/24', ip_version: 4 };
  await make('neutron', '/v2.0/subnets', { subnet });
}

async function backedUp(bank: Bank): Promise<void> {
  const { make } = await adminOf(bank, 'main');
  const volumes = bank.config.services
    .filter(({ id }) => id === service)
    .flatMap(({ servers }) => servers.flatMap((server) => server.volumes));
  for (const volume_id of volumes) {
    await make('cinder', '/backups', { backup: { volume_id, force: true } });
  }
  bank.clock.advance(600_000);
}

async function backupsKnown(bank: Bank): Promise<readonly string[]> {
  const { run } = await moved(bank, 'backup-import', service);
  await disaster(bank);
  return [run];
}

/** The second disk of the database. */
const DISK = 'f6e5c77a-2ee0-4f69-a14d-292e1f1eabfa';

const extending = {
  'runbooks/extend.yml': (text: string) =>
    text.replace('volume: ""', `volume: ${DISK}`).replace('gib: 0', 'gib: 400'),
};
const retiring = {
  'runbooks/retire.yml': (text: string) => text.replace('volumes: []', `volumes: [${DISK}]`),
};
const byCopies = {
  'config/services.yml': (text: string) =>
    text.replace('drill: { group: LOAN01-DRILL', 'atDr: copy\n    drill: { group: LOAN01-DRILL'),
};

const atMain = { service, prelude: nothing, from: 'main', to: 'main' } as const;

/** By the name of the runbook. */
export const courses: Readonly<Record<string, Course>> = {
  'drill-copy': atMain,
  'copies-resync': { ...atMain, prelude: leftSplit },
  takeover: { service, prelude: mainGone, from: undefined, to: undefined },
  switchover: { ...atMain, to: 'dr' },
  failback: { service, prelude: atDr, from: 'dr', to: 'main' },
  failover: { service, prelude: mainGone, from: undefined, to: 'dr' },
  'failover-home': { service, prelude: drGone, from: undefined, to: 'main' },
  resync: { ...atMain, prelude: stopped },
  reprotect: { service, prelude: mainBack, from: 'dr', to: 'dr' },
  'failover-copy': {
    ...{ service, edit: byCopies, prelude: mainGone, from: undefined, to: undefined },
  },
  'drill-switch': { ...atMain, to: 'dr' },
  'protect-volumes': { ...atMain, edit: withoutBeatsOf, furnish: grown },
  protect: { ...atMain, edit: withoutBeatsOf, furnish: grown, prelude: made },
  extend: { ...atMain, edit: extending },
  retire: { ...atMain, edit: retiring },
  adopt: { ...atMain, furnish: unmarked },
  'config-apply': { ...atMain, furnish: furnished },
  'restore-backup': {
    ...{ service, furnish: backedUp, prelude: backupsKnown, from: undefined, to: undefined },
  },
  'site-loss-gad': { service, edit: metro, prelude: mainGone, from: undefined, to: 'dr' },
  'gad-maintenance': { ...atMain, edit: metro },
  'delta-resync': { service, edit: threeCentres, prelude: leftToDr, from: 'dr', to: 'dr' },
};
