/** Servers shut down and locked, unlocked and started: every cell of the tables, and what undoes them. */
import type { Mine } from '../../lib/actions/action.ts';
import { JOB_LIMIT_MS } from '../../lib/actions/judging.ts';
import { judgePower } from '../../lib/actions/servers/judge-power.ts';
import {
  type Deed,
  deeds,
  lockLooks,
  lockRows,
  powerLooks,
  startRows,
  stopRows,
  unlockRows,
} from '../../lib/actions/servers/power.ts';
import { judgeStrays } from '../../lib/actions/servers/strays.ts';
import type { Server } from '../../lib/openstack/schema.ts';
import type { Finding } from '../../lib/predicate.ts';
import { lost, START, sent } from './lab.ts';
import { type At, factsOf, planOf, serverId, service, viewOf } from './moves.ts';

const STOP = `  - id: stop
    uses: servers/stop
    with: { site: main, servers: "\${{ service.servers }}" }
    undo: { uses: servers/start, with: { site: main, servers: "\${{ service.servers }}" } }
`;
const GO = `  - id: go
    uses: servers/start
    with: { site: main, servers: "\${{ service.servers }}" }
`;
const plan = planOf(`${STOP}${GO}`);

type Seen =
  Parameters<typeof judgePower>[0]['seen']['servers'] extends ReadonlyMap<string, infer T>
    ? T
    : never;
const server = (name: string, change: object = {}): Seen => ({
  ok: true,
  value: {
    ...{ id: serverId('main', name), name, status: 'SHUTOFF', locked: false, metadata: {} },
    ...{ 'OS-EXT-STS:task_state': null, 'os-extended-volumes:volumes_attached': [], ...change },
  } satisfies Server,
});
const gone: Seen = { ok: false, why: 'nova answers 404', gone: true };
const silent: Seen = { ok: false, why: 'nova does not answer', gone: false };
const looks: Record<string, Seen> = {
  on: server('pay-db1', { status: 'ACTIVE' }),
  off: server('pay-db1'),
  failed: server('pay-db1', { status: 'ERROR' }),
  changing: server('pay-db1', { status: 'SHUTOFF', 'OS-EXT-STS:task_state': 'powering-on' }),
  aside: server('pay-db1', { status: 'SUSPENDED' }),
  gone,
  unknown: silent,
  locked: server('pay-db1', { locked: true }),
  open: server('pay-db1'),
  running: server('pay-db1', { status: 'ACTIVE' }),
};
const mineOf: Record<Deed, Partial<Mine>> = { never: {}, doubt: lost(), obeyed: sent() };
const writable: Finding = { holds: true, reading: {} };

/** Only pay-db1 is looked at; the others are off when something stops and on when it starts. */
function judge(call: string, one: Seen, at: At & { side?: Finding; others?: Seen } = {}) {
  const step = call.slice(0, call.indexOf('.'));
  const view = viewOf(plan, step, at);
  const rest = step === 'stop' ? {} : { status: 'ACTIVE' };
  const servers = new Map(
    service.servers.map(({ name }) => [
      serverId('main', name),
      name === 'pay-db1' ? one : (at.others ?? server(name, rest)),
    ]),
  );
  const value = { ok: true as const, value: at.side ?? writable };
  const sides = [{ site: 'main', predicate: 'side-writable', seen: value }];
  const seen = step === 'stop' ? { servers } : { servers, sides };
  return judgePower({ seen, view, servers: service.servers })[call];
}

/** What each word of a table comes to, for `never doubt obeyed`. */
const outcomes: Record<string, readonly [string, string, string]> = {
  so: ['preexisting', 'done', 'done'],
  send: ['ready', 'pending', 'pending'],
  wait: ['pending', 'pending', 'pending'],
  later: ['pending', 'pending', 'pending'],
  undone: ['refuse', 'refuse', 'refuse'],
  failed: ['refuse', 'refuse', 'refuse'],
  aside: ['refuse', 'refuse', 'refuse'],
  gone: ['refuse', 'refuse', 'refuse'],
  unknown: ['pending', 'pending', 'pending'],
};
const cells = [
  ...powerLooks.map((look) => ['stop.stop-pay-db1', look, stopRows[look]] as const),
  ...lockLooks.map((look) => ['stop.lock-pay-db1', look, lockRows[look]] as const),
  ...powerLooks.map((look) => ['go.start-pay-db1', look, startRows[look]] as const),
  ...lockLooks.map((look) => ['go.unlock-pay-db1', look, unlockRows[look]] as const),
].flatMap(([call, look, row]) =>
  deeds.map((deed, i) => [call, look, deed, row.split(' ')[i] ?? ''] as const),
);

test.each(cells)('%s of a server that is %s, %s sent: %s', (call, look, deed, word) => {
  const found = judge(call, looks[look] ?? silent, { mine: { [call]: mineOf[deed] } });
  const wanted = outcomes[word]?.[deeds.indexOf(deed)];
  // A lock that is not there hinders nobody.
  const free = call === 'go.unlock-pay-db1' && wanted === 'preexisting';
  expect(found?.state).toBe(free ? 'done' : wanted);
});

test('the tables say what Nova does', () => {
  expect(stopRows.on).toBe('send send undone');
  expect(stopRows.gone).toBe('so gone gone');
  expect(startRows).toMatchObject({ on: 'so so so', off: 'send send undone' });
  expect(lockRows).toMatchObject({ open: 'send send undone', running: 'later later undone' });
  expect(unlockRows.locked).toBe('send send undone');
});

describe('stopping', () => {
  test('a higher order is off first; a server that is gone is not waited for', () => {
    const on = server('pay-db1', { status: 'ACTIVE' });
    const others = server('x', { status: 'ACTIVE' });
    expect(judge('stop.stop-pay-db1', on, { others })).toMatchObject({
      state: 'pending',
      reason: 'pay-db1 waits for pay-mq1, pay-app1, pay-app2.',
    });
    expect(judge('stop.stop-pay-app1', on, { others })?.state).toBe('ready');
    expect(judge('stop.stop-pay-db1', on, { others: gone })?.state).toBe('ready');
    const guards = plan.calls.find(({ id }) => id === 'stop.stop-pay-db1')?.guards ?? [];
    expect(guards.map(({ predicate }) => predicate)).toEqual([
      ...['server-unlocked', 'server-stopped', 'server-stopped', 'server-stopped'],
      'server-disks-known',
    ]);
  });

  test('a server that somebody else locked is left alone, and the reason is told', () => {
    const held = server('pay-db1', { status: 'ACTIVE', locked: true, locked_reason: 'patching' });
    expect(judge('stop.stop-pay-db1', held)).toMatchObject({
      state: 'refuse',
      reason: expect.stringContaining('pay-db1 is locked (patching), and not by this run'),
    });
    const mine = { 'stop.stop-pay-db1': lost() };
    expect(judge('stop.stop-pay-db1', held, { mine })?.state).toBe('pending');
  });

  test('a lost stop is asked about after the limit and sent again only by a person', () => {
    const on = server('pay-db1', { status: 'ACTIVE' });
    const at = (now: number, retry?: boolean) =>
      judge('stop.stop-pay-db1', on, {
        now,
        mine: { 'stop.stop-pay-db1': { ...lost(), ...(retry ? { retry } : {}) } },
      })?.state;
    expect(at(START + JOB_LIMIT_MS - 1)).toBe('pending');
    expect(at(START + JOB_LIMIT_MS)).toBe('refuse');
    expect(at(START + JOB_LIMIT_MS, true)).toBe('ready');
  });

  test('every call is of class data and asks the other gateway too', () => {
    const calls = plan.calls.filter(({ step }) => step === 'stop');
    expect(calls).toHaveLength(8);
    for (const call of calls) {
      expect([call.class, call.grant?.site, call.method]).toEqual(['data', 'dr', 'POST']);
    }
    expect(calls.map(({ body }) => Object.keys(body ?? {})[0])).toEqual(
      service.servers.flatMap(() => ['os-stop', 'lock']),
    );
  });

  test('where no server stood, one that appeared since is refused', () => {
    const none = planOf(STOP, factsOf({ bound: { servers: { main: [], dr: [] } } }));
    expect(none.calls).toEqual([]);
    const stray = server('pay-db1');
    const found = stray.ok ? [stray.value] : [];
    expect(judgeStrays({ ok: true, value: [] }).state).toBe('done');
    expect(judgeStrays({ ok: true, value: found })).toMatchObject({ state: 'refuse' });
    expect(judgeStrays({ ok: false, why: 'x', gone: false }).state).toBe('pending');
  });
});

describe('starting', () => {
  test('on volumes that are writable there, and on no others', () => {
    const side: Finding = { holds: false, reading: { states: ['SSUS'] } };
    const off = server('pay-db1');
    expect(judge('go.start-pay-db1', off, { side })).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('not writable there: {"states":["SSUS"]}'),
    });
    const guards = plan.calls.find(({ id }) => id === 'go.start-pay-db1')?.guards ?? [];
    expect(guards[0]).toMatchObject({
      predicate: 'side-writable',
      path: expect.stringMatching(/copygroups\/NotSpecified,PAY01,PAY01P_,NotSpecified$/),
      args: { ldevs: expect.arrayContaining([1000, 1001]) },
    });
    // A source whose copy has stopped does not know whether somebody opened the copy.
    expect(plan.calls.find(({ id }) => id === 'go.start-pay-db1')?.grant?.guards).toMatchObject([
      { predicate: 'side-unopened', args: { ldevs: expect.arrayContaining([2000, 2001]) } },
    ]);
  });

  test('its LDEVs are those of its site, whoever is primary', () => {
    const swapped = planOf(GO, factsOf({ at: 'dr' }));
    const guard = swapped.calls.find(({ id }) => id === 'go.start-pay-db1')?.guards[0];
    expect(guard?.path).toMatch(/NotSpecified,PAY01,PAY01P_,NotSpecified$/);
    expect(guard?.args['ldevs']).toContain(1000);
    expect(guard?.args['ldevs']).not.toContain(2000);
  });

  test('a lower order is up first', () => {
    const off = server('pay-db1');
    expect(judge('go.start-pay-mq1', off, { others: server('x') })).toMatchObject({
      state: 'pending',
      reason: 'x waits for pay-db1.',
    });
  });

  test('its own lock goes first; what is locked again is for people', () => {
    const held = server('pay-db1', { locked: true });
    expect(judge('go.start-pay-db1', held)?.state).toBe('pending');
    const mine = { 'go.unlock-pay-db1': sent() };
    expect(judge('go.unlock-pay-db1', held, { mine })).toMatchObject({
      state: 'refuse',
      reason: expect.stringContaining('Do it by hand, then retry.'),
    });
  });

  test('a server that is not there cannot be started', () => {
    const facts = factsOf({ bound: { servers: { main: [], dr: [] } } });
    expect(() => planOf(GO, facts)).toThrow(/no such server to start|pay-db1/);
  });
});

describe('taking a stop back', () => {
  const undo = 'undo-stop';
  const stoppedByUs = { 'stop.stop-pay-db1': sent(), 'stop.lock-pay-db1': sent() };

  test('what this run stopped is unlocked and started', () => {
    const held = server('pay-db1', { locked: true });
    const others = server('x');
    expect(judge(`${undo}.unlock-pay-db1`, held, { mine: stoppedByUs })?.state).toBe('ready');
    expect(judge(`${undo}.start-pay-db1`, held, { mine: stoppedByUs })?.state).toBe('pending');
    const open = server('pay-db1');
    expect(judge(`${undo}.start-pay-db1`, open, { mine: stoppedByUs, others })?.state).toBe(
      'ready',
    );
  });

  test('what was off before stays off, and nobody waits for it', () => {
    const off = server('pay-db1');
    for (const name of ['unlock', 'start']) {
      expect(judge(`${undo}.${name}-pay-db1`, off)).toMatchObject({
        state: 'done',
        reading: { notNeeded: true },
      });
    }
    const mine = { 'stop.stop-pay-mq1': sent(), 'stop.lock-pay-mq1': sent() };
    expect(judge(`${undo}.start-pay-mq1`, off, { mine, others: server('pay-mq1') })?.state).toBe(
      'ready',
    );
  });

  test('a lock that was not ours is not taken away', () => {
    const held = server('pay-db1', { locked: true });
    const mine = { 'stop.stop-pay-db1': sent() };
    expect(judge(`${undo}.unlock-pay-db1`, held, { mine })).toMatchObject({
      reading: { notNeeded: true },
    });
    expect(judge(`${undo}.start-pay-db1`, held, { mine })?.state).toBe('refuse');
  });

  test('started by somebody else it needs nothing more; a lost stop may still come true', () => {
    const on = server('pay-db1', { status: 'ACTIVE' });
    expect(judge(`${undo}.start-pay-db1`, on, { mine: stoppedByUs })).toMatchObject({
      state: 'done',
      reading: { notNeeded: true },
    });
    const mine = { 'stop.stop-pay-db1': lost() };
    const at = (now: number) => judge(`${undo}.start-pay-db1`, on, { mine, now })?.state;
    expect(at(START + 1)).toBe('pending');
    expect(at(START + JOB_LIMIT_MS)).toBe('done');
  });

  test('a start is taken back by a stop: only what this run started', () => {
    const text = GO.replace('- id: go', '- id: back').concat(
      `    undo: { uses: servers/stop, with: { site: main, servers: "\${{ service.servers }}" } }\n`,
    );
    const back = planOf(text);
    const on = server('pay-db1', { status: 'ACTIVE' });
    const judged = (mine: At['mine']) => {
      const view = viewOf(back, 'undo-back', mine === undefined ? {} : { mine });
      const others = service.servers.map(({ name }) => [serverId('main', name), on] as const);
      return judgePower({ seen: { servers: new Map(others) }, view, servers: service.servers });
    };
    const ours = { 'back.start-pay-db1': sent(), 'back.unlock-pay-db1': sent() };
    expect(judged(ours)['undo-back.stop-pay-db1']?.state).toBe('ready');
    expect(judged(ours)['undo-back.stop-pay-mq1']).toMatchObject({ reading: { notNeeded: true } });
    const guards = back.calls.find(({ id }) => id === 'undo-back.stop-pay-db1')?.guards ?? [];
    expect(guards.map(({ predicate }) => predicate)).toEqual(['server-unlocked']);
  });

  test('only a stop is taken back so', () => {
    const text = STOP.replace('uses: servers/stop', 'uses: servers/retire').replace(/main/g, 'dr');
    expect(() => planOf(text, factsOf({ at: 'dr' }))).toThrow();
  });
});
