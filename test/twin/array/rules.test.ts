/** Which requests are taken at all: addresses, verbs, headers, bodies. */
import { basic, call, DR, login, MAIN, twoArrays } from '../array-support.ts';

const LONG = `/v1/objects/storages/${MAIN}`;
const LABEL = { label: 'x' };

describe('addresses', () => {
  it('have a long and a short form that answer alike', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const short = await client.get('/v1/objects/ldevs/1000');
    const long = await client.get(`${LONG}/ldevs/1000`);
    expect(long.body).toEqual(short.body);
    expect(short.body.ldevId).toBe(1000);
  });

  it.each([
    ['another storage system', `/v1/objects/storages/${DR}/ldevs/1000`],
    [
      'a service of another storage system',
      `/v1/${DR}/services/resource-group-service/actions/lock`,
    ],
    ['an unknown type', '/v1/objects/nonsense'],
    ['an unknown service', '/v1/services/nonsense/actions/lock/invoke'],
    ['too deep a path', '/v1/objects/ldevs/1/2/3'],
    ['another version', '/v2/objects/ldevs'],
    ['an unknown action', '/v1/objects/ldevs/1000/actions/nonsense/invoke'],
  ])('of %s are not found', async (_, path) => {
    const { main } = twoArrays();
    const client = await login(main);
    const answer = await client.get(path);
    expect([answer.status, answer.body.messageId]).toEqual([404, 'KART30013-E']);
    expect(answer.body.errorSource).toBe(`/ConfigurationManager${path}`);
  });

  it('take a comma as it is or encoded', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const plain = await client.get('host-groups/CL1-A,1');
    expect(plain.body.hostGroupName).toBe('DRILLBOOK-PAIR');
    expect((await client.get('host-groups/CL1-A%2C1')).body).toEqual(plain.body);
    expect((await client.get('host-groups/CL1-A%ZZ1')).status).toBe(400);
  });

  it('outside of the server are nobody', async () => {
    const { main } = twoArrays();
    const url = 'http://array.main.twin/elsewhere';
    expect((await main.handle({ method: 'GET', url, headers: {} })).status).toBe(404);
  });
});

describe('the version', () => {
  it('is told to everybody, and only told', async () => {
    const { main } = twoArrays();
    const told = await call(main, ['GET', '/configuration/version']);
    expect([told.status, told.body.productName]).toEqual([200, 'Drillbook twin array']);
    expect((await call(main, ['POST', '/configuration/version'])).status).toBe(405);
  });
});

describe('verbs', () => {
  const expand = 'ldevs/1000/actions/expand/invoke';
  const more = { parameters: { additionalByteFormatCapacity: '1G' } };

  it.each(['POST', 'PUT'])('%s invokes an action', async (method) => {
    const { main } = twoArrays();
    const client = await login(main);
    expect((await client.send(method, expand, more)).status).toBe(202);
  });

  it.each(['PATCH', 'PUT'])('%s changes attributes', async (method) => {
    const { main } = twoArrays();
    const client = await login(main);
    expect((await client.send(method, 'ldevs/1000', LABEL)).status).toBe(202);
    expect((await client.get('ldevs/1000')).body.label).toBe('x');
  });

  it.each([
    ['PATCH', expand],
    ['DELETE', expand],
    ['GET', expand],
    ['POST', 'ldevs/1000/actions/expand'],
    ['POST', 'ldevs/1000'],
    ['PUT', 'ldevs'],
    ['DELETE', 'ldevs'],
    ['POST', 'pools'],
    ['PATCH', 'ports/CL1-A'],
    ['DELETE', 'sessions'],
    ['PUT', 'sessions/1'],
    ['GET', '/v1/services/resource-group-service/actions/lock/invoke'],
  ])('%s on %s is not allowed', async (method, path) => {
    const { main, effects } = twoArrays();
    const client = await login(main);
    expect((await client.send(method, path, method === 'GET' ? undefined : {})).status).toBe(405);
    expect(effects).toEqual([]);
  });

  it('GET without invoke answers the template of an action', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const template = await client.get('ldevs/1000/actions/expand');
    expect(template.body).toEqual({
      parameters: { additionalByteFormatCapacity: null, additionalBlockCapacity: null },
    });
    expect((await client.get('ldevs/1000/actions/discard-zero-page')).status).toBe(200);
  });
});

describe('headers', () => {
  it.each([
    [406, { accept: 'text/html' }],
    [415, { 'content-type': 'text/plain' }],
    [411, { 'transfer-encoding': 'chunked' }],
    [417, { expect: 'something' }],
    [400, { 'response-job-status': 'Completed;', 'response-max-wait': 'long' }],
  ])('%s for %j', async (status, headers) => {
    const { main, effects } = twoArrays();
    const client = await login(main);
    expect((await client.send('PATCH', 'ldevs/1000', LABEL, headers)).status).toBe(status);
    expect(effects).toEqual([]);
    expect((await client.get('ldevs/1000')).body.label).toBe('PVOL-1');
  });

  it.each(['application/json', '*/*', 'application/*', 'text/html, application/json;q=0.9'])(
    'accept %s',
    async (accept) => {
      const { main } = twoArrays();
      const client = await login(main);
      expect((await client.get('ldevs/1000', { accept })).status).toBe(200);
    },
  );

  it('of every answer say that it is simulated, and the time of the array', async () => {
    const { main, clock } = twoArrays();
    const answers = [
      await call(main, ['GET', '/configuration/version']),
      await call(main, ['GET', '/v1/objects/ldevs/1']),
      await call(main, ['GET', '/elsewhere'], { headers: { authorization: basic() } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404]);
    for (const { headers } of answers) {
      expect(headers['x-simulator']).toBe('true');
      expect(headers['date']).toBe(new Date(clock.now()).toUTCString());
    }
  });
});

describe('bodies', () => {
  it.each(['{', '"text"', '[]', 'null and more'])('that are %s are refused', async (body) => {
    const { main, effects } = twoArrays();
    const client = await login(main);
    expect((await client.send('PATCH', 'ldevs/1000', body)).status).toBe(400);
    expect(effects).toEqual([]);
  });

  it('with words that are not known are refused', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const answer = await client.send('PATCH', 'ldevs/1000', { label: 'x', colour: 'red' });
    expect([answer.status, answer.body.solutionType]).toEqual([400, 'SEE_ERROR_DETAIL']);
    expect(answer.body.message).toContain('colour');
    expect(answer.body).not.toHaveProperty('errorCode');
  });
});
