import { DR, login, MAIN, twoArrays, WAIT } from '../array-support.ts';

const SHORT = '/v1/services/resource-group-service/actions';
const LONG = `/v1/${MAIN}/services/resource-group-service/actions`;
const LABEL = { label: 'x' };
const wait = (waitTime: number) => ({ parameters: { waitTime } });

describe('the resource group lock', () => {
  it.each([
    ['POST', SHORT],
    ['PUT', LONG],
  ])('is taken by %s %s and shown with its holder', async (method, service) => {
    const { main } = twoArrays();
    const [one, two] = [await login(main), await login(main, 'cinder')];
    expect((await one.get('resource-groups/0')).body).toEqual({
      resourceGroupId: 0,
      resourceGroupName: 'meta_resource',
      lockStatus: 'Unlocked',
    });
    const locked = await one.send(method, `${service}/lock/invoke`, wait(0), WAIT);
    expect(locked.body.state).toBe('Succeeded');
    const held = { lockStatus: 'Locked', lockOwner: 'admin', lockHost: '127.0.0.1' };
    const own = (await one.get('resource-groups/0')).body;
    expect(own).toMatchObject({ ...held, selfLock: true, lockSessionId: one.sessionId });
    expect((await two.get('resource-groups')).body.data).toMatchObject([
      { ...held, selfLock: false },
    ]);
    await one.send(method, `${service}/unlock/invoke`);
    expect((await one.get('resource-groups/0')).body.lockStatus).toBe('Unlocked');
    expect((await one.get('resource-groups/1')).status).toBe(404);
  });

  it('refuses changes of every other session, also of the same user', async () => {
    const { main } = twoArrays();
    const [one, two] = [await login(main), await login(main)];
    await one.send('POST', `${SHORT}/lock/invoke`, wait(0));
    const refused = await two.send('PATCH', 'ldevs/1000', LABEL, WAIT);
    expect([refused.status, refused.body.state]).toEqual([202, 'Failed']);
    expect(refused.body.error).toMatchObject({
      messageId: 'KART40052-E',
      solutionType: 'RETRY',
      cause: 'It is locked by admin.',
      errorCode: { SSB1: '2E11', SSB2: '2205' },
    });
    expect((await one.get('ldevs/1000')).body.label).toBe('PVOL-1');
    expect((await two.get('ldevs/1000')).status).toBe(200);
    expect((await one.send('PATCH', 'ldevs/1000', LABEL, WAIT)).body.state).toBe('Succeeded');
  });

  it('is waited for as long as asked, and no longer', async () => {
    const { main, clock } = twoArrays();
    const [one, two] = [await login(main), await login(main)];
    await one.send('POST', `${SHORT}/lock/invoke`, wait(0));
    const before = clock.now();
    const late = await two.send('POST', `${SHORT}/lock/invoke`, wait(20), WAIT);
    expect([late.body.state, late.body.error.messageId]).toEqual(['Failed', 'KART40052-E']);
    expect(clock.now() - before).toBe(20_000);
    const waiting = two.send('POST', `${SHORT}/lock/invoke`, wait(60), WAIT);
    await one.send('POST', `${SHORT}/unlock/invoke`);
    expect((await waiting).body.state).toBe('Succeeded');
    expect(clock.now() - before).toBeLessThan(40_000);
  });

  it('is not given to a session that ended while it waited, but to one that waited long', async () => {
    const { main, clock } = twoArrays();
    const [one, two, three] = [await login(main), await login(main), await login(main)];
    await one.send('POST', `${SHORT}/lock/invoke`, wait(0));
    const [ended, long] = [
      two.send('POST', `${SHORT}/lock/invoke`, wait(5), WAIT),
      three.send('POST', `${SHORT}/lock/invoke`, wait(2000), WAIT),
    ];
    await three.send('DELETE', `sessions/${two.sessionId}`);
    expect((await ended).body.state).toBe('Failed');
    // Nothing of the first session for five minutes: it is gone, and its lock with it.
    expect((await long).body.state).toBe('Succeeded');
    expect(clock.now()).toBeGreaterThan(Date.UTC(2026, 10, 22, 1, 5));
    expect((await three.get('resource-groups/0')).body.lockSessionId).toBe(three.sessionId);
  });

  it('ends with its session, whether that is deleted or forgotten', async () => {
    const { main, clock } = twoArrays();
    const [one, two] = [await login(main), await login(main)];
    await one.send('POST', `${SHORT}/lock/invoke`, wait(0));
    await one.send('DELETE', `sessions/${one.sessionId}`);
    expect((await two.send('POST', `${SHORT}/lock/invoke`, wait(0), WAIT)).body.state).toBe(
      'Succeeded',
    );
    clock.advance(301_000);
    const three = await login(main);
    expect((await three.get('resource-groups/0')).body.lockStatus).toBe('Unlocked');
  });

  it('is given back only by who holds it', async () => {
    const { main } = twoArrays();
    const [one, two] = [await login(main), await login(main)];
    const unlock = (client: typeof one) =>
      client.send('POST', `${SHORT}/unlock/invoke`, undefined, WAIT);
    expect((await unlock(one)).body.state).toBe('Failed');
    await one.send('POST', `${SHORT}/lock/invoke`, wait(0));
    expect((await unlock(two)).body.state).toBe('Failed');
    expect((await unlock(one)).body.state).toBe('Succeeded');
  });

  it.each([[wait(7201)], [wait(-1)], [{ parameters: { wait: 1 } }]])('refuses %j', async (body) => {
    const { main } = twoArrays();
    const client = await login(main);
    expect((await client.send('POST', `${SHORT}/lock/invoke`, body)).status).toBe(400);
  });

  it('of one array is not that of the other, and survives a restart', async () => {
    const [before, after] = [twoArrays(), twoArrays()];
    const client = await login(before.main);
    await client.send('POST', `${SHORT}/lock/invoke`, wait(0));
    const dr = await login(before.dr);
    expect((await dr.get('resource-groups/0')).body.lockStatus).toBe('Unlocked');
    expect(before.dr.parts.spec.storageDeviceId).toBe(DR);
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    const later = await login(after.main);
    expect((await later.get('resource-groups/0')).body).toMatchObject({
      lockStatus: 'Locked',
      lockSessionId: client.sessionId,
    });
  });
});
