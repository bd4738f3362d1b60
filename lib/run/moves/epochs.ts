/** Telling gateways the epoch, and what follows when one of them knows a newer holder. */
import { DrillbookError } from '../../errors.ts';
import { GatewayUnreachable } from '../../gateway/errors.ts';
import type { Gateway } from '../../gateway/protocol.ts';
import { anythingSent } from '../decide/known.ts';
import { isOutranked } from '../ranks.ts';
import type { Session } from '../session.ts';
import { endRun } from './end.ts';
import { lose, rise } from './locks.ts';
import type { Pace } from './pace.ts';

const RETRY_MS = 5_000;

/** A gateway that knows the epoch accepts nothing more from whoever held the unit before. */
export async function announceEpoch(session: Session, site: string): Promise<Pace> {
  const plan = session.plan();
  const gateway = session.engine.gateways.get(site);
  if (plan === undefined || gateway === undefined) return { next: 'wait', ms: RETRY_MS };
  const { epoch, plan: known } = session.state();
  const { unit } = plan;
  try {
    await gateway.announce({ unit, epoch, planHash: known?.hash ?? '', run: session.run });
  } catch (error) {
    if (!(error instanceof DrillbookError)) throw error;
    return isOver(error) ? yieldOrRise(session, gateway) : endOrLater(session, site, error);
  }
  await session.append({
    type: 'epoch.announced',
    actor: { id: `gateway:${site}`, kind: 'system' },
    data: { unit, epoch, site },
  });
  return { next: 'again' };
}

export const isOver = ({ code }: { readonly code: string }): boolean => code === 'GW-EPOCH';

/**
 * A gateway knows another holder. One of a lower rank, of another control plane, is overtaken: the
 * epoch rises above it and is announced anew. Anybody else keeps the unit, and this run has lost.
 */
export async function yieldOrRise(session: Session, gateway: Gateway): Promise<Pace> {
  const plan = session.plan();
  if (plan === undefined) return { next: 'again' };
  try {
    const { epochs } = await gateway.health();
    const holder = epochs?.[plan.unit];
    const { epoch } = session.state();
    if (holder === undefined || holder.epoch < epoch) {
      // A newer epoch was seen there in a call, without a name.
      await lose(session, { unit: plan.unit, epoch: epoch + 1, by: '' });
    } else if (holder.run !== session.run && isOutranked(holder.drillType, plan.drillType)) {
      await rise(session, holder);
    } else if (holder.run !== session.run || holder.epoch > epoch) {
      // The same run under a newer epoch: another control plane goes on with it.
      await lose(session, { unit: plan.unit, epoch: holder.epoch, by: holder.run });
    }
    return { next: 'again' };
  } catch (error) {
    // Neither a silent gateway nor one that lost its memory says who holds the unit.
    if (error instanceof DrillbookError) return { next: 'wait', ms: RETRY_MS };
    throw error;
  }
}

/** The gateway knows this very run under a newer epoch: another plane goes on with it. */
export async function noticeTakeover(session: Session, gateway: Gateway): Promise<void> {
  const unit = session.plan()?.unit;
  if (unit === undefined) return;
  const epochs = await gateway.health().then(
    (health) => health.epochs,
    (error: unknown) => {
      if (error instanceof DrillbookError) return undefined;
      throw error;
    },
  );
  const holder = epochs?.[unit];
  if (holder?.run !== session.run || holder.epoch <= session.state().epoch) return;
  await lose(session, { unit, epoch: holder.epoch, by: session.run });
}

/**
 * Silence is waited out; a refusal, and silence past the approval, ends a run that sent nothing. One
 * that sent something waits for either: it has something to clean up, and people can abort it.
 */
async function endOrLater(session: Session, site: string, error: DrillbookError): Promise<Pace> {
  const { approval } = session.state();
  const patient = session.engine.clock.now() < (approval?.expiresAt ?? 0);
  const silent = error instanceof GatewayUnreachable;
  if ((silent && patient) || anythingSent(session.state())) return { next: 'wait', ms: RETRY_MS };
  const what = `gateway ${site} did not take the epoch`;
  await endRun(session, 'failed', [`${error.code}: ${what}. ${error.why} ${error.next}`]);
  return { next: 'again' };
}
