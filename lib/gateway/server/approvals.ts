/** Approvals: each statement is verified here, against this gateway's own trust.yml. */
import type * as z from 'zod';
import { needsOwnKey, verifyStatement } from '../../approval/statement.ts';
import { differences, longestMs } from '../../approval/wave.ts';
import { canonical } from '../../canonical.ts';
import { type DangerClass, dangerClasses, type Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { approvalsSchema, coveredSchema, SignedStatement } from '../protocol.ts';
import type { Trust } from '../trust.ts';
import { assertSinceArmed } from './arming.ts';
import type { Parts } from './gateway.ts';
import { isWorse } from './plans.ts';

/** How far a clock of the control plane may be ahead when it sets the end of an approval. */
const SKEW_MS = 300_000;

/**
 * Takes all statements or none and answers the class they cover together. What was stored before is
 * answered again even when it has expired since: delivering twice is fine.
 */
export async function approve(
  parts: Parts,
  { planHash, statements }: z.infer<typeof approvalsSchema>,
): Promise<z.infer<typeof coveredSchema>> {
  const { book, clock, folder } = parts;
  const plan = book.plan(planHash);
  if (plan === undefined) {
    throw new GatewayError('GW-PLAN-UNKNOWN', 'Approvals came for a plan that is not here.');
  }
  const known = book.approvals(planHash);
  if (known !== undefined && canonical(known.statements) === canonical(statements)) {
    return { covered: known.covered };
  }
  for (const signed of statements) {
    if (signed.statement.role !== plan.approval.role) {
      const what = `${nameOf(signed)} as ${signed.statement.role} does not count here.`;
      throw new GatewayError('GW-APPROVAL-PERSON', what);
    }
    assertGood(parts, { plan, planHash, decision: 'approve' }, signed);
  }
  const covered = coveredBy(folder.trust, plan, statements);
  if (covered === undefined) {
    const what = `${plan.approval.people} different people must approve.`;
    throw new GatewayError('GW-APPROVAL-PEOPLE', what);
  }
  const notAfter = Math.min(...statements.map(({ statement }) => statement.notAfter));
  assertSinceArmed(parts, plan, statements);
  await book.write({ type: 'approvals', at: clock.now(), planHash, statements, covered, notAfter });
  return { covered };
}

/**
 * The class that the stored approvals cover at this instant: who was taken out of trust.yml since,
 * or lost role or key there, does not count any more. Undefined when nothing is covered.
 */
export function coverNow(
  { book, folder }: Pick<Parts, 'book' | 'folder'>,
  planHash: string,
): DangerClass | undefined {
  const plan = book.plan(planHash);
  const approvals = book.approvals(planHash);
  if (plan === undefined || approvals === undefined) return undefined;
  // Before the first call people are looked at once more; then the run is not left half done.
  if (book.sentOf(planHash).length > 0) return approvals.covered;
  const standing = approvals.statements.filter((one) => isKnown(folder.trust, one));
  return coveredBy(folder.trust, plan, standing);
}

/** What a statement must be about to count here. */
interface Subject {
  readonly plan: Plan;
  readonly planHash: string;
  readonly decision: 'approve' | 'skip';
  readonly step?: string;
}

/** Throws the first reason why a signed statement does not count. */
export function assertGood(parts: Parts, subject: Subject, signed: SignedStatement): void {
  const { folder, clock } = parts;
  const { plan, planHash } = subject;
  const { statement } = signed;
  const who = nameOf(signed);
  const key = keyOf(folder.trust, signed);
  if (key === undefined || !verifyStatement(signed, key.publicKey)) {
    const what = `${who} is signed neither by a witness nor by a key of this person known here.`;
    throw new GatewayError('GW-APPROVAL-WITNESS', what);
  }
  if (!isKnown(folder.trust, signed)) {
    const what = `${who} as ${statement.role} does not count here.`;
    throw new GatewayError('GW-APPROVAL-PERSON', what);
  }
  const wrong = [
    ...differences(statement, { run: plan.run, planHash, factsHash: plan.factsHash }),
    ...(statement.decision === subject.decision ? [] : ['decision']),
    ...(statement.step === subject.step ? [] : ['step']),
    ...(statement.gateways.includes(folder.settings.site) ? [] : ['gateways']),
  ];
  if (wrong.length > 0) {
    throw new GatewayError('GW-APPROVAL-OTHER', `${who} differs in ${wrong.join(', ')}.`);
  }
  const leftMs = statement.notAfter - clock.now();
  if (leftMs <= 0 || leftMs > longestMs(statement, plan) + SKEW_MS) {
    throw new GatewayError('GW-APPROVAL-EXPIRED', `${who} has ${leftMs} ms left.`);
  }
}

const nameOf = ({ statement }: SignedStatement): string => `The statement of ${statement.person}`;

/** The key it must be signed with: of the witness, or this person's own and of nobody else. */
function keyOf(trust: Trust, { statement, witness }: SignedStatement) {
  const person = trust.people.find(({ id }) => id === statement.person);
  return [...trust.controlPlanes, ...(person?.keys ?? [])].find(({ id }) => id === witness);
}

/** The person is enrolled here in this role, and the key is still one that is believed. */
function isKnown(trust: Trust, signed: SignedStatement): boolean {
  const { person: id, role } = signed.statement;
  const person = trust.people.find((one) => one.id === id);
  return person?.roles.includes(role) === true && keyOf(trust, signed) !== undefined;
}

/**
 * The worst class that one statement reaches. A witness saw a click, and that is enough for copies;
 * what is above takes the person's own key.
 */
export function reachOf(trust: Trust, { statement, witness }: SignedStatement): DangerClass {
  const person = trust.people.find(({ id }) => id === statement.person);
  const own = person?.keys?.some(({ id }) => id === witness) === true;
  return needsOwnKey(statement.class) && !own ? 'copy' : statement.class;
}

/**
 * The worst class for which enough different people stand. From `data` on it takes two people
 * whatever the plan says.
 */
function coveredBy(
  trust: Trust,
  plan: Plan,
  statements: readonly SignedStatement[],
): DangerClass | undefined {
  return dangerClasses.toReversed().find((level) => {
    const needed = Math.max(plan.approval.people, needsOwnKey(level) ? 2 : 1);
    const standing = statements.filter((one) => !isWorse(level, reachOf(trust, one)));
    return new Set(standing.map(({ statement }) => statement.person)).size >= needed;
  });
}
