/** Waves: runs of one drill that are approved together and begin one after another. Pure. */
import { type Offer, offerOf } from '../approval/statement.ts';
import { sha256 } from '../canonical.ts';
import { type DangerClass, type Plan, worseOf } from '../runbook/plan.ts';
import type { RunState } from './state.ts';

/** The run of a wave's member, so that every member knows the others. `place` counts from 1. */
export const memberRun = (wave: string, place: number): string =>
  `r-${sha256(`wave ${wave} ${place}`).slice(0, 10)}`;

/** All but the first take over what the first was given, and wait for their turn. */
export const isFollower = ({ opened }: Pick<RunState, 'opened'>): boolean =>
  (opened?.wave?.place ?? 1) > 1;

/** What approvals of this run are given for: its plan, or the list of its wave. */
export const decidedHash = ({ approval, wave, plan }: RunState): string =>
  approval?.planHash ?? wave?.hash ?? plan?.hash ?? '';

/** Until when (ms) a first forward call may come: the last of a wave begins long after the first. */
export const validUntil = ({ approval, wave }: RunState, plan: Plan): number =>
  (approval?.expiresAt ?? 0) + (wave === undefined ? 0 : plan.approval.runWithinMs);

/** What each approver states: of one plan, or in one statement of all plans of the wave. */
export function offerOfRun(state: RunState, plan: Plan): Offer {
  const planHash = decidedHash(state);
  const offer = offerOf(plan, { planHash, notAfter: validUntil(state, plan) });
  const { wave } = state;
  const [first] = wave?.members ?? [];
  if (wave === undefined || first === undefined) return offer;
  return {
    ...offer,
    run: first.run,
    factsHash: planHash,
    class: wave.members.map((one) => one.class).reduce<DangerClass>(worseOf, 'none'),
    gateways: [...new Set(wave.members.flatMap(({ sites }) => sites))],
    wave: wave.members.map(({ run, planHash: hash }) => ({ run, planHash: hash })),
  };
}
