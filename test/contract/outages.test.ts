/** What Cinder says and does while its processes or its array are away, and when they are back. */
import { listed } from './not-run.ts';
import { type Caller, eventually, openSite, type Site, sessionOf } from './site.ts';
import { makeVolume, removeVolume, statusOf } from './volume.ts';
import { type Answer, at, fault, fields, textAt } from './wire.ts';

/** Processes of the rig take their time. */
const SLOW = 240_000;

let site: Site;
let cinder: Caller;
let host: string;
const made: string[] = [];
beforeAll(async () => {
  site = await openSite();
  cinder = (await sessionOf(site)).service('cinder', 'volume 3.70');
  host = site.backend.split('#')[0] ?? '';
});
afterAll(async () => {
  for (const state of [site.hands.array, site.hands.otherArray]) await state('answers');
  await site.hands.rest();
  for (const id of made) await removeVolume(site, cinder, id);
  await site.close();
}, SLOW);

const service = () => cinder(`GET /os-services?binary=cinder-volume&host=${host}`);
const put = (what: string, body: object) => cinder(`PUT /os-services/${what}`, { body });
const becomes = (wanted: Readonly<Record<string, unknown>>) =>
  eventually(
    site,
    service,
    (answer: Answer) => {
      const found = at(answer, '/services/0') as Record<string, unknown>;
      return Object.entries(wanted).every(([name, value]) => found[name] === value);
    },
    { withinMs: 150_000 },
  );

test(
  'a failover whose other array does not answer: failover-error, and only a restart leads out',
  async () => {
    await becomes({ backend_state: 'up', replication_status: 'enabled' });
    await site.hands.otherArray('silent');
    const answer = await put('failover_host', { host, backend_id: site.backendId });
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    await becomes({ replication_status: 'failover-error', status: 'disabled', state: 'up' });
    for (const backend of [site.backendId, 'default']) {
      const refused = await put('failover_host', { host, backend_id: backend });
      const rule = "must be ['enabled', 'failed-over'] and must be up to failover.";
      expect([refused.status, refused.body]).toEqual([
        400,
        fault(
          'badRequest',
          400,
          `Invalid input received: No service could be changed: replication_status in ['${host}'] ${rule}`,
        ),
      ]);
    }
    await site.hands.otherArray('answers');
    await site.hands.kill();
    await site.hands.start();
    await becomes({ replication_status: 'enabled', status: 'disabled', state: 'up' });
    await put('enable', { host, binary: 'cinder-volume' });
    await becomes({ status: 'enabled', backend_state: 'up' });
  },
  SLOW,
);

test(
  'cinder-volume killed: it reads up for a while, and what is asked for meanwhile is done later',
  async () => {
    const early = await makeVolume(site, cinder);
    made.push(early);
    await site.hands.kill();
    expect(at(await service(), '/services/0/state')).toBe('up');
    const answer = await cinder('POST /volumes', {
      body: { volume: { size: 1, volume_type: 'plain' } },
    });
    expect(answer.status).toBe(202);
    const id = textAt(answer, '/volume/id');
    made.push(id);
    await site.clock.sleep(2_000);
    expect(at(await cinder(`GET /volumes/${id}`), '/volume/status')).toBe('creating');

    await becomes({ state: 'down', backend_state: null });
    const late = await cinder('POST /volumes', {
      body: { volume: { size: 1, volume_type: 'plain' } },
    });
    expect(late.status).toBe(202);
    made.push(textAt(late, '/volume/id'));
    await statusOf(site, cinder, textAt(late, '/volume/id'), 'error');

    const refused = await put('failover_host', { host, backend_id: site.backendId });
    expect([refused.status, fields(refused.body)]).toEqual([400, ['badRequest']]);

    await site.hands.start();
    await becomes({ state: 'up', backend_state: 'up' });
    await statusOf(site, cinder, id, 'available');
  },
  SLOW,
);

test(
  'freezing a dead one: a minute, then 500, and frozen all the same',
  async () => {
    await site.hands.kill();
    const since = site.clock.now();
    const freeze = await put('freeze', { host });
    expect([freeze.status, fields(freeze.body)]).toEqual([500, ['computeFault']]);
    expect(site.clock.now() - since).toBeGreaterThanOrEqual(60_000);
    expect(at(await service(), '/services/0/frozen')).toBe(true);
    await site.hands.start();
    await becomes({ state: 'up' });
    expect((await put('thaw', { host })).status).toBe(200);
    await becomes({ frozen: false, status: 'enabled', backend_state: 'up' });
  },
  SLOW,
);

const dead = {
  what: 'an array that is away',
  services: [],
  twinOnly: 'its back end `file` does not report that its array is down, as Hitachi’s does',
};
listed(dead, 'the service stays up, and the back end reads down until the scheduler is restarted', {
  limitMs: SLOW,
  work: async () => {
    await site.hands.array('silent');
    const down = await becomes({ backend_state: 'down' });
    expect(at(down, '/services/0')).toMatchObject({ state: 'up', status: 'enabled' });
    await site.hands.array('answers');
    await site.clock.sleep(20_000);
    expect(at(await service(), '/services/0/backend_state')).toBe('down');
    await site.hands.restartScheduler();
    await becomes({ backend_state: 'up' });
  },
});
