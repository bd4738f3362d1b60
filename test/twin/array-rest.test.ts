import { ask, basic, bench, clones, DR, login, MAIN, SPLIT } from './array-support.ts';

const LONG = `/v1/objects/storages/${DR}`;

describe('sessions', () => {
  it('accepts Basic to log in and for nothing else', async () => {
    const { world } = bench();
    const authorization = basic(world, 'dr');
    const asBasic = await ask(world, ['dr', 'GET', '/v1/objects/ldevs/2000'], {
      headers: { authorization },
    });
    expect(asBasic.status).toBe(401);
    const wrong = await ask(world, ['dr', 'POST', '/v1/objects/sessions'], {
      headers: { authorization: 'Basic bm86bm8=' },
    });
    expect(wrong.status).toBe(401);
    const client = await login(world, 'dr');
    expect((await client.get('/v1/objects/ldevs/2000')).status).toBe(200);
  });

  it('takes no token of the other array', async () => {
    const { world } = bench();
    const main = await login(world, 'main');
    const answer = await ask(world, ['dr', 'GET', '/v1/objects/ldevs/2000'], {
      headers: { authorization: main.token },
    });
    expect(answer.status).toBe(401);
    expect(answer.body.message).toContain('The specified token is invalid');
  });

  it('ends after the idle time, which every request begins anew', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    for (let i = 0; i < 3; i++) {
      clock.advance(299_000);
      expect((await client.get(`${LONG}/sessions`)).status).toBe(200);
    }
    clock.advance(301_000);
    expect((await client.get(`${LONG}/sessions`)).status).toBe(401);
  });

  it('has room for 64 and makes room when one is deleted', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const headers = { authorization: basic(world, 'dr') };
    const open = () => ask(world, ['dr', 'POST', `${LONG}/sessions`], { headers });
    const first = await open();
    for (let i = 2; i < 64; i++) expect((await open()).status).toBe(200);
    expect((await open()).status).toBe(503);
    expect((await client.send('DELETE', `${LONG}/sessions/${first.body.sessionId}`)).status).toBe(
      200,
    );
    expect((await open()).status).toBe(200);
  });
});

describe('the two URL forms and the verbs', () => {
  it('answers both forms alike and knows no other storage', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const short = await client.get('/v1/objects/ldevs/2000');
    const long = await client.get(`${LONG}/ldevs/2000`);
    expect(long.body).toEqual(short.body);
    expect((await client.get(`/v1/objects/storages/${MAIN}/ldevs/1000`)).status).toBe(404);
    expect((await client.get('/v1/objects/nonsense')).status).toBe(404);
    expect((await client.get('/v1/objects/ldevs/%ZZ')).status).toBe(400);
  });

  it.each(['POST', 'PUT'])('takes %s for an action', async (method) => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const answer = await client.send(method, clones('PAY01-DRILL', 'split'), { body: SPLIT });
    expect(answer.status).toBe(202);
  });

  it.each(['PATCH', 'PUT'])('takes %s for an attribute', async (method) => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const path = `${LONG}/ldevs/2000`;
    expect((await client.send(method, path, { body: { label: 'x' } })).status).toBe(202);
    expect((await client.get(path)).body.label).toBe('x');
    const long = { label: 'x'.repeat(33) };
    expect((await client.send(method, path, { body: long })).status).toBe(400);
  });

  it('answers 405 to any other verb', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const split = clones('PAY01-DRILL', 'split');
    for (const method of ['PATCH', 'DELETE', 'GET']) {
      expect((await client.send(method, split)).status).toBe(405);
    }
    expect((await client.send('POST', `${LONG}/ldevs/2000`, { body: {} })).status).toBe(405);
    expect(world.effects).toHaveLength(0);
  });

  it('marks every answer, also a refusal, and dates it by its clock', async () => {
    const { world, clock } = bench();
    const answers = [
      await ask(world, ['dr', 'GET', '/configuration/version']),
      await ask(world, ['dr', 'GET', '/v1/objects/ldevs/1']),
      await ask(world, ['dr', 'GET', '/elsewhere']),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404]);
    for (const { headers } of answers) {
      expect(headers['x-simulator']).toBe('true');
      expect(headers['date']).toBe(new Date(clock.now()).toUTCString());
    }
  });

  it('refuses a body that is no JSON, and words it does not know', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const split = clones('PAY01-DRILL', 'split');
    const body = { parameters: { quickMode: true, forceSplit: true } };
    expect((await client.send('PUT', split, { body })).status).toBe(400);
    const headers = { 'content-type': 'text/plain' };
    expect((await client.send('PUT', split, { body: SPLIT, headers })).status).toBe(415);
    expect(world.effects).toHaveLength(0);
  });
});

describe('jobs', () => {
  it('go from queued over started to succeeded', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    const { body } = await client.send('PUT', clones('PAY01-DRILL', 'split'), { body: SPLIT });
    expect(body).toMatchObject({ status: 'Initializing', state: 'Queued', completedTime: null });
    const look = async (ms: number) => {
      clock.advance(ms);
      return (await client.get(`/v1/objects/jobs/${body.jobId}`)).body;
    };
    expect(await look(500)).toMatchObject({ status: 'Running', state: 'Started' });
    const ended = await look(1100);
    expect(ended).toMatchObject({ status: 'Completed', state: 'Succeeded', error: null });
    expect(ended.affectedResources[0]).toContain('local-clone-copygroups/PAY01-DRILL');
    expect((await client.get('/v1/objects/jobs/99')).status).toBe(404);
  });

  it('are waited for when the request asks to, no longer than it says', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    const send = (wait: string) =>
      client.send('PUT', clones('PAY01-DRILL', 'split'), {
        body: SPLIT,
        headers: { 'response-job-status': 'Completed;', 'response-max-wait': wait },
      });
    expect((await send('1800')).body).toMatchObject({ status: 'Completed', state: 'Succeeded' });
    const before = clock.now();
    expect((await send('1')).body).toMatchObject({ status: 'Running' });
    expect(clock.now() - before).toBe(1000);
  });

  it('end Unknown or Failed when told to', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    world.fault('job-unknown', true);
    const { body } = await client.send('PUT', clones('PAY01-DRILL', 'split'), { body: SPLIT });
    clock.advance(2000);
    expect((await client.get(`/v1/objects/jobs/${body.jobId}`)).body.state).toBe('Unknown');
    world.fault('array-busy', true);
    const busy = await client.get(`/v1/objects/jobs/${body.jobId}`);
    expect([busy.status, busy.body.messageId]).toEqual([503, 'KART00003-E']);
  });
});

describe('objects', () => {
  it('lists a window of LDEV slots, empty ones included', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const { data } = (await client.get(`${LONG}/ldevs?headLdevId=1999&count=3`)).body;
    expect(data.map((one: { emulationType: string }) => one.emulationType)).toEqual([
      'NOT DEFINED',
      'OPEN-V-CVS',
      'OPEN-V-CVS',
    ]);
    const defined = await client.get(`${LONG}/ldevs?ldevOption=dpVolume&count=1000`);
    expect(defined.body.data.length).toBeGreaterThan(30);
    expect((await client.get(`${LONG}/ldevs?count=99999`)).status).toBe(400);
  });

  it('labels LDEVs with volume ids and gives each the pair path', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    for (const { svol, drVolumeId, copyLdev, copyVolumeId } of world.map.services[0]?.volumes ??
      []) {
      const secondary = (await client.get(`/v1/objects/ldevs/${svol}`)).body;
      const copy = (await client.get(`/v1/objects/ldevs/${copyLdev}`)).body;
      expect(secondary.label).toBe(drVolumeId.replaceAll('-', ''));
      expect(copy.label).toBe(copyVolumeId.replaceAll('-', ''));
      expect(copy.numOfPorts).toBe(1);
      expect(copy.ports[0].hostGroupName).toBe('DRILLBOOK-PAIR');
    }
    const luns = await client.get('/v1/objects/luns?portId=CL1-A&hostGroupNumber=1');
    expect(luns.body.data.length).toBeGreaterThan(30);
    expect((await client.get('/v1/objects/luns')).status).toBe(400);
    expect((await client.get('/v1/objects/host-groups?portId=CL1-A')).body.data).toHaveLength(1);
    expect((await client.get('/v1/objects/ports')).body.data.length).toBeGreaterThan(1);
  });

  it('wants journalInfo and shows both sides of a journal', async () => {
    const { world, clock } = bench();
    const [main, dr] = [await login(world, 'main'), await login(world, 'dr')];
    expect((await dr.get(`${LONG}/journals`)).status).toBe(400);
    const read = async (client: typeof main) =>
      (await client.get('/v1/objects/journals?journalInfo=basic')).body.data[0];
    const master = await read(main);
    expect(master).toMatchObject({ journalStatus: 'PJNN', muNumber: 1, journalId: 10 });
    expect(master.qCount).toBeGreaterThan(0);
    clock.advance(700);
    const restore = await read(dr);
    expect(restore).toMatchObject({ journalStatus: 'SJNN', journalId: 50 });
    expect(Number.parseInt(restore.qMarker, 16)).toBeGreaterThanOrEqual(
      Number.parseInt(master.qMarker, 16),
    );
    const detail = await dr.get('/v1/objects/journals?journalInfo=detail');
    expect(detail.body.data[0].mirrorUnits[0]).toMatchObject({ journalStatus: 'SJNN' });
  });
});

describe('remote copy groups', () => {
  const group = (a: string, b: string, c: string) =>
    `/v1/objects/remote-mirror-copygroups/${a},PAY01,${b},${c}`;

  it('show only the own half under a NotSpecified id', async () => {
    const { world } = bench();
    const [main, dr] = [await login(world, 'main'), await login(world, 'dr')];
    const half = group('NotSpecified', 'PAY01S_', 'NotSpecified');
    const secondary = (await dr.get(half)).body.copyPairs[0];
    expect(secondary).toMatchObject({
      svolStatus: 'PAIR',
      svolLdevId: 2000,
      copyPairName: 'PAY01-01',
    });
    expect(Object.keys(secondary).filter((key) => key.startsWith('pvol'))).toEqual([]);
    const primary = await main.get(group('NotSpecified', 'PAY01P_', 'NotSpecified'));
    expect(primary.body.copyPairs).toHaveLength(12);
    expect(primary.body.copyPairs[0]).toMatchObject({ pvolStatus: 'PAIR', pvolLdevId: 1000 });
    expect(primary.body.copyPairs[0]).not.toHaveProperty('svolLdevId');
    expect((await dr.get(group('NotSpecified', 'PAY01P_', 'NotSpecified'))).status).toBe(404);
    const headers = { 'remote-authorization': main.token };
    expect((await dr.send('GET', half, { headers })).status).toBe(400);
  });

  it('show both halves only with a session of the other array', async () => {
    const { world } = bench();
    const [main, dr] = [await login(world, 'main'), await login(world, 'dr')];
    const whole = group(MAIN, 'PAY01S_', 'PAY01P_');
    expect((await dr.get(whole)).status).toBe(401);
    const own = { 'remote-authorization': dr.token };
    expect((await dr.send('GET', whole, { headers: own })).status).toBe(401);
    const headers = { 'remote-authorization': main.token };
    const seen = (await dr.send('GET', whole, { headers })).body;
    expect(seen.copyPairs[0]).toMatchObject({ pvolLdevId: 1000, svolLdevId: 2000 });
    const list = `/v1/objects/remote-mirror-copygroups?remoteStorageDeviceId=${MAIN}`;
    expect((await dr.send('GET', list, { headers })).body.data).toHaveLength(3);
  });

  it.each(['split', 'resync', 'takeover'])('refuse %s and change nothing', async (action) => {
    const { world } = bench();
    const dr = await login(world, 'dr');
    const path = `${group('NotSpecified', 'PAY01S_', 'NotSpecified')}/actions/${action}/invoke`;
    expect((await dr.send('PUT', path, { body: { parameters: {} } })).status).toBe(412);
    expect(world.effects).toHaveLength(0);
  });
});
