/** Since when servers write or rest, as notes of earlier runs tell it: never more than was seen. */
import { serversAssertOff } from '../../lib/actions/servers/assert-off.ts';
import { serversBoot } from '../../lib/actions/servers/boot.ts';
import { serversStart } from '../../lib/actions/servers/start.ts';
import { restOf, seenStopping } from '../../lib/actions/servers/writing.ts';

const servers = [{ name: 'loan-db1' }, { name: 'loan-app1' }];
const mark = (at: number, site?: string) => ({ run: 'r', drill: 'd', at, site });
const rest = (marks: Record<string, ReturnType<typeof mark>>) => restOf(servers, { marks });
const named = (word: string) => `servers-${word}:loan-db1`;

test('what is noted is what is said', () => {
  expect(rest({})).toBeUndefined();
  expect(rest({ [named('stopping')]: mark(5, 'main') })).toEqual({ stopping: 5 });
  const both = { [named('stopping')]: mark(5, 'main'), [named('stopped')]: mark(9, 'main') };
  expect(rest(both)).toEqual({ stopping: 5, stopped: 9 });
  expect(rest({ ...both, [named('started')]: mark(12) })).toEqual({
    ...{ stopping: 5, stopped: 9, started: 12 },
  });
  // Off at the other site long ago says nothing of the one that is being stopped now.
  expect(rest({ ...both, [named('stopping')]: mark(20, 'dr') })).toEqual({ stopping: 20 });
});

test('they are off when each is, and not before', () => {
  const given = { site: 'main', servers };
  const words = (at: string | undefined, ...states: ('done' | 'preexisting' | 'pending')[]) =>
    seenStopping(
      given,
      { verdicts: Object.fromEntries(states.map((state, i) => [`s.${i}`, { state }])) },
      { marks: at === undefined ? {} : { [named('started')]: mark(1, at) } },
    ).map(({ name }) => name);
  expect(words(undefined, 'done', 'pending')).toEqual([named('stopping')]);
  expect(words('main', 'done', 'preexisting')).toEqual([named('stopping'), named('stopped')]);
  // The service works at DR: what comes back at main and is stopped there is not it.
  expect(words('dr', 'done', 'done')).toEqual([]);
});

test('only an order that starts one says that they may write again, and copies are no service', () => {
  const call = (path: string, body: unknown) => ({ path, body, method: 'POST' });
  const says = (given: object, action: typeof serversStart | typeof serversBoot, sent: unknown) =>
    [action.marks?.(given as never) ?? []]
      .flat()
      .filter(({ undone, by }) => !undone && by?.(sent as never) === true)
      .map(({ name }) => name);
  const start = { site: 'main', servers };
  expect(says(start, serversStart, call('/servers/1/action', { unlock: null }))).toEqual([]);
  expect(says(start, serversStart, call('/servers/1/action', { 'os-start': null }))).toEqual([
    named('started'),
  ]);
  const boot = (from: string) => ({ from, servers, network: 'n' });
  const made = call('/servers', { server: { name: 'loan-db1' } });
  expect(says(boot('replicas'), serversBoot, call('/v2.0/ports', { port: {} }))).toEqual([]);
  expect(says(boot('replicas'), serversBoot, made)).toEqual([named('started')]);
  expect(says(boot('drill-copies'), serversBoot, made)).toEqual([]);
});

test('servers that are seen to run are not said to rest', () => {
  const view = { step: { id: 'silent' }, marks: { [named('stopping')]: mark(5, 'main') } };
  const judged = (status: string) => {
    const server = { id: '1', name: 'loan-db1', status, 'OS-EXT-STS:task_state': null };
    const seen = {
      servers: { ok: true, value: [server] },
      array: { ok: false, why: 'silent', gone: false },
    };
    const given = { site: 'main', servers };
    return serversAssertOff.judge(seen as never, given as never, view as never).verdicts['silent'];
  };
  expect(judged('SHUTOFF')?.reading).toMatchObject({ rest: { stopping: 5 } });
  expect(judged('ACTIVE')?.reading).not.toHaveProperty('rest');
});
