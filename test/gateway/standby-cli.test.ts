/** A standby takes over by the commands people type; the gateway that was left is believed by nobody. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { wordsFor } from '../../lib/approval/words.ts';
import { systemClock } from '../../lib/clock.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import { orderSchema } from '../../lib/gateway/orders.ts';
import { networkHttp } from '../../lib/http.ts';
import { systemRandom } from '../../lib/random.ts';
import { openSight, watchful } from '../../lib/run/watchful.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { type Desk, deskOf, freePort, writeGatewayFolder } from './desk.ts';
import { folderOf, lee, pairOf, park, trustOf } from './people.ts';
import { drillPlan } from './plan.ts';
import { codeOf, keys, newPair, openHouse, URL_OF_GATEWAY } from './support.ts';

const fresh = newPair();
const ports = { old: 0, new: 0 };
let root = '';
let served: { desk: Desk; ended: Promise<number> }[] = [];
const at = (name: string) => join(root, name);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'standby-'));
  for (const name of ['old', 'new'] as const) {
    ports[name] = await freePort();
    await writeGatewayFolder(at(name), { listen: { host: '127.0.0.1', port: ports[name] } });
    await writeFile(at(`${name}/trust.yml`), JSON.stringify(trustOf()));
  }
  await writeFile(at('new/key.pem'), fresh.privateKey, { mode: 0o600 });
  for (const person of [lee, park]) {
    await writeFile(at(person), pairOf(person).privateKey, { mode: 0o600 });
  }
});
afterEach(async () => {
  for (const { desk } of served) desk.stop();
  await Promise.all(served.map(({ ended }) => ended));
  served = [];
  await rm(root, { recursive: true });
});

async function serve(name: 'old' | 'new'): Promise<void> {
  const desk = deskOf();
  served.push({ desk, ended: desk.run('run', at(name)) });
  await desk.said(/listens on/);
}

/** What was said; rejects when the command did not end well. */
async function type(...words: string[]): Promise<string> {
  const desk = deskOf();
  if ((await desk.run(...words)) !== 0) throw new Error(desk.text());
  return desk.text();
}

const store = memoryStore();
const clock = systemClock();
/** The control plane's way to one of them, believing answers under this key. */
function engineTo(name: 'old' | 'new', gatewayKey: string) {
  const sight = openSight(store, 'dr');
  const client = gatewayClient({
    ...{ site: 'dr', url: `http://127.0.0.1:${ports[name]}`, http: networkHttp(), clock },
    ...{ random: systemRandom, gatewayKey, seen: sight.told },
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
  });
  return watchful(client, store, sight);
}

test('exported, taken over, armed by two people; the old one is refused by plane and peer', async () => {
  await serve('old');
  const before = engineTo('old', keys.own.publicKey);
  const { incarnation: ended } = await before.health();
  await type('standby', 'export', at('old'), '--to', at('new'));
  await copyFile(at('old/trust.yml'), at('new/trust.yml'));
  expect(await type('standby', 'take-over', at('new'))).toContain('Nothing is sent from here');
  expect(await type('arm', 'show', at('new'))).toContain('NOT armed');

  const proposal = at('arm.json');
  await type('arm', 'propose', at('new'), '--out', proposal);
  const code = wordsFor(orderSchema.parse(JSON.parse(await readFile(proposal, 'utf8')))).en;
  const sign = (person: string) =>
    type(
      ...['arm', 'sign', at('new'), proposal, '--as', person, '--key', at(person)],
      ...['--confirm', code],
    );
  await sign(lee);
  const one = ['--signature', `${proposal}.${lee}.sig`];
  await expect(type('arm', 'apply', at('new'), proposal, ...one, ...one)).rejects.toThrow(
    'GW-ORDER-PEOPLE',
  );
  await sign(park);
  await type('arm', 'apply', at('new'), proposal, ...one, '--signature', `${proposal}.${park}.sig`);
  expect(await type('arm', 'show', at('new'))).toContain('\narmed');

  await serve('new');
  const after = engineTo('new', fresh.publicKey);
  expect(await after.health()).toMatchObject({ armed: true, ended: [ended] });
  // The old one, still up: under the key of the standby its answers are none, and told what was
  // seen it stops itself, even for somebody who still believed its key.
  const silent = engineTo('old', fresh.publicKey).health();
  expect(await codeOf(silent)).toBe('GW-UNREACHABLE');
  const body = { plan: drillPlan(), runbook: 'x', config: {} };
  const stale = engineTo('old', keys.own.publicKey);
  expect(await codeOf(stale.register(body))).toBe('RUN-GATEWAY-FORGOT');
  expect(await type('arm', 'show', at('old'))).toContain('NOT armed');
  expect(await codeOf(after.register(body))).toBe('was not refused');
});

test('the gateway that serves is not taken over by mistake, and its log stays whole', async () => {
  await serve('old');
  await expect(type('standby', 'take-over', at('old'))).rejects.toThrow('GW-STANDBY');
  await expect(type('standby', 'export', at('old'), '--to', at('old'))).rejects.toThrow(
    'GW-STANDBY',
  );
  expect(await type('arm', 'show', at('old'))).toContain('\narmed');
});

test('a peer that trusts the standby’s key does not hear the old one', async () => {
  const peer = openHouse({
    folder: folderOf({ peers: [{ site: 'main', publicKey: fresh.publicKey }] }),
  });
  const asking = (privateKey: string) =>
    gatewayClient({
      ...{ site: 'dr', url: URL_OF_GATEWAY, http: peer.running.handle, clock: peer.clock },
      ...{ random: systemRandom, gatewayKey: keys.own.publicKey },
      signer: { keyId: fingerprint(privateKey), privateKey },
    }).health();
  expect((await asking(fresh.privateKey)).site).toBe('dr');
  expect(await codeOf(asking(newPair().privateKey))).toBe('GW-SIGNATURE');
});
