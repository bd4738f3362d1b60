/** A call of two gateways: nobody's yes can be left out, used twice, or taken for another call. */
import * as z from 'zod';
import { canonical, hashOf } from '../../lib/canonical.ts';
import { openExchange } from '../../lib/gateway/client.ts';
import { signGrant } from '../../lib/gateway/grant.ts';
import { callKey, fingerprint } from '../../lib/gateway/keys.ts';
import type { Grant } from '../../lib/gateway/protocol.ts';
import type { GrantAnswer } from '../../lib/gateway/protocol-peers.ts';
import { verifyReceipt } from '../../lib/gateway/receipt.ts';
import { openSession, sealSession } from '../../lib/gateway/sealed.ts';
import { type MessageSigner, signAnswer } from '../../lib/gateway/signatures.ts';
import { seededRandom } from '../../lib/random.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { callAt, LENT, openPair, type PairHouse, pairs, remoteGroup } from './pair.ts';
import { drillPlan } from './plan.ts';
import { codeOf, keys, newPair } from './support.ts';

const takeover = callAt('dr', {
  ...{ id: 'take.over', step: 'take', class: 'takeover' },
  path: remoteGroup('dr', 'half', 'takeover'),
  body: { parameters: { mode: 'forceSplit' } },
});
const swap = callAt('dr', {
  ...{ id: 'swap.resync', step: 'swap', class: 'takeover' },
  path: remoteGroup('dr', 'whole', 'resync'),
  body: { parameters: { replicationType: 'UR', doSwapSvol: true } },
});
const planOf = (calls: Plan['calls'], change: Partial<Plan> = {}): Plan =>
  drillPlan({ class: 'takeover', calls, ...change });
const plan = planOf([takeover, swap]);

const GRANTS = '/v1/grants';

describe('a call of class data or above', () => {
  test('is sent with the yes of the other gateway, which stands on both disks and in the receipt', async () => {
    const house = openPair();
    await house.open(plan);
    expect(await house.put(plan, 'take.over')).toBe('accepted');
    expect(house.changes('dr')).toEqual([`PUT /ConfigurationManager${takeover.path}`]);
    const { receipt } = await house.asks(plan, 'take.over');
    if (receipt === undefined) throw new Error('no receipt');
    expect(verifyReceipt(receipt, keys.own.publicKey)).toBe(true);
    expect(receipt.simulated).toBe(true);
    expect(receipt.grant).toMatchObject({
      ...{ site: 'main', to: 'dr', callId: 'take.over', epoch: 1, planHash: hashOf(plan) },
      key: receipt.key,
    });
    expect(house.entries('main', 'grant')).toMatchObject([{ grant: receipt.grant }]);
    expect(house.entries('dr', 'accepted')).toMatchObject([{ grant: receipt.grant }]);
  });

  test('cannot leave the grant out of the plan, nor name a gateway that trust.yml has not', async () => {
    for (const grant of [
      undefined,
      { site: 'nowhere', guards: [], session: false },
      { site: 'dr', guards: [], session: false },
    ]) {
      const house = openPair();
      const bare = planOf([grant === undefined ? takeover : { ...takeover, grant }], {
        sites: ['dr'],
      });
      await house.open(bare, ['dr']);
      // Main never heard of the plan: its no is the end of it.
      expect(await house.put(bare, 'take.over')).toBe('GW-GRANT-REFUSED');
      expect(house.changes('dr')).toEqual([]);
    }
  });

  test('is refused by the other gateway for each reason it would have itself', async () => {
    const refusedFor = async (prepare: (house: PairHouse) => Promise<void>, one = plan) => {
      const house = openPair();
      await prepare(house);
      const code = await house.put(one, 'take.over');
      expect(house.changes('dr')).toEqual([]);
      expect(house.entries('dr', 'accepted')).toEqual([]);
      return code;
    };
    const unregistered = refusedFor((house) => house.open(plan, ['dr']));
    expect(await unregistered).toBe('GW-GRANT-REFUSED');
    const onlyCopies = async (house: PairHouse) => {
      await house.open(plan, ['dr']);
      await house.open(plan, ['main'], 'copy');
    };
    expect(await refusedFor(onlyCopies)).toBe('GW-GRANT-REFUSED');
    const guard = {
      ...{ id: 'paths', target: 'array:900000040014', predicate: 'remote-paths-down' },
      path: '/v1/objects/storages/900000040014/remotepath-groups',
      args: { storageDeviceId: '900000040015' },
    };
    const guarded = planOf([
      { ...takeover, grant: { site: 'main', guards: [guard], session: false } },
    ]);
    expect(await refusedFor((house) => house.open(guarded), guarded)).toBe('GW-GRANT-REFUSED');
    const later = async (house: PairHouse) => {
      await house.open(plan);
      const other = planOf([takeover], { run: 'r-0000000002' });
      await house.open(other, ['main']);
      await house.gateways.main.announce({
        ...{ unit: plan.unit, epoch: 2, planHash: hashOf(other), run: other.run },
      });
    };
    // Epochs are exchanged before anything: the asker knows it is over without asking.
    expect(await refusedFor(later)).toBe('GW-EPOCH');
  });

  test('is granted once: a second yes to the same key is refused', async () => {
    const house = openPair();
    await house.open(plan);
    let lostOnce = false;
    house.line = (_to, http) => async (request) => {
      const answer = await http(request);
      if (lostOnce || !request.url.endsWith(GRANTS)) return answer;
      lostOnce = true;
      throw new Error('socket hang up');
    };
    expect(await house.put(plan, 'take.over')).toBe('GW-ISOLATED');
    expect(await house.put(plan, 'take.over')).toBe('GW-GRANT-REFUSED');
    await house.asks(plan, 'take.over');
    expect(await house.put(plan, 'take.over', { attempt: 2 })).toBe('accepted');
    expect(house.changes('dr')).toHaveLength(1);
  });

  test('does not count when it expired on the way to the array', async () => {
    const house = openPair();
    await house.open(plan);
    house.line = (_to, http) => async (request) => {
      const answer = await http(request);
      if (request.url.endsWith(GRANTS)) house.clock.advance(20_001);
      return answer;
    };
    expect(await house.put(plan, 'take.over')).toBe('GW-GRANT');
    expect(house.changes('dr')).toEqual([]);
  });

  test('does not count when its time ends while the gateway still looks for itself', async () => {
    const guard = {
      ...{ id: 'paths', target: 'array:900000040015', predicate: 'remote-paths-down' },
      path: '/v1/objects/storages/900000040015/remotepath-groups',
      args: { storageDeviceId: '900000040014' },
    };
    const slow = planOf([{ ...takeover, guards: [guard] }]);
    const house = openPair();
    await house.open(slow);
    let takesMs = 20_001;
    house.look = (_site, path) => {
      if (path.includes('remotepath')) house.clock.advance(takesMs);
      return { data: [{ remoteStorageDeviceId: '900000040014', cuStatus: 'ERR' }] };
    };
    expect(await house.put(slow, 'take.over')).toBe('GW-GRANT');
    expect(house.entries('dr', 'accepted')).toEqual([]);
    takesMs = 10;
    await house.asks(slow, 'take.over');
    expect(await house.put(slow, 'take.over', { attempt: 2 })).toBe('accepted');
  });

  test.each<[string, Partial<Grant>]>([
    ['another call', { callId: 'swap.resync' }],
    ['another key', { key: '0'.repeat(64) }],
    ['another plan', { planHash: '0'.repeat(64) }],
    ['an older epoch', { epoch: 0 }],
    ['another gateway', { to: 'far' }],
    ['a gateway that gives it for somebody else', { site: 'far' }],
    ['an hour', { notAfter: Date.UTC(2027, 0, 1) }],
  ])('a yes for %s does not count, although that gateway signed it', async (_, change) => {
    const house = openPair();
    await house.open(plan);
    const signer = { keyId: 'main', privateKey: pairs.main.privateKey };
    house.line = (_to, http) => async (request) => {
      const answer = await http(request);
      if (!request.url.endsWith(GRANTS)) return answer;
      const { signature: _signature, ...given } = JSON.parse(answer.body).grant as Grant;
      const grant = signGrant({ ...given, ...change }, signer.privateKey);
      const stamp = { signer, createdMs: house.clock.now(), nonce: '00'.repeat(16) };
      const headers = { 'content-type': 'application/json' };
      return signAnswer({ status: 200, headers, body: canonical({ grant }) }, request, stamp);
    };
    expect(await house.put(plan, 'take.over')).toBe('GW-GRANT');
    expect(house.changes('dr')).toEqual([]);
  });

  test('an answer altered on the way, or of another call, is no yes', async () => {
    const house = openPair();
    await house.open(plan);
    let first: string | undefined;
    house.line = (_to, http) => async (request) => {
      const answer = await http(request);
      if (!request.url.endsWith(GRANTS)) return answer;
      const { grant } = JSON.parse(answer.body) as GrantAnswer;
      const altered = canonical({ grant: { ...grant, callId: 'swap.resync' } });
      first = altered;
      return { ...answer, body: altered };
    };
    expect(await house.put(plan, 'take.over')).toBe('GW-ISOLATED');
    expect(first).toBeDefined();
    expect(house.changes('dr')).toEqual([]);
  });
});

describe('a session that is lent', () => {
  test('reaches one call, is ended, and is found nowhere else', async () => {
    const house = openPair();
    await house.open(plan);
    expect(await house.put(plan, 'swap.resync')).toBe('accepted');
    await house.running.main.tidy();
    const ended = ({ site, request }: PairHouse['asked'][number]) =>
      site === 'main' && request.method === 'DELETE';
    expect(house.asked.some(ended)).toBe(false);
    house.clock.advance(25_001);
    await house.running.main.tidy();
    const withToken = house.asked.filter(({ request }) => JSON.stringify(request).includes(LENT));
    expect(withToken.map(({ site, request }) => [site, request.method]).sort()).toEqual([
      ['dr', 'PUT'],
      ['main', 'DELETE'],
    ]);
    const sent = withToken.find(({ site }) => site === 'dr');
    expect(sent?.request.headers['remote-authorization']).toBe(`Session ${LENT}`);
    const { receipt } = await house.asks(plan, 'swap.resync');
    const everywhere = [
      ...house.disks.main.lines,
      ...house.disks.dr.lines,
      ...house.said,
      ...house.between.map(({ text }) => text),
      JSON.stringify(receipt),
    ];
    expect(house.between.some(({ text }) => text.includes('sealed'))).toBe(true);
    for (const text of everywhere) expect(text).not.toContain(LENT);
    for (const text of [...house.disks.main.lines, ...house.disks.dr.lines]) {
      expect(text).not.toContain('sealed');
    }
  });

  test('is needed by the gateway’s own table and cannot be had where no user is named', async () => {
    const house = openPair({ main: { arrays: [] } });
    await house.open(plan);
    expect(await house.put(plan, 'swap.resync')).toBe('GW-GRANT-REFUSED');
    expect(house.changes('dr')).toEqual([]);
  });

  test('opens only with the key and for the call that it was sealed for', () => {
    const [asker, other] = [newPair(), newPair()];
    const use = { key: 'k', callId: 'c', site: 'main', to: 'dr' };
    const lent = sealSession('token', asker.publicKey, use);
    expect(openSession(lent, asker.privateKey, use)).toBe('token');
    expect(openSession(lent, other.privateKey, use)).toBeUndefined();
    for (const name of ['key', 'callId', 'site', 'to'] as const) {
      expect(openSession(lent, asker.privateKey, { ...use, [name]: 'x' })).toBeUndefined();
    }
    const short = { ...lent, sealed: lent.sealed.slice(0, 8) };
    expect(openSession(short, asker.privateKey, use)).toBeUndefined();
    const weak = { ...lent, publicKey: newPair('P-384').publicKey };
    expect(openSession(weak, asker.privateKey, use)).toBeUndefined();
  });
});

test('a control plane cannot speak for a gateway, and a gateway cannot put calls', async () => {
  const house = openPair();
  await house.open(plan);
  const chance = seededRandom('knocks');
  const knock = (signer: MessageSigner, path: string, body: unknown) =>
    codeOf(
      openExchange({
        ...{ site: 'main', url: 'http://127.0.0.1:4710', gatewayKey: pairs.main.publicKey },
        ...{ http: house.running.main.handle, clock: house.clock, signer },
        random: chance,
      })({ method: 'POST', path, body, schema: z.unknown() }),
    );
  const control = { keyId: 'control', privateKey: keys.control.privateKey };
  const peer = { keyId: fingerprint(pairs.dr.publicKey), privateKey: pairs.dr.privateKey };
  expect(await knock(control, '/v1/peers/epochs', { epochs: [] })).toBe('GW-PEER-DOOR');
  expect(await knock(control, GRANTS, {})).toBe('GW-PEER-DOOR');
  expect(await knock(peer, '/v1/asks', { key: '0'.repeat(64) })).toBe('GW-PEER-DOOR');
  expect(await knock(peer, '/v1/epochs', {})).toBe('GW-PEER-DOOR');
  expect(await knock(peer, '/v1/peers/epochs', { epochs: [] })).toBe('was not refused');
  // A yes is only for a gateway that told its epochs, and only to a call of its own.
  const ask = { planHash: hashOf(plan), callId: 'take.over', attempt: 1, epoch: 1 };
  const key = callKey({ run: plan.run, callId: 'take.over', attempt: 1 });
  expect(await knock(peer, GRANTS, { ...ask, key: '0'.repeat(64) })).toBe('GW-KEY');
  expect(await knock(peer, GRANTS, { ...ask, callId: 'other', key })).toBe('GW-CALL-SITE');
  house.restart('main');
  expect(await knock(peer, GRANTS, { ...ask, key })).toBe('GW-PEER-EPOCHS');
});
