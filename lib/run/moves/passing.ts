/** What follows a failure or a wish to skip: a pause, a deviation, undo, or the skip. */
import { signStatement } from '../../approval/statement.ts';
import { GatewayRefused, GatewayUnreachable } from '../../gateway/errors.ts';
import type { SignedStatement } from '../../gateway/protocol.ts';
import { sitesAsked } from '../../runbook/plan.ts';
import type { Move } from '../decide.ts';
import { DRILLBOOK, type Session } from '../session.ts';
import type { Pace } from './pace.ts';
import { finish } from './steps.ts';

const RETRY_MS = 5_000;
/** Role in which people skip a step; what is above class `copy` gateways do not let go for it. */
const ROLE = 'operator';

type Passing = Extract<
  Move,
  { readonly do: 'pause' | 'deviate' | 'begin-undo' | 'deliver-skip' | 'finish-skip' }
>;

export async function passOver(session: Session, move: Passing): Promise<Pace> {
  switch (move.do) {
    case 'pause': {
      const data = { step: move.step, refusal: move.refusal };
      await session.append({ type: 'run.paused', actor: DRILLBOOK, data });
      return { next: 'again' };
    }
    case 'deviate':
      return finish(session, move.step, { result: 'deviated', reason: move.reason });
    case 'begin-undo':
      return beginUndo(session, move);
    case 'deliver-skip':
      return deliverSkip(session, move.step, move.site);
    case 'finish-skip': {
      const reason = session.state().skips[move.step]?.reason ?? '';
      return finish(session, move.step, { result: 'skipped', reason });
    }
  }
}

/** Forward is closed for good. */
async function beginUndo(
  session: Session,
  { step, reason }: { readonly step?: string; readonly reason: string },
): Promise<Pace> {
  const data = { ...(step === undefined ? {} : { step }), reason };
  await session.append({ type: 'undo.started', actor: DRILLBOOK, data });
  return { next: 'again' };
}

/** A gateway verifies the signatures itself; one that does not agree ends the wish. */
async function deliverSkip(session: Session, step: string, site: string): Promise<Pace> {
  const gateway = session.engine.gateways.get(site);
  const planHash = session.state().plan?.hash;
  if (gateway === undefined || planHash === undefined) return { next: 'wait', ms: RETRY_MS };
  try {
    await gateway.skip({ planHash, step, statements: statementsOf(session, step) });
    await session.append({
      type: 'skip.delivered',
      actor: { id: `gateway:${site}`, kind: 'system' },
      data: { step, site },
    });
  } catch (error) {
    if (error instanceof GatewayUnreachable) return { next: 'wait', ms: RETRY_MS };
    if (!(error instanceof GatewayRefused)) throw error;
    const { code, what, why } = error.toRefusal();
    const reason = `Gateway ${site}: ${code}: ${what} ${why}`.trim();
    const data = { step, person: DRILLBOOK.id, reason };
    await session.append({ type: 'skip.declined', actor: DRILLBOOK, data });
  }
  return { next: 'again' };
}

/** Made anew from the journal each time: same wish, same statements. */
function statementsOf(session: Session, step: string): SignedStatement[] {
  const plan = session.plan();
  const { skips, plan: known } = session.state();
  const skip = skips[step];
  if (plan === undefined || known === undefined || skip === undefined) return [];
  const people = [skip.person, ...(skip.second === undefined ? [] : [skip.second])];
  return people.map((person) =>
    signStatement(
      {
        v: 1,
        run: session.run,
        planHash: known.hash,
        factsHash: plan.factsHash,
        decision: 'skip',
        step,
        person,
        role: ROLE,
        class: plan.class,
        gateways: sitesAsked(plan),
        notAfter: (skip.confirmedAt ?? skip.at) + plan.approval.expiresMs,
        nonce: skip.wish,
      },
      session.engine.witness,
    ),
  );
}
