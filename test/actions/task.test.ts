/** `task/run`, `network/resolves`, `network/answers-from`: compiled, observed and judged. */
import type { Mine, Reading } from '../../lib/actions/action.ts';
import { actions } from '../../lib/actions/index.ts';
import { JOB_LIMIT_MS } from '../../lib/actions/judging.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Facts, Plan } from '../../lib/runbook/plan.ts';
import { configOf, type Lab, look, lost, openLab, START, sent, verdict } from './lab.ts';

const NAME = 'payments.bank.example';
const URL = 'http://10.90.1.11:8080/health';

const task = (name: string, change: object = {}) => ({
  ...{ name, class: 'data', withinMs: 60_000, observe: true, program: 'a'.repeat(64) },
  args: {
    service: { type: 'string', enum: ['payments', 'loans'] },
    to: { type: 'string', max: 8 },
  },
  ...change,
});
const TASKS = [
  task('switch', { undo: 'switch-back' }),
  task('switch-back'),
  task('blind', { observe: false }),
];

/** A runbook of these steps, compiled against the lab with tasks at DR. */
async function planOf(steps: string, dr: readonly object[] = TASKS): Promise<Plan> {
  const lab = openLab();
  const text = `runbook: tasks
title: { ko: 작업, en: Tasks }
drillType: planned-switch
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 60m, runWithin: 8h }
steps:
${steps}`;
  const known = await lab.facts([]);
  const facts: Facts = {
    ...known,
    bound: { ...known.bound, tasks: { main: [], dr: JSON.parse(JSON.stringify(dr)) } },
  };
  const runbook = loadRunbook({ file: 'runbooks/tasks.yml', text }, actions);
  const { service } = lab;
  const more = { source: text, service, config: configOf(lab), facts, actions };
  return compile({ run: 'r-0123456789', runbook, ...more });
}

const step = (name: string, more = '') =>
  `  - id: switch
    uses: task/run
    with: { task: ${name}, site: dr, args: { service: "\${{ service.id }}", to: dr${more} } }
`;

describe('task/run, compiled', () => {
  test('is one call, with its arguments in it and in words', async () => {
    const { calls, class: danger } = await planOf(step('switch'));
    expect(danger).toBe('data');
    expect(calls).toMatchObject([
      {
        ...{ id: 'switch.run', site: 'dr', target: 'task:switch', method: 'POST', path: '/run' },
        body: { args: { service: 'payments', to: 'dr' } },
        grant: { site: 'main', guards: [], session: false },
        words: {
          en: expect.stringContaining('switch at Daejeon DR centre (service=payments, to=dr)'),
        },
      },
    ]);
  });

  test.each<[string, string, RegExp]>([
    [
      'a task that is not there',
      step('swich'),
      /tasks.yml:9:19: input: there is no task swich at dr; did you mean switch\?/,
    ],
    ['an argument that is not declared', step('switch', ', form: x'), /no argument form/],
    [
      'a name that is nearly right',
      step('switch', ', servce: x'),
      /servce; did you mean service\?/,
    ],
    ['a value that is too long', step('switch').replace('to: dr', 'to: somewhere'), /at most 8/],
    [
      'a value that is not allowed',
      step('switch').replace(/"[^"]*service[.]id[^"]*"/, 'loan'),
      /mean loans\?/,
    ],
    ['an argument left out', step('switch').replace(', to: dr', ''), /argument to is missing/],
    [
      'a site that has none',
      step('switch').replace('site: dr', 'site: main'),
      /no task switch at main/,
    ],
  ])('refuses %s', async (_, steps, words) => {
    await expect(planOf(steps)).rejects.toThrow(words);
  });

  test('is taken back by the task that its owner named, and by no other', async () => {
    const undo = (name: string) =>
      `${step('switch')}    undo:
      uses: task/run
      with: { task: ${name}, site: dr, args: { service: payments, to: main } }
`;
    const { calls } = await planOf(undo('switch-back'));
    expect(calls.map(({ id, phase }) => `${phase} ${id}`)).toEqual([
      'forward switch.run',
      'undo undo-switch.run',
    ]);
    await expect(planOf(undo('switch'))).rejects.toThrow(/switch-back takes it back/);
    const wrong = undo('switch-back').replace(
      'uses: task/run\n      with',
      'uses: clone/resync\n      with',
    );
    await expect(planOf(wrong)).rejects.toThrow(/undo/);
  });
});

/** A lab in which the task shows this effect, or none at all. */
function labWith(effect: 'there' | 'absent' | 'unknown' | 'silent'): Lab {
  const lab = openLab();
  return {
    ...lab,
    read: async (_site, target, path): Promise<Reading> => {
      lab.reads.push(`${target} ${path}`);
      if (effect === 'silent') return { ok: false, why: 'no answer' };
      const body = { effect, exit: 0, stdout: '', stderr: '' };
      return { ok: true, status: 200, body, receipt: { body: '' } as never };
    },
  };
}
const answered = (status: number, answer: object): Partial<Mine> => ({ ...sent(), status, answer });
const well = answered(200, { exit: 0, stdout: 'done', stderr: '' });
const failed = answered(500, { exit: 3, stdout: '', stderr: 'no route\n' });
const killed = answered(504, { exit: null, killed: true, stdout: '', stderr: '' });
const LATER = START + JOB_LIMIT_MS;

describe('task/run, judged by what a look shows', () => {
  const stands = async (...given: [Parameters<typeof labWith>[0], Partial<Mine>?, number?]) => {
    const [effect, mine = {}, now = START] = given;
    const plan = await planOf(step('switch'));
    return verdict(labWith(effect), plan, 'switch.run', { mine: { 'switch.run': mine }, now });
  };
  test('never sent: run unless it is so already, which is recorded', async () => {
    expect(await stands('absent')).toMatchObject({ state: 'ready' });
    expect(await stands('there')).toMatchObject({ state: 'preexisting' });
    expect(await stands('unknown')).toMatchObject({ state: 'pending' });
    expect(await stands('silent')).toMatchObject({ state: 'pending' });
  });
  test('an answer is not enough: the effect must be seen', async () => {
    expect(await stands('there', well)).toMatchObject({ state: 'done', reading: { exit: 0 } });
    expect(await stands('absent', well)).toMatchObject({ state: 'pending' });
    expect(await stands('silent', well)).toMatchObject({ state: 'pending' });
  });
  test('a failure is told in its own words, and a person’s retry runs it again', async () => {
    expect(await stands('absent', failed)).toMatchObject({
      state: 'refuse',
      reason: expect.stringMatching(/3: no route/),
    });
    expect(await stands('absent', killed)).toMatchObject({
      reason: expect.stringMatching(/killed at its limit/),
    });
    expect(await stands('there', failed)).toMatchObject({ state: 'done' });
    const freed = { ...failed, retry: true };
    expect(await stands('absent', freed, LATER)).toMatchObject({ state: 'ready' });
  });
  test('lost: done when the effect is there, else a person is asked', async () => {
    expect(await stands('there', lost())).toMatchObject({ state: 'done' });
    expect(await stands('absent', lost())).toMatchObject({ state: 'pending' });
    expect(await stands('absent', lost(), LATER)).toMatchObject({ state: 'refuse' });
    expect(await stands('absent', { ...lost(), retry: true }, LATER)).toMatchObject({
      state: 'ready',
    });
  });
  test('lost: a program that may be at work still is waited for, whatever people order', async () => {
    const plan = await planOf(step('switch'), [task('switch', { withinMs: 2 * JOB_LIMIT_MS })]);
    const mine = { ...lost(), retry: true };
    const judged = (now: number) =>
      verdict(labWith('absent'), plan, 'switch.run', { mine: { 'switch.run': mine }, now });
    expect(await judged(LATER)).toMatchObject({ state: 'pending' });
    expect(await judged(LATER + JOB_LIMIT_MS)).toMatchObject({ state: 'ready' });
  });
  test('is looked at with the arguments of its call', async () => {
    const lab = labWith('absent');
    await verdict(lab, await planOf(step('switch')), 'switch.run');
    expect(lab.reads).toEqual(['task:switch /observe?service=payments&to=dr']);
  });
});

describe('task/run, without a way to look', () => {
  const stands = async (mine: Partial<Mine> = {}, now = START) => {
    const lab = labWith('silent');
    const plan = await planOf(step('blind'));
    const judged = await verdict(lab, plan, 'switch.run', { mine: { 'switch.run': mine }, now });
    expect(lab.reads).toEqual([]);
    return judged;
  };
  test('its own answer counts', async () => {
    expect(await stands()).toMatchObject({ state: 'ready' });
    expect(await stands(well)).toMatchObject({ state: 'done' });
    expect(await stands(failed)).toMatchObject({
      state: 'refuse',
      reason: expect.stringMatching(/no route/),
    });
  });
  test('lost: a person is asked, whose retry runs it again', async () => {
    expect(await stands(lost(), LATER)).toMatchObject({
      state: 'refuse',
      reason: expect.stringMatching(/cannot be looked at/),
    });
    expect(await stands({ ...lost(), retry: true }, LATER)).toMatchObject({ state: 'ready' });
  });
  test('a person sees what the gateway can say', async () => {
    const plan = await planOf(step('blind'));
    const [one] = plan.steps;
    const view = { plan, step: one } as never;
    const lines = await actions.get('task/run')?.situation?.(view, labWith('silent').read);
    expect(lines?.join()).toContain('no way to look');
  });
});

/** What each gateway sees, by `site target path`; else it hears nothing. */
const labSeeing = (seen: Record<string, { status: number; body?: unknown }>): Lab => ({
  ...openLab(),
  read: async (site, target, path): Promise<Reading> => {
    const found = seen[`${site} ${target} ${path}`];
    if (found === undefined) return { ok: false, why: 'GW-TARGET-SILENT: no answer' };
    return { ok: true, body: undefined, ...found, receipt: { body: '' } as never };
  },
});

describe('network/resolves', () => {
  const stands = async (to: string, status: number, body: object) => {
    const plan = await planOf(
      `  - { id: name, uses: network/resolves, with: { name: ${NAME}, to: ${to} } }\n`,
    );
    const lab = labSeeing({ [`dr dns /${NAME}`]: { status, body: { name: NAME, ...body } } });
    return (await look(lab, plan, 'name')).verdicts['name'];
  };
  const at = (...addresses: string[]) => ({ aliases: [], addresses });
  test('an alias or the only address, and nothing beside it', async () => {
    const alias = { aliases: ['dr.bank.example'], addresses: ['198.51.100.10'] };
    expect(await stands('dr.bank.example', 200, alias)).toMatchObject({ state: 'done' });
    expect(await stands('main.bank.example', 200, alias)).toMatchObject({ state: 'pending' });
    expect(await stands('198.51.100.10', 200, at('198.51.100.10'))).toMatchObject({
      state: 'done',
    });
    const both = await stands('198.51.100.10', 200, at('192.0.2.10', '198.51.100.10'));
    expect(both).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/192\.0\.2\.10/),
    });
  });
  test('a name that stands for nothing, or is not known, waits', async () => {
    expect(await stands('dr.bank.example', 404, at())).toMatchObject({ state: 'pending' });
    expect(await stands('dr.bank.example', 200, { aliases: 'x' })).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/unknown shape/),
    });
  });
});

describe('network/answers-from', () => {
  const stands = async (
    seen: Record<string, { status: number; body?: unknown }>,
    { more = '', givesUp = [] }: { more?: string; givesUp?: string[] } = {},
  ) => {
    const plan = await planOf(
      `  - { id: from, uses: network/answers-from, with: { url: "${URL}", site: dr${more} } }\n`,
    );
    return (await look(labSeeing(seen), { ...plan, givesUp }, 'from')).verdicts['from'];
  };
  const [main, dr] = [`main probe ${URL}`, `dr probe ${URL}`];
  const ok = { status: 200 };
  test('at the site, and no longer at the other', async () => {
    expect(await stands({ [dr]: ok })).toMatchObject({ state: 'done' });
    expect(await stands({ [dr]: ok, [main]: { status: 502 } })).toMatchObject({ state: 'done' });
    expect(await stands({ [dr]: ok, [main]: ok })).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/still answers at main/),
    });
    expect(await stands({ [main]: ok })).toMatchObject({ state: 'pending' });
    expect(await stands({ [dr]: { status: 503 } })).toMatchObject({ state: 'pending' });
  });
  test('a gateway that is silent has not said that the service is', async () => {
    const plan = await planOf(
      `  - { id: from, uses: network/answers-from, with: { url: "${URL}", site: dr } }\n`,
    );
    const lab = labSeeing({ [dr]: ok });
    const read: Lab['read'] = async (site, target, path) =>
      site === 'main' ? { ok: false, why: 'GW-UNREACHABLE: x' } : lab.read(site, target, path);
    const { verdicts } = await look({ ...lab, read }, plan, 'from');
    expect(verdicts['from']).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/is not known/),
    });
    const { verdicts: without } = await look(
      { ...lab, read },
      { ...plan, givesUp: ['main'] },
      'from',
    );
    expect(without['from']).toMatchObject({ state: 'done' });
  });
  test('an address that both sites reach says itself who answers', async () => {
    const more = ', pointer: /site';
    const from = (site: string) => ({ [dr]: { status: 200, body: { site } }, [main]: ok });
    expect(await stands(from('dr'), { more })).toMatchObject({ state: 'done' });
    expect(await stands(from('main'), { more })).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/main/),
    });
  });
});
