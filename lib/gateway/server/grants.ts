/**
 * Grants: the yes of one gateway to one call of another. The giver holds the plan, the approvals and
 * the epoch against its own disk and reads its own guards; the yes holds for one key and 20 seconds.
 */
import { worseOf } from '../../runbook/plan.ts';
import { peerArrayOf } from '../../vsp/danger.ts';
import { GatewayError } from '../errors.ts';
import { signGrant, verifyGrant } from '../grant.ts';
import { callKey } from '../keys.ts';
import type { Grant } from '../protocol.ts';
import type { GrantAnswer, GrantAsk } from '../protocol-peers.ts';
import { openSession, sealSession } from '../sealed.ts';
import { assertMayGrant, type Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { readGuardList } from './guards.ts';
import type { Leave } from './isolation.ts';
import { dangerHere } from './plans.ts';

const GRANT_MS = 20_000;
/** A lent session outlives the grant by this, so that a call under it is not cut off. */
const LINGER_MS = 5_000;

/** The asker's side. The session is in memory for this one call and nowhere else. */
export async function askGrant(
  parts: Parts,
  put: Put,
  needed: { readonly site: string; readonly session: boolean },
): Promise<Leave> {
  const { planHash, callId, attempt, epoch } = put.body;
  const { site } = needed;
  const ask: GrantAsk = { planHash, callId, attempt, key: put.key, epoch };
  const { grant, session: lent } = await parts.peers.ask(site, ask);
  const { folder, clock } = parts;
  const publicKey = folder.trust.peers.find((peer) => peer.site === site)?.publicKey;
  const to = folder.settings.site;
  const wanted = { key: put.key, planHash, callId, epoch, site, to };
  const same = Object.entries(wanted).every(
    ([name, value]) => grant[name as keyof Grant] === value,
  );
  if (publicKey === undefined || !same || !verifyGrant(grant, publicKey)) {
    throw refusal(callId, 'It is for another call, or not signed by that gateway.');
  }
  if (grant.notAfter > clock.now() + 2 * GRANT_MS) throw refusal(callId, 'It holds too long.');
  assertGrantHolds(grant, clock.now());
  if (!needed.session) return { grant };
  const use = { key: put.key, callId, site, to };
  const session = lent === undefined ? undefined : openSession(lent, folder.key.privateKey, use);
  if (session === undefined) throw refusal(callId, 'It brings no session of its array for us.');
  return { grant, session };
}

/** Throws GW-GRANT once its time is over. */
export function assertGrantHolds({ callId, notAfter }: Grant, now: number): void {
  if (now > notAfter) throw refusal(callId, `Its time ended ${now - notAfter} ms ago.`);
}

const refusal = (callId: string, why: string): GatewayError =>
  new GatewayError('GW-GRANT', `The grant for ${callId} does not count.`, { why });

/**
 * The giver's side; `to` is who knocked. Rejects with the reason for which it would not send the
 * call itself, with GW-GRANT-USED, GW-GUARD or GW-LEND.
 */
export async function giveGrant(parts: Parts, to: string, ask: GrantAsk): Promise<GrantAnswer> {
  const { book, clock, folder } = parts;
  parts.peers.assertHeard(to);
  const { planHash, callId, attempt, key, epoch } = ask;
  const plan = book.plan(planHash);
  if (plan === undefined) throw new GatewayError('GW-PLAN-UNKNOWN', 'The plan is not known here.');
  const call = plan.calls.find(({ id }) => id === callId);
  if (call === undefined || call.site !== to) {
    throw new GatewayError('GW-CALL-SITE', `${callId} is no call of ${to} in this plan.`);
  }
  if (key !== callKey({ run: plan.run, callId, attempt })) {
    throw new GatewayError('GW-KEY', `The key does not name attempt ${attempt} of ${callId}.`);
  }
  const danger = worseOf(call.class, dangerHere(parts, plan, call));
  const check = () => {
    assertMayGrant(parts, { plan, planHash, call, epoch, danger });
    const isGiven = book.coming().some((one) => one.type === 'grant' && one.grant.key === key);
    if (isGiven || book.abroad.grants.has(key)) {
      throw new GatewayError('GW-GRANT-USED', `Attempt ${attempt} of ${callId} was granted.`);
    }
  };
  check();
  const guards = await readGuardList(parts, callId, call.grant?.guards ?? []);
  const peerArray = call.target.startsWith('array:') ? peerArrayOf(call) : undefined;
  const lendMs = GRANT_MS + LINGER_MS;
  const token = peerArray === undefined ? undefined : await parts.lender.lend(peerArray, lendMs);
  // Reading took time: what was true before it is asked once more.
  check();
  const site = folder.settings.site;
  const notAfter = clock.now() + GRANT_MS;
  const named = { key, planHash, callId, epoch, site, to, notAfter, guards };
  const grant = signGrant({ v: 1, ...named }, folder.key.privateKey);
  await book.write({ type: 'grant', at: clock.now(), unit: plan.unit, grant });
  const publicKey = folder.trust.peers.find((peer) => peer.site === to)?.publicKey;
  if (token === undefined || publicKey === undefined) return { grant };
  return { grant, session: sealSession(token, publicKey, { key, callId, site, to }) };
}
