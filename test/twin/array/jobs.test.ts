import { call, login, twoArrays, WAIT } from '../array-support.ts';
import { slowCopy } from './rooms.ts';

const LABEL = { label: 'x' };

describe('a job', () => {
  it('goes from queued over started to succeeded', async () => {
    const { main, clock } = twoArrays();
    const client = await login(main);
    const { status, body } = await client.send('PATCH', 'ldevs/1000', LABEL);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      jobId: 1,
      self: '/ConfigurationManager/v1/objects/jobs/1',
      userId: 'admin',
      status: 'Initializing',
      state: 'Queued',
      createdTime: '2026-11-22T01:00:00Z',
      completedTime: null,
      affectedResources: [],
    });
    expect(body).not.toHaveProperty('error');
    expect(body.request).toEqual({
      requestUrl: '/ConfigurationManager/v1/objects/storages/900000040014/ldevs/1000',
      requestMethod: 'PATCH',
      requestBody: '{"label":"x"}',
    });
    const look = async (ms: number) => {
      clock.advance(ms);
      return (await client.get('jobs/1')).body;
    };
    expect(await look(500)).toMatchObject({ status: 'Running', state: 'Started' });
    expect(await look(1000)).toMatchObject({
      status: 'Completed',
      state: 'Succeeded',
      completedTime: '2026-11-22T01:00:01Z',
      affectedResources: ['/ConfigurationManager/v1/objects/ldevs/1000'],
    });
    expect((await client.get('/v1/objects/jobs/1')).body.state).toBe('Succeeded');
    expect((await client.get('jobs/99')).body.messageId).toBe('KART30013-E');
    expect((await client.get('jobs/no')).status).toBe(404);
  });

  it('is waited for when the request asks to, no longer than it says', async () => {
    const { main, clock } = twoArrays();
    const client = await login(main);
    const send = (headers: Record<string, string>) =>
      client.send('PATCH', 'ldevs/1000', LABEL, headers);
    const ended = (await send(WAIT)).body;
    expect(ended).toMatchObject({ status: 'Completed', state: 'Succeeded' });
    const before = clock.now();
    const early = await send({ 'response-job-status': 'Completed', 'response-max-wait': '1' });
    expect(early.body).toMatchObject({ status: 'Running' });
    expect(clock.now() - before).toBe(1000);
  });

  it('that is refused comes back as 202 and failed, with the error', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const { status, body } = await client.send('DELETE', 'ldevs/1000', undefined, WAIT);
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'Completed', state: 'Failed', affectedResources: [] });
    expect(body.error).toMatchObject({
      messageId: 'KART30000-E',
      cause: 'The LDEV has 1 LU paths.',
      solutionType: 'SEE_ERROR_DETAIL',
      errorCode: { errorCode: 'EX_CMDRJE' },
    });
  });

  it('waits for the copying, unless it is told not to', async () => {
    const { main, clock } = twoArrays({ rooms: () => [slowCopy] });
    const client = await login(main);
    const start = clock.now();
    await client.send('POST', 'copies', {}, WAIT);
    expect(clock.now() - start).toBe(60_000);
    await client.done('POST', 'copies', {});
    expect(clock.now() - start).toBe(61_500);
  });

  it('is kept among the last 3000', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    for (let i = 0; i < 3001; i++) await client.send('PATCH', 'ldevs/1000', LABEL);
    expect((await client.get('jobs/1')).status).toBe(404);
    expect((await client.get('jobs/2')).status).toBe(200);
    const { data } = (await client.get('jobs?count=2')).body;
    expect(data.map(({ jobId }: { jobId: number }) => jobId)).toEqual([3001, 3000]);
    expect((await client.get('jobs?count=101')).status).toBe(400);
  });

  it('survives a restart, and numbers go on', async () => {
    const [before, after] = [twoArrays(), twoArrays()];
    const client = await login(before.main);
    await client.send('PATCH', 'ldevs/1000', LABEL);
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    after.clock.advance(2000);
    const again = await login(after.main);
    expect((await again.get('jobs/1')).body.state).toBe('Succeeded');
    expect((await again.send('PATCH', 'ldevs/1000', LABEL)).body.jobId).toBe(2);
  });
});

describe('an accepted change', () => {
  it('is told once, a refused request never', async () => {
    const { main, effects } = twoArrays();
    const client = await login(main);
    await client.send('PATCH', 'ldevs/1000', LABEL);
    await client.send('PATCH', 'ldevs/1000', {});
    await client.send('PATCH', 'ldevs/4000', LABEL);
    await call(main, ['PATCH', '/v1/objects/ldevs/1000'], { body: LABEL });
    expect(effects).toEqual([
      {
        site: 'main',
        target: 'array',
        method: 'PATCH',
        path: '/v1/objects/storages/900000040014/ldevs/1000',
        bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });
});
