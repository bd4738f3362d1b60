/** Each fault of an array: on, seen through the front door, off, gone. */
import { basic, call, login, twoArrays, WAIT } from '../array-support.ts';

const LABEL = { label: 'x' };

async function bench() {
  const { main, clock, effects } = twoArrays();
  const client = await login(main);
  const { faults } = main.parts;
  const change = (headers?: Record<string, string>) =>
    client.send('PATCH', 'ldevs/1000', LABEL, headers);
  const label = async () => (await client.get('ldevs/1000')).body.label;
  return { main, clock, effects, client, faults, change, label };
}

describe('answers that are no answers', () => {
  it.each(['array-dead', 'management-cut'])('%s: the line breaks', async (name) => {
    const { client, faults, main } = await bench();
    faults.add(name);
    await expect(client.get('ldevs/1000')).rejects.toThrow('connection was closed');
    expect([main.peer.reachable(), main.port.answers()]).toEqual([false, false]);
    faults.delete(name);
    expect((await client.get('ldevs/1000')).status).toBe(200);
    expect([main.peer.reachable(), main.port.answers()]).toEqual([true, true]);
  });

  it('request-lost: once, and nothing was changed', async () => {
    const { faults, change, label, effects } = await bench();
    faults.add('request-lost');
    await expect(change()).rejects.toThrow('connection was closed');
    expect([await label(), effects.length]).toEqual(['PVOL-1', 0]);
    expect((await change()).status).toBe(202);
  });

  it('answer-lost: once, and the change was made', async () => {
    const { faults, change, label, effects } = await bench();
    faults.add('answer-lost');
    await expect(change()).rejects.toThrow('connection was closed');
    expect([await label(), effects.length]).toEqual(['x', 1]);
    expect((await change()).status).toBe(202);
  });

  it('array-slow: six seconds later', async () => {
    const { faults, client, clock } = await bench();
    faults.add('array-slow');
    const before = clock.now();
    expect((await client.get('ldevs/1000')).status).toBe(200);
    expect(clock.now() - before).toBe(6000);
  });
});

describe('odd errors', () => {
  it('array-busy', async () => {
    const { faults, client } = await bench();
    faults.add('array-busy');
    const { status, body } = await client.get('ldevs/1000');
    expect([status, body.messageId, body.solutionType]).toEqual([503, 'KART00003-E', 'RETRY']);
  });

  it('error-empty: only changes, and none is made', async () => {
    const { faults, change, label } = await bench();
    faults.add('error-empty');
    const { status, body } = await change();
    expect([status, body.errorCode]).toEqual([500, {}]);
    expect(await label()).toBe('PVOL-1');
  });

  it('error-html', async () => {
    const { faults, client } = await bench();
    faults.add('error-html');
    const { status, headers, text } = await client.get('ldevs/1000');
    expect([status, headers['content-type'], headers['x-simulator']]).toEqual([
      502,
      'text/html',
      'true',
    ]);
    expect(text).toContain('<html>');
  });

  it('error-bare', async () => {
    const { faults, client } = await bench();
    faults.add('error-bare');
    const { status, headers, text } = await client.get('ldevs/1000');
    expect([status, headers['retry-after'], text]).toEqual([503, '30', '']);
    expect(headers).not.toHaveProperty('content-type');
  });
});

describe('odd jobs', () => {
  it.each([
    ['job-unknown', 'Unknown', 'x'],
    ['job-failed', 'Failed', 'PVOL-1'],
    ['job-failed-done', 'Failed', 'x'],
  ])('%s ends %s and the label is %s', async (name, state, after) => {
    const { faults, change, label } = await bench();
    faults.add(name);
    const { body } = await change(WAIT);
    expect([body.status, body.state, body.error === undefined]).toEqual([
      'Completed',
      state,
      state === 'Unknown',
    ]);
    expect(await label()).toBe(after);
    faults.delete(name);
    expect((await change(WAIT)).body.state).toBe('Succeeded');
  });

  it('job-failed-at-once: the answer itself carries the failed job', async () => {
    const { faults, change, label } = await bench();
    faults.add('job-failed-at-once');
    const { status, body } = await change();
    expect([status, body.status, body.state]).toEqual([202, 'Completed', 'Failed']);
    expect(await label()).toBe('PVOL-1');
  });

  it('job-stuck: running until it is over', async () => {
    const { faults, change, client, clock } = await bench();
    faults.add('job-stuck');
    const { body } = await change({ ...WAIT, 'response-max-wait': '600' });
    expect(body.status).toBe('Running');
    clock.advance(200_000);
    expect((await client.get(`jobs/${body.jobId}`)).status).toBe(401);
    const again = await login(client.array);
    expect((await again.get(`jobs/${body.jobId}`)).body.status).toBe('Running');
    faults.delete('job-stuck');
    expect((await again.get(`jobs/${body.jobId}`)).body.state).toBe('Succeeded');
  });

  it('job-lost: not found, nor listed', async () => {
    const { faults, change, client } = await bench();
    const { body } = await change();
    faults.add('job-lost');
    expect((await client.get(`jobs/${body.jobId}`)).status).toBe(404);
    expect((await client.get('jobs')).body.data).toEqual([]);
  });
});

describe('sessions, locks, roles, the clock', () => {
  it('sessions-lost: all of them, once', async () => {
    const { faults, client, main } = await bench();
    faults.add('sessions-lost');
    expect((await client.get('ldevs/1000')).status).toBe(401);
    const again = await login(main);
    expect((await again.get('ldevs/1000')).status).toBe(200);
  });

  it('session-short: five idle seconds', async () => {
    const { faults, client, clock } = await bench();
    faults.add('session-short');
    clock.advance(5000);
    expect((await client.get('ldevs/1000')).status).toBe(200);
    clock.advance(5001);
    expect((await client.get('ldevs/1000')).status).toBe(401);
  });

  it('session-cap: nobody else gets in', async () => {
    const { faults, main, client } = await bench();
    faults.add('session-cap');
    const headers = { authorization: basic() };
    expect((await call(main, ['POST', '/v1/objects/sessions'], { headers })).status).toBe(503);
    expect((await client.get('ldevs/1000')).status).toBe(200);
  });

  it('role-missing: reading only', async () => {
    const { faults, change, label } = await bench();
    faults.add('role-missing');
    expect((await change()).status).toBe(403);
    expect(await label()).toBe('PVOL-1');
  });

  it('lock-held: by a stranger, who is shown', async () => {
    const { faults, change, client } = await bench();
    faults.add('lock-held');
    expect((await change(WAIT)).body.error.messageId).toBe('KART40052-E');
    expect((await client.get('resource-groups/0')).body).toMatchObject({
      lockStatus: 'Locked',
      selfLock: false,
      lockOwner: 'storage-admin',
    });
    faults.delete('lock-held');
    expect((await change(WAIT)).body.state).toBe('Succeeded');
  });

  it('clock-wrong: every time it shows is seven minutes ahead, and sessions do not care', async () => {
    const { faults, change, client, clock } = await bench();
    faults.add('clock-wrong');
    const { headers, body } = await change();
    expect(headers['date']).toBe(new Date(clock.now() + 420_000).toUTCString());
    expect(body.createdTime).toBe('2026-11-22T01:07:00Z');
    const shown = (await client.get(`sessions/${client.sessionId}`)).body;
    expect(shown.createdTime).toBe('2026-11-22T01:07:00Z');
  });

  it('faults that are on survive a restart', async () => {
    const { faults, main } = await bench();
    faults.add('array-busy');
    const after = twoArrays();
    after.main.restore(JSON.parse(JSON.stringify(main.snapshot())));
    const headers = { authorization: basic() };
    const answer = await call(after.main, ['POST', '/v1/objects/sessions'], { headers });
    expect(answer.status).toBe(503);
  });
});
