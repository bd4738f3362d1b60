/** Approvals: each statement is verified here, against this gateway's own trust.yml. */
import type * as z from 'zod';
import { verifyStatement } from '../../approval/statement.ts';
import { type DangerClass, dangerClasses, type Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { approvalsSchema, coveredSchema, SignedStatement } from '../protocol.ts';
import { sameStatements } from './book.ts';
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
  const { book, clock } = parts;
  const plan = book.plan(planHash);
  if (plan === undefined) {
    throw new GatewayError('GW-PLAN-UNKNOWN', 'Approvals came for a plan that is not here.');
  }
  const known = book.approvals(planHash);
  if (known !== undefined && sameStatements(known.statements, statements)) {
    return { covered: known.covered };
  }
  for (const signed of statements) assertGood(parts, { plan, planHash, signed });
  const covered = coveredBy(plan, statements);
  const notAfter = Math.min(...statements.map(({ statement }) => statement.notAfter));
  await book.write({ type: 'approvals', at: clock.now(), planHash, statements, covered, notAfter });
  return { covered };
}

interface Judged {
  readonly plan: Plan;
  readonly planHash: string;
  readonly signed: SignedStatement;
}

function assertGood({ folder, clock }: Parts, { plan, planHash, signed }: Judged): void {
  const { statement, witness } = signed;
  const who = `The statement of ${statement.person}`;
  const control = folder.trust.controlPlanes.find(({ id }) => id === witness);
  if (control === undefined || !verifyStatement(signed, control.publicKey)) {
    throw new GatewayError('GW-APPROVAL-WITNESS', `${who} is not signed by a witness known here.`);
  }
  const person = folder.trust.people.find(({ id }) => id === statement.person);
  if (!person?.roles.includes(statement.role) || statement.role !== plan.approval.role) {
    throw new GatewayError(
      'GW-APPROVAL-PERSON',
      `${who} as ${statement.role} does not count here.`,
    );
  }
  const wrong = [
    statement.decision !== 'approve' && 'decision',
    statement.run !== plan.run && 'run',
    statement.planHash !== planHash && 'planHash',
    statement.factsHash !== plan.factsHash && 'factsHash',
    !statement.gateways.includes(folder.settings.site) && 'gateways',
  ].filter((field) => field !== false);
  if (wrong.length > 0) {
    throw new GatewayError('GW-APPROVAL-OTHER', `${who} differs in ${wrong.join(', ')}.`);
  }
  const leftMs = statement.notAfter - clock.now();
  if (leftMs <= 0 || leftMs > plan.approval.expiresMs + SKEW_MS) {
    throw new GatewayError('GW-APPROVAL-EXPIRED', `${who} has ${leftMs} ms left.`);
  }
}

/**
 * The worst class for which enough different people stand. A witness's signature reaches class
 * `copy`; from `data` on it takes two people whatever the plan says.
 */
function coveredBy(plan: Plan, statements: readonly SignedStatement[]): DangerClass {
  const reach = (one: SignedStatement): DangerClass =>
    isWorse(one.statement.class, 'copy') ? 'copy' : one.statement.class;
  const covered = dangerClasses.toReversed().find((level) => {
    const needed = Math.max(plan.approval.people, isWorse(level, 'copy') ? 2 : 1);
    const standing = statements.filter((one) => !isWorse(level, reach(one)));
    return new Set(standing.map(({ statement }) => statement.person)).size >= needed;
  });
  if (covered !== undefined) return covered;
  const what = `${plan.approval.people} different people must approve.`;
  throw new GatewayError('GW-APPROVAL-PEOPLE', what);
}
