/** Servers of a service that moves: what others do to them meanwhile, and everything taken back. */
import { afterEach, expect, test } from '@jest/globals';
import type { Http, HttpRequest, HttpResponse } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { ordered } from '../support/moves.ts';
import { repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';

/** An administrator of the cloud at a site, past the gateway, with the token it uses. */
function administrator() {
  const known = new Map<string, { http: Http; base: string; token: string }>();
  const listen =
    (site: string, http: Http) =>
    (request: HttpRequest): Promise<HttpResponse> => {
      const token = request.headers['x-auth-token'];
      const [base] = /^.*\/compute\/v2\.1/.exec(request.url) ?? [];
      if (token !== undefined && base !== undefined) known.set(site, { http, base, token });
      return http(request);
    };
  const send = async (site: string, path: string, body?: object) => {
    const { http, base, token } = known.get(site) ?? { http: undefined, base: '', token: '' };
    const answer = await http?.({
      ...{ method: body === undefined ? 'GET' : 'POST', url: `${base}${path}` },
      headers: {
        ...{ 'x-auth-token': token, 'content-type': 'application/json' },
        'openstack-api-version': 'compute 2.79',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return JSON.parse(answer?.body || '{}');
  };
  const servers = async (site: string) =>
    (await send(site, '/servers/detail')).servers.filter(({ name }: { name: string }) =>
      name.startsWith('loan-'),
    ) as { id: string; name: string; status: string; locked: boolean }[];
  const act = async (site: string, name: string, body: object) => {
    const found = (await servers(site)).find((one) => one.name === name);
    await send(site, `/servers/${found?.id}/action`, body);
  };
  return { listen, servers, act };
}

test('a server somebody locked is not stopped; all that was done is taken back on order', async () => {
  const admin = administrator();
  bank = await openBank({ sparing: true, between: admin.listen });
  const run = await ordered(bank, 'switchover', 'loans');
  await admin.act('main', 'loan-db1', { lock: { locked_reason: 'month end' } });
  const held = await bank.drive(run, paused);
  expect(held.pause?.step).toBe('stop');
  expect(held.pause?.refusal.why).toContain('loan-db1 is locked (month end), and not by this run');
  expect((await admin.servers('main')).find(({ name }) => name === 'loan-db1')).toMatchObject({
    ...{ status: 'ACTIVE', locked: true },
  });

  await admin.act('main', 'loan-db1', { unlock: null });
  await bank.press('han', 'drillbook:retry', run, 'it is unlocked');
  const away = await bank.drive(
    run,
    ({ asks, state }) => state === 'paused' || asks.some(({ step }) => step === 'stay'),
  );
  expect(away.pause).toBeUndefined();
  const stopped = (await admin.servers('main')).map(({ status, locked }) => [status, locked]);
  expect(stopped).toEqual([
    ['SHUTOFF', true],
    ['SHUTOFF', true],
  ]);
  expect((await admin.servers('dr')).map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);

  await bank.type('han', `abort ${run} --undo 돌아갑니다`);
  const back = await bank.drive(run, paused);
  expect(back.pause).toBeUndefined();
  expect(back.result?.result).toBe('aborted');
  expect(await admin.servers('dr')).toEqual([]);
  const home = (await admin.servers('main')).map(({ status, locked }) => [status, locked]);
  expect(home).toEqual([
    ['ACTIVE', false],
    ['ACTIVE', false],
  ]);
  const { writers, ...moves } = bank.world.oracle.moves('loans');
  const { active, writing, twoSided, wrongDirection, lost } = moves;
  // What the servers at DR wrote before they were taken back came home with them.
  const atDr = writers.find(({ writer }) => writer === 'loans@dr');
  expect(atDr?.acknowledged).toBeGreaterThan(0);
  expect(atDr?.on['main']).toBe(atDr?.acknowledged);
  expect({ active, writing, twoSided, wrongDirection, lost }).toMatchObject({
    ...{ active: 'main', writing: ['main'], twoSided: [], wrongDirection: [] },
    lost: { onActive: 0, everywhere: 0 },
  });
  expect(repeated(bank).filter((line) => !line.includes('/servers/'))).toEqual([]);
});
