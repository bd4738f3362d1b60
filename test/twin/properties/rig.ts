/** Centres in one process, spoken to over REST alone, that can be put away and made again. */
import { type ManualClock, manualClock } from '../../../lib/clock.ts';
import { seededRandom } from '../../../lib/random.ts';
import type { TwinArray } from '../../../lib/twin/array/array.ts';
import type { History } from '../../../lib/twin/array/data/history.ts';
import { historyOf } from '../../../lib/twin/array/parts.ts';
import { type Insides, insidesOf } from '../../../lib/twin/insides.ts';
import type { Topology } from '../../../lib/twin/topology.ts';
import { basic, call, type Sent } from '../array-support.ts';
import { SERIALS, type Site } from './plans.ts';

/** Sessions end after 300 idle seconds. */
const SESSION_MS = 200_000;

export interface Rig {
  readonly topology: Topology;
  readonly clock: ManualClock;
  readonly inside: Insides;
  /** Sessions by site, with the time of the login. */
  readonly tokens: Map<Site, { readonly token: string; readonly at: number }>;
}

const handsOf = (clock: ManualClock, startedAt: number) => ({
  clock,
  random: seededRandom('properties'),
  startedAt,
  addresses: new Map<string, string>(),
  kept: false,
  save: () => undefined,
  append: () => undefined,
});

const WRITING_MS = 1_000_000;

export function rigOf(topology: Topology, clock: ManualClock = manualClock()): Rig {
  const inside = insidesOf(topology, handsOf(clock, clock.now() - WRITING_MS));
  settle(inside, clock.now());
  return { topology, clock, inside, tokens: new Map() };
}

function settle(inside: Insides, now: number): void {
  inside.fabric.settle(now);
  for (const array of inside.arrays.values()) array.settle(now);
}

/** Written down as JSON and read by a new process, as it were. */
export function restarted({ topology, clock, inside }: Rig): Rig {
  const saved = JSON.parse(
    JSON.stringify({
      writers: inside.writers.snapshot(),
      fabric: inside.fabric.snapshot(),
      arrays: [...inside.arrays].map(([id, array]) => [id, array.snapshot()]),
      faults: inside.faults.snapshot(),
    }),
  );
  const again = insidesOf(topology, handsOf(clock, inside.writers.startedAt));
  again.writers.restore(saved.writers);
  again.fabric.restore(saved.fabric);
  for (const [id, state] of saved.arrays) again.arrays.get(id)?.restore(state);
  again.faults.restore(saved.faults);
  return { topology, clock, inside: again, tokens: new Map() };
}

export function arrayAt({ inside }: Rig, site: Site): TwinArray {
  const array = inside.arrays.get(site);
  if (array === undefined) throw new Error(`no array ${site}`);
  return array;
}

export const sitesOf = ({ topology }: Rig): readonly Site[] =>
  topology.arrays.map(({ id }) => id as Site);

export const answersAt = (rig: Rig, site: Site): boolean => arrayAt(rig, site).port.answers();

async function tokenOf(rig: Rig, site: Site): Promise<string> {
  const now = rig.clock.now();
  const known = rig.tokens.get(site);
  if (known !== undefined && now - known.at < SESSION_MS) return known.token;
  const headers = { authorization: basic('admin', 'admin') };
  const opened = await call(arrayAt(rig, site), ['POST', '/v1/objects/sessions'], { headers });
  if (opened.status !== 200) throw new Error(`login refused: ${opened.text}`);
  const token = `Session ${opened.body.token}`;
  rig.tokens.set(site, { token, at: now });
  return token;
}

export interface Asked {
  readonly site: Site;
  readonly method: string;
  /** From the object type on. */
  readonly path: string;
  readonly body?: unknown;
  /** The array whose token goes along as the second credential. */
  readonly remote?: Site | undefined;
}

/** The answer; undefined when nobody answers there. */
export async function ask(rig: Rig, asked: Asked): Promise<Sent | undefined> {
  const { site, method, path, body, remote } = asked;
  if (!answersAt(rig, site)) return undefined;
  const second =
    remote === undefined || !answersAt(rig, remote)
      ? {}
      : { 'remote-authorization': await tokenOf(rig, remote) };
  const url = `/v1/objects/storages/${SERIALS[site]}/${path}`;
  return await call(arrayAt(rig, site), [method, url], {
    ...(body === undefined ? {} : { body }),
    headers: {
      authorization: await tokenOf(rig, site),
      'job-mode-wait-configuration-change': 'NoWait',
      ...second,
    },
  });
}

/** What a volume holds now, by the oracle. */
export function holds(rig: Rig, site: Site, ldevId: number): History {
  const now = rig.clock.now();
  settle(rig.inside, now);
  return historyOf(arrayAt(rig, site).parts, ldevId, now);
}
