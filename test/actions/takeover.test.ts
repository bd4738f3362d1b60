/** Taking over a UR group at DR: planned on DR's half alone, sent once, proved by the twin arrays. */
import { readFileSync } from 'node:fs';
import type { Mine, Reader, Reading, StepView } from '../../lib/actions/action.ts';
import { readFacts } from '../../lib/actions/facts.ts';
import { actions } from '../../lib/actions/index.ts';
import type { Config } from '../../lib/config.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { classOf } from '../../lib/runbook/danger.ts';
import { diffFacts } from '../../lib/runbook/diff.ts';
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { classAsFenced, fences, takeoverClass, takeoverStates } from '../../lib/vsp/takeover.ts';
import { serviceOf } from '../support/proof.ts';
import { type ArrayClient, type Bench, bench, config, login, MAIN } from '../twin/world-support.ts';

const file = 'runbooks/takeover.yml';
const text = readFileSync(file, 'utf8');
const HALF = 'remote-mirror-copygroups/NotSpecified,PAY01,PAY01S_,NotSpecified';
const SILENT = `  - id: silent
    uses: servers/assert-off
    title: { ko: 침묵, en: Nothing of main answers }
    with:
      { site: main, silent: true, servers: "\${{ service.servers }}" }

`;
const NOTHING = { copyGroups: [], ldevs: [], volumes: [], networks: [] };
const service = serviceOf(config, 'payments');

const withApi = (api: 'cm' | 'embedded'): Config => ({
  ...config,
  sites: config.sites.map((site) => ({ ...site, array: { ...site.array, api } })),
});

interface How {
  readonly api?: 'cm' | 'embedded';
  readonly source?: string;
  /** Asked by the policy. */
  readonly fencing?: Config['policy']['fencing'];
}

interface Place {
  readonly bench: Bench;
  readonly dr: ArrayClient;
  readonly asked: string[];
  readonly read: Reader;
  plan(how?: How): Promise<Plan>;
  judge(plan: Plan, step: string, seat?: Partial<StepView>): Promise<unknown>;
}

/** A bank whose main centre died a while ago, and one reader that notes whom it asked. */
async function place(dead = true): Promise<Place> {
  const at = bench();
  const dr = await login(at.world, 'dr');
  if (dead) at.world.fault('site-dead', true, { site: 'main' });
  at.clock.advance(60_000);
  const asked: string[] = [];
  const read: Reader = async (site, _target, path): Promise<Reading> => {
    asked.push(site);
    if (site !== 'dr') return { ok: false, why: 'no answer' };
    const { status, body } = await dr.get(path);
    return { ok: true, status, body, receipt: { body: '' } as never };
  };
  const facts = (api: 'cm' | 'embedded') =>
    readFacts({
      service,
      config: withApi(api),
      read,
      drillable: { dr: NOTHING },
      families: ['takeover'],
    });
  return {
    bench: at,
    dr,
    asked,
    read,
    plan: async ({ api = 'cm', source = text, fencing = config.policy.fencing } = {}) =>
      compile({
        run: 'r-0123456789',
        runbook: loadRunbook({ file, text: source }, actions),
        source,
        service,
        config: { ...withApi(api), policy: { ...config.policy, fencing } },
        facts: await facts(api),
        actions,
      }),
    judge: async (plan, id, seat = {}) => {
      const step = plan.steps.find((one) => one.id === id);
      const action = actions.get(step?.uses ?? '');
      if (step === undefined || action === undefined) throw new Error(`no step ${id}`);
      const view: StepView = {
        plan,
        step,
        calls: plan.calls.filter((call) => call.step === id),
        mine: {},
        people: [],
        startedAt: at.clock.now(),
        now: at.clock.now(),
        marks: {},
        readings: {},
        ...seat,
      };
      const input = action.input.parse(step.input);
      const { verdicts } = action.judge(await action.observe(view, input, read), input, view);
      return verdicts[view.calls[0]?.id ?? id];
    },
  };
}

const callOf = (plan: Plan): PlanCall => {
  const [call] = plan.calls;
  if (call === undefined || plan.calls.length > 1) throw new Error('not one call');
  return call;
};

async function guards(at: Place, call: PlanCall): Promise<Record<string, boolean>> {
  const found: Record<string, boolean> = {};
  for (const guard of call.guards) {
    found[guard.id] = evaluateGuard(guard, await at.dr.get(guard.path)).holds;
  }
  return found;
}

const PROVED = { fence: { performed: 'p-1', witnessed: 'p-2' } };
const sent: Mine = { attempt: 1, state: 'answered', status: 202, at: 0 };
/** What the reading of the look before was, as the engine hands it back. */
const readingOf = (verdict: unknown): unknown => (verdict as { reading?: unknown }).reading;

describe('the plan', () => {
  it('asks DR only, is of class takeover, and names the group as DR alone knows it', async () => {
    const at = await place();
    const plan = await at.plan();
    const call = callOf(plan);
    expect(new Set(at.asked)).toEqual(new Set(['dr']));
    expect(plan).toMatchObject({
      class: 'takeover',
      givesUp: ['main'],
      drillType: 'real-disaster',
      facts: { classed: { takeover: 'current' } },
    });
    expect(call).toMatchObject({
      site: 'dr',
      method: 'PUT',
      path: `/v1/objects/storages/900000040015/${HALF}/actions/takeover/invoke`,
      body: { parameters: { mode: 'forceSplit' } },
    });
    // Given up: nobody is asked for a grant.
    expect(call.grant).toBeUndefined();
    expect(new Set(call.guards.map((guard) => guard.target))).toEqual(
      new Set(['array:900000040015']),
    );
  });

  it('is written in the form of the API that the site names', async () => {
    const at = await place();
    const call = callOf(await at.plan({ api: 'embedded' }));
    expect(call.method).toBe('POST');
    expect(call.path).toMatch(/^\/v1\/objects\/remote-mirror-copygroups\/NotSpecified,/);
    const { facts } = await at.plan({ api: 'embedded' });
    expect(classOf(call, { facts, drillable: NOTHING })).toBe('takeover');
  });

  it('is a call of both gateways when main is not given up', async () => {
    const plan = await (await place()).plan({ source: text.replace('gives-up: [main]\n', '') });
    expect(callOf(plan).grant).toEqual({ site: 'main', guards: [], session: false });
  });

  it('gives up a site that there is, and never by a name misspelt', async () => {
    const source = text.replace('gives-up: [main]', 'gives-up: [mian]');
    await expect((await place()).plan({ source })).rejects.toThrow('no site mian');
  });

  it.each([
    ['no such step', text.replace('proof: fence', 'proof: other')],
    ['the takeover first', text.replace(/ {2}# Rule[\s\S]*?within: 30m\n\n/, '')],
    [
      'no person',
      text
        .replace(/uses: people\/do/, 'uses: people/confirm')
        .replace(/proof:[\s\S]*?within: 30m/, ''),
    ],
  ])('is refused without proof that main cannot write: %s', async (_, source) => {
    expect(source).not.toBe(text);
    await expect((await place()).plan({ source })).rejects.toThrow('the other site cannot write');
  });

  it('needs what the policy counts as proof', async () => {
    const at = await place();
    const unwritten = text.replace(/ {6}proof:\n.*\n.*\n/, '');
    expect(unwritten).not.toBe(text);
    await expect(at.plan({ source: unwritten })).rejects.toThrow('power-cut-record');
    const plain = ['witness', 'remote-paths-down'] as const;
    expect(await at.plan({ source: unwritten, fencing: [...plain] })).toBeDefined();
    const quiet = { fencing: [...plain, 'site-silent' as const] };
    await expect(at.plan(quiet)).rejects.toThrow('site-silent');
    const asked = text.replace('  - id: takeover', `${SILENT}  - id: takeover`);
    expect(await at.plan({ ...quiet, source: asked })).toBeDefined();
  });

  it('is void when the S-VOLs became worse', async () => {
    const at = await place();
    const { facts } = await at.plan();
    const now = (takeover: string) => ({ ...facts, classed: { takeover } });
    expect(diffFacts(facts, now('not-current')).verdict).toBe('worse');
    expect(diffFacts(facts, now('taken')).verdict).toBe('worse');
    expect(diffFacts(now('not-current'), facts).verdict).toBe('better');
  });

  it('holds every S-VOL: one more pair than volumes is refused', async () => {
    const at = await place(false);
    at.bench.world.fault('pair-added', true, { service: 'payments' });
    await expect(at.plan()).rejects.toThrow('Copy group PAY01 at dr.');
  });
});

describe('the array', () => {
  it('opens all volumes with what it had received, and main is never asked', async () => {
    const at = await place();
    const plan = await at.plan();
    const call = callOf(plan);
    expect(await at.judge(plan, 'takeover')).toMatchObject({ state: 'pending' });
    const first = await at.judge(plan, 'takeover', { readings: PROVED });
    expect(first).toMatchObject({ state: 'pending' });
    const readings = { ...PROVED, [call.id]: readingOf(first) };
    expect(await at.judge(plan, 'takeover', { readings })).toMatchObject({ state: 'ready' });
    expect(Object.values(await guards(at, call))).toEqual([true, true, true]);

    const answer = await at.dr.send(call.method, call.path, { body: call.body });
    expect(answer.status).toBe(202);
    const mine = { [call.id]: { ...sent, answer: answer.body, at: at.bench.clock.now() } };
    at.bench.clock.advance(120_000);
    expect(await at.judge(plan, 'takeover', { mine, readings })).toMatchObject({ state: 'done' });
    expect(await at.judge(plan, 'opened')).toMatchObject({
      state: 'done',
      reading: { states: ['SSWS'], open: 12, of: 12 },
    });
    expect(new Set(at.asked)).toEqual(new Set(['dr']));
    // Open already, and not by this run: said, and never sent again.
    expect(await at.judge(plan, 'takeover', { readings })).toMatchObject({ state: 'preexisting' });
    expect(await guards(at, call)).toMatchObject({ 'secondary-takeable#h9': false });
  });

  it('is not asked while a path to main is left (rule 5)', async () => {
    const at = await place(false);
    const plan = await at.plan();
    expect(await guards(at, callOf(plan))).toEqual({
      'secondary-takeable#h9': true,
      'journal-cut-off#h1': false,
      'remote-paths-down#h1': false,
    });
    const refused = await at.judge(plan, 'takeover', { readings: PROVED });
    expect(refused).toMatchObject({ state: 'refuse', reason: expect.stringContaining('NML') });
    expect(refused).toMatchObject({ reason: expect.stringContaining(hazardText(1)) });
  });

  it('is not asked to open volumes that were split before, unless that is what was approved', async () => {
    const at = await place(false);
    at.bench.world.fault('resync-backwards', true, { service: 'payments' });
    at.bench.world.fault('site-dead', true, { site: 'main' });
    at.bench.clock.advance(60_000);
    await expect(at.plan()).rejects.toThrow('not current');
    const source = text.replace('proof: fence }', 'proof: fence, data: may-be-old }');
    const plan = await at.plan({ source });
    expect(await guards(at, callOf(plan))).toMatchObject({ 'secondary-takeable#h9': true });
  });
});

/** Per state the words for ASYNC / DATA / STATUS / NEVER. */
const cells: Readonly<Record<string, string>> = {
  PAIR: 'current current current not-current',
  PFUL: 'current refused refused refused',
  PFUS: 'current refused refused refused',
  PSUE: 'current current not-current not-current',
  SSWS: 'taken taken taken taken',
  SSUS: 'not-current not-current not-current not-current',
  COPY: 'refused refused refused refused',
  SMPL: 'refused refused refused refused',
};

test.each(Object.entries(cells))('an S-VOL in %s, by fence level: %s', (state, words) => {
  const row = takeoverStates[state];
  expect([row?.ASYNC, row?.DATA, row?.STATUS, row?.NEVER].join(' ')).toBe(words);
  for (const [i, fence] of fences.entries()) {
    expect(takeoverClass([state], fence)).toBe(words.split(' ')[i]);
  }
});

test('a state nobody knows is refused, and a fence level that is not the one of the plan', () => {
  expect(Object.keys(takeoverStates)).toEqual(Object.keys(cells));
  const pair = { copyPairName: 'p', svolLdevId: 1, svolStatus: 'PAIR' };
  expect(classAsFenced([{ ...pair, fenceLevel: 'DATA' }], 'DATA')).toBe('current');
  expect(classAsFenced([{ ...pair, fenceLevel: 'NEVER' }], 'DATA')).toBe('refused');
  expect(classAsFenced([pair], 'DATA')).toBe('current');
  expect(takeoverClass([])).toBe('refused');
  expect(takeoverClass(['PAIR', 'HLDE'])).toBe('refused');
  expect(takeoverClass(['PAIR', undefined])).toBe('refused');
  expect(takeoverClass(['SSWS', 'SSWS'])).toBe('taken');
  // Half-way: repeated.
  expect(takeoverClass(['SSWS', 'PSUE'])).toBe('current');
  expect(takeoverClass(['SSWS', 'SSUS'])).toBe('not-current');
  expect(takeoverClass(['PAIR', 'SSUS', 'COPY'])).toBe('refused');
});

test('main’s array is the one whose paths are looked at', async () => {
  const guard = callOf(await (await place()).plan()).guards.at(-1);
  expect(guard?.args).toEqual({ storageDeviceId: MAIN });
});

test('a site that has to be silent is not given up while its array answers', async () => {
  const at = await place();
  const judged = async (site: string, silent: boolean) => {
    const asked = SILENT.replace('main, silent: true', `${site}, silent: ${silent}`);
    const source = text.replace('  - id: takeover', `${asked}  - id: takeover`);
    return at.judge(await at.plan({ source }), 'silent');
  };
  expect(await judged('dr', true)).toMatchObject({
    state: 'pending',
    reason: 'dr answers: its array. It is given up only when it is silent.',
  });
  expect(await judged('dr', false)).toMatchObject({ state: 'done' });
  expect(await judged('main', true)).toMatchObject({ state: 'done' });
});
