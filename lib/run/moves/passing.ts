/** What follows a failure or a wish to skip: a pause, a deviation, undo, or the skip. */
import { skipOfferOf, skipRole } from '../../approval/skip.ts';
import { signStatement } from '../../approval/statement.ts';
import { DrillbookError } from '../../errors.ts';
import { GatewayUnreachable } from '../../gateway/errors.ts';
import type { SignedStatement } from '../../gateway/protocol.ts';
import type { Move } from '../decide.ts';
import { DRILLBOOK, keep, type Session } from '../session.ts';
import type { Pace } from './pace.ts';
import { finish } from './steps.ts';

const RETRY_MS = 5_000;

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

/** A gateway verifies the signatures itself; one that does not agree, or forgot, ends the wish. */
async function deliverSkip(session: Session, step: string, site: string): Promise<Pace> {
  const gateway = session.engine.gateways.get(site);
  const planHash = session.state().plan?.hash;
  if (gateway === undefined || planHash === undefined) return { next: 'wait', ms: RETRY_MS };
  try {
    const statements = statementsOf(session, step);
    await gateway.skip({ planHash, step, statements });
    const text = JSON.stringify(statements);
    await session.append({
      type: 'skip.delivered',
      actor: { id: `gateway:${site}`, kind: 'system' },
      evidence: [await keep(session.engine, { label: `statements-${site}`, text })],
      data: { step, site },
    });
  } catch (error) {
    if (error instanceof GatewayUnreachable) return { next: 'wait', ms: RETRY_MS };
    if (!(error instanceof DrillbookError)) throw error;
    const { code, what, why } = error.toRefusal();
    const reason = `Gateway ${site}: ${code}: ${what} ${why}`.trim();
    const data = { step, person: DRILLBOOK.id, reason };
    await session.append({ type: 'skip.declined', actor: DRILLBOOK, data });
  }
  return { next: 'again' };
}

/** What people signed themselves; else made anew from the journal: same wish, same statements. */
function statementsOf(session: Session, step: string): SignedStatement[] {
  const plan = session.plan();
  const { skips, plan: known } = session.state();
  const skip = skips[step];
  if (plan === undefined || known === undefined || skip?.second === undefined) return [];
  const notAfter = (skip.confirmedAt ?? skip.at) + plan.approval.expiresMs;
  const about = { planHash: known.hash, step, notAfter };
  const witnessed = (person: string, role: string): SignedStatement =>
    signStatement(
      { ...skipOfferOf(plan, { ...about, role }), person, nonce: skip.wish },
      session.engine.witness,
    );
  return [
    skip.signed ?? witnessed(skip.person, skipRole(plan, 'skip')),
    skip.secondSigned ?? witnessed(skip.second, skipRole(plan, 'confirm-skip')),
  ];
}
