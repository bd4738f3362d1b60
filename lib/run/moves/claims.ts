/** What a run holds while it is open, and how it gives it back: its service and its unit. */
import type { Session } from '../session.ts';

/**
 * A failover holds a service by a name of its own, because it may be asked for while a drill of the
 * service is open.
 */
export const serviceClaim = (service: string): string => `service:${service}`;
export const failoverClaim = (service: string): string => `failover:${service}`;

/** How version 0.1.0 held a protection unit; its runs may still be open. */
export const unitClaim = (unit: string): string => `unit:${unit}`;

/** Notes beside no run in particular: who held a unit last, for those who hear it late. */
export const LAST_HOLDERS = 'last-holders';

/** Repeatable after a crash. What somebody else holds by now stays theirs; epochs never fall. */
export async function giveBack(session: Session): Promise<void> {
  const { engine, run } = session;
  const { opened, preempted } = session.state();
  const unit = session.plan()?.unit;
  if (unit !== undefined) {
    const lock = await engine.store.lock(unit);
    if (lock?.run === run) {
      // Another control plane may be further on: the next holder here begins above it.
      const epoch = Math.max(lock.epoch, preempted?.epoch ?? 0);
      await engine.store.putNote(LAST_HOLDERS, unit, run);
      await engine.store.putLock(unit, { epoch, run: '', rank: 0 }, lock);
    }
    await engine.store.release(unitClaim(unit), run);
  }
  if (opened === undefined) return;
  await engine.store.release(failoverClaim(opened.service), run);
  await engine.store.release(serviceClaim(opened.service), run);
}
