import { basic, call, login, MAIN, topology, twoArrays } from '../array-support.ts';

const LONG = `/v1/objects/storages/${MAIN}`;

describe('logging in', () => {
  it('takes Basic, and takes it for nothing else', async () => {
    const { main } = twoArrays();
    const headers = { authorization: basic() };
    const asBasic = await call(main, ['GET', '/v1/objects/ldevs/1000'], { headers });
    expect(asBasic.status).toBe(401);
    const wrong = await call(main, ['POST', '/v1/objects/sessions'], {
      headers: { authorization: 'Basic bm86bm8=' },
    });
    expect(wrong.status).toBe(401);
    const client = await login(main);
    expect((await client.get('ldevs/1000')).status).toBe(200);
  });

  it.each([[{ aliveTime: 301 }], [{ aliveTime: 0 }], [{ aliveTime: '60' }], [{ other: 1 }]])(
    'refuses the wish %j',
    async (body) => {
      const { main } = twoArrays();
      const headers = { authorization: basic() };
      const answer = await call(main, ['POST', `${LONG}/sessions`], { headers, body });
      expect(answer.status).toBe(400);
    },
  );

  it('gives a token that the other array does not take', async () => {
    const { main, dr } = twoArrays();
    const client = await login(main);
    const headers = { authorization: client.token };
    const answer = await call(dr, ['GET', '/v1/objects/ldevs/2000'], { headers });
    expect([answer.status, answer.body.message]).toEqual([401, 'The specified token is invalid.']);
    expect(dr.peer.holdsSession(client.token)).toBe(false);
    expect(main.peer.holdsSession(client.token)).toBe(true);
  });
});

describe('a session', () => {
  it('ends after the idle time, which every request begins anew', async () => {
    const { main, clock } = twoArrays();
    const client = await login(main);
    for (let i = 0; i < 3; i++) {
      clock.advance(300_000);
      expect((await client.get('sessions')).status).toBe(200);
    }
    clock.advance(300_001);
    expect((await client.get('sessions')).status).toBe(401);
  });

  it('lives as long as it was asked to', async () => {
    const { main, clock } = twoArrays();
    const opened = await call(main, ['POST', '/v1/objects/sessions'], {
      headers: { authorization: basic() },
      body: { aliveTime: 60, authenticationTimeout: 900 },
    });
    clock.advance(60_001);
    const headers = { authorization: `Session ${opened.body.token}` };
    expect((await call(main, ['GET', `${LONG}/sessions`], { headers })).status).toBe(401);
  });

  it('is one of 64 at most, and makes room when it is deleted', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const headers = { authorization: basic() };
    const open = () => call(main, ['POST', `${LONG}/sessions`], { headers });
    const first = await open();
    for (let i = 2; i < 64; i++) expect((await open()).status).toBe(200);
    const refused = await open();
    expect([refused.status, refused.body.solutionType]).toEqual([503, 'RETRY']);
    const gone = await client.send('DELETE', `sessions/${first.body.sessionId}`);
    expect(gone.status).toBe(200);
    expect((await open()).status).toBe(200);
  });

  it('is shown with its user, alone and in the list', async () => {
    const { main } = twoArrays();
    const [one, two] = [await login(main), await login(main, 'reader')];
    const shown = (await one.get(`sessions/${two.sessionId}`)).body;
    expect(shown).toEqual({
      sessionId: 2,
      userId: 'reader',
      ipAddress: '127.0.0.1',
      createdTime: '2026-11-22T01:00:00Z',
      lastAccessTime: '2026-11-22T01:00:00Z',
    });
    const all = (await one.get('sessions')).body.data;
    expect(all.map(({ userId }: { userId: string }) => userId)).toEqual(['admin', 'reader']);
    expect((await one.get('sessions/77')).body.messageId).toBe('KART30013-E');
  });

  it('of somebody else is ended only by force', async () => {
    const { main } = twoArrays();
    const [one, two] = [await login(main), await login(main, 'reader')];
    expect((await two.send('DELETE', `sessions/${one.sessionId}`)).status).toBe(403);
    expect((await one.get('sessions')).status).toBe(200);
    const forced = await one.send('DELETE', `sessions/${two.sessionId}`, { force: true });
    expect(forced.status).toBe(200);
    expect((await two.get('sessions')).status).toBe(401);
    expect((await one.send('DELETE', `sessions/${one.sessionId}`, { forced: 1 })).status).toBe(400);
  });

  it('survives a restart', async () => {
    const [before, after] = [twoArrays(), twoArrays()];
    const client = await login(before.main);
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    const headers = { authorization: client.token };
    expect((await call(after.main, ['GET', `${LONG}/sessions`], { headers })).status).toBe(200);
    expect((await login(after.main)).sessionId).toBe(2);
  });
});

describe('roles', () => {
  const label = { label: 'x' };

  it('keep a reader from changing anything', async () => {
    const { main, effects } = twoArrays();
    const reader = await login(main, 'reader');
    expect((await reader.get('ldevs/1000')).status).toBe(200);
    expect((await reader.send('PATCH', 'ldevs/1000', label)).status).toBe(403);
    expect((await reader.send('POST', 'ldevs', {})).status).toBe(403);
    expect(effects).toHaveLength(0);
    const cinder = await login(main, 'cinder');
    expect((await cinder.send('PATCH', 'ldevs/1000', label)).status).toBe(202);
  });

  it('are all there for the administrator', async () => {
    const { main } = twoArrays();
    expect(topology.arrays[0]?.users[0]?.roles).toBeUndefined();
    const admin = await login(main);
    expect((await admin.send('PATCH', 'ldevs/1000', label)).status).toBe(202);
  });
});
