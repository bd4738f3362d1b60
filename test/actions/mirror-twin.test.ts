/** TrueCopy and active-active volumes on two arrays of the twin: our very calls, and what comes of them. */
import type { Mine, Reader } from '../../lib/actions/action.ts';
import type { Bound } from '../../lib/runbook/bound.ts';
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import type { Guard, PlanCall } from '../../lib/runbook/plan.ts';
import { plan, type Rig, remoteOf, rig } from '../twin/remote/support.ts';
import { mirrorFacts, probe, SID, service } from './mirror-lab.ts';

type Site = keyof typeof SID;
const GROUP = 'CG';
const [server] = service.servers;
const volumes = ['a', 'b', 'c'].map((name) => `00000000-0000-4000-8000-00000000000${name}`);
const replication = (type: 'TC' | 'GAD'): NonNullable<Bound['replication']> => ({
  ...{ type, group: GROUP, muNumber: 0 },
  primary: { site: 'main', deviceGroup: 'CGP_' },
  secondary: { site: 'dr', deviceGroup: 'CGS_' },
  pairs: [0, 1, 2].map((i) => ({ name: `p${i}`, pvol: 1000 + i, svol: 2000 + i })),
});

const siteOf = (target: string): Site => (target === `array:${SID.main}` ? 'main' : 'dr');
const rest = (path: string): string => path.replace(/^\/v1\/objects\/storages\/[^/]+\//, '');

interface Stage {
  readonly rig: Rig;
  readonly read: Reader;
  step(name: string, given: object): ReturnType<typeof probe>;
  holds(call: PlanCall): Promise<string[]>;
  send(call: PlanCall): Promise<void>;
}

async function stage(type: 'TC' | 'GAD'): Promise<Stage> {
  const at = await rig(plan({ type }));
  const get = async (site: Site, path: string) => at.admin[site].get(rest(path));
  const own = {
    ...service,
    replication: { ...service.replication, type, group: GROUP },
    servers: server === undefined ? [] : [{ ...server, volumes }],
  };
  const facts = mirrorFacts({ replication: replication(type) });
  return {
    rig: at,
    read: async (site, _target, path) => {
      const { status, body } = await get(site === 'main' ? 'main' : 'dr', path);
      return { ok: true, status, body, receipt: { body: '' } as never };
    },
    step: (name, given) => probe(name, given, { facts, service: own }),
    /** Guards of both gateways that do not hold, but for paths of hosts: these arrays have none. */
    holds: async (call) => {
      const all: readonly Guard[] = [...call.guards, ...(call.grant?.guards ?? [])];
      const rows = await Promise.all(
        all.map(async (guard) => {
          const answer = await get(siteOf(guard.target), guard.path);
          return evaluateGuard(guard, answer).holds ? [] : [guard.id];
        }),
      );
      return rows.flat().filter((id) => !id.startsWith('only-pair-path'));
    },
    send: async (call) => {
      const site = siteOf(call.target);
      const path = rest(call.path);
      const sent = await at.admin[site].done('POST', path, call.body, remoteOf(at, site));
      expect(sent.body.state).toBe('Succeeded');
      at.pass(90);
    },
  };
}

const only = (step: ReturnType<typeof probe>): PlanCall => {
  const [call] = step.calls;
  if (call === undefined || step.calls.length > 1) throw new Error('not one call');
  return call;
};
const sent: Mine = { attempt: 1, state: 'answered', status: 202, at: 0 };
const stateOf = async (step: ReturnType<typeof probe>, at: Stage, mine?: Mine) => {
  const call = only(step);
  const seat = mine === undefined ? {} : { mine: { [call.id]: mine } };
  return (await step.judge(at, seat))[call.id]?.state;
};

test('TrueCopy: nothing to drain, the sides change and change back', async () => {
  const at = await stage('TC');
  const drained = await at.step('replication/drain', { group: GROUP }).judge(at);
  expect(drained['it']).toMatchObject({ state: 'done', reading: { proof: 'rpo-0' } });
  for (const to of ['dr', 'main']) {
    const step = at.step('replication/swap', { group: GROUP, to });
    expect(await at.holds(only(step))).toEqual([]);
    await at.send(only(step));
    expect(await stateOf(step, at, sent)).toBe('done');
    expect(await stateOf(step, at)).toBe('preexisting');
  }
});

test('active-active: the P-VOLs’ site rests, is mirrored again, and gets its role back', async () => {
  const at = await stage('GAD');
  const mirrored = async () =>
    (await at.step('gad/assert', { group: GROUP }).judge(at))['it']?.state;
  expect(await mirrored()).toBe('done');
  for (const to of ['dr', 'main']) {
    const split = at.step('gad/swap-split', { group: GROUP, to });
    expect(await stateOf(split, at)).toBe('ready');
    expect(await at.holds(only(split))).toEqual([]);
    await at.send(only(split));
    expect(await stateOf(split, at, sent)).toBe('done');
    const alone = await at.step('gad/assert', { group: GROUP, survivor: to }).judge(at);
    expect(alone['it']?.state).toBe('done');
    expect(await mirrored()).toBe('pending');
    const given = { group: GROUP, active: to, survived: 'S-VOL' };
    const resync = at.step('gad/resync', given);
    expect(await stateOf(resync, at)).toBe('ready');
    expect(await at.holds(only(resync))).toEqual([]);
    await at.send(only(resync));
    expect(await stateOf(resync, at, sent)).toBe('done');
    expect(await mirrored()).toBe('done');
  }
});
