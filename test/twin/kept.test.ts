/** What a killed twin still knows, and what is left when one of several faults is switched off. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { createWorld, originOf } from '../../lib/twin/world.ts';
import { basic } from './array-support.ts';
import { groupId, plan } from './remote/support.ts';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-kept-'));
  const clock = manualClock();
  const centres = { topology: plan(), faults: [] };
  const made = () => createWorld(centres, { clock, random: seededRandom('kept'), folder });
  let world = made();
  const send = async (site: string, line: string, authorization = basic(), body?: unknown) => {
    const [method = '', path = ''] = line.split(' ');
    const { status, body: text } = await world.http({
      method,
      url: `${originOf('array', site)}/ConfigurationManager/v1/objects/${path}`,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status, body: JSON.parse(text) };
  };
  return {
    clock,
    world: () => world,
    /** As kill -9 does it: nothing is said to the process before. */
    kill() {
      world = made();
    },
    send,
    login: async (site: string) =>
      `Session ${(await send(site, 'POST sessions')).body.token as string}`,
  };
}

describe('a killed twin', () => {
  it('knows the sessions that only reading had kept alive', async () => {
    const { clock, kill, send, login } = place();
    const token = await login('main');
    const read = async () => (await send('main', 'GET ldevs/1000', token)).status;
    for (let i = 0; i < 5; i++) {
      clock.advance(180_000);
      expect(await read()).toBe(200);
    }
    kill();
    clock.advance(200_000);
    expect(await read()).toBe(200);
    clock.advance(301_000);
    expect(await read()).toBe(401);
  });

  it.each([
    ['answer-lost', 'x'],
    ['request-lost', ''],
  ] as const)('does not strike %s again', async (name, label) => {
    const { world, kill, send, login } = place();
    const token = await login('main');
    world().fault(name, true, { site: 'main' });
    const change = () => send('main', 'PATCH ldevs/1005', token, { label: 'x' });
    await expect(change()).rejects.toThrow('closed before an answer');
    kill();
    expect(world().faultsOn()).toEqual([]);
    expect((await send('main', 'GET ldevs/1005', token)).body.label ?? '').toBe(label);
    expect((await change()).status).toBe(202);
  });

  it('does not end all sessions again', async () => {
    const { world, kill, send, login } = place();
    const before = await login('main');
    world().fault('sessions-lost', true, { site: 'main' });
    expect((await send('main', 'GET ldevs/1000', before)).status).toBe(401);
    kill();
    expect(world().faultsOn()).toEqual([]);
  });
});

describe('faults that overlap', () => {
  it('on a link leave it down until the last of them is off', async () => {
    const { world, send, login } = place();
    const token = await login('dr');
    const between: [string, string] = ['main', 'dr'];
    const back = async () =>
      (await send('dr', 'GET remotepath-groups', token)).body.data[0].cuStatus;
    world().fault('path-one-way', true, { between });
    world().fault('link-cut', true, { between });
    world().fault('link-cut', false, { between });
    expect(await back()).toBe('ERR');
    world().fault('link-cut', true, { between });
    world().fault('path-one-way', false, { between });
    expect(await back()).toBe('ERR');
    world().fault('link-cut', false, { between });
    expect(await back()).toBe('NML');
  });

  it.each(['replication-suspended', 'partial-group', 'resync-backwards', 'pair-stuck'] as const)(
    'with a takeover: %s is switched off and touches nothing that was taken over',
    async (name) => {
      const { world, send, login } = place();
      const token = await login('dr');
      const local = `remote-mirror-copygroups/${groupId('dr', 'local')}`;
      const wish = { parameters: { mode: 'forceSplit' } };
      const states = async () => {
        const { body } = await send('dr', `GET ${local}`, token);
        return body.copyPairs.map(({ svolStatus }: { svolStatus: string }) => svolStatus);
      };
      world().fault('replication-suspended', true, { service: 'CG' });
      await send('dr', `POST ${local}/actions/takeover/invoke`, token, wish);
      expect(await states()).toEqual(['SSWS', 'SSWS', 'SSWS']);
      world().fault(name, true, { service: 'CG' });
      expect(await states()).toEqual(['SSWS', 'SSWS', 'SSWS']);
      world().fault(name, false, { service: 'CG' });
      expect(await states()).toEqual(['SSWS', 'SSWS', 'SSWS']);
    },
  );
});
