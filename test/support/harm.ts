/**
 * What no run may do, whatever strikes it: judged by the effects the twin noted, the files of the
 * gateways and the records on the disks, never by what the run says of itself.
 */
import { planSchema } from '../../lib/runbook/plan.ts';
import type { Bank } from './bank.ts';
import { entriesAt } from './epochs.ts';

/**
 * In words; empty when nothing happened that must not. `runs` are all that were asked for; the first
 * `byHand` effects are those of administrators who furnished the house before.
 */
export async function harmOf(bank: Bank, runs: readonly string[], byHand = 0): Promise<string[]> {
  return [
    ...(await sentTooOften(bank, runs, byHand)),
    ...bank.world.units.flatMap(({ id }) => lostAt(bank, id)),
  ];
}

/** Rules 4 and 5, and records that were acknowledged. */
function lostAt({ world }: Bank, service: string): string[] {
  const { lost, openings, wrongDirection, twoSided } = world.oracle.moves(service);
  const announced = openings.reduce((sum, { lostRecords }) => sum + lostRecords, 0);
  // What lies on an array that is dead may come back with it.
  const dead = world.faultsOn().some(({ name }) => name === 'site-dead' || name === 'array-dead');
  const missing = Math.max(lost.onActive ?? 0, dead ? 0 : lost.everywhere);
  const found: string[] = [];
  if (missing > announced) {
    found.push(`${service}: ${missing} records lost, ${announced} of them given up by a takeover`);
  }
  for (const { array, unannounced, hostWrites } of wrongDirection) {
    found.push(`${service}: ${unannounced + hostWrites} records at ${array} were copied over`);
  }
  for (const { since, until } of twoSided) {
    const seconds = until === null ? 'until the end' : `for ${(until - since) / 1000} s`;
    found.push(`${service}: both sides were written to ${seconds}`);
  }
  return found;
}

interface Kind {
  readonly look: string;
  readonly site: string;
  readonly method: string;
  readonly path: RegExp;
  /** How many places of it are filled in late. */
  readonly holes: number;
  accepted: number;
  reached: number;
}

const HOLE = /\{\{[a-z0-9]+\}\}/g;
const SESSIONS = /\/(sessions|tokens)(\/|$)/;

/** Rules 3 and 11: nothing reaches an array or a cloud that a gateway has not accepted, once each. */
async function sentTooOften(
  bank: Bank,
  runs: readonly string[],
  byHand: number,
): Promise<string[]> {
  const kinds = await kindsOf(bank, runs);
  const strangers: string[] = [];
  for (const { site, method, path } of bank.world.effects.slice(byHand)) {
    if (SESSIONS.test(path)) continue;
    const home = homeOf(bank, site);
    const fitting = kinds.filter(
      (kind) => kind.site === home && kind.method === method && kind.path.test(path),
    );
    const [best] = fitting.sort((a, b) => a.holes - b.holes);
    if (best === undefined) strangers.push(`${method} ${path} at ${site} is in no plan`);
    else best.reached += 1;
  }
  const often = kinds.filter(({ reached, accepted }) => reached > accepted);
  return [
    ...strangers,
    ...often.map(({ look, reached, accepted }) => `${look}: ${reached} sent, ${accepted} accepted`),
  ];
}

/** One cloud over two sites is at home at the first of them. */
function homeOf({ config }: Bank, site: string): string {
  const cloud = config.sites.find(({ id }) => id === site)?.cloud;
  return config.sites.find((one) => one.cloud === cloud)?.id ?? site;
}

/** Calls that look alike, over all plans, with how often a gateway accepted one of them. */
async function kindsOf(bank: Bank, runs: readonly string[]): Promise<Kind[]> {
  const kinds = new Map<string, Kind>();
  const lookOf = new Map<string, string>();
  for (const run of runs) {
    for (const event of await bank.events(run)) {
      if (event.type !== 'plan.resolved') continue;
      const blob = event.evidence.find(({ label }) => label === 'plan');
      if (blob === undefined) continue;
      const bytes = await bank.blobs.get(blob.sha256);
      for (const call of planSchema.parse(JSON.parse(bytes.toString('utf8'))).calls) {
        const { method } = call;
        const site = homeOf(bank, call.site);
        const look = `${method} ${call.path.replace(HOLE, '*')} at ${site}`;
        const holes = call.path.match(HOLE)?.length ?? 0;
        lookOf.set(`${event.data.planHash} ${call.id}`, look);
        const path = new RegExp(`${pattern(call.path)}$`);
        kinds.set(
          look,
          kinds.get(look) ?? { look, site, method, path, holes, accepted: 0, reached: 0 },
        );
      }
    }
  }
  for (const { id } of bank.config.sites) {
    for (const entry of entriesAt(bank, id)) {
      if (entry['type'] !== 'accepted') continue;
      const kind = kinds.get(lookOf.get(`${entry['planHash']} ${entry['callId']}`) ?? '');
      if (kind !== undefined) kind.accepted += 1;
    }
  }
  return [...kinds.values()];
}

const pattern = (path: string): string =>
  path
    .split('?')[0]
    ?.split(HOLE)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+') ?? '';
