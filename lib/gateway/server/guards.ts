/** Looking for oneself, the instant before: guards, and calls whose answer was lost. */
import { sha256 } from '../../canonical.ts';
import { evaluateGuard } from '../../runbook/guards.ts';
import type { Guard, PlanCall } from '../../runbook/plan.ts';
import { hazardMet, hazardText } from '../../vsp/hazards.ts';
import { GatewayError } from '../errors.ts';
import type { GuardReading } from '../protocol.ts';
import type { Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { listByKey, parsed } from './holes.ts';
import { assertReadable } from './reads.ts';
import { isBroughtAbout } from './tasks/effect.ts';

/** Evaluates all guards now. Rejects with GW-GUARD unless each one could be read and holds. */
export const readGuards = (parts: Parts, { call }: Put): Promise<GuardReading[]> =>
  readGuardList(parts, call.id, call.guards);

/** The same for guards that another gateway's call has at this site. */
export async function readGuardList(
  parts: Parts,
  callId: string,
  guards: readonly Guard[],
): Promise<GuardReading[]> {
  const readings = await Promise.all(guards.map((guard) => readGuard(parts, guard)));
  const failed = readings.flatMap((reading, i) =>
    reading.holds ? [] : [{ ...reading, target: guards[i]?.target }],
  );
  if (failed.length === 0) return readings;
  const seen = failed
    .map(
      ({ id, target, status, reading }) =>
        `${id} (${target}, HTTP ${status}): ${JSON.stringify(reading)}`,
    )
    .join('; ');
  const why = [seen, ...hazardsMet(failed)].join('. ');
  const ids = failed.map(({ id }) => id).join(', ');
  throw new GatewayError('GW-GUARD', `${callId}: ${ids} does not hold.`, { why });
}

/** Why what was seen is dangerous, and what a person can do; each hazard is told once. */
function hazardsMet(failed: readonly GuardReading[]): string[] {
  const met = failed.flatMap(({ id, status, reading }) =>
    status === 200 || status === 404 ? (hazardMet(id, reading) ?? []) : [],
  );
  return [...new Set(met)].map((hazard) => hazardText(hazard));
}

async function readGuard(parts: Parts, guard: Guard): Promise<GuardReading> {
  const { id, target, path } = guard;
  assertReadable({ target, path }, parts.folder.settings);
  const answer = await parts.targets.find(target).get(path);
  const { status, body } = answer;
  const { holds, reading } = evaluateGuard(guard, { status, body: parsed(body) });
  return { id, path, status, answerHash: sha256(body), holds, reading };
}

/**
 * A predecessor whose answer was lost counts when its effect is seen: one object under its key, the
 * object of its DELETE gone, what a site task says of itself, or, for other changes, when this call
 * has guards: which state it needs is said by them, and people signed them.
 */
export async function assertEffect(parts: Parts, put: Put, lost: PlanCall): Promise<void> {
  const { call, looks } = put;
  const seen =
    lost.creates !== undefined
      ? (await listByKey(parts, lost, looks)).length === 1
      : lost.method === 'DELETE' && lost.holes.length === 0
        ? await isGone(parts, put, lost)
        : lost.target.startsWith('task:')
          ? await isBroughtAbout(parts, lost, looks)
          : call.guards.length > 0;
  if (seen) return;
  const why = 'Its answer was lost and its effect cannot be seen.';
  throw new GatewayError('GW-AFTER', `${call.id} comes after ${lost.id}.`, { why });
}

async function isGone(
  parts: Parts,
  { looks }: Put,
  { target, path, id }: PlanCall,
): Promise<boolean> {
  const { status, body } = await parts.targets.find(target).get(path);
  const holds = status === 404;
  looks.push({ id: `gone:${id}`, path, status, answerHash: sha256(body), holds, reading: status });
  return holds;
}

/** What is created once must not be there yet, whoever made it. Rejects with GW-EXISTS. */
export async function assertAbsent(parts: Parts, { call, looks }: Put): Promise<void> {
  if (call.creates === undefined) return;
  const found = await listByKey(parts, call, looks);
  if (found.length === 0) return;
  throw new GatewayError('GW-EXISTS', `${call.id}: ${found.join(', ')} has its key.`);
}
