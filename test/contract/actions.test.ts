/**
 * Every action a runbook can use, through the real gateways: its calls planned, sent, read back and
 * judged. Arrays are the twin's in any case; the cloud is the one under test.
 */
import { actions } from '../../lib/actions/index.ts';
import { type Course, type Outcome, openCourse } from './course.ts';
import { type House, openHouse } from './house.ts';
import { listed } from './not-run.ts';
import { type Service, servicesAtHand } from './site.ts';

interface Act {
  /** Step of the runbook. */
  readonly step: string;
  readonly action: string;
  readonly needs: readonly Service[];
}

const acts: readonly Act[] = [
  { step: 'healthy', action: 'replication/assert', needs: [] },
  { step: 'copies', action: 'clone/assert', needs: [] },
  { step: 'split', action: 'clone/split', needs: [] },
  { step: 'isolated', action: 'network/assert-isolated', needs: ['neutron'] },
  { step: 'boot', action: 'servers/boot', needs: ['cinder', 'nova', 'neutron'] },
  { step: 'database', action: 'people/do', needs: [] },
  { step: 'verify', action: 'check/all', needs: ['cinder', 'nova', 'neutron'] },
  { step: 'business', action: 'people/confirm', needs: [] },
  { step: 'remove', action: 'servers/delete', needs: ['cinder', 'nova', 'neutron'] },
  { step: 'resync', action: 'clone/resync', needs: [] },
  { step: 'clean', action: 'inventory/assert-clean', needs: ['cinder', 'nova', 'neutron'] },
];
const has = ({ needs }: Act) => needs.every((one) => servicesAtHand().includes(one));

let house: House;
let course: Course;
let measured: Outcome | undefined;
beforeAll(async () => {
  house = await openHouse();
  course = await openCourse(house, { steps: acts.filter(has).map(({ step }) => step) });
}, 120_000);
afterAll(async () => {
  await house.close();
}, 120_000);

const act = (step: string): Act => {
  const found = acts.find((one) => one.step === step);
  if (found === undefined) throw new Error(`no act ${step}`);
  return found;
};
const tried = (step: string, name: string, work: () => Promise<void>) => {
  const { action, needs } = act(step);
  listed({ what: action, services: needs }, name, { work });
};
const allDone = (step: string) => {
  const ids = course.plan.calls.filter((call) => call.step === step).map(({ id }) => id);
  return Object.fromEntries((ids.length > 0 ? ids : [step]).map((id) => [id, 'done']));
};
/** Statuses with which the targets answered the calls of a step whose id has this in it. */
const answers = (part: string) =>
  [...course.asked].flatMap(([id, { receipt }]) => (id.includes(part) ? [receipt?.status] : []));

/** They ask arrays, gateways and people: no cloud has a part in them. */
const atArrays = /^(gad|paths|replication)\//;
const elsewhere = [
  ...['disaster/declare', 'heartbeat/measure', 'network/answers-from', 'network/resolves'],
  'task/run',
];
/** Played by moves.test.ts. */
const moving = ['assert', 'assert-off', 'retire', 'start', 'stop'].map((name) => `servers/${name}`);
const simulatedOnly = [
  ...['backups/discard', 'backups/import', 'backups/restore', 'configuration/apply'],
  ...['configuration/compare', 'configuration/export', 'protection/adopt', 'protection/assert'],
  ...['protection/copy', 'protection/discard', 'protection/grow', 'protection/map'],
  ...['protection/pair', 'protection/prepare', 'protection/release', 'protection/volumes'],
  ...['servers/deploy', 'servers/evacuate', 'volumes/clone', 'volumes/cut', 'volumes/manage'],
];

test('there is an act for every action, and none for another', () => {
  const played = acts.map(({ action }) => action);
  const known = [...played, ...elsewhere, ...moving, ...simulatedOnly];
  const asked = [...actions.keys()].filter((name) => played.includes(name) || !atArrays.test(name));
  expect(known.sort()).toEqual(asked.sort());
});

for (const what of simulatedOnly) {
  const twinOnly = 'it has no contract test: only the simulated cloud carries it out';
  listed({ what, services: [], twinOnly }, 'its calls', {
    work: async () => expect(actions.get(what)?.name).toBe(what),
  });
}

tried('healthy', 'PAIR on both sides and close behind', async () => {
  expect(await course.step('healthy')).toMatchObject({ states: allDone('healthy') });
});

tried('copies', 'the copies follow', async () => {
  expect(await course.step('copies')).toMatchObject({ states: allDone('copies') });
});

tried('split', 'all at one instant', async () => {
  expect(await course.step('split')).toMatchObject({ states: allDone('split') });
  expect(answers('split.')).toEqual([202]);
});

tried('isolated', 'closed, alone on its segment, no port of anybody', async () => {
  expect(await course.step('isolated')).toMatchObject({ states: allDone('isolated') });
});

tried('boot', 'volumes unparked, ports made, servers ACTIVE in their order', async () => {
  expect(await course.step('boot')).toMatchObject({ states: allDone('boot'), reasons: [] });
  expect(answers('unpark-')).toEqual([202, 202, 202]);
  expect(answers('port-')).toEqual([201, 201]);
  expect(answers('start-')).toEqual([202, 202]);
  const sent = house.heard.filter(({ line }) => /^POST .*\/servers$/.test(line));
  expect(sent).toHaveLength(2);
  // Nova says the password of each new server: no receipt may.
  for (const { body } of sent) expect(body).toMatch(/"adminPass": ?"\w+"/);
  const receipts = [...course.asked].filter(([id]) => id.startsWith('boot.start-'));
  for (const [, { receipt }] of receipts) {
    expect(receipt?.body).toContain('"adminPass":"(taken out by the gateway)"');
  }
});

tried('verify', 'the servers that this run made are ACTIVE', async () => {
  measured = await course.step('verify');
  expect(measured.states).toEqual(allDone('verify'));
  expect(measured.checks).toMatchObject({
    ...{ 'loan-db1-active': 'passed', 'loan-app1-active': 'passed' },
  });
});

const inside = { what: 'check/all', services: [], twinOnly: 'the servers of the rig run nothing' };
listed(inside, 'health pages and records inside the servers', {
  work: async () => {
    expect(measured?.checks).toMatchObject({
      ...{ 'loan-db1-health': 'passed', 'loan-app1-health': 'passed', 'one-instant': 'passed' },
    });
  },
});

tried('database', 'done by one, watched by another', async () => {
  const people = [
    { person: 'p-00000001', role: 'dba', part: 'performed', text: 'open', at: 0 },
    { person: 'p-00000002', role: 'operator', part: 'witnessed', text: 'seen', at: 0 },
  ] as const;
  expect(await course.step('database', people)).toMatchObject({ states: allDone('database') });
});

tried('business', 'confirmed by its owner', async () => {
  const answer = { person: 'p-00000003', text: 'yes', at: 0 };
  const people = [{ ...answer, role: 'business-owner', part: 'confirmed' }] as const;
  expect(await course.step('business', people)).toMatchObject({ states: allDone('business') });
});

tried('remove', 'servers and ports deleted, volumes parked again', async () => {
  expect(await course.step('remove')).toMatchObject({ states: allDone('remove') });
  expect(answers('delete-loan')).toEqual([204, 204]);
  expect(answers('delete-port-')).toEqual([204, 204]);
  expect(answers('park-').slice(-3)).toEqual([202, 202, 202]);
});

tried('resync', 'the copies follow replication again', async () => {
  expect(await course.step('resync')).toMatchObject({ states: allDone('resync') });
});

tried('clean', 'nothing of this run is left', async () => {
  expect(await course.step('clean')).toMatchObject({ states: allDone('clean') });
});
