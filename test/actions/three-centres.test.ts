/** Three centres of the twin: main is lost, the near site is taken over, and the far one follows it. */
import type { Mine, Reader } from '../../lib/actions/action.ts';
import { readFar } from '../../lib/actions/facts/far.ts';
import { readTakeover } from '../../lib/actions/facts/takeover.ts';
import { siteOf } from '../../lib/actions/facts.ts';
import type { Bound } from '../../lib/runbook/bound.ts';
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import { factsSchema, type PlanCall } from '../../lib/runbook/plan.ts';
import { hold } from '../../lib/twin/array/remote/strikes.ts';
import { login } from '../twin/array-support.ts';
import { act, FAR, rig, threeCentres } from '../twin/remote/support.ts';
import { config } from './lab.ts';
import { mirrorFacts, probe, SID, service } from './mirror-lab.ts';

const volumes = ['a', 'b', 'c'].map((name) => `00000000-0000-4000-8000-00000000000${name}`);
const [server] = service.servers;
const [main, dr] = [siteOf(config, 'main'), siteOf(config, 'dr')];
const far = { ...dr, id: 'far', array: { storageDeviceId: FAR, api: 'cm' as const } };
const sites = [main, dr, far];
const own = {
  ...service,
  replication: {
    ...({ type: 'TC', group: 'CG', from: 'main', to: 'dr' } as const),
    far: { site: 'far', group: 'FAR', delta: 'WAIT' },
  },
  servers: server === undefined ? [] : [{ ...server, volumes }],
};
const rest = (path: string): string => path.replace(/^\/v1\/objects\/storages\/[^/]+\//, '');

async function centres() {
  const at = await rig(threeCentres('DATA'));
  const array = at.arrays.get('far');
  if (array === undefined) throw new Error('no far array');
  const third = await login(array);
  const client = (target: string) => (target === `array:${SID.dr}` ? at.admin.dr : third);
  const read: Reader = async (_site, target, path) => {
    if (target === `array:${SID.main}`) return { ok: false, why: 'main is asked' };
    const { status, body } = await client(target).get(rest(path));
    return { ok: true, status, body, receipt: { body: '' } as never };
  };
  const mainDies = async () => {
    at.fabric.alive('main', false, at.clock.now());
    at.writers.stop('app', 'dead', at.clock.now());
    await act(at, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
  };
  /** What a plan is made on: nothing of main is asked. */
  const step = async (given: object = {}) => {
    const waiting = await readFar(read, own, { to: dr, config: { sites } });
    const taken = await readTakeover(read, own, { from: main, to: dr });
    const base = mirrorFacts().bound as Bound;
    const { storageDeviceId, api } = far.array;
    const bound: Bound = {
      ...base,
      sites: { ...base.sites, far: { storageDeviceId, api, cloud: 'far' } },
      far: waiting.bound,
      takeover: taken.bound,
    };
    const classed = { far: [...new Set(waiting.states)].join() };
    const facts = factsSchema.parse({ bound, classed });
    const all = { facts, service: own, config: { ...config, sites } };
    return probe('replication/delta', { group: 'CG', ...given }, all);
  };
  const unmet = async ({ guards, grant }: PlanCall) => {
    const rows = await Promise.all(
      [...guards, ...(grant?.guards ?? [])].map(async (guard) => {
        const answer = await client(guard.target).get(rest(guard.path));
        return evaluateGuard(guard, answer).holds ? [] : [guard.id];
      }),
    );
    return rows.flat();
  };
  const send = async (call: PlanCall) => {
    const headers = { 'remote-authorization': third.token };
    const sent = await at.admin.dr.done('POST', rest(call.path), call.body, headers);
    return sent.body.state as string;
  };
  const holds = (id: string, ldev: number) => at.arrays.get(id)?.port.contents(ldev);
  return { at, read, step, unmet, send, mainDies, holds };
}

type Step = Awaited<ReturnType<Awaited<ReturnType<typeof centres>>['step']>>;
const only = ({ calls: [call] }: Step): PlanCall => {
  if (call === undefined) throw new Error('no call');
  return call;
};
const sent: Mine = { attempt: 1, state: 'answered', status: 202, at: 0 };

test('the mirror that waited sends differences, and the third centre has what the second has', async () => {
  const { at, read, step, unmet, send, mainDies, holds } = await centres();
  const early = await step();
  // Before the takeover it is nobody's turn: the gateway sees that by itself.
  expect(await unmet(only(early))).toEqual(['side-taken#h4']);
  await mainDies();
  at.dr.port.write(2000);
  const late = await step();
  const call = only(late);
  expect(await unmet(call)).toEqual([]);
  expect((await late.judge({ read }))[call.id]?.state).toBe('ready');
  expect(await send(call)).toBe('Succeeded');
  at.pass(1);
  const mine = { [call.id]: sent };
  expect((await late.judge({ read }, { mine }))[call.id]?.state).toBe('pending');
  at.pass(15);
  expect((await late.judge({ read }, { mine }))[call.id]?.state).toBe('done');
  expect((await late.judge({ read }))[call.id]?.state).toBe('preexisting');
  expect(holds('far', 3000)).toEqual(holds('dr', 2000));
});

test('differences alone will not do: refused, and copied whole only when that was meant', async () => {
  const { at, read, step, unmet, send, mainDies } = await centres();
  const group = at.fabric.group('FAR');
  if (group === undefined) throw new Error('no group FAR');
  hold(group, { flow: 'transfer', on: true }, at.clock.now());
  at.pass(80);
  await mainDies();
  const refused = await step();
  const verdict = (await refused.judge({ read }))['it.delta'];
  expect(verdict).toMatchObject({
    state: 'refuse',
    reason: expect.stringMatching(/HLDE.*full: accept/s),
  });
  expect(await unmet(only(refused))).toContain('side-delta-armed#h3');
  const meant = await step({ full: 'accept' });
  expect(only(meant).words.en).toContain('COPY ALL OF');
  expect(await unmet(only(meant))).toEqual([]);
  expect((await meant.judge({ read }))['it.delta']?.state).toBe('ready');
  expect(await send(only(meant))).toBe('Succeeded');
  at.pass(90);
  expect((await meant.judge({ read }, { mine: { 'it.delta': sent } }))['it.delta']?.state).toBe(
    'done',
  );
});
