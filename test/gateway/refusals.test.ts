/** Everything a gateway says no to before anything reaches an array. */
import { signStatement } from '../../lib/approval/statement.ts';
import { wordsOf } from '../../lib/approval/words.ts';
import type { Statement } from '../../lib/gateway/protocol.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { calls, drillPlan, ids, planWith, volumeIs } from './plan.ts';
import { codeOf, gatewayFolder, newPair, openHouse, statementsOf } from './support.ts';

const registers = (plan: Plan, folder = gatewayFolder()) =>
  codeOf(openHouse({ plan, folder }).register());

describe('a plan', () => {
  test('is registered once and answered with what the gateway computed', async () => {
    const house = openHouse();
    const body = { plan: house.plan, runbook: 'x', config: {} };
    const first = await house.gateway.register(body);
    expect(first).toEqual({
      planHash: house.planHash,
      class: 'copy',
      words: wordsOf(house.plan, house.planHash),
    });
    expect(await house.gateway.register(body)).toEqual(first);
    expect(house.disk.lines).toHaveLength(1);
  });

  const { split, server, port } = calls;
  const restore = { path: split.path.replace('split', 'restore') };
  const otherVolume = { path: `/volumes/${ids.otherVolume}/action` };
  const creates = port.creates ?? { key: '', listPath: '', list: '', keyField: '', id: '' };
  const serverCreates = server.creates ?? creates;
  test.each<[string, Plan, string]>([
    ['with facts that are not its own', drillPlan({ factsHash: 'f'.repeat(64) }), 'GW-PLAN-SHAPE'],
    ['of a run that is a path', drillPlan({ run: '../../r-1' }), 'GW-PLAN-SHAPE'],
    ['with two calls of one id', drillPlan({ calls: [split, split] }), 'GW-PLAN-SHAPE'],
    ['in a circle', planWith('split.group', { after: ['boot.server'] }), 'GW-PLAN-SHAPE'],
    ['that says less than its calls', drillPlan({ class: 'none' }), 'GW-PLAN-SHAPE'],
    ['with a restore called copy', planWith('split.group', restore), 'GW-PLAN-CLASS'],
    ['with a volume that is not drillable', planWith('boot.release', otherVolume), 'GW-PLAN-CLASS'],
    ['with a call called none', planWith('split.group', { class: 'none' }), 'GW-PLAN-CLASS'],
    [
      'that deletes a server by its plain id and says copy',
      planWith('remove.server', { path: '/servers/abc', holes: [] }),
      'GW-PLAN-CLASS',
    ],
    ['with a call in no table', planWith('split.group', { method: 'PATCH' }), 'GW-CALL-TABLE'],
    [
      'for an array that is elsewhere',
      planWith('split.group', { target: `array:${ids.mainArray}` }),
      'GW-TARGET',
    ],
    [
      'with a path in disguise',
      planWith('remove.server', { path: '/servers/x/%2e%2e/{{server}}' }),
      'GW-PLAN-SHAPE',
    ],
    [
      'with dots in a path',
      planWith('remove.server', { path: '/servers/../{{server}}' }),
      'GW-PLAN-SHAPE',
    ],
    ['with a hole nobody declared', planWith('boot.server', { holes: [] }), 'GW-PLAN-SHAPE'],
    [
      'with a hole from a call that makes nothing',
      planWith('remove.server', {
        holes: [{ name: 'server', call: 'boot.release', pointer: '/id' }],
      }),
      'GW-PLAN-SHAPE',
    ],
    [
      'with a hole from a call of another run',
      planWith('remove.server', { holes: [{ name: 'server', call: 'x.y', pointer: '/id' }] }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that would find the servers of others by their key',
      planWith('boot.port', { creates: { ...creates, key: 'prod-db' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that would take the network of a port for the port',
      planWith('boot.port', { creates: { ...creates, id: '/network_id' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that would know its port by another field',
      planWith('boot.port', { creates: { ...creates, keyField: '/device_id' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that would look for its port among servers',
      planWith('boot.port', { creates: { ...creates, list: '/servers' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that would look where its server cannot be',
      planWith('boot.server', { creates: { ...serverCreates, listPath: '/servers/abc' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'that says how a port is found again for a server',
      planWith('boot.server', { creates: { ...creates, key: ids.serverKey } }),
      'GW-READ',
    ],
    [
      'whose key is not in what it makes',
      planWith('boot.port', { creates: { ...creates, key: 'drillbook-00000000000000cc' } }),
      'GW-PLAN-SHAPE',
    ],
    [
      'whose guard reads what may not be read',
      planWith('boot.server', {
        holes: server.holes,
        guards: [{ ...volumeIs('available'), path: '/os-services' }],
      }),
      'GW-READ',
    ],
  ])('%s is refused', async (_name, plan, code) => {
    expect(await registers(plan)).toBe(code);
  });

  test('is held against the list of this very gateway, not against the list it brings', async () => {
    const drillable = { copyGroups: [], ldevs: [], volumes: [], networks: [] };
    expect(await registers(drillPlan(), gatewayFolder({ drillable }))).toBe('GW-PLAN-CLASS');
  });
});

describe('approvals', () => {
  const covers = async (change: Partial<Statement>, people?: readonly string[], plan?: Plan) => {
    const house = openHouse(plan === undefined ? {} : { plan });
    return codeOf(house.approve(change, people));
  };

  test.each<[string, Partial<Statement>, string]>([
    ['of another run', { run: 'r-2' }, 'GW-APPROVAL-OTHER'],
    ['of another plan', { planHash: 'f'.repeat(64) }, 'GW-APPROVAL-OTHER'],
    ['of other facts', { factsHash: 'f'.repeat(64) }, 'GW-APPROVAL-OTHER'],
    ['for another gateway', { gateways: ['main'] }, 'GW-APPROVAL-OTHER'],
    ['that deny', { decision: 'deny' }, 'GW-APPROVAL-OTHER'],
    ['in another role', { role: 'operator' }, 'GW-APPROVAL-PERSON'],
    ['of a stranger', { person: 'p-99999999' }, 'GW-APPROVAL-PERSON'],
    ['past their time', { notAfter: 1 }, 'GW-APPROVAL-EXPIRED'],
    ['that never end', { notAfter: 9_000_000_000_000 }, 'GW-APPROVAL-EXPIRED'],
    ['of one person twice', { person: 'p-00000001' }, 'GW-APPROVAL-PEOPLE'],
  ])('%s are refused', async (_name, change, code) => {
    expect(await covers(change)).toBe(code);
  });

  test('of as many people as the plan wants, which is two at least', async () => {
    const wants = (people: number) => drillPlan({ approval: { ...drillPlan().approval, people } });
    expect(await codeOf(openHouse({ plan: wants(1) }).register())).toBe('GW-BODY');
    expect(await covers({}, undefined, wants(3))).toBe('GW-APPROVAL-PEOPLE');
  });

  test('one person is not two, and no one is not one', async () => {
    expect(await covers({}, ['p-00000001'])).toBe('GW-APPROVAL-PEOPLE');
    expect(await covers({}, [])).toBe('GW-APPROVAL-PEOPLE');
    expect(await covers({}, ['p-00000003', 'p-00000001'])).toBe('GW-APPROVAL-PERSON');
  });

  test('for a plan that nobody registered are refused', async () => {
    const house = openHouse();
    const { planHash } = house;
    const early = house.gateway.approve({ planHash, statements: statementsOf(house) });
    expect(await codeOf(early)).toBe('GW-PLAN-UNKNOWN');
  });

  test('signed by an unknown witness, or altered after signing, are refused', async () => {
    const house = openHouse();
    await house.register();
    const { planHash } = house;
    const good = statementsOf(house);
    const other = newPair();
    const forged = good.map(({ statement }) =>
      signStatement(statement, { keyId: 'control', privateKey: other.privateKey }),
    );
    const altered = good.map((one) => ({ ...one, statement: { ...one.statement, nonce: 'x' } }));
    const unknown = good.map((one) => ({ ...one, witness: 'else' }));
    for (const statements of [forged, altered, unknown]) {
      expect(await codeOf(house.gateway.approve({ planHash, statements }))).toBe(
        'GW-APPROVAL-WITNESS',
      );
    }
  });

  test('delivered again after their end are answered as before, new ones are not', async () => {
    const house = openHouse();
    await house.register();
    const { planHash } = house;
    const statements = statementsOf(house);
    expect(await house.gateway.approve({ planHash, statements })).toEqual({ covered: 'copy' });
    house.clock.advance(3_600_001);
    expect(await house.gateway.approve({ planHash, statements })).toEqual({ covered: 'copy' });
    const late = house.gateway.approve({ planHash, statements: [...statements].reverse() });
    expect(await codeOf(late)).toBe('GW-APPROVAL-EXPIRED');
  });

  test('seen by a witness never cover more than class copy', async () => {
    const path = calls.split.path.replace('split', 'restore');
    const plan = drillPlan({ class: 'data', calls: [{ ...calls.split, path, class: 'data' }] });
    const house = openHouse({ plan });
    await house.approve({ class: 'takeover' });
    expect(await codeOf(house.put('split.group'))).toBe('GW-NOT-APPROVED');
    expect(house.site.accepted).toHaveLength(0);
  });
});

describe('a put', () => {
  test('without plan, without approval, or of another site is refused', async () => {
    const house = openHouse();
    expect(await codeOf(house.put('split.group'))).toBe('GW-PLAN-UNKNOWN');
    await house.register();
    expect(await codeOf(house.put('split.group'))).toBe('GW-NOT-APPROVED');
    await house.approve();
    expect(await codeOf(house.put('fence.main'))).toBe('GW-CALL-SITE');
    expect(await codeOf(house.put('no.such'))).toBe('GW-CALL-SITE');
    const wrongKey = house.gateway.put('0'.repeat(64), house.body('split.group'));
    expect(await codeOf(wrongKey)).toBe('GW-KEY');
    expect(house.site.accepted).toHaveLength(0);
  });

  test('too late, of an old epoch, or out of order is refused', async () => {
    const house = openHouse();
    await house.approve();
    expect(await codeOf(house.put('split.group', { putBy: house.clock.now() - 1 }))).toBe(
      'GW-LATE',
    );
    expect(await codeOf(house.put('boot.release'))).toBe('GW-AFTER');
    expect(await codeOf(house.put('remove.server'))).toBe('GW-PHASE');
    expect(await codeOf(house.put('split.group', { attempt: 2 }))).toBe('GW-ATTEMPT');
    await house.done('split.group', { epoch: 2 });
    expect(await codeOf(house.put('boot.release'))).toBe('GW-EPOCH');
    house.restart();
    expect(await codeOf(house.put('boot.release'))).toBe('GW-EPOCH');
    expect(house.site.accepted).toHaveLength(1);
  });

  test('the approvals end the first forward call, the run’s time the others, cleaning up stays', async () => {
    const house = openHouse();
    await house.approve();
    house.clock.advance(3_600_001);
    expect(await codeOf(house.put('split.group'))).toBe('GW-EXPIRED');
    const other = openHouse();
    await other.approve();
    await other.done('split.group');
    other.clock.advance(3_600_001);
    expect((await other.done('boot.release')).state).toBe('answered');
    other.clock.advance(28_800_000);
    expect(await codeOf(other.put('boot.port'))).toBe('GW-EXPIRED');
    expect((await other.done('resync.group')).state).toBe('answered');
  });

  test('a second plan of a run that has begun is refused', async () => {
    const house = openHouse();
    await house.approve();
    await house.done('split.group');
    const plan = drillPlan({ unit: 'ELSE' });
    const second = openHouse({ plan, disk: house.disk });
    await second.approve();
    expect(await codeOf(second.put('boot.release'))).toBe('GW-RUN-OTHER-PLAN');
  });

  test('a guard that turns false the instant before stops it, with the reading', async () => {
    const house = openHouse();
    await house.approve();
    house.site.state.clones = 'PSUS';
    await expect(house.put('split.group')).rejects.toMatchObject({
      code: 'GW-GUARD',
      why: expect.stringContaining('split'),
    });
    house.site.onRead = () => {
      throw new Error('timeout');
    };
    expect(await codeOf(house.put('split.group'))).toBe('GW-TARGET-SILENT');
    house.site.onRead = () => ({ status: 200, headers: {}, body: '<html>' });
    expect(await codeOf(house.put('split.group'))).toBe('GW-GUARD');
    expect(house.site.accepted).toHaveLength(0);
    house.site.onRead = () => undefined;
    house.site.state.clones = 'PAIR';
    expect((await house.done('split.group')).state).toBe('answered');
  });

  test('what is no longer drillable is refused, approved or not', async () => {
    const house = openHouse();
    await house.approve();
    const drillable = { ...gatewayFolder().settings.drillable, volumes: [] };
    const stricter = openHouse({ disk: house.disk, folder: gatewayFolder({ drillable }) });
    expect(await codeOf(stricter.put('split.group'))).toBe('GW-PLAN-CLASS');
  });
});
