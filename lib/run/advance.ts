/**
 * Advances a run as far as it can go: load, take in what people asked, decide, perform, append,
 * again, until it must wait. It may be killed at any instruction and called twice at once: what is
 * true is in the journal, and only one writer gets the next line.
 */

import type { Plan } from '../runbook/plan.ts';
import { decide, type Move } from './decide.ts';
import type { Engine } from './engine.ts';
import { JournalMoved, RunError } from './errors.ts';
import type { JournalEvent } from './events.ts';
import type { Head } from './head.ts';
import {
  checkFacts,
  completeApproval,
  deliverApprovals,
  expireApproval,
  registerPlan,
  requestApproval,
} from './moves/approve.ts';
import { settleCalls } from './moves/calls.ts';
import { closeRun, endRun } from './moves/end.ts';
import { announceEpoch, noticeTakeover } from './moves/epochs.ts';
import { takeIn } from './moves/intake.ts';
import { lockUnit, noticeLoss } from './moves/locks.ts';
import { openRun, resolvePlan, turnAway } from './moves/open.ts';
import { type Pace, sooner } from './moves/pace.ts';
import { passOver } from './moves/passing.ts';
import { giveUpSettling, skipStep, startStep, workOn } from './moves/steps.ts';
import { awaitTurn, bindWave, joinApproval } from './moves/waves.ts';
import { DRILLBOOK, isNews, openSession, type Session } from './session.ts';
import { headOf } from './show.ts';
import { dueAt } from './sweep.ts';

/** What a view is shown after each advance. */
export interface Shown {
  readonly head: Head;
  readonly plan: Plan | undefined;
  readonly events: readonly JournalEvent[];
}

export interface Advanced {
  readonly pace: Pace;
  readonly shown: Shown | undefined;
}

/** Works until `untilMs` of the engine's clock at most, then says when to come back. */
export async function advance(engine: Engine, run: string, untilMs: number): Promise<Advanced> {
  const session = await openSession(engine, run);
  let pace: Pace = { next: 'again' };
  try {
    if (session.tail() === undefined) {
      const holder = await begin(session);
      if (holder === undefined) return { pace: { next: 'end' }, shown: undefined };
      if (holder !== run) {
        // Who was refused hears it now, not when the other run has something else to do.
        const { shown } = await advance(engine, holder, untilMs);
        return { pace: { next: 'end' }, shown };
      }
    }
    while (pace.next === 'again' && engine.clock.now() < untilMs) {
      await takeIn(session);
      await noticeLoss(session);
      pace = await perform(session, decide(session.state(), session.plan(), engine.clock.now()));
      if (pace.next !== 'again') pace = await shipBeforeWaiting(session, pace);
    }
  } catch (error) {
    if (!(error instanceof JournalMoved)) throw error;
    pace = { next: 'again' };
  }
  const shown = await publish(session, pace);
  session.close();
  return { pace, shown };
}

/** Opens the run that a wish in the inbox asks for; answers the run that has the wish now. */
async function begin(session: Session): Promise<string | undefined> {
  const { run, engine } = session;
  const [item] = await engine.store.inbox(run);
  const holder = item === undefined ? undefined : await openRun(session, item);
  if (item !== undefined) await engine.store.takeInbox(run, item.delivery);
  if (holder !== run) await engine.store.clearDue(run);
  return holder;
}

async function perform(session: Session, move: Move): Promise<Pace> {
  switch (move.do) {
    case 'start-conductor':
      return startConductor(session);
    case 'turn-away':
      return turnAway(session);
    case 'resolve':
      return resolvePlan(session);
    case 'lock':
      return lockUnit(session);
    case 'register':
      return registerPlan(session, move.site);
    case 'request-approval':
      return requestApproval(session);
    case 'expire':
      return expireApproval(session);
    case 'check-facts':
      return checkFacts(session, move.at);
    case 'complete-approval':
      return completeApproval(session);
    case 'deliver':
      return deliverApprovals(session, move.site);
    case 'bind-wave':
      return bindWave(session);
    case 'join-approval':
      return joinApproval(session);
    case 'await-turn':
      return awaitTurn(session);
    case 'announce':
      return announceEpoch(session, move.site);
    case 'start-step':
      if (onlyHere(session)) await session.ship();
      return startStep(session, move.step, move.attempt);
    case 'skip-step':
      return skipStep(session, move.step);
    case 'work':
      return workOnAll(session, move.steps);
    case 'settle':
      return settleStray(session, move.calls);
    case 'pause':
    case 'deviate':
    case 'begin-undo':
    case 'deliver-skip':
    case 'finish-skip':
      return passOver(session, move);
    case 'give-up-settling':
      return giveUpSettling(session, move.calls);
    case 'end':
      await endRun(session, move.result, reasonsOf(session));
      return { next: 'again' };
    case 'wait':
      return { next: 'wait', ms: Math.max(0, move.until - session.engine.clock.now()) };
    case 'nothing':
      await closeRun(session);
      return { next: 'end' };
  }
}

/** What was done so far is on the gateways' disks; one that has another history may have news. */
async function shipBeforeWaiting(session: Session, pace: Pace): Promise<Pace> {
  await session.ship();
  const gateway = session.contested();
  if (gateway === undefined || session.state().ended !== undefined) return pace;
  await noticeTakeover(session, gateway);
  return session.state().preempted === undefined ? pace : { next: 'again' };
}

/** Since the last step began something was found that no gateway knows: the journal alone says it. */
function onlyHere(session: Session): boolean {
  const calls = session.plan()?.calls ?? [];
  const events = session.events();
  const before = events.findLastIndex(({ type }) => type === 'step.started');
  return events.slice(before + 1).some((event) => {
    if (event.type !== 'step.finished') return isNews(event);
    return calls.every(({ step }) => step !== event.data.step);
  });
}

async function startConductor(session: Session): Promise<Pace> {
  const data = { generation: 1 };
  await session.append({ type: 'conductor.started', actor: DRILLBOOK, data });
  return { next: 'again' };
}

async function workOnAll(session: Session, steps: readonly string[]): Promise<Pace> {
  const paces: Pace[] = [];
  for (const step of steps) paces.push(await workOn(session, step));
  return sooner(paces);
}

/** Calls of steps nobody works on: a gateway that must not be believed is no reason to fail here. */
async function settleStray(session: Session, calls: readonly string[]): Promise<Pace> {
  try {
    const pace = await settleCalls(session, calls);
    // With a pause there is no hurry: a person looks first.
    const calm = pace.next === 'wait' && session.state().paused !== undefined;
    return calm ? { next: 'wait', ms: Math.max(pace.ms, 60_000) } : pace;
  } catch (error) {
    if (error instanceof RunError) return { next: 'wait', ms: 60_000 };
    throw error;
  }
}

function reasonsOf(session: Session): string[] {
  const { aborted, approval, failures } = session.state();
  return [
    ...(approval?.state === 'voided' ? approval.diff : []),
    ...(approval?.state === 'expired' ? ['The approvals were not complete in time.'] : []),
    ...(aborted === undefined ? [] : [aborted.reason]),
    ...failures,
  ];
}

/** The head is a cache: written when it is newer, rebuilt at any time. */
async function publish(session: Session, pace: Pace): Promise<Shown | undefined> {
  const tail = session.tail();
  const head = headOf(session);
  if (tail === undefined || head === undefined) return undefined;
  await session.engine.store.putHead({
    run: session.run,
    seq: tail.seq,
    json: JSON.stringify(head),
  });
  const { store, clock } = session.engine;
  await store.putDue(session.run, dueAt(pace, clock.now()));
  return { head, plan: session.plan(), events: session.events() };
}
