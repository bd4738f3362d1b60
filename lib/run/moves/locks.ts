/**
 * Who may touch a protection unit: one run at a time, under an epoch that rises with every taking.
 * The store decides among the workers of one control plane, the gateways among control planes.
 */
import type { Plan } from '../../runbook/plan.ts';
import type { LockItem } from '../../store/store.ts';
import type { Engine } from '../engine.ts';
import { RunError } from '../errors.ts';
import { rankOf } from '../ranks.ts';
import { DRILLBOOK, openSession, type Session } from '../session.ts';
import { LAST_HOLDERS, unitClaim } from './claims.ts';
import { closeRun, endRun } from './end.ts';
import type { Pace } from './pace.ts';

/** The lock as it is, and the item it must still be when it is replaced. */
interface Held extends LockItem {
  readonly item: LockItem | undefined;
}

/**
 * Takes the unit when it is free; asks for it when a lower rank holds it, and takes it from that one
 * once this run is approved. Equal and higher ranks are not disturbed: this run then ends. Only when
 * the plan is in the journal: whoever ends the run must be able to give back what it holds.
 */
export async function lockUnit(session: Session): Promise<Pace> {
  const { engine, run } = session;
  const plan = session.plan();
  if (plan === undefined) return { next: 'again' };
  const now = await look(engine, plan.unit);
  if (now.item?.run === run) {
    // Taken by a worker that died before it could say so.
    await journalTaken(session, plan, { epoch: now.epoch, from: session.state().wanted });
    return { next: 'again' };
  }
  const held = now.run !== '' && now.run !== run && (await isOpen(engine, now.run));
  if (held && now.rank >= rankOf(plan.drillType)) return turnedDown(session, plan, now.run);
  if (held && session.state().approval?.state !== 'complete') {
    const data = { unit: plan.unit, epoch: now.epoch, state: 'wanted', from: now.run } as const;
    await session.append({ type: 'lock', actor: DRILLBOOK, data });
    return { next: 'again' };
  }
  await take(session, plan, { before: now, from: held ? now.run : undefined });
  return { next: 'again' };
}

/** Somebody else may be faster: then nothing is journaled, and the lock is looked at anew. */
async function take(
  session: Session,
  plan: Plan,
  at: { readonly before: Held; readonly from: string | undefined; readonly above?: number },
): Promise<void> {
  const epoch = Math.max(at.before.epoch, at.above ?? 0) + 1;
  const next = { epoch, run: session.run, rank: rankOf(plan.drillType) };
  if (await session.engine.store.putLock(plan.unit, next, at.before.item)) {
    await journalTaken(session, plan, { epoch, from: at.from });
    // The sweeper goes there next: who has lost should not hear it by chance.
    if (at.from !== undefined) await session.engine.store.putDue(at.from, 0);
  }
}

async function journalTaken(
  session: Session,
  plan: Plan,
  { epoch, from }: { readonly epoch: number; readonly from: string | undefined },
): Promise<void> {
  const data = {
    unit: plan.unit,
    epoch,
    state: 'taken' as const,
    rank: rankOf(plan.drillType),
    ...(from === undefined ? {} : { from }),
  };
  await session.append({ type: 'lock', actor: DRILLBOOK, data });
}

async function turnedDown(session: Session, plan: Plan, holder: string): Promise<Pace> {
  const what = `Copy groups ${plan.unit} are taken.`;
  const busy = new RunError('RUN-SERVICE-BUSY', what, `Run ${holder} holds them.`);
  await endRun(session, 'failed', [busy.message]);
  return { next: 'again' };
}

async function look(engine: Engine, unit: string): Promise<Held> {
  const item = await engine.store.lock(unit);
  if (item !== undefined) return { item, ...item };
  const run = (await engine.store.holder(unitClaim(unit))) ?? '';
  return { item, run, epoch: run === '' ? 0 : 1, rank: 0 };
}

/** A holder that has ended and died before it gave back what it held is closed on the way. */
export async function isOpen(engine: Engine, run: string): Promise<boolean> {
  const other = await openSession(engine, run);
  const { ended } = other.state();
  if (ended !== undefined) await closeRun(other);
  // One without a journal is about to open.
  return ended === undefined;
}

/**
 * Reads the lock before anything is handed over: when it belongs to another run, this one has lost.
 * The gateways refuse its calls in any case; this is how it comes to know.
 */
export async function noticeLoss(session: Session): Promise<void> {
  const { locked, epoch, ended } = session.state();
  const unit = session.plan()?.unit;
  if (!locked || ended !== undefined || unit === undefined) return;
  const now = await session.engine.store.lock(unit);
  if (now === undefined || now.epoch <= epoch) return;
  if (now.run === session.run) {
    // Raised by a worker that died before it could say so.
    const plan = session.plan();
    if (plan !== undefined)
      await journalTaken(session, plan, { epoch: now.epoch, from: undefined });
    return;
  }
  const by = now.run === '' ? await session.engine.store.note(LAST_HOLDERS, unit) : now.run;
  await lose(session, { unit, epoch: now.epoch, by: by ?? '' });
}

/** `by` is empty when nobody here knows the holder's name. */
export async function lose(
  session: Session,
  to: { readonly unit: string; readonly epoch: number; readonly by: string },
): Promise<void> {
  await session.append({ type: 'run.pre-empted', actor: DRILLBOOK, data: to });
}

/** Takes the unit again above an epoch that a gateway has seen from a lower rank elsewhere. */
export async function rise(
  session: Session,
  above: { readonly epoch: number; readonly run: string },
): Promise<void> {
  const plan = session.plan();
  if (plan === undefined) return;
  const before = await look(session.engine, plan.unit);
  if (before.item?.run !== session.run) return noticeLoss(session);
  await take(session, plan, { before, from: above.run, above: above.epoch });
}
