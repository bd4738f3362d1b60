/** Volumes that Cinder gives up and takes over: manage and unmanage. */
import { type Caller, eventually, openSite, type Site, sessionOf } from './site.ts';
import { gone, makeVolume, removeVolume, statusOf } from './volume.ts';
import { at, fault, fields, listAt, textAt } from './wire.ts';

let site: Site;
let cinder: Caller;
const made: string[] = [];
beforeAll(async () => {
  site = await openSite();
  cinder = (await sessionOf(site)).service('cinder', 'volume 3.59');
});
afterAll(async () => {
  for (const id of made) await removeVolume(site, cinder, id);
  await site.close();
});

/** How the driver knows what was a volume until now. */
async function givenUp(): Promise<Readonly<Record<string, string>>> {
  const id = await makeVolume(site, cinder);
  const answer = await cinder(`POST /volumes/${id}/action`, { body: { 'os-unmanage': {} } });
  expect([answer.status, answer.body]).toEqual([202, undefined]);
  expect((await gone(site, cinder, id)).status).toBe(404);
  return site.referenceOf(id);
}
const manage = (wish: object) => cinder('POST /manageable_volumes', { body: { volume: wish } });
const wish = (ref: object, more: object = {}) => ({
  ...{ host: site.backend, ref, name: 'adopted', volume_type: 'plain', bootable: true },
  ...more,
});

test('given up: 202, then 404; taken over: 202 creating, then available', async () => {
  const answer = await manage(wish(await givenUp(), { metadata: { drill: 'd' } }));
  expect(answer.status).toBe(202);
  const id = textAt(answer, '/volume/id');
  made.push(id);
  expect(at(answer, '/volume')).toMatchObject({ status: 'creating', size: 0, name: 'adopted' });
  const shown = await statusOf(site, cinder, id, 'available');
  expect(at(shown, '/volume')).toMatchObject({
    ...{ size: 1, bootable: 'true', metadata: { drill: 'd' }, volume_type: 'plain' },
    'os-vol-host-attr:host': site.backend,
  });
});

test('a reference that leads nowhere: 202 all the same, then error with size 0 and no word', async () => {
  const answer = await manage(wish({ 'source-name': 'no-such-disk' }));
  expect(answer.status).toBe(202);
  const id = textAt(answer, '/volume/id');
  made.push(id);
  const shown = await statusOf(site, cinder, id, 'error');
  expect(at(shown, '/volume/size')).toBe(0);
  const messages = await cinder(`GET /messages?resource_uuid=${id}`);
  expect(listAt(messages, '/messages')).toEqual([]);
});

test('a type of another backend: 202, then error', async () => {
  const answer = await manage(wish(await givenUp(), { volume_type: 'hbsd' }));
  expect(answer.status).toBe(202);
  const id = textAt(answer, '/volume/id');
  made.push(id);
  await statusOf(site, cinder, id, 'error');
});

test('what is checked at once: host, type, reference', async () => {
  const ref = { 'source-name': 'x' };
  const host = await manage(wish(ref, { host: 'cinder-dr@nowhere#pool0' }));
  expect([host.status, host.body]).toEqual([
    400,
    fault('badRequest', 400, "Host 'cinder-dr@nowhere#pool0' not found"),
  ]);
  for (const bad of [
    wish(ref, { volume_type: 'no-such-type' }),
    { host: site.backend, name: 'x' },
    { ref, name: 'x' },
    wish(ref, { colour: 'red' }),
  ]) {
    const answer = await manage(bad);
    expect([answer.status, fields(answer.body)]).toEqual([400, ['badRequest']]);
  }
});

test('a volume with snapshots cannot be given up', async () => {
  const id = await makeVolume(site, cinder);
  made.push(id);
  const snapshot = textAt(
    await cinder('POST /snapshots', { body: { snapshot: { volume_id: id } } }),
    '/snapshot/id',
  );
  const look = () => cinder(`GET /snapshots/${snapshot}`);
  await eventually(site, look, (answer) => at(answer, '/snapshot/status') === 'available');
  const kept = await cinder(`POST /volumes/${id}/action`, { body: { 'os-unmanage': {} } });
  expect([kept.status, fields(kept.body)]).toEqual([400, ['badRequest']]);
  await cinder(`DELETE /snapshots/${snapshot}`);
  await eventually(site, look, ({ status }) => status === 404);
});

test('the list of what could be taken over wants a host that there is', async () => {
  const none = await cinder('GET /manageable_volumes/detail');
  expect([none.status, fields(none.body)]).toEqual([400, ['badRequest']]);
  const lost = await cinder('GET /manageable_volumes/detail?host=cinder-dr@nowhere%23pool0');
  expect([lost.status, fields(lost.body)]).toEqual([404, ['itemNotFound']]);
});

test('a member may not', async () => {
  const member = (await sessionOf(site, site.member)).service('cinder', 'volume 3.59');
  const answer = await member('POST /manageable_volumes', {
    body: { volume: wish({ 'source-name': 'x' }) },
  });
  const rule = 'volume_extension:volume_manage';
  expect([answer.status, answer.body]).toEqual([
    403,
    fault('forbidden', 403, `Policy doesn't allow ${rule} to be performed.`),
  ]);
});

test('before 3.8 there is no such thing', async () => {
  const old = (await sessionOf(site)).service('cinder', 'volume 3.7');
  const answer = await old('POST /manageable_volumes', {
    body: { volume: wish({ 'source-name': 'x' }) },
  });
  expect(answer.status).toBe(404);
});
