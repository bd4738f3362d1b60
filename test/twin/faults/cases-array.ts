/** Faults of arrays, links and sites, and how each shows. */
import { cloudCaller, DR, login } from '../world-support.ts';
import { type Case, outcome, type Place } from './support.ts';

const LDEV = 'GET ldevs/2000';
const COPY_LABEL = 'PATCH ldevs/3000';

const answered = ({ array }: Place) => outcome(array('dr', LDEV));
const changed = ({ array }: Place) => outcome(array('dr', COPY_LABEL, { label: 'x' }));

let labels = 0;

/** A change and what its job says a while later; whether the label is the new one. */
async function job({ array, clock }: Place) {
  labels += 1;
  const label = `label-${labels}`;
  const sent = await array('dr', COPY_LABEL, { label });
  clock.advance(5000);
  const found = await array('dr', `GET jobs/${sent.body.jobId}`);
  const now = (await array('dr', 'GET ldevs/3000')).body.label;
  const { status, state } = found.body;
  return [sent.body.state, found.status, status, state, now === label].map(String).join(' ');
}

/** A change whose answer may be lost: what came back, and whether it was made. */
async function lost(place: Place) {
  labels += 1;
  const label = `label-${labels}`;
  const answer = await outcome(place.array('dr', COPY_LABEL, { label }));
  return [answer, (await place.array('dr', 'GET ldevs/3000')).body.label === label];
}

const pathStates = async ({ array }: Place) => {
  const both = await Promise.all(
    ['main', 'dr'].map(async (site) => (await array(site, 'GET remotepath-groups')).body.data),
  );
  return both.map(([group]: { cuStatus: string }[]) => group?.cuStatus === 'NML');
};

/** Records that DR lacks, as far as they are more than the usual beat. */
const behind = async ({ world, clock }: Place) => {
  clock.advance(60_000);
  return world.oracle.recordsBehind('payments') > 1000;
};

const cloudAnswers = async ({ keptCloud }: Place) =>
  outcome(keptCloud('GET /identity/v3/auth/projects'));

export const arrayCases: Readonly<Record<string, Case>> = {
  'array-busy': { see: answered, well: 200, ill: 503 },
  'array-slow': {
    see: async (place) => {
      const before = place.clock.now();
      await place.kept(LDEV);
      return place.clock.now() - before;
    },
    well: 0,
    ill: 6000,
  },
  'array-dead': {
    see: async (place) => [await answered(place), await behind(place)],
    well: [200, false],
    ill: ['no answer', true],
    healMs: 600_000,
  },
  'management-cut': {
    see: async (place) => [await answered(place), await behind(place)],
    well: [200, false],
    ill: ['no answer', false],
  },
  'job-unknown': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Queued 200 Completed Unknown true',
  },
  'job-failed': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Queued 200 Completed Failed false',
  },
  'job-failed-done': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Queued 200 Completed Failed true',
  },
  'job-failed-at-once': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Failed 200 Completed Failed false',
  },
  'job-stuck': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Queued 200 Running Started true',
  },
  'job-lost': {
    see: job,
    well: 'Queued 200 Completed Succeeded true',
    ill: 'Queued 404 undefined undefined true',
  },
  'answer-lost': { see: lost, well: [202, true], ill: ['no answer', true] },
  'request-lost': { see: lost, well: [202, true], ill: ['no answer', false] },
  'lock-held': {
    see: async (place) => {
      const { body } = await place.array('dr', 'GET resource-groups/0');
      return [body.lockStatus, body.lockOwner, (await job(place)).split(' ')[3]];
    },
    well: ['Unlocked', undefined, 'Succeeded'],
    ill: ['Locked', 'storage-admin', 'Failed'],
  },
  'sessions-lost': {
    see: async (place) => [await outcome(place.kept(LDEV)), await answered(place)],
    well: [200, 200],
    ill: [401, 200],
  },
  'session-short': {
    see: async (place) => {
      const before = await outcome(place.kept(LDEV));
      place.clock.advance(6000);
      return [before, await outcome(place.kept(LDEV))];
    },
    well: [200, 200],
    ill: [200, 401],
  },
  'session-cap': { see: answered, well: 200, ill: 503 },
  'role-missing': { see: changed, well: 202, ill: 403 },
  'clock-wrong': {
    see: async ({ kept, clock }) => {
      const { headers } = await kept(LDEV);
      return Math.round((Date.parse(headers['date'] ?? '') - clock.now()) / 60_000);
    },
    well: 0,
    ill: 7,
  },
  'error-empty': {
    see: async (place) => {
      const { status, body } = await place.array('dr', COPY_LABEL, { label: 'x' });
      return [status, JSON.stringify(body.errorCode)];
    },
    well: [202, undefined],
    ill: [500, '{}'],
  },
  'error-html': {
    see: async ({ kept }) => {
      const { status, headers } = await kept(LDEV);
      return [status, headers['content-type']?.split(';')[0]];
    },
    well: [200, 'application/json'],
    ill: [502, 'text/html'],
  },
  'error-bare': {
    see: async ({ kept }) => {
      const { status, headers, text } = await kept(LDEV);
      return [status, headers['retry-after'] !== undefined, text === ''];
    },
    well: [200, false, false],
    ill: [503, true, true],
  },
  'link-cut': { see: pathStates, well: [true, true], ill: [false, false] },
  'link-slow': { see: behind, well: false, ill: true, onMs: 60_000, healMs: 600_000 },
  'path-one-way': { see: pathStates, well: [true, true], ill: [true, false] },
  'site-dead': {
    see: async (place) => [await answered(place), await cloudAnswers(place)],
    well: [200, 200],
    ill: ['no answer', 'no answer'],
  },
  'stale-cache': {
    see: async (place) => [await follows(place, ''), await follows(place, '&refresh=true')],
    well: [true, true],
    ill: [false, true],
    healMs: 600_000,
  },
  'foreign-session': {
    see: async ({ world }) => {
      const [main, dr] = [await login(world, 'main'), await login(world, 'dr')];
      const headers = { 'remote-authorization': dr.token };
      return (await main.send('GET', GROUP_IN_FULL, { headers })).status;
    },
    well: 200,
    ill: 401,
  },
  'other-array': {
    see: async ({ array }) => (await array('dr', 'GET storages')).body.data[0].storageDeviceId,
    well: DR,
    ill: '900000999999',
  },
  'site-cut': {
    see: async (place) => [await answered(place), await cloudAnswers(place), await behind(place)],
    well: [200, 200, false],
    ill: ['no answer', 'no answer', true],
    healMs: 600_000,
  },
  'guests-return': {
    where: { site: 'main' },
    see: async ({ world, clock }) => {
      world.fault('site-dead', true, { site: 'main' });
      clock.advance(60_000);
      world.fault('site-dead', false, { site: 'main' });
      clock.advance(60_000);
      const running = world.oracle.moves('payments').writing.length > 0;
      // Somebody starts what was not started by itself.
      await startAtHome(world);
      clock.advance(10_000);
      return [running, world.oracle.moves('payments').writing];
    },
    well: [false, ['main']],
    ill: [true, ['main']],
  },
};

const GROUP_IN_FULL = `/v1/objects/remote-mirror-copygroups/${DR},PAY01,PAY01P_,PAY01S_`;

/** Whether the list of copies shows at once that somebody split them. */
async function follows({ array, world, clock }: Place, more: string): Promise<boolean> {
  const id = 'PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_';
  const list = `GET local-clone-copypairs?localCloneCopyGroupId=${id}${more}`;
  const status = async () => (await array('dr', list)).body.data[0].pvolStatus;
  const before = await status();
  world.fault('copies-left-split', true);
  const after = await status();
  world.fault('copies-left-split', false);
  clock.advance(3_600_000);
  return before !== after;
}

async function startAtHome(world: Place['world']): Promise<void> {
  const { userName = '', password = '', projectName = '' } = world.credentials.clouds['main'] ?? {};
  const cloud = await cloudCaller(world, 'main', { name: userName, password, projectName });
  const { servers } = (await cloud('GET /compute/v2.1/servers')).body;
  for (const { id } of servers) {
    await cloud(`POST /compute/v2.1/servers/${id}/action`, { 'os-start': null });
  }
}
