/** Site tasks: only what the gateway's owner allows, only as it was approved, at most once. */
import { existsSync, readFileSync } from 'node:fs';
import { checkTasks } from '../../lib/gateway/cli/check/folder.ts';
import { openPair, type PairHouse } from './pair.ts';
import { factsWith, openPrograms, type Programs, SWITCH, taskCall, taskPlan } from './programs.ts';
import { codeOf, type House, keys, openHouse, secrets } from './support.ts';

let programs: Programs;
beforeEach(() => {
  programs = openPrograms();
  programs.write('switch', ['echo "$@" >> done', 'echo "to $2"']);
  programs.write('look', ['grep -qx "fixed $1" done']);
});
afterEach(() => programs.remove());

async function houseWith(task: object = {}, calls = [taskCall()]): Promise<House> {
  const folder = await programs.folder([{ ...SWITCH, ...task }]);
  return openHouse({ folder, plan: taskPlan(factsWith(folder.tasks), calls) });
}
const answerOf = ({ receipt }: { receipt?: { status: number; body: string } | undefined }) => ({
  status: receipt?.status,
  ...JSON.parse(receipt?.body ?? '{}'),
});

describe('a run', () => {
  test('is started once, with arguments as they were approved, and tells how it ended', async () => {
    const house = await houseWith();
    await house.approve();
    const asked = await house.done('switch.run');
    expect(asked.state).toBe('answered');
    expect(answerOf(asked)).toMatchObject({
      status: 200,
      exit: 0,
      stdout: 'to --to=dr\n',
      stderr: '',
    });
    expect(asked.receipt).toMatchObject({ target: 'task:switch', method: 'POST', path: '/run' });
    expect((await house.done('switch.run')).record).toEqual(asked.record);
    expect(programs.lines('done')).toEqual(['fixed --to=dr']);
  });

  test('sees its key, run and step, and nothing of the environment of the gateway', async () => {
    process.env['DRILLBOOK_TEST_SECRET'] = secrets[0];
    programs.write('switch', ['env > seen', 'pwd >> seen']);
    const house = await houseWith();
    await house.approve();
    await house.done('switch.run').finally(() => delete process.env['DRILLBOOK_TEST_SECRET']);
    const seen = programs.lines('seen');
    expect(seen).toContain(`DRILLBOOK_KEY=${house.keyOf('switch.run')}`);
    expect(seen).toContain(`DRILLBOOK_RUN=${house.plan.run}`);
    expect(seen).toContain('DRILLBOOK_STEP=switch');
    expect(seen).toContain(programs.home);
    // PWD, SHLVL and _ are made by the shell itself.
    const own = /^(PATH|PWD|OLDPWD|SHLVL|_|DRILLBOOK_(KEY|RUN|STEP))=/;
    expect(seen.filter((line) => line.includes('=') && !own.test(line))).toEqual([]);
  });

  test('is no shell: what stands in an argument is text', async () => {
    const args = { to: { type: 'string' } };
    const text = '$(touch broken); `touch broken` | touch broken && touch broken';
    const house = await houseWith({ args }, [taskCall({ body: { args: { to: text } } })]);
    await house.approve();
    expect(answerOf(await house.done('switch.run')).status).toBe(200);
    expect(programs.lines('done')).toEqual([`fixed --to=${text}`]);
    expect(programs.lines('broken')).toEqual([]);
  });

  test('that fails is no success, and whether it did anything is left open', async () => {
    programs.write('switch', ['echo half done >&2', 'exit 3']);
    const house = await houseWith();
    await house.approve();
    const asked = await house.done('switch.run');
    expect(answerOf(asked)).toMatchObject({ status: 500, exit: 3, stderr: 'half done\n' });
    const again = house.put('switch.run', { attempt: 2 });
    expect(await codeOf(again)).toBe('GW-ATTEMPT');
  });

  test('that does not end is killed with all that it started', async () => {
    programs.write('switch', ['sleep 60 & echo $! > child', 'sleep 60']);
    const { tasks, ...folder } = await programs.folder([SWITCH]);
    const short = tasks.map((one) => ({ ...one, published: { ...one.published, withinMs: 150 } }));
    const plan = taskPlan(factsWith(short), [taskCall()]);
    const house = openHouse({ folder: { ...folder, tasks: short }, plan });
    await house.approve();
    const told = answerOf(await house.done('switch.run'));
    expect(told).toMatchObject({ status: 504, exit: null, killed: true, signal: 'SIGKILL' });
    const child = Number(programs.lines('child')[0]);
    expect(child).toBeGreaterThan(1);
    expect(isAlive(child)).toBe(false);
  });

  test('is told without secrets, and no more than 64 KiB of it', async () => {
    const [, pem = ''] = keys.own.privateKey.split('\n');
    const padding = 64 * 1024 - 10;
    programs.write('switch', [
      `echo "${secrets[0]} ${secrets[1]} x${pem}" >&2`,
      `head -c ${padding} /dev/zero | tr '\\0' x`,
      `printf 'here %s' '${secrets[1]}${secrets[1]}'; head -c 200000 /dev/zero | tr '\\0' y`,
    ]);
    const house = await houseWith();
    await house.approve();
    const told = answerOf(await house.done('switch.run'));
    expect(told.cut).toBe(true);
    expect(told.stderr).toBe(
      '(taken out by the gateway) (taken out by the gateway) x(taken out by the gateway)\n',
    );
    expect(told.stdout).toMatch(/^x+here \(taken out by the gateway\)$/);
    expect(told.stdout.length).toBeLessThanOrEqual(64 * 1024 + 30);
    const text = house.disk.lines.join('\n');
    for (const secret of [...secrets, pem]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.slice(0, 12));
    }
  });

  test('that was begun by a gateway that is gone is lost, and never begun again', async () => {
    programs.write('switch', ['echo $$ > pid', 'echo "$@" >> done', 'sleep 60']);
    const house = await houseWith();
    await house.approve();
    expect((await house.put('switch.run')).state).toBe('accepted');
    expect((await house.gateway.ask(house.keyOf('switch.run'))).state).toBe('busy');
    while (programs.lines('done').length === 0) await new Promise((go) => setTimeout(go, 5));
    const before = house.running;
    house.restart();
    expect((await house.gateway.ask(house.keyOf('switch.run'))).state).toBe('lost');
    expect((await house.put('switch.run')).state).toBe('lost');
    expect(await codeOf(house.put('switch.run', { attempt: 2 }))).toBe('GW-ATTEMPT');
    expect(programs.lines('done')).toHaveLength(1);
    process.kill(-Number(programs.lines('pid')[0]), 'SIGKILL');
    await before.settled();
  });
});

describe('nothing is run', () => {
  const refused = async (house: House): Promise<string> => {
    const code = await codeOf(house.approve());
    expect(programs.lines('done')).toEqual([]);
    return code;
  };

  test.each<[string, Record<string, string | number>]>([
    ['an argument that is not declared', { to: 'dr', shell: 'sh' }],
    ['a value that is not allowed', { to: 'elsewhere' }],
    ['a value of another type', { to: 1 }],
    ['too few arguments', {}],
  ])('for %s', async (_, args) => {
    expect(await refused(await houseWith({}, [taskCall({ body: { args } })]))).toBe('GW-TASK');
  });

  test.each<[string, Partial<Parameters<typeof taskCall>[0]>, string]>([
    ['a task that is not there', { target: 'task:swich' }, 'GW-TARGET'],
    ['another path', { path: '/observe' }, 'GW-CALL-TABLE'],
    ['another method', { method: 'PUT' }, 'GW-CALL-TABLE'],
    ['a body with more in it', { body: { args: { to: 'dr' }, env: {} } }, 'GW-CALL-TABLE'],
  ])('for %s', async (_, change, code) => {
    expect(await refused(await houseWith({}, [taskCall(change)]))).toBe(code);
  });

  test('when the plan plays its danger down, by call or by fact', async () => {
    expect(await refused(await houseWith({ class: 'data' }))).toBe('GW-PLAN-CLASS');
    const folder = await programs.folder([{ ...SWITCH, class: 'data' }]);
    const milder = await programs.folder([SWITCH]);
    const plan = taskPlan(factsWith(milder.tasks), [taskCall()]);
    expect(await refused(openHouse({ folder, plan }))).toBe('GW-TASK');
  });

  test('when the plan was made with another program, or with none', async () => {
    const folder = await programs.folder([SWITCH]);
    const facts = factsWith(folder.tasks);
    programs.write('switch', ['echo other >> done']);
    const changed = await programs.folder([SWITCH]);
    expect(await refused(openHouse({ folder: changed, plan: taskPlan(facts, [taskCall()]) }))).toBe(
      'GW-TASK',
    );
    const plan = taskPlan(factsWith([]), [taskCall()]);
    expect(await refused(openHouse({ folder, plan }))).toBe('GW-TASK');
  });

  test('when the program was changed, or taken its right to run, since the gateway started', async () => {
    const house = await houseWith();
    await house.approve();
    programs.write('switch', ['echo "$@" >> done', 'echo more']);
    expect(await codeOf(house.put('switch.run'))).toBe('GW-TASK');
    programs.write('switch', ['echo "$@" >> done', 'echo "to $2"'], 0o644);
    expect(await codeOf(house.put('switch.run'))).toBe('GW-TASK');
    expect(programs.lines('done')).toEqual([]);
    expect(house.disk.lines.some((line) => line.includes('"accepted"'))).toBe(false);
    programs.write('switch', ['echo "$@" >> done', 'echo "to $2"']);
    expect(answerOf(await house.done('switch.run')).status).toBe(200);
  });

  test.each([
    ['others could change', 'switch', 0o775, /changed by others/],
    ['cannot be run', 'switch', 0o644, /EACCES|cannot be run/],
    ['is not there', 'gone', 0o755, /gone is not there/],
  ])('of a program that %s; this is said, and the gateway serves', async (_, name, mode, why) => {
    programs.write('switch', ['true'], mode);
    const task = { ...SWITCH, run: [name] };
    const other = { ...SWITCH, name: 'other', run: ['look'] };
    const folder = await programs.folder([task, other]);
    const house = openHouse({ folder });
    expect(house.said.join()).toMatch(why);
    expect((await house.gateway.health()).tasks?.map((one) => one.name)).toEqual(['other']);
    const call = taskCall({ body: { args: { to: 'dr' } } });
    expect(await refused(openHouse({ folder, plan: taskPlan(factsWith([]), [call]) }))).toBe(
      'GW-TARGET',
    );
    const found = checkTasks(folder).map(({ about, level }) => `${about} ${level}`);
    expect(found).toEqual(['tasks mend', 'tasks ok']);
  });

  test('that two names or an unknown undo make unclear', async () => {
    await expect(programs.folder([SWITCH, SWITCH])).rejects.toThrow(/twice/);
    await expect(programs.folder([{ ...SWITCH, undo: 'swich' }])).rejects.toThrow(/no task swich/);
    const args = { to: { type: 'string', pattern: '(' } };
    await expect(programs.folder([{ ...SWITCH, args }])).rejects.toThrow(/regular expression/);
  });
});

describe('a look', () => {
  const effect = async (house: House, path: string): Promise<string> =>
    JSON.parse((await house.gateway.read('task:switch', path)).body).effect;

  test('says whether the effect is there, and changes nothing', async () => {
    const house = await houseWith();
    expect(await effect(house, '/observe?to=dr')).toBe('unknown');
    await house.approve();
    await house.done('switch.run');
    expect(await effect(house, '/observe?to=dr')).toBe('there');
    expect(await effect(house, '/observe?to=main')).toBe('absent');
    expect(programs.lines('done')).toHaveLength(1);
  });

  test('is one of four at most, however many knock', async () => {
    programs.write('look', ['echo in >> door', 'sleep 0.05', 'echo out >> door']);
    const house = await houseWith();
    await Promise.all(Array.from({ length: 9 }, () => effect(house, '/observe?to=dr')));
    let inside = 0;
    const most = programs.lines('door').map((line) => (inside += line === 'in' ? 1 : -1));
    expect(most).toHaveLength(18);
    expect(Math.max(...most)).toBeLessThanOrEqual(4);
  });

  test('is held to the same arguments, and is for tasks that have one', async () => {
    const house = await houseWith();
    const read = (path: string, target = 'task:switch') => codeOf(house.gateway.read(target, path));
    expect(await read('/observe?to=elsewhere')).toBe('GW-TASK');
    expect(await read('/observe?to=dr&more=1')).toBe('GW-TASK');
    expect(await read('/run?to=dr')).toBe('GW-READ');
    expect(await read('/observe?to=dr', 'task:other')).toBe('GW-READ');
    expect(await read('/observe?to=$(x)')).toBe('GW-READ');
    const { observe: _, ...blind } = SWITCH;
    const folder = await programs.folder([blind]);
    const other = openHouse({ folder });
    expect(await codeOf(other.gateway.read('task:switch', '/observe?to=dr'))).toBe('GW-TASK');
  });

  test('lets go what comes after a run that was lost', async () => {
    const calls = [taskCall(), taskCall({ id: 'next.run', step: 'next', after: ['switch.run'] })];
    const house = await houseWith({}, calls);
    await house.approve();
    house.restart({ dieAfter: 1 });
    void house.put('switch.run').catch(() => undefined);
    await house.disk.died;
    house.restart();
    expect((await house.gateway.ask(house.keyOf('switch.run'))).state).toBe('lost');
    expect(await codeOf(house.put('next.run'))).toBe('GW-AFTER');
    programs.write('done', ['fixed --to=dr']);
    const { receipt } = await house.done('next.run');
    expect(receipt?.guards).toMatchObject([{ id: 'effect:switch.run', holds: true }]);
  });
});

describe('of class data', () => {
  const cut = (house: PairHouse): void => {
    house.line = () => async () => {
      throw new Error('connect ETIMEDOUT');
    };
  };
  async function pairWith(): Promise<{ house: PairHouse; plan: ReturnType<typeof taskPlan> }> {
    const { tasks, settings } = await programs.folder([{ ...SWITCH, class: 'data' }]);
    const more = { home: programs.home, tasks };
    const house = openPair({ dr: { tasks: settings.tasks } }, { dr: more });
    const call = taskCall({ class: 'data', grant: { site: 'main', guards: [], session: false } });
    return { house, plan: taskPlan(factsWith(tasks), [call], { class: 'data' }) };
  }

  test('it is a call of two gateways', async () => {
    const { house, plan } = await pairWith();
    await house.open(plan);
    expect(await house.put(plan, 'switch.run')).toBe('accepted');
    expect(house.entries('main', 'grant')).toMatchObject([{ grant: { callId: 'switch.run' } }]);
    expect(programs.lines('done')).toEqual(['fixed --to=dr']);
  });

  test('without the other one, or without people’s own signatures, it is not run', async () => {
    const { house, plan } = await pairWith();
    await house.open(plan, ['main', 'dr'], 'copy');
    expect(await house.put(plan, 'switch.run')).toBe('GW-NOT-APPROVED');
    const second = await pairWith();
    await second.house.open(second.plan);
    cut(second.house);
    expect(await second.house.put(second.plan, 'switch.run')).toBe('GW-ISOLATED');
    expect(programs.lines('done')).toEqual([]);
  });
});

test('what a gateway allows is in its health, and its command line is not', async () => {
  const house = await houseWith();
  const health = await house.gateway.health();
  expect(health.targets).toContain('task:switch');
  expect(health.tasks).toMatchObject([{ name: 'switch', class: 'copy', observe: true }]);
  expect(JSON.stringify(health)).not.toContain('fixed');
  expect((await openHouse().gateway.health()).tasks).toBeUndefined();
});

/** One that is dead and whom nobody has buried yet is dead. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}
