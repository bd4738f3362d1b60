/**
 * Each hazard that the moves of a copy group can meet, made in the twin after the plan was made: the
 * judgement names it, nothing is sent, and the condition of the gateway does not hold either.
 */
import type { Reader } from '../../lib/actions/action.ts';
import { readFacts } from '../../lib/actions/facts.ts';
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import type { Guard } from '../../lib/runbook/plan.ts';
import { hazardMet, hazardText } from '../../lib/vsp/hazards.ts';
import { type ArrayClient, type Bench, bench, config, login } from '../twin/world-support.ts';
import { probe, service } from './mirror-lab.ts';

type Fault = Parameters<Bench['world']['fault']>[0];

interface Place {
  readonly bench: Bench;
  readonly read: Reader;
  readonly arrays: Readonly<Record<string, ArrayClient>>;
}

async function place(): Promise<Place> {
  const at = bench();
  const arrays = { main: await login(at.world, 'main'), dr: await login(at.world, 'dr') };
  const read: Reader = async (site, _target, path) => {
    const { status, body } = await arrays[site === 'main' ? 'main' : 'dr'].get(path);
    return { ok: true, status, body, receipt: { body: '' } as never };
  };
  return { bench: at, read, arrays };
}

const drillable = { copyGroups: [], ldevs: [], volumes: [], networks: [] };
const factsOf = ({ read }: Place, families = ['mirror']) =>
  readFacts({ service, config, read, drillable: { main: drillable, dr: drillable }, families });

/** Hazards that conditions of a call meet at its site and at the other one. */
async function atGateways({ arrays }: Place, guards: readonly Guard[]): Promise<number[]> {
  const met: number[] = [];
  for (const { id, path, ...guard } of guards) {
    const site = guard.target.endsWith('14') ? 'main' : 'dr';
    const answer = await arrays[site]?.get(path);
    if (answer === undefined) throw new Error(`no array at ${site}`);
    const { holds, reading } = evaluateGuard({ id, path, ...guard }, answer);
    if (!holds) met.push(hazardMet(id, reading) ?? 0);
  }
  return [...new Set(met)].sort((a, b) => a - b);
}

const GROUP = 'LOAN01';
const swap = ['replication/swap', { group: GROUP, to: 'dr' }] as const;
const reverse = ['replication/reverse', { group: GROUP, active: 'dr' }] as const;
const wrong = ['replication/reverse', { group: GROUP, active: 'main' }] as const;

test.each<[number, Fault | undefined, readonly [string, object], number]>([
  // Which the judgement names, the fault, the step, which the gateways name.
  [2, 'pvol-path-left', swap, 2],
  [2, 'taken-over', swap, 11],
  [3, 'taken-over', wrong, 3],
  [4, undefined, reverse, 4],
  [5, 'pairs-deleted', swap, 5],
  [5, 'pairs-deleted', reverse, 5],
  [6, 'partial-group', swap, 6],
  [6, 'partial-takeover', reverse, 6],
  [11, 'replication-suspended', swap, 11],
  [11, 'pair-stuck', swap, 6],
  [16, 'pair-added', swap, 16],
  [16, 'pair-added', reverse, 16],
  [16, 'group-shared', swap, 16],
])('hazard %i (%s)', async (hazard, fault, [name, given], gateway) => {
  const at = await place();
  const step = probe(name, given, { facts: await factsOf(at) });
  if (fault !== undefined) at.bench.world.fault(fault, true, { service: 'loans' });
  at.bench.clock.advance(30_000);
  const verdicts = Object.values(await step.judge(at, { now: at.bench.clock.now() }));
  expect(verdicts.map(({ state }) => state)).not.toContain('ready');
  const reasons = verdicts.map(({ reason }) => reason ?? '').join(' ');
  expect(reasons).toContain(hazardText(hazard));
  const main = step.calls.at(-1);
  const guards = [...(main?.guards ?? []), ...(main?.grant?.guards ?? [])];
  expect(await atGateways(at, guards)).toContain(gateway);
});

test('hazard 2 of giving hosts their paths back: the other side is open', async () => {
  const at = await place();
  const facts = await factsOf(at, ['mirror', 'paths']);
  const step = probe('paths/restore', { group: GROUP, site: 'main' }, { facts, undoes: 'fence' });
  expect(step.calls.length).toBeGreaterThan(0);
  expect(await atGateways(at, [...(step.calls[0]?.guards ?? [])])).toEqual([]);
  at.bench.world.fault('taken-over', true, { service: 'loans' });
  at.bench.clock.advance(30_000);
  const guards = step.calls[0]?.grant?.guards ?? [];
  expect(await atGateways(at, guards)).toEqual([2]);
});

test('hazard 9: a copy that was never finished is not opened', async () => {
  const at = await place();
  at.bench.world.fault('pair-stuck', true, { service: 'loans' });
  at.bench.world.fault('site-dead', true, { site: 'main' });
  at.bench.clock.advance(60_000);
  const dead: Place = {
    ...at,
    read: async (site, target, path) =>
      site === 'dr' ? at.read(site, target, path) : { ok: false, why: 'no answer' },
  };
  const facts = await factsOf(dead, ['takeover']);
  const fence = {
    ...{ id: 'fence', uses: 'people/do', title: { ko: '차단', en: 'Fence' } },
    ...{ phase: 'forward' as const, needs: [], withinMs: 1 },
    input: { proof: { ko: '기록', en: 'Record' } },
  };
  const given = { group: GROUP, proof: 'fence', data: 'may-be-old' };
  expect(() => probe('replication/takeover', given, { facts, steps: [fence] })).toThrow(
    hazardText(9),
  );
  // As if it had become so after the plan was made.
  const classed = { takeover: 'not-current' };
  const step = probe('replication/takeover', given, {
    facts: { ...facts, classed },
    steps: [fence],
  });
  const readings = { fence: { performed: 'p-1', witnessed: 'p-2' } };
  const { 'it.takeover': verdict } = await step.judge(dead, { readings });
  expect(verdict).toMatchObject({ state: 'refuse' });
  expect(verdict?.reason).toContain(hazardText(9));
  expect(await atGateways(dead, step.calls[0]?.guards ?? [])).not.toEqual([]);
});

test('hazards 7 and 16 of a plan: a volume too few, a pair too many, a group that is shared', async () => {
  const at = await place();
  const facts = await factsOf(at);
  const [name, given] = swap;
  const [first, ...others] = service.servers;
  if (first === undefined) throw new Error('no server');
  const smaller = { ...service, servers: others };
  expect(() => probe(name, given, { facts, service: smaller })).toThrow(hazardText(16));
  const more = { ...first, volumes: [...first.volumes, '00000000-0000-4000-8000-000000000000'] };
  const larger = { ...service, servers: [more, ...others] };
  expect(() => probe(name, given, { facts, service: larger })).toThrow(hazardText(7));
  const twin = { ...service, id: 'other-loans' };
  const shared = { ...config, services: [...config.services, twin] };
  expect(() => probe(name, given, { facts, config: shared })).toThrow('other-loans');
});
