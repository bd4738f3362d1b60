/** Servers, network, checks, people and the proof of a clean end. */

import type { Mine, PersonAnswer } from '../../lib/actions/action.ts';
import { JOB_LIMIT_MS } from '../../lib/actions/judging.ts';
import { type Lab, look, lost, openLab, type Seat, START, sent, uuid, verdict } from './lab.ts';

const plan = await openLab().plan();
const callOf = (id: string) => {
  const found = plan.calls.find((call) => call.id === id);
  if (found === undefined) throw new Error(`no call ${id}`);
  return found;
};
const keyOf = (id: string) => callOf(id).creates?.key ?? '';

const addServer = (lab: Lab, name: string, status = 'ACTIVE') =>
  lab.servers.push({
    id: uuid(name),
    name,
    status,
    metadata: { 'drillbook-key': keyOf(`boot.start-${name}`) },
  });
const addPort = (lab: Lab, name: string) =>
  lab.ports.push({
    id: uuid(`port ${name}`),
    name: keyOf(`boot.port-${name}-1`),
    network_id: lab.service.drill.network,
    device_owner: 'compute:nova',
    device_id: '',
  });
const setVolume = (lab: Lab, index: number, status: string, server?: string) =>
  lab.volumes.set(lab.pairs[index]?.copyVolume ?? '', {
    status,
    attachments: server === undefined ? [] : [{ server_id: server }],
  });

describe('network/assert-isolated', () => {
  const judge = (lab: Lab) => verdict(lab, plan, 'isolated');
  test('closed, alone, only DHCP', async () => {
    expect((await judge(openLab()))?.state).toBe('done');
  });
  test.each([
    ['shared', { shared: true }],
    ['external', { external: true }],
    ['on the segment of another', { otherOnSegment: true }],
    ['without a segment', { segment: null }],
  ])('%s: refused', async (_, change) => {
    const lab = openLab();
    Object.assign(lab.network, change);
    expect((await judge(lab))?.state).toBe('refuse');
  });
  test('a router, a stranger: refused; a silent cloud: not known', async () => {
    for (const owner of ['network:router_interface', 'compute:nova']) {
      const lab = openLab();
      lab.ports.push({
        id: 'p',
        name: 'x',
        network_id: lab.service.drill.network,
        device_owner: owner,
        device_id: '',
      });
      expect(await judge(lab)).toMatchObject({
        state: 'refuse',
        reason: expect.stringContaining('only-own-ports'),
      });
    }
    const silent = openLab();
    silent.silent.add('dr neutron:dr');
    expect((await judge(silent))?.state).toBe('pending');
  });
});

describe('servers/boot', () => {
  const judge = (lab: Lab, key: string, seat: Seat = {}) => verdict(lab, plan, `boot.${key}`, seat);

  test('volumes and ports at once, servers of a higher order when the lower are ACTIVE', async () => {
    const lab = openLab();
    expect((await judge(lab, 'unpark-pay-db1-1'))?.state).toBe('ready');
    expect((await judge(lab, 'port-pay-app2-1'))?.state).toBe('ready');
    expect((await judge(lab, 'start-pay-db1'))?.state).toBe('ready');
    expect(await judge(lab, 'start-pay-mq1')).toMatchObject({
      state: 'pending',
      reason: 'pay-mq1 waits for pay-db1.',
    });
    addServer(lab, 'pay-db1', 'BUILD');
    expect((await judge(lab, 'start-pay-mq1'))?.state).toBe('pending');
    lab.servers = [];
    addServer(lab, 'pay-db1');
    expect((await judge(lab, 'start-pay-mq1'))?.state).toBe('ready');
    expect((await judge(lab, 'start-pay-app1'))?.reason).toBe('pay-app1 waits for pay-mq1.');
  });

  test('ACTIVE and ours is done; BUILD waits; ERROR and twins are refused', async () => {
    const mine = { 'boot.start-pay-db1': sent() };
    const at = async (status: string, times = 1) => {
      const lab = openLab();
      for (let i = 0; i < times; i++) addServer(lab, 'pay-db1', status);
      return (await judge(lab, 'start-pay-db1', { mine }))?.state;
    };
    expect(await at('ACTIVE')).toBe('done');
    expect(await at('BUILD')).toBe('pending');
    expect(await at('ERROR')).toBe('refuse');
    expect(await at('ACTIVE', 2)).toBe('refuse');
    expect(await at('ACTIVE', 0)).toBe('pending');
  });

  test('a server of the same name without our key does not count', async () => {
    const lab = openLab();
    lab.servers.push({ id: 'x', name: 'pay-db1', status: 'ACTIVE', metadata: {} });
    expect(
      (await judge(lab, 'start-pay-db1', { mine: { 'boot.start-pay-db1': sent() } }))?.state,
    ).toBe('pending');
    expect((await judge(lab, 'start-pay-mq1'))?.state).toBe('pending');
  });

  test('a copy that is not parked before this run is preexisting, and the action refuses that', async () => {
    const lab = openLab();
    setVolume(lab, 0, 'available');
    expect(await judge(lab, 'unpark-pay-db1-1')).toMatchObject({
      state: 'preexisting',
      reason: expect.stringContaining('somebody else'),
    });
    expect(
      (await judge(lab, 'unpark-pay-db1-1', { mine: { 'boot.unpark-pay-db1-1': sent() } }))?.state,
    ).toBe('done');
    setVolume(lab, 0, 'error');
    expect((await judge(lab, 'unpark-pay-db1-1'))?.state).toBe('refuse');
  });

  test('lost starts: found by key, else a person', async () => {
    const mine = { 'boot.start-pay-db1': lost() };
    const lab = openLab();
    expect((await judge(lab, 'start-pay-db1', { mine, now: START + JOB_LIMIT_MS }))?.state).toBe(
      'refuse',
    );
    addServer(lab, 'pay-db1');
    expect((await judge(lab, 'start-pay-db1', { mine }))?.state).toBe('done');
  });
});

describe('servers/delete', () => {
  const booted: Record<string, Partial<Mine>> = Object.fromEntries(
    plan.calls.filter((call) => call.step === 'boot').map((call) => [call.id, sent()]),
  );
  const judge = (
    lab: Lab,
    key: string,
    mine: Record<string, Partial<Mine>> = booted,
    now = START,
  ) => verdict(lab, plan, `remove.${key}`, { mine, now });

  test('server, then port, then volume', async () => {
    const lab = openLab();
    addServer(lab, 'pay-db1');
    addPort(lab, 'pay-db1');
    setVolume(lab, 0, 'in-use', uuid('pay-db1'));
    expect((await judge(lab, 'delete-pay-db1'))?.state).toBe('ready');
    expect((await judge(lab, 'delete-port-pay-db1-1'))?.state).toBe('pending');
    expect((await judge(lab, 'park-pay-db1-1'))?.state).toBe('pending');
    lab.servers = [];
    setVolume(lab, 0, 'available');
    const mine = { ...booted, 'remove.delete-pay-db1': sent() };
    expect((await judge(lab, 'delete-pay-db1', mine))?.state).toBe('done');
    expect((await judge(lab, 'delete-port-pay-db1-1', mine))?.state).toBe('ready');
    expect((await judge(lab, 'park-pay-db1-1', mine))?.state).toBe('ready');
    setVolume(lab, 0, 'maintenance');
    expect(
      (await judge(lab, 'park-pay-db1-1', { ...mine, 'remove.park-pay-db1-1': sent() }))?.state,
    ).toBe('done');
  });

  test('what the boot never asked for is not touched, whatever is there', async () => {
    const lab = openLab();
    addServer(lab, 'pay-db1');
    setVolume(lab, 0, 'available');
    const { verdicts } = await look(lab, plan, 'remove');
    for (const one of Object.values(verdicts)) {
      expect(one).toMatchObject({ state: 'done', reading: { notNeeded: true } });
    }
  });

  test('gone without us is preexisting; a lost boot may still appear', async () => {
    const lab = openLab();
    expect((await judge(lab, 'delete-pay-db1'))?.state).toBe('preexisting');
    const unsure = { 'boot.start-pay-db1': lost() };
    expect((await judge(lab, 'delete-pay-db1', unsure, START + 1))?.state).toBe('pending');
    expect(await judge(lab, 'delete-pay-db1', unsure, START + JOB_LIMIT_MS)).toMatchObject({
      reading: { notNeeded: true },
    });
    addServer(lab, 'pay-db1', 'BUILD');
    expect((await judge(lab, 'delete-pay-db1', unsure))?.state).toBe('ready');
  });

  test('a silent cloud proves nothing gone', async () => {
    const lab = openLab();
    lab.silent.add('dr nova:dr');
    const mine = { ...booted, 'remove.delete-pay-db1': sent() };
    expect((await judge(lab, 'delete-pay-db1', mine))?.state).toBe('pending');
  });
});

describe('check/all', () => {
  const healthy = () => {
    const lab = openLab();
    for (const server of lab.service.servers) {
      addServer(lab, server.name);
      const ip = server.nics[0]?.ip;
      lab.probes.set(`http://${ip}:8080/health`, { status: 200, body: { status: 'ok' } });
      lab.probes.set(`http://${ip}:8080/records`, { status: 200, body: { heartbeat: 41 } });
    }
    return lab;
  };

  test('success only when every check passed and replication went on', async () => {
    const { verdicts, checks } = await look(healthy(), plan, 'verify');
    expect(verdicts['verify']?.state).toBe('done');
    expect(checks).toHaveLength(9);
    expect(new Set(checks?.map((check) => check.verdict))).toEqual(new Set(['passed']));
    const suspended = Object.assign(healthy(), { svolStatus: 'SSUS' });
    expect((await verdict(suspended, plan, 'verify'))?.state).toBe('refuse');
  });

  test.each<[string, (lab: Lab) => void, string]>([
    [
      'a server down',
      (lab) => {
        (lab.servers[0] as { status: string }).status = 'SHUTOFF';
      },
      'pay-db1-active',
    ],
    [
      'a server of another run',
      (lab) => {
        (lab.servers[0] as Lab['servers'][number]).metadata = {};
      },
      'pay-db1-active',
    ],
    [
      'a wrong status',
      (lab) => lab.probes.set('http://10.90.1.12:8080/health', { status: 503, body: '' }),
      'pay-mq1-health',
    ],
    [
      'different instants',
      (lab) =>
        lab.probes.set('http://10.90.1.13:8080/records', { status: 200, body: { heartbeat: 40 } }),
      'one-instant',
    ],
    [
      'no common instant on one',
      (lab) =>
        lab.probes.set('http://10.90.1.13:8080/records', {
          status: 200,
          body: { heartbeat: null },
        }),
      'one-instant',
    ],
    [
      'no value at all',
      (lab) => lab.probes.set('http://10.90.1.13:8080/records', { status: 200, body: 'moved' }),
      'one-instant',
    ],
    ['no answer', (lab) => lab.silent.add('dr probe'), 'pay-db1-health'],
  ])('%s: not passed', async (_, spoil, check) => {
    const lab = healthy();
    spoil(lab);
    const { verdicts, checks } = await look(lab, plan, 'verify');
    expect(verdicts['verify']).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining(check),
    });
    expect(checks?.find((one) => one.check === check)?.verdict).toBe('failed');
  });
});

describe('people', () => {
  const answer = (person: string, part: PersonAnswer['part'], role: string): PersonAnswer => ({
    person,
    role,
    part,
    text: 'ok',
    at: START,
  });
  const judge = async (step: string, people: PersonAnswer[]) =>
    (await verdict(openLab(), plan, step, { people }))?.state;

  test('work needs the right role and a witness who is somebody else', async () => {
    expect(await judge('database', [])).toBe('pending');
    expect(await judge('database', [answer('p-1', 'performed', 'operator')])).toBe('pending');
    const done = answer('p-1', 'performed', 'dba');
    expect(await judge('database', [done])).toBe('pending');
    expect(await judge('database', [done, answer('p-1', 'witnessed', 'witness')])).toBe('pending');
    expect(await judge('database', [done, answer('p-2', 'witnessed', 'witness')])).toBe('done');
  });

  test('confirmation needs the business owner', async () => {
    expect(await judge('business', [answer('p-1', 'confirmed', 'dba')])).toBe('pending');
    expect(await judge('business', [answer('p-1', 'confirmed', 'business-owner')])).toBe('done');
  });
});

describe('inventory/assert-clean', () => {
  const all: Record<string, Partial<Mine>> = Object.fromEntries(
    plan.calls.map((call) => [call.id, sent()]),
  );
  const judge = (lab: Lab, mine = all) => verdict(lab, plan, 'clean', { mine });

  test('nothing left is done', async () => {
    expect(await judge(openLab())).toMatchObject({
      state: 'done',
      reading: { left: [], foreign: [] },
    });
  });

  test.each<[string, (lab: Lab) => void, string]>([
    ['a server', (lab) => addServer(lab, 'pay-db1'), 'server pay-db1'],
    ['a port', (lab) => addPort(lab, 'pay-db1'), 'port drillbook-'],
    ['a volume', (lab) => setVolume(lab, 0, 'available'), 'is available'],
    [
      'split copies',
      (lab) => {
        lab.copyStatus = ['PSUS', 'SSUS'];
      },
      'copies of PAY01-DRILL are split',
    ],
  ])('%s of this run is residue', async (_, spoil, text) => {
    const lab = openLab();
    spoil(lab);
    expect(await judge(lab)).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining(text),
    });
  });

  test('what others left is listed and left alone', async () => {
    const lab = openLab();
    lab.copyStatus = ['PSUS', 'SSUS'];
    setVolume(lab, 3, 'in-use', 'x');
    lab.servers.push({
      id: 'o',
      name: 'old',
      status: 'ACTIVE',
      metadata: { 'drillbook-key': 'drillbook-ffff' },
    });
    lab.ports.push({
      id: 'q',
      name: 'stranger',
      network_id: lab.service.drill.network,
      device_owner: 'x',
      device_id: '',
    });
    const found = await judge(lab, {});
    expect(found?.state).toBe('done');
    const reading = (found?.reading ?? {}) as Record<string, string[]>;
    const foreign = reading['foreign'] ?? [];
    expect(foreign).toHaveLength(4);
    expect(foreign.join()).toMatch(
      /server old.*port stranger.*is in-use.*copies of PAY01-DRILL are split/,
    );
  });

  test('what cannot be read is not clean', async () => {
    const lab = openLab();
    lab.silent.add('dr cinder:dr');
    expect((await judge(lab))?.state).toBe('pending');
  });
});
