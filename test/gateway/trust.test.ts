/** trust.yml changes at the gateway, by two people it already names, and in no other way. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { Terminal } from '../../lib/gateway/cli/command.ts';
import { runGateway } from '../../lib/gateway/cli/index.ts';
import { orderHash } from '../../lib/gateway/orders.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway, type RunningGateway } from '../../lib/gateway/server/gateway.ts';
import { answerTo, layOrder } from '../../lib/gateway/server/orders.ts';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import { parseTrust, type Trust, trustDiff } from '../../lib/gateway/trust.ts';
import { seededRandom } from '../../lib/random.ts';
import { kim, lee, mallory, pairOf, park, trustOf } from './people.ts';
import { codeOf, gatewayFolder, keys, newPair } from './support.ts';

let home: string;
let clock: ManualClock;
let out: string[];
let typed: string | undefined;

const file = (name: string): string => join(home, name);
const put = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 });
const inForce = (): Trust =>
  parseTrust({ file: 't', text: readFileSync(file('trust.yml'), 'utf8') });

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gateway-trust-'));
  clock = manualClock();
  [out, typed] = [[], undefined];
  const { settings, cloud } = gatewayFolder();
  // No port of this machine: while nothing listens there, orders are carried out at once.
  const listen = { host: '127.0.0.1', port: 47_211 };
  put('gateway.yml', JSON.stringify({ ...settings, listen }));
  put('clouds.yaml', JSON.stringify({ clouds: { dr: cloud } }));
  put('trust.yml', JSON.stringify(trustOf()));
  put('key.pem', keys.own.privateKey);
  for (const id of [lee, park, kim, mallory]) put(`${id}.pem`, pairOf(id).privateKey);
  await (await start()).close();
});
afterEach(() => rmSync(home, { recursive: true }));

async function start(): Promise<RunningGateway> {
  const deps = { clock, random: seededRandom('trust'), say: (text: string) => void out.push(text) };
  const folder = await loadGatewayFolder(home);
  const disk = await openDisk({ folder: file('disk'), site: 'dr', ...deps });
  const http = () => Promise.reject(new Error('nobody is asked here'));
  const running = createGateway({ folder, disk, http, ...deps });
  await running.settle().catch(async (error: unknown) => {
    await running.close();
    throw error;
  });
  return running;
}

async function gateway(...args: readonly string[]): Promise<number> {
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void out.push(text),
    clock,
    random: seededRandom('terminal'),
    stop: new AbortController().signal,
    onHangUp: () => {},
    ask: async () => typed ?? '',
  };
  return runGateway(args, terminal);
}

const said = (): string => out.join('\n');
const wordsSaid = (): string =>
  /word code[: ]+"?([a-z]+ [a-z]+ [a-z]+ [a-z]+)/.exec(said())?.[1] ?? '';

/** Kim may approve as well from now on. */
const wanted = (): Trust =>
  trustOf({
    people: trustOf().people.map((one) =>
      one.id === kim ? { ...one, roles: ['operator', 'dr-approver'] } : one,
    ),
  });

async function proposed(next: Trust = wanted()): Promise<string> {
  put('new.yml', JSON.stringify(next));
  await gateway('trust', 'propose', home, file('new.yml'), '--out', file('p.json'));
  typed = wordsSaid();
  return file('p.json');
}

const signs = (person: string, key = `${person}.pem`) =>
  gateway('trust', 'sign', home, file('p.json'), '--as', person, '--key', file(key));
const applies = (...people: readonly string[]) =>
  gateway(
    ...['trust', 'apply', home, file('p.json')],
    ...people.flatMap((id) => ['--signature', file(`p.json.${id}.sig`)]),
  );

test('two people change it, and read before they sign what will be different', async () => {
  await proposed();
  expect(said()).toContain(`- person ${kim}: operator\n+ person ${kim}: dr-approver, operator`);
  expect(await signs(lee)).toBe(0);
  expect(await signs(park)).toBe(0);
  expect(await applies(lee, park)).toBe(0);
  expect(trustDiff(inForce(), wanted())).toEqual([]);
  expect(await gateway('trust', 'show', home)).toBe(0);
  expect(said()).toContain(`by ${lee} and ${park}`);
  await (await start()).close();
});

test('an order that was carried out is not said to be done when something else is in force', async () => {
  const turn = async (next: Trust) => {
    out.length = 0;
    await proposed(next);
    await signs(lee);
    await signs(park);
    return applies(lee, park);
  };
  expect(await turn(wanted())).toBe(0);
  expect(await applies(lee, park)).toBe(0);
  expect(await turn(trustOf())).toBe(0);
  expect(await turn(wanted())).toBe(1);
  expect(said()).toContain('GW-ORDER');
  expect(trustDiff(inForce(), trustOf())).toEqual([]);
});

test('what is in force is not called undone because the file could not be written', async () => {
  mkdirSync(file('trust.yml.new'));
  await proposed();
  await signs(lee);
  await signs(park);
  expect(await applies(lee, park)).toBe(0);
  expect(said()).toContain('GW-TRUST');
  rmSync(file('trust.yml.new'), { recursive: true });
  await (await start()).close();
  expect(trustDiff(inForce(), wanted())).toEqual([]);
});

test('one person, one twice, a stranger, or a key that is not the person’s do not', async () => {
  await proposed();
  await signs(lee);
  expect(await applies(lee)).toBe(1);
  expect(await applies(lee, lee)).toBe(1);
  expect(await signs(mallory)).toBe(1);
  expect(await signs(park, `${lee}.pem`)).toBe(1);
  expect(await signs(kim)).toBe(1);
  expect(said()).toContain('GW-ORDER-PEOPLE');
  expect(trustDiff(inForce(), trustOf())).toEqual([]);
});

test('nothing is signed by who does not type the words, or whose key file others can read', async () => {
  await proposed();
  typed = 'four words not these';
  expect(await signs(lee)).toBe(1);
  expect(said()).toContain('GW-CONFIRM');
  writeFileSync(file('open.pem'), pairOf(lee).privateKey, { mode: 0o644 });
  expect(await signs(lee, 'open.pem')).toBe(1);
  expect(said()).toContain('GW-KEY-FILE');
});

test('a proposal that was altered, made for another state, or carried out before, changes nothing', async () => {
  await proposed();
  await signs(lee);
  await signs(park);
  const order = JSON.parse(readFileSync(file('p.json'), 'utf8'));
  const text = JSON.stringify(trustOf({ people: [] }));
  put('p.json', JSON.stringify({ ...order, text }));
  expect(await applies(lee, park)).toBe(1);
  put('p.json', JSON.stringify(order));
  expect(await applies(lee, park)).toBe(0);
  expect(await applies(lee, park)).toBe(0);
  // Back again needs signatures of its own: those for the way there do not count.
  put('p.json', JSON.stringify({ ...order, from: order.to, to: order.from }));
  expect(await applies(lee, park)).toBe(1);
});

test('of two proposals made from one state only the first is carried out', async () => {
  await proposed(trustOf({ rpId: 'bank.example' }));
  await signs(lee);
  await signs(park);
  const first = ['p.json', `p.json.${lee}.sig`, `p.json.${park}.sig`];
  const kept = first.map((name) => readFileSync(file(name), 'utf8'));
  out = [];
  await proposed();
  await signs(lee);
  await signs(park);
  expect(await applies(lee, park)).toBe(0);
  for (const [i, name] of first.entries()) put(name, kept[i] ?? '');
  expect(await applies(lee, park)).toBe(1);
  expect(trustDiff(inForce(), wanted())).toEqual([]);
});

test('a trust that two people could not change any more is not even proposed', async () => {
  const [first] = trustOf().people;
  put('new.yml', JSON.stringify(trustOf({ people: first === undefined ? [] : [first] })));
  expect(await gateway('trust', 'propose', home, file('new.yml'))).toBe(1);
  expect(said()).toContain('GW-ORDER');
});

test('edited by hand the gateway does not start, and says what to do', async () => {
  put('trust.yml', JSON.stringify(wanted()));
  expect(await codeOf(start())).toBe('GW-TRUST');
  out = [];
  await gateway('trust', 'show', home, '--kept');
  put('trust.yml', said());
  await (await start()).close();
});

test('killed between the entry and the file, the next start finishes what was signed', async () => {
  const before = readFileSync(file('trust.yml'), 'utf8');
  await proposed();
  await signs(lee);
  await signs(park);
  await applies(lee, park);
  put('trust.yml', before);
  await (await start()).close();
  expect(trustDiff(inForce(), wanted())).toEqual([]);
});

test('a gateway that runs takes the order from its folder and believes otherwise at once', async () => {
  const running = await start();
  await proposed(trustOf({ controlPlanes: [] }));
  await signs(lee);
  await signs(park);
  const order = JSON.parse(readFileSync(file('p.json'), 'utf8'));
  const signatures = [lee, park].map((id) =>
    JSON.parse(readFileSync(file(`p.json.${id}.sig`), 'utf8')),
  );
  await layOrder(home, { order, signatures: signatures.slice(0, 1) });
  await running.takeOrders();
  expect(await answerTo(home, orderHash(order))).toMatchObject({ done: false });
  expect(inForce().controlPlanes).toHaveLength(1);
  await layOrder(home, { order, signatures });
  await running.takeOrders();
  expect(await answerTo(home, orderHash(order))).toEqual({ done: true, said: '' });
  expect(inForce().controlPlanes).toHaveLength(0);
  await running.close();
});

test.each<[string, Trust]>([
  ['one key for two people', twoOfOne()],
  ['one person twice', trustOf({ people: [...trustOf().people, ...trustOf().people] })],
  ['a person with the key of the control plane', withKey(keys.control.publicKey)],
  ['two keys of one name', withKey(newPair().publicKey, 'control')],
  ['a peer’s key under another name', peerAmongPlanes('control-2')],
  ['a peer’s name with the control plane’s key', peerAmongPlanes('alone-dr', keys.control)],
  ['a peer that is listed twice', listedTwice()],
])('%s is refused', (_name, trust) => {
  expect(() => parseTrust({ file: 'trust.yml', text: JSON.stringify(trust) })).toThrow(/twice/);
});

test('only the gateway of a peer may be listed for the day on which it stands alone', () => {
  const text = JSON.stringify(peerAmongPlanes('alone-dr'));
  const ids = parseTrust({ file: 'trust.yml', text }).controlPlanes.map(({ id }) => id);
  expect(ids).toEqual(['control', 'alone-dr']);
});

function peerAmongPlanes(id: string, key?: { publicKey: string }): Trust {
  const peer = newPair().publicKey;
  const { controlPlanes } = trustOf();
  return trustOf({
    peers: [{ site: 'dr', publicKey: peer }],
    controlPlanes: [...controlPlanes, { id, publicKey: key?.publicKey ?? peer }],
  });
}

function listedTwice(): Trust {
  const trust = peerAmongPlanes('alone-dr');
  return { ...trust, controlPlanes: [...trust.controlPlanes, ...trust.controlPlanes.slice(-1)] };
}

function twoOfOne(): Trust {
  const [key] = trustOf().people.flatMap((one) => one.keys ?? []);
  const people = trustOf().people.map((one) => ({ ...one, ...(key ? { keys: [key] } : {}) }));
  return trustOf({ people });
}

function withKey(publicKey: string, id = 'x'): Trust {
  const [first, ...rest] = trustOf().people;
  if (first === undefined) throw new Error('somebody is enrolled');
  return trustOf({ people: [{ ...first, keys: [{ id, publicKey }] }, ...rest] });
}
