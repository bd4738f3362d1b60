/** Cinder's limits, and its messages: where the reason stands that a volume does not give. */
import { randomUUID } from 'node:crypto';
import { type Caller, eventually, openSite, type Site, sessionOf } from './site.ts';
import { gone, makeVolume, removeVolume, statusOf } from './volume.ts';
import { type Answer, at, fault, fields, listAt, textAt } from './wire.ts';

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

async function volume(): Promise<string> {
  const id = await makeVolume(site, cinder);
  made.push(id);
  return id;
}

describe('quotas', () => {
  const path = () => `/os-quota-sets/${site.project.id}`;
  /** Sets a limit to what is used now; any lower one is refused. */
  async function full(name: 'volumes' | 'gigabytes', work: (limit: number) => Promise<void>) {
    const before = await cinder(`GET ${path()}?usage=True`);
    const { in_use: used, limit } = at(before, `/quota_set/${name}`) as Record<string, number>;
    const set = (value: number | undefined) =>
      cinder(`PUT ${path()}`, { body: { quota_set: { [name]: value } } });
    try {
      const lowered = await set(used);
      expect([lowered.status, at(lowered, `/quota_set/${name}`)]).toEqual([200, used]);
      await work(used ?? 0);
    } finally {
      await set(limit);
    }
  }
  const isOver = (answer: Answer, words: string) => {
    expect(answer.status).toBe(413);
    expect(answer.headers['retry-after']).toBe('0');
    expect(answer.body).toEqual({
      overLimit: { code: 413, message: expect.stringContaining(words), retryAfter: '0' },
    });
  };

  test('usage is shown beside the limits', async () => {
    const usage = await cinder(`GET ${path()}?usage=True`);
    expect(usage.status).toBe(200);
    expect(fields(at(usage, '/quota_set/volumes'))).toEqual(['in_use', 'limit', 'reserved']);
    const limits = await cinder('GET /limits');
    expect(fields(at(limits, '/limits'))).toEqual(['absolute', 'rate']);
  });

  test('too many volumes: 413 with Retry-After; a limit below what is used: 400', async () => {
    await volume();
    await full('volumes', async (limit) => {
      const answer = await cinder('POST /volumes', { body: { volume: { size: 1 } } });
      isOver(answer, `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded`);
      const lower = await cinder(`PUT ${path()}`, { body: { quota_set: { volumes: 0 } } });
      expect(lower.body).toEqual(
        fault(
          'badRequest',
          400,
          'Quota volumes limit must be equal or greater than existing resources. ' +
            `Current usage is ${limit} and the requested limit is 0.`,
        ),
      );
    });
  });

  test('too many gigabytes, new or by growing: 413', async () => {
    const id = await volume();
    await full('gigabytes', async () => {
      const answer = await cinder('POST /volumes', { body: { volume: { size: 1 } } });
      isOver(answer, 'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds');
      const extend = await cinder(`POST /volumes/${id}/action`, {
        body: { 'os-extend': { new_size: 5 } },
      });
      isOver(extend, 'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds');
    });
  });
});

describe('messages', () => {
  test('why the scheduler found no place stands there and nowhere else', async () => {
    const type = { volume_type: { name: `contract-nowhere-${randomUUID()}` } };
    const typed = await cinder('POST /types', { body: type });
    const typeId = textAt(typed, '/volume_type/id');
    const body = { extra_specs: { volume_backend_name: 'no-such-backend' } };
    await cinder(`POST /types/${typeId}/extra_specs`, { body });
    const answer = await cinder('POST /volumes', {
      body: { volume: { size: 1, volume_type: typeId } },
    });
    const id = textAt(answer, '/volume/id');
    await statusOf(site, cinder, id, 'error');
    const look = () => cinder(`GET /messages?resource_uuid=${id}`);
    const found = await eventually(site, look, (one) => listAt(one, '/messages').length > 0);
    const [message] = listAt(found, '/messages');
    expect(fields(message)).toEqual(
      [
        'created_at event_id guaranteed_until id links message_level request_id resource_type',
        'resource_uuid user_message',
      ]
        .join(' ')
        .split(' '),
    );
    expect(message).toMatchObject({
      ...{ event_id: 'VOLUME_VOLUME_001_003', message_level: 'ERROR', resource_type: 'VOLUME' },
      ...{ resource_uuid: id, request_id: answer.headers['x-openstack-request-id'] },
      user_message: expect.stringContaining('Could not find any available weighted backend.'),
    });
    await cinder(`DELETE /volumes/${id}`);
    await gone(site, cinder, id);
    expect((await cinder(`DELETE /types/${typeId}`)).status).toBe(202);
  });
});
