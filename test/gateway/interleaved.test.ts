/**
 * Two messages at once, and a disk that takes its time: what was checked must still be so when it is
 * written down, and when it is sent (rules 3 and 11).
 */
import { hashOf } from '../../lib/canonical.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import type { Http } from '../../lib/http.ts';
import { askMain, callAt, openPair, remoteGroup } from './pair.ts';
import { calls, drillPlan, GROUP } from './plan.ts';
import { codeOf, type House, openHouse, statementsOf, type TestDisk, testDisk } from './support.ts';

/** Whoever passes waits until it is open. */
function gate() {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const pass = async (): Promise<undefined> => {
    reach();
    await opened;
  };
  return { open: () => open(), reached, pass };
}

interface SlowDisk extends TestDisk {
  /** Resolves when the first line of this kind waits for the disk. */
  readonly held: Promise<void>;
  /** Lets lines through from now on. */
  letGo(): void;
}

/** A disk whose lines of one kind wait until they are let go. */
function slowDisk(type: Entry['type']): SlowDisk {
  const disk = testDisk();
  const waiting = gate();
  const open: TestDisk['open'] = (how) => {
    const opened = disk.open(how);
    const append = async (entry: Entry) => {
      if (entry.type === type) await waiting.pass();
      await opened.append(entry);
    };
    return { ...opened, append };
  };
  return { ...disk, open, held: waiting.reached, letGo: waiting.open };
}

const skipOf = (house: House, step: string) => {
  const statements = statementsOf(house, { decision: 'skip', step });
  return house.gateway.skip({ planHash: house.planHash, step, statements });
};

test('a step is not skipped while its call is being written down as accepted', async () => {
  const disk = slowDisk('accepted');
  const house = openHouse({ disk });
  await house.approve();
  const put = house.put('split.group');
  await disk.held;
  expect(await codeOf(skipOf(house, 'split'))).toBe('GW-SKIP');
  disk.letGo();
  expect((await put).state).toBe('accepted');
  await house.running.settled();
});

test('a call is not accepted while the skip of its step is being written down', async () => {
  const disk = slowDisk('skip');
  const house = openHouse({ disk });
  await house.approve();
  const skip = skipOf(house, 'split');
  await disk.held;
  expect(await codeOf(house.put('split.group'))).toBe('GW-SKIP');
  // What comes after it must wait for the disk.
  expect(await codeOf(house.put('boot.release'))).toBe('GW-AFTER');
  disk.letGo();
  await skip;
  expect(await codeOf(house.put('split.group'))).toBe('GW-SKIP');
  expect(house.site.accepted).toEqual([]);
});

test('two plans of one run never both begin', async () => {
  const disk = slowDisk('accepted');
  const first = openHouse({ disk });
  const other = { ...calls.split, id: 'split.other' };
  const plan = drillPlan({ calls: [other, ...drillPlan().calls] });
  await first.approve();
  const second: House = { ...first, plan, planHash: hashOf(plan) };
  await first.gateway.register({ plan, runbook: 'runbook: x', config: {} });
  const statements = statementsOf(second);
  await first.gateway.approve({ planHash: second.planHash, statements });
  const put = first.put('split.group');
  await disk.held;
  const late = first.put('split.other', { planHash: second.planHash });
  expect(await codeOf(late)).toBe('GW-RUN-OTHER-PLAN');
  disk.letGo();
  await put;
  await first.running.settled();
  expect(first.site.accepted).toHaveLength(1);
});

test('nothing is cleaned up while what it would clean up is just being accepted', async () => {
  const clean = { ...calls.resync, after: ['boot.release'] };
  const house = openHouse({ plan: drillPlan({ calls: [calls.split, calls.release, clean] }) });
  await house.approve();
  await house.done('split.group');
  const reading = gate();
  const changing = gate();
  const { http } = house.site;
  const slowly: Http = async (request) => {
    if (request.method === 'GET' && request.url.endsWith(GROUP)) await reading.pass();
    return http(request);
  };
  Object.assign(house.site, { http: slowly, onChange: changing.pass });
  house.restart();
  const cleaning = codeOf(house.put('resync.group'));
  await reading.reached;
  const sending = house.put('boot.release');
  await changing.reached;
  reading.open();
  expect(await cleaning).toBe('GW-AFTER');
  changing.open();
  expect((await sending).state).toBe('accepted');
  await house.running.settled();
});

test('one key is granted once, also when it is asked for twice at the same moment', async () => {
  const takeover = callAt('dr', {
    ...{ id: 'take.over', step: 'take', class: 'takeover' },
    path: remoteGroup('dr', 'half', 'takeover'),
    body: { parameters: { mode: 'forceSplit' } },
  });
  const plan = drillPlan({ class: 'takeover', calls: [takeover] });
  const house = openPair();
  await house.open(plan);
  const { grant } = await askMain(house);
  const asks = [grant(plan, 'take.over'), grant(plan, 'take.over')];
  const codes = await Promise.all(asks.map(codeOf));
  expect(codes.sort()).toEqual(['GW-GRANT-USED', 'was not refused']);
  expect(house.entries('main', 'grant')).toHaveLength(1);
});

test('what waited too long for the disk is not sent: what was looked at is old by then', async () => {
  const disk = slowDisk('accepted');
  const house = openHouse({ disk });
  await house.approve();
  const put = house.put('split.group');
  await disk.held;
  house.clock.advance(31_000);
  disk.letGo();
  await put;
  await house.running.settled();
  expect(house.site.accepted).toEqual([]);
  const asked = await house.gateway.ask(house.keyOf('split.group'));
  expect(asked.state).toBe('lost');
  expect(house.disk.lines.join()).toContain('was not sent');
});

test('an answer that could not be kept is lost, and a person can go on from there', async () => {
  const disk = testDisk();
  let broken = true;
  const open: TestDisk['open'] = (how) => {
    const opened = disk.open(how);
    const append = async (entry: Entry) => {
      if (broken && entry.type === 'answered') throw new Error('EIO');
      await opened.append(entry);
    };
    return { ...opened, append };
  };
  const house = openHouse({ disk: { ...disk, open } });
  await house.approve();
  expect((await house.done('split.group')).state).toBe('lost');
  broken = false;
  house.site.state.clones = 'PAIR';
  const retry = { event: 'e-1', person: 'p-00000003' };
  expect((await house.done('split.group', { attempt: 2, retry })).state).toBe('answered');
});
