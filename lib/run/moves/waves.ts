/** What the members of a wave do together: one list, one approval, one after another. */
import { waveHash } from '../../approval/wave.ts';
import { diffFacts } from '../../runbook/diff.ts';
import { loadRunbook } from '../../runbook/load.ts';
import { sitesAsked } from '../../runbook/plan.ts';
import { isClosing } from '../decide/known.ts';
import { resultOf } from '../decide/result.ts';
import { RunError } from '../errors.ts';
import type { RunResult } from '../event-data.ts';
import type { Recording } from '../reading.ts';
import { DRILLBOOK, openSession, type Session } from '../session.ts';
import { decidedHash, memberRun } from '../waves.ts';
import { endRun } from './end.ts';
import { findService, gatherFacts } from './open.ts';
import { type Pace, RESOLVE_LIMIT_MS } from './pace.ts';

const LOOK_MS = 5_000;
const GOOD: readonly RunResult[] = ['passed', 'conditional'];

/** Journals the list of all members once each has its plan where it is checked. */
export async function bindWave(session: Session): Promise<Pace> {
  const { engine } = session;
  const { opened } = session.state();
  if (opened?.wave === undefined) return { next: 'again' };
  const { id, of } = opened.wave;
  const members = [];
  for (let place = 1; place <= of; place++) {
    const run = memberRun(id, place);
    const { state, plan } = await lookAt(session, run);
    if (state.ended !== undefined)
      return failed(session, `Run ${run} ended ${state.ended.result}.`);
    const known =
      plan !== undefined && sitesAsked(plan).every((one) => state.registered.includes(one));
    if (!known || state.plan === undefined) {
      const late = engine.clock.now() >= opened.at + 2 * RESOLVE_LIMIT_MS;
      const why = `Run ${run}, place ${place} of ${of}, has no plan.`;
      return late ? failed(session, why) : { next: 'wait', ms: LOOK_MS };
    }
    const { service, class: danger, sites } = plan;
    members.push({
      ...{ run, service: service.id, name: service.name },
      ...{ planHash: state.plan.hash, class: danger, sites: [...sites] },
    });
  }
  const hash = waveHash(members.map(({ run, planHash }) => ({ run, planHash })));
  await session.append({ type: 'wave.bound', actor: DRILLBOOK, data: { id, hash, members } });
  return { next: 'again' };
}

/** A member's session: one's own, or read anew. */
async function lookAt(session: Session, run: string) {
  const other = run === session.run ? session : await openSession(session.engine, run);
  return { state: other.state(), plan: other.plan(), events: other.events() };
}

async function failed(session: Session, why: string): Promise<Pace> {
  const error = new RunError('RUN-WAVE', 'The wave does not begin.', why);
  await endRun(session, 'failed', [error.message]);
  return { next: 'again' };
}

/** What people decided of the list at the wave's first run counts for this one: one line at a time. */
export async function joinApproval(session: Session): Promise<Pace> {
  const { wave, approval: own } = session.state();
  const plan = session.plan();
  const [first] = wave?.members ?? [];
  if (wave === undefined || plan === undefined || first === undefined) return { next: 'again' };
  const { state, events } = await lookAt(session, first.run);
  const { approval, ended } = state;
  if (approval?.state !== 'complete') {
    if (ended === undefined) return { next: 'wait', ms: LOOK_MS };
    const same = ['denied', 'expired', 'voided'].includes(ended.result) ? ended.result : 'aborted';
    const why = [`Run ${first.run}, the first of the wave, ended ${ended.result}.`];
    await endRun(session, same, [...why, ...ended.reasons]);
    return { next: 'again' };
  }
  if (approval.planHash !== wave.hash) return failed(session, 'Its first run has another list.');
  const { people, role, expiresAt, planHash } = approval;
  if (own === undefined) {
    const data = { planHash, people, role, expiresAt };
    await session.append({ type: 'approval.requested', actor: DRILLBOOK, data });
    return { next: 'again' };
  }
  for (const { person } of approval.granted) {
    if (own.granted.some((grant) => grant.person === person)) continue;
    const grant = events.findLast(
      (event) => event.type === 'approval.granted' && event.data.person === person,
    );
    if (grant?.type !== 'approval.granted') continue;
    const { type, actor, data } = grant;
    await session.append({ type, actor, data });
    return { next: 'again' };
  }
  await session.append({ type: 'approval.complete', actor: DRILLBOOK, data: { planHash } });
  return { next: 'again' };
}

/**
 * A member begins when the forward part of the one before ended well. When it did not, the wave
 * stands still until a person says that it goes on; when its approval became void, so do all later.
 */
export async function awaitTurn(session: Session): Promise<Pace> {
  const { wave, opened } = session.state();
  const plan = session.plan();
  const before = wave?.members[(opened?.wave?.place ?? 1) - 2];
  if (plan === undefined || before === undefined) return { next: 'again' };
  const { state, plan: theirs } = await lookAt(session, before.run);
  const over = theirs !== undefined && isClosing(state, theirs);
  const result = state.ended?.result ?? (over ? resultOf(state, theirs) : undefined);
  if (result === undefined) return { next: 'wait', ms: LOOK_MS };
  if (GOOD.includes(result) || wasOrdered(session)) {
    const data = { after: before.run, result };
    await session.append({ type: 'wave.turn', actor: DRILLBOOK, data });
  } else if (result === 'voided') {
    const diff = [`${before.service}: the approval became void`, ...(state.approval?.diff ?? [])];
    const data = { planHash: decidedHash(session.state()), diff };
    await session.append({ type: 'approval.voided', actor: DRILLBOOK, data });
  } else {
    const what = `${before.service} comes before ${plan.service.id} in this wave.`;
    const why = `Its run ${before.run} ended ${result}.`;
    const refusal = new RunError('RUN-WAVE', what, why).toRefusal();
    const step = plan.steps.find(({ phase }) => phase === 'forward')?.id ?? '';
    await session.append({ type: 'run.paused', actor: DRILLBOOK, data: { step, refusal } });
  }
  return { next: 'again' };
}

/** A person saw that the one before failed, and ordered this one to go on. */
function wasOrdered(session: Session): boolean {
  const events = session.events();
  const stood = events.findLastIndex(
    (event) => event.type === 'run.paused' && event.data.refusal.code === 'RUN-WAVE',
  );
  return stood >= 0 && events.slice(stood).some(({ type }) => type === 'operator.retry');
}

/** What became worse at the other members since the list was made: it voids the approval of all. */
export async function driftOfWave(session: Session, reads: Recording): Promise<string[]> {
  const { engine, run } = session;
  const lines: string[] = [];
  for (const member of session.state().wave?.members ?? []) {
    if (member.run === run) continue;
    const { plan, state } = await lookAt(session, member.run);
    if (plan === undefined || state.ended !== undefined) {
      lines.push(`${member.service}: run ${member.run} is not open any more`);
      continue;
    }
    const config = await engine.config();
    const runbook = loadRunbook(await engine.runbook(plan.runbook.id));
    const service = findService(config, plan.service.id);
    const facts = await gatherFacts(engine, { config, service, runbook, reads });
    const diff = diffFacts(plan.facts, facts);
    if (diff.verdict === 'worse') {
      lines.push(...diff.lines.map((line) => `${member.service}: ${line}`));
    }
  }
  return lines;
}
