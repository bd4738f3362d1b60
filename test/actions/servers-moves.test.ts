/** Servers on the replicas themselves: started there, taken back, and removed when the service leaves. */
import { judgeBoot } from '../../lib/actions/servers/judge-boot.ts';
import { judgeDelete } from '../../lib/actions/servers/judge-delete.ts';
import { judgeRetire } from '../../lib/actions/servers/judge-retire.ts';
import type { Port, Server, Volume } from '../../lib/openstack/schema.ts';
import type { Finding } from '../../lib/predicate.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { lost, openLab, sent } from './lab.ts';
import { factsOf, NETWORKS, planOf, portId, serverId, service, twinOf, viewOf } from './moves.ts';

const BOOT = `  - id: boot
    uses: servers/boot
    with: { servers: "\${{ service.servers }}", from: replicas, network: ${NETWORKS.dr} }
    undo: { uses: servers/delete }
`;
const RETIRE = `  - id: retire
    uses: servers/retire
    with: { site: dr, servers: "\${{ service.servers }}" }
`;
const [db] = service.servers;
const firstTwin = twinOf(db?.volumes[0] ?? '');
const callIn = (plan: Plan, id: string): PlanCall => {
  const found = plan.calls.find((call) => call.id === id);
  if (found === undefined) throw new Error(`no call ${id}`);
  return found;
};

const seenAll = <T>(value: T) => ({ ok: true as const, value });
const volume = (id: string, status: string, attachments: object[] = []) =>
  seenAll({ ...{ id, status, size: 100, metadata: {} }, attachments } as Volume);

describe('servers/boot from replicas', () => {
  const plan = planOf(BOOT);

  test('on the twins, in the network of the service, with its addresses', () => {
    const start = callIn(plan, 'boot.start-pay-db1');
    const body = start.body as { server: { block_device_mapping_v2: { uuid: string }[] } };
    expect(body.server.block_device_mapping_v2.map(({ uuid }) => uuid)).toEqual(
      db?.volumes.map(twinOf),
    );
    expect(callIn(plan, 'boot.port-pay-db1-1').body).toMatchObject({
      port: { network_id: NETWORKS.dr, mac_address: 'fa:16:3e:c4:12:1f' },
    });
  });

  test('guarded by a half that is writable, not by isolation', () => {
    const start = callIn(plan, 'boot.start-pay-db1');
    const predicates = new Set(start.guards.map(({ predicate }) => predicate));
    expect([...predicates]).toEqual(['side-writable', 'volume-status']);
    expect(start.guards[0]).toMatchObject({
      path: expect.stringMatching(/NotSpecified,PAY01,PAY01S_,NotSpecified$/),
      args: { ldevs: expect.arrayContaining([2000]) },
    });
    const unpark = callIn(plan, 'boot.unpark-pay-db1-1');
    expect(unpark.guards.map(({ predicate }) => predicate)).toEqual([
      ...['volume-status', 'side-writable'],
    ]);
  });

  test('production is never of class copy: each change is a call of both gateways', () => {
    for (const call of plan.calls.filter(({ step }) => step === 'boot')) {
      expect([call.id, call.class, call.grant?.site]).toEqual([call.id, 'data', 'main']);
    }
    expect(callIn(plan, 'boot.start-pay-db1').grant?.guards).toMatchObject([
      { predicate: 'side-unopened', args: { ldevs: expect.arrayContaining([1000, 1001]) } },
      { predicate: 'server-stopped', args: { server: serverId('main', 'pay-db1') } },
    ]);
  });

  test('a list that calls a twin drillable and forgets its LDEV does not make it one', () => {
    const volumes = db?.volumes.map(twinOf) ?? [];
    const named = { volumes, networks: [NETWORKS.dr] };
    const classOf = (drillable: object) =>
      callIn(planOf(BOOT, factsOf({ drillable })), 'boot.unpark-pay-db1-1').class;
    expect(classOf(named)).toBe('data');
    expect(classOf({ ...named, ldevs: [2000] })).toBe('copy');
  });

  test.each<[string, string, object]>([
    ['another network', BOOT.replace(NETWORKS.dr, NETWORKS.main), {}],
    ['a server that is there already', BOOT, { at: 'dr' }],
    ['a volume without a twin', BOOT, { bound: { twins: [] } }],
    ['a half that no fact knows', BOOT, { bound: { replication: undefined } }],
  ])('%s: no plan', (_, steps, wish) => {
    const { bound, ...facts } = factsOf(wish);
    const known = Object.entries(bound).filter(([, value]) => value !== undefined);
    expect(() => planOf(steps, { ...facts, bound: Object.fromEntries(known) })).toThrow();
  });

  test('when main is given up, the half that took over is asked', () => {
    const takeover = {
      ...{ site: 'dr', type: 'UR', group: 'PAY01', primary: '900000040014', journalId: 2 },
      ...{ id: 'NotSpecified,PAY01,PAY01S_,NotSpecified', muNumber: 1, consistencyGroupId: 5 },
      pairs: [{ name: 'p-0', svol: 2000 }],
    };
    const { bound, classed } = factsOf({ bound: { takeover, servers: { dr: [] } } });
    const { replication: _, ...alone } = bound;
    const gone = planOf(BOOT, { bound: alone, classed });
    expect(callIn(gone, 'boot.start-pay-db1').guards[0]).toMatchObject({
      predicate: 'side-writable',
      args: { ldevs: [2000] },
    });
    expect(callIn(gone, 'boot.start-pay-db1').grant?.guards).toEqual([]);
  });

  test('nothing begins on volumes that are not writable, and what was sent is followed', () => {
    const judge = (side: Finding, mine = {}) =>
      judgeBoot(
        {
          ...{
            servers: seenAll([]),
            ports: seenAll([]),
            sides: [{ site: 'dr', predicate: 'side-writable', seen: seenAll(side) }],
          },
          volumes: new Map([[firstTwin, volume(firstTwin, 'maintenance')]]),
        },
        service.servers,
        viewOf(plan, 'boot', { mine }),
      );
    const closed: Finding = { holds: false, reading: { role: 'S', states: ['PAIR'] } };
    const open: Finding = { holds: true, reading: {} };
    expect(judge(closed)['boot.unpark-pay-db1-1']).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('not writable there'),
    });
    expect(judge(closed)['boot.port-pay-db1-1']?.state).toBe('pending');
    expect(judge(open)['boot.unpark-pay-db1-1']?.state).toBe('ready');
    const mine = { 'boot.start-pay-db1': lost() };
    expect(judge(closed, mine)['boot.start-pay-db1']?.reason).toMatch(/There is no pay-db1/);
  });

  test('taken back: what it made by its holes, in the network it made it in', async () => {
    const undo = plan.calls.filter(({ step }) => step === 'undo-boot');
    expect(undo.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual(
      service.servers.flatMap(() => ['/v2.0/ports/{{port}}', '/servers/{{server}}']),
    );
    expect(undo.filter(({ path }) => path === `/volumes/${firstTwin}/action`)).toMatchObject([
      { body: { 'os-reset_status': { status: 'maintenance' } }, class: 'data' },
    ]);
    const lab = openLab();
    const { serversDelete } = await import('../../lib/actions/servers/delete.ts');
    await serversDelete.observe(viewOf(plan, 'undo-boot'), {}, lab.read);
    expect(lab.reads).toContain(`dr neutron:dr /v2.0/ports?network_id=${NETWORKS.dr}`);
  });
});

describe('a production boot taken back', () => {
  const plan = planOf(BOOT);
  const server = (name: string, status: string, task: string | null = null): Server =>
    ({
      ...{ id: `s-${name}`, name, status, 'OS-EXT-STS:task_state': task },
      'os-extended-volumes:volumes_attached': [],
      metadata: { 'drillbook-key': callIn(plan, `boot.start-${name}`).creates?.key ?? '' },
    }) as Server;
  const booted = Object.fromEntries(
    plan.calls.filter(({ step }) => step === 'boot').map(({ id }) => [id, sent()]),
  );
  const judge = (servers: Server[], mine: object = {}) =>
    judgeDelete(
      { servers: seenAll(servers), ports: seenAll([]), volumes: new Map() },
      viewOf(plan, 'undo-boot', { mine: { ...booted, ...mine } }),
    );

  test('servers are shut down before they are deleted, those that came last first', () => {
    const up = judge([server('pay-db1', 'ACTIVE'), server('pay-mq1', 'ACTIVE')]);
    expect(up['undo-boot.stop-pay-mq1']?.state).toBe('ready');
    expect(up['undo-boot.stop-pay-db1']).toMatchObject({
      ...{ state: 'pending', reason: 'pay-db1 waits for pay-mq1.' },
    });
    expect(up['undo-boot.delete-pay-mq1']?.state).toBe('pending');
    const asked = { 'undo-boot.stop-pay-mq1': sent() };
    const off = judge([server('pay-db1', 'ACTIVE'), server('pay-mq1', 'SHUTOFF')], asked);
    expect(off['undo-boot.stop-pay-mq1']?.state).toBe('done');
    expect(off['undo-boot.delete-pay-mq1']?.state).toBe('ready');
    expect(off['undo-boot.stop-pay-db1']?.state).toBe('ready');
  });

  test.each<[string, string | null, string, string]>([
    ['ACTIVE', null, 'ready', 'pending'],
    ['ACTIVE', 'powering-off', 'pending', 'pending'],
    ['BUILD', 'spawning', 'pending', 'pending'],
    ['SHUTOFF', null, 'preexisting', 'ready'],
    ['ERROR', null, 'preexisting', 'ready'],
    ['UNKNOWN', null, 'pending', 'pending'],
  ])('%s (%s): the stop is %s, the deletion %s', (status, task, stop, remove) => {
    const found = judge([server('pay-app1', status, task)]);
    expect(found['undo-boot.stop-pay-app1']?.state).toBe(stop);
    expect(found['undo-boot.delete-pay-app1']?.state).toBe(remove);
  });
});

describe('servers/retire', () => {
  const plan = planOf(RETIRE, factsOf({ at: 'dr' }));
  const id = serverId('dr', 'pay-db1');
  const server = (change: object = {}) =>
    seenAll({
      ...{ id, name: 'pay-db1', status: 'SHUTOFF', locked: true, metadata: {} },
      'OS-EXT-STS:task_state': null,
      'os-extended-volumes:volumes_attached': [{ id: firstTwin, delete_on_termination: false }],
      ...change,
    } as Server);
  const port = (device_id: string) =>
    seenAll({ id: portId('dr', 'pay-db1'), network_id: 'n', device_id } as Port);
  const gone = { ok: false as const, why: 'answers 404', gone: true };
  const silent = { ok: false as const, why: 'no answer', gone: false };

  interface Look {
    readonly server?: ReturnType<typeof server> | typeof gone | typeof silent;
    readonly port?: ReturnType<typeof port> | typeof gone | typeof silent;
    readonly volume?: ReturnType<typeof volume>;
    readonly mine?: object;
  }
  const judge = (name: string, look: Look) =>
    judgeRetire(
      {
        servers: new Map([[id, look.server ?? gone]]),
        ports: new Map([[portId('dr', 'pay-db1'), look.port ?? gone]]),
        volumes: new Map([[firstTwin, look.volume ?? volume(firstTwin, 'available')]]),
      },
      viewOf(plan, 'retire', { mine: { [`retire.${name}`]: look.mine ?? {} } }),
    )[`retire.${name}`];

  test('by ids that stand in the plan, of class data', () => {
    expect(callIn(plan, 'retire.delete-pay-db1')).toMatchObject({
      ...{ method: 'DELETE', path: `/servers/${id}`, class: 'data', holes: [] },
      guards: [{ predicate: 'server-stopped' }, { predicate: 'server-keeps-volumes' }],
    });
    expect(callIn(plan, 'retire.delete-port-pay-db1-1')).toMatchObject({
      path: `/v2.0/ports/${portId('dr', 'pay-db1')}`,
      guards: [{ predicate: 'server-absent' }, { predicate: 'port-free' }],
    });
    expect(callIn(plan, 'retire.park-pay-db1-1')).toMatchObject({
      path: `/volumes/${firstTwin}/action`,
      guards: [{ predicate: 'volume-status' }, { predicate: 'server-absent' }],
    });
  });

  test.each<[string, Look, string]>([
    ['shut down', { server: server() }, 'ready'],
    ['shut down, asked for', { server: server(), mine: sent() }, 'pending'],
    ['shut down, lost', { server: server(), mine: lost() }, 'pending'],
    ['running', { server: server({ status: 'ACTIVE' }) }, 'refuse'],
    ['in ERROR', { server: server({ status: 'ERROR' }) }, 'refuse'],
    ['going', { server: server({ 'OS-EXT-STS:task_state': 'deleting' }) }, 'pending'],
    ['of a status nobody knows', { server: server({ status: 'UNKNOWN' }) }, 'pending'],
    [
      'taking its volumes with it',
      {
        server: server({
          'os-extended-volumes:volumes_attached': [{ id: 'v', delete_on_termination: true }],
        }),
      },
      'refuse',
    ],
    ['gone before', { server: gone }, 'preexisting'],
    ['gone', { server: gone, mine: sent() }, 'done'],
    ['gone, lost', { server: gone, mine: lost() }, 'done'],
    ['not to be read', { server: silent }, 'pending'],
  ])('a server %s', (_, look, state) => {
    expect(judge('delete-pay-db1', look)?.state).toBe(state);
  });

  test.each<[string, Look, string]>([
    ['free', { port: port('') }, 'ready'],
    // Nova unplugs it before its server is off the list.
    [
      'free, its server listed',
      { port: port(''), server: server({ status: 'DELETED' }) },
      'pending',
    ],
    ['free, its server not to be read', { port: port(''), server: silent }, 'pending'],
    ['plugged in', { port: port('s') }, 'pending'],
    ['gone with its server', { port: gone }, 'preexisting'],
    ['deleted', { port: gone, mine: sent() }, 'done'],
    ['not to be read', { port: silent }, 'pending'],
  ])('a port %s', (_, look, state) => {
    expect(judge('delete-port-pay-db1-1', look)?.state).toBe(state);
  });

  test.each<[string, Look, string]>([
    ['free', { volume: volume(firstTwin, 'available') }, 'ready'],
    [
      'free, its server listed',
      {
        volume: volume(firstTwin, 'available'),
        server: server({ 'OS-EXT-STS:task_state': 'deleting' }),
      },
      'pending',
    ],
    ['in use', { volume: volume(firstTwin, 'in-use', [{ server_id: id }]) }, 'pending'],
    ['parked by us', { volume: volume(firstTwin, 'maintenance'), mine: sent() }, 'done'],
    ['parked before', { volume: volume(firstTwin, 'maintenance') }, 'preexisting'],
  ])('a volume %s', (_, look, state) => {
    expect(judge('park-pay-db1-1', look)?.state).toBe(state);
  });

  test('volumes are parked where the server is gone already; home is never cleared away', () => {
    const none = planOf(RETIRE, factsOf({ at: 'dr', bound: { servers: { main: [], dr: [] } } }));
    expect(none.calls.every(({ path }) => path.startsWith('/volumes/'))).toBe(true);
    expect(none.calls).toHaveLength(service.servers.flatMap(({ volumes }) => volumes).length);
    expect(() => planOf(RETIRE.replace('site: dr', 'site: main'))).toThrow(/not deleted|main/);
  });
});
