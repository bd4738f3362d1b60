/** From the compiled plan to approvals that both gateways hold. */
import { signStatement } from '../../approval/statement.ts';
import { type WordCode, wordsOf } from '../../approval/words.ts';
import { hashOf, sha256 } from '../../canonical.ts';
import { DrillbookError } from '../../errors.ts';
import { GatewayUnreachable } from '../../gateway/errors.ts';
import type { SignedStatement } from '../../gateway/protocol.ts';
import { diffFacts } from '../../runbook/diff.ts';
import { loadRunbook } from '../../runbook/load.ts';
import type { Plan } from '../../runbook/plan.ts';
import { RunError } from '../errors.ts';
import { recordReads } from '../reading.ts';
import { DRILLBOOK, keep, type Session } from '../session.ts';
import { decidedHash, offerOfRun } from '../waves.ts';
import { endRun } from './end.ts';
import { findService, gatherFacts, isSilence } from './open.ts';
import { type Pace, RESOLVE_LIMIT_MS } from './pace.ts';
import { driftOfWave } from './waves.ts';

const RETRY_MS = 5_000;

/** Gives a gateway the plan; from now on it knows every call that may ever come. */
export async function registerPlan(session: Session, site: string): Promise<Pace> {
  const { engine } = session;
  const plan = session.plan();
  const gateway = engine.gateways.get(site);
  if (plan === undefined || gateway === undefined) return { next: 'again' };
  const runbook = await textOf(session, 'runbook');
  const config = JSON.parse(await textOf(session, 'configuration'));
  try {
    const answer = await gateway.register({ plan, runbook, config });
    const { words } = answer;
    const said = words === undefined ? {} : { words };
    assertSamePlan(session, plan, { site, ...answer });
    await session.append({
      type: 'plan.registered',
      actor: { id: `gateway:${site}`, kind: 'system' },
      data: { planHash: answer.planHash, site, class: answer.class, ...said },
    });
  } catch (error) {
    const until = (session.state().opened?.at ?? 0) + RESOLVE_LIMIT_MS;
    return endOrLater(session, error, { what: `gateway ${site} did not take the plan`, until });
  }
  await checkClock(session, site);
  return { next: 'again' };
}

/** What a gateway computed from the plan it holds, against what people will be shown. */
function assertSamePlan(
  session: Session,
  plan: Plan,
  answer: {
    readonly site: string;
    readonly planHash: string;
    readonly words?: WordCode | undefined;
  },
): void {
  const planHash = planHashOf(session);
  const { site, words = wordsOf(plan, planHash) } = answer;
  const own = wordsOf(plan, planHash);
  if (answer.planHash === planHash && words.en === own.en && words.ko === own.ko) return;
  const why = `Its word code is "${words.en}", that of the plan here is "${own.en}".`;
  throw new RunError('RUN-OTHER-WORDS', `Gateway ${site} holds another plan.`, why);
}

function unlessForgot(error: unknown): undefined {
  if (error instanceof RunError || !(error instanceof DrillbookError)) throw error;
  return undefined;
}

async function checkClock(session: Session, site: string): Promise<void> {
  const { engine } = session;
  const asked = engine.clock.now();
  const health = await engine.gateways.get(site)?.health().catch(unlessForgot);
  // A clock that could not be read is not recorded; it is no reason to end a run.
  if (health === undefined) return;
  const offsetMs = Math.round(health.nowMs - (asked + engine.clock.now()) / 2);
  const data = { host: `gateway:${site}`, offsetMs };
  await session.append({ type: 'clock.checked', actor: DRILLBOOK, data });
}

export async function requestApproval(session: Session): Promise<Pace> {
  const plan = session.plan();
  if (plan === undefined) return { next: 'again' };
  const { people, role, expiresMs } = plan.approval;
  const expiresAt = session.engine.clock.now() + expiresMs;
  await session.append({
    type: 'approval.requested',
    actor: DRILLBOOK,
    data: { planHash: decidedHash(session.state()), people, role, expiresAt },
  });
  return { next: 'again' };
}

export async function expireApproval(session: Session): Promise<Pace> {
  const expiresAt = session.state().approval?.expiresAt ?? 0;
  const data = { planHash: decidedHash(session.state()), expiresAt };
  await session.append({ type: 'approval.expired', actor: DRILLBOOK, data });
  return { next: 'again' };
}

export async function completeApproval(session: Session): Promise<Pace> {
  const data = { planHash: decidedHash(session.state()) };
  await session.append({ type: 'approval.complete', actor: DRILLBOOK, data });
  return { next: 'again' };
}

/** Reads the facts anew: worse voids the approval, flicker is not among the facts. */
export async function checkFacts(session: Session, at: 'quorum' | 'first-call'): Promise<Pace> {
  const { engine } = session;
  const plan = session.plan();
  if (plan === undefined) return { next: 'again' };
  const reads = recordReads(engine);
  try {
    const config = await engine.config();
    const service = findService(config, plan.service.id);
    const source = await engine.runbook(plan.runbook.id);
    const runbook = loadRunbook(source);
    const facts = await gatherFacts(engine, { config, service, runbook, reads });
    const lost = await lostStandings(session);
    const diff = withLines(diffFacts(plan.facts, facts), [
      ...runbookChange(plan, source.text),
      ...lost,
      ...(at === 'quorum' ? await driftOfWave(session, reads) : []),
    ]);
    const readings = await reads.evidence(`readings-${at}`);
    await session.append({
      type: 'facts.checked',
      actor: DRILLBOOK,
      evidence: readings === undefined ? [] : [readings],
      data: { at, factsHash: hashOf(facts), verdict: diff.verdict, diff: [...diff.lines] },
    });
    if (diff.verdict === 'worse') await voidApproval(session, diff.lines);
  } catch (error) {
    if (!(error instanceof DrillbookError)) throw error;
    if (isSilence(error, reads)) return { next: 'wait', ms: RETRY_MS };
    await voidApproval(session, [`${error.what} ${error.why}`]);
  }
  return { next: 'again' };
}

type Diff = ReturnType<typeof diffFacts>;

const withLines = (diff: Diff, lines: readonly string[]): Diff =>
  lines.length === 0 ? diff : { verdict: 'worse', lines: [...diff.lines, ...lines] };

/** The runbook is part of what was approved: any change of its text is one for the worse. */
const runbookChange = ({ runbook }: Plan, text: string): string[] =>
  sha256(text) === runbook.sha256
    ? []
    : [`runbook ${runbook.id} was changed after the plan was made`];

/**
 * Approvers who may no longer approve. A directory that is silent takes nothing back: they were
 * asked about at the click, and a run does not wait for Slack (rule 10).
 */
async function lostStandings({ engine, state }: Session): Promise<string[]> {
  const { granted = [], role = '' } = state().approval ?? {};
  const standings = await Promise.all(
    granted.map(({ person }) => engine.directory.recheck(person)),
  );
  const { people } = await engine.config();
  return standings.flatMap((standing, i) => {
    const grant = granted[i];
    const who = `approval of ${grant?.person} no longer counts`;
    const keys = people.find(({ id }) => id === grant?.person)?.keys ?? [];
    const signed = grant?.signed;
    if (signed !== undefined && !keys.some(({ id }) => id === signed.witness)) {
      return [`${who}: key ${signed.witness} was taken away`];
    }
    if (standing.state === 'unreachable') return [];
    if (standing.state === 'unknown') return [`${who}: the person is not enrolled any more`];
    if (standing.flags.length > 0) return [`${who}: account is ${standing.flags.join(', ')}`];
    return standing.roles.includes(role) ? [] : [`${who}: the role ${role} was taken away`];
  });
}

async function voidApproval(session: Session, diff: readonly string[]): Promise<void> {
  const data = { planHash: decidedHash(session.state()), diff: [...diff] };
  await session.append({ type: 'approval.voided', actor: DRILLBOOK, data });
}

/** Hands the signed statements to a gateway, which verifies them itself. */
export async function deliverApprovals(session: Session, site: string): Promise<Pace> {
  const gateway = session.engine.gateways.get(site);
  if (gateway === undefined) return { next: 'again' };
  const statements = statementsOf(session);
  const planHash = planHashOf(session);
  try {
    const { covered } = await gateway.approve({ planHash, statements });
    const label = `statements-${site}`;
    await session.append({
      type: 'approval.delivered',
      actor: { id: `gateway:${site}`, kind: 'system' },
      evidence: [await keep(session.engine, { label, text: JSON.stringify(statements) })],
      data: { planHash, site, covered },
    });
  } catch (error) {
    const until = session.state().approval?.expiresAt ?? 0;
    const what = `gateway ${site} did not take the approvals`;
    return endOrLater(session, error, { what, until });
  }
  return { next: 'again' };
}

/** Made anew from the journal each time: same grants, same statements. */
function statementsOf(session: Session): SignedStatement[] {
  const plan = session.plan();
  const approval = session.state().approval;
  if (plan === undefined || approval === undefined) return [];
  const offer = offerOfRun(session.state(), plan);
  return approval.granted.map(
    ({ person, nonce, signed }) =>
      signed ?? signStatement({ ...offer, person, nonce }, session.engine.witness),
  );
}

/** Silence is waited out for a while; a refusal, and silence after `until`, ends the run. */
async function endOrLater(
  session: Session,
  error: unknown,
  at: { readonly what: string; readonly until: number },
): Promise<Pace> {
  if (!(error instanceof DrillbookError)) throw error;
  const patient = session.engine.clock.now() < at.until;
  if (error instanceof GatewayUnreachable && patient) return { next: 'wait', ms: RETRY_MS };
  await endRun(session, 'failed', [`${error.code}: ${at.what}. ${error.why} ${error.next}`]);
  return { next: 'again' };
}

async function textOf(session: Session, label: string): Promise<string> {
  const event = session.events().find((candidate) => candidate.type === 'plan.resolved');
  const found = event?.evidence.find((item) => item.label === label);
  if (found === undefined) throw new Error(`plan.resolved has no ${label}`);
  return (await session.engine.blobs.get(found.sha256)).toString('utf8');
}

const planHashOf = (session: Session): string => session.state().plan?.hash ?? '';
