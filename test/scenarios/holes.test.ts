import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpRequest } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank, shortTries } from '../support/bank.ts';
import { repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const STRANGER = '11111111-2222-4333-8444-555555555555';
const paused = ({ state }: Head) => state === 'paused';
const boots = ({ method, url }: HttpRequest) =>
  method === 'POST' && new URL(url).pathname.endsWith('/servers');

describe('a call whose hole would name something this run did not make (rule 11)', () => {
  it('an answer that names another server: that server is never touched', async () => {
    const deleted: string[] = [];
    let lied = false;
    bank = await openBank({
      between: (_, http) => async (request) => {
        if (request.method === 'DELETE') deleted.push(request.url);
        const answer = await http(request);
        if (lied || !boots(request)) return answer;
        lied = true;
        const body = answer.body.replace(/"id":"[0-9a-f-]{36}"/, `"id":"${STRANGER}"`);
        return { ...answer, body };
      },
    });
    const run = await bank.ask('drill loans');
    await bank.drive(run, ({ asks }) => asks.length > 0);
    expect(lied).toBe(true);
    await bank.press('han', actionIds.abort, run, 'clean up');
    const head = await bank.drive(run, paused);
    expect(deleted.filter((url) => url.includes(STRANGER))).toEqual([]);
    expect(head.state).toBe('paused');
    expect(head.pause?.refusal.why).toContain('GW-HOLE');
  });

  it('a stranger’s server with another key is left alone and does not hinder the end', async () => {
    let lost = false;
    bank = await openBank({
      edit: shortTries,
      between: (_, http) => async (request) => {
        if (lost || !boots(request)) return http(request);
        lost = true;
        await http({
          ...request,
          body: request.body?.replace(/drillbook-[0-9a-f]+/, 'other') ?? '',
        });
        throw new Error('socket hang up');
      },
    });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'boot', refusal: { code: 'RUN-LOST' } });
    await bank.press('han', actionIds.abort, run, 'a foreign server is there');
    const stopped = await bank.drive(run, paused);
    const servers = (await residue(bank, run)).filter((line) => line.startsWith('server'));
    expect(servers).toEqual(['server loan-db1']);
    expect(stopped.result?.result).not.toBe('passed');
    expect(repeated(bank)).toEqual([]);
  });
});
