/** RTO and RPO against what was promised and what the law wants; what cannot be decided is not met. */
import type { Policy, Service } from '../config.ts';
import type { KnownLoss, lossOf } from './loss.ts';
import type { Measured, ResultFile } from './result.ts';

interface Given {
  readonly service: Service | undefined;
  readonly policy: Pick<Policy, 'tiers' | 'law' | 'rtoFrom'>;
  readonly rto: Measured<number>;
  readonly loss: ReturnType<typeof lossOf>;
}

export function objectivesOf({ service, policy, rto, loss }: Given): ResultFile['objectives'] {
  const { law, tiers, rtoFrom: from = 'T0' } = policy;
  const limitMs = service === undefined ? null : service.rtoMinutes * 60_000;
  const lawMinutes = law?.criticalRtoMinutes[law.industry];
  const lawMs = service?.critical === true && lawMinutes !== undefined ? lawMinutes * 60_000 : null;
  const limits = [limitMs, lawMs].filter((limit) => limit !== null);
  const took = rto.value;
  const inTime = took === null || limits.length === 0 ? null : limits.every((ms) => took <= ms);
  const seconds = service?.rpoSeconds ?? (service && tiers?.[service.tier].rpoSeconds);
  const rpoMs = seconds === undefined ? null : seconds * 1000;
  return {
    rto: { from, limitMs, lawMs, met: inTime },
    rpo: { limitMs: rpoMs, met: withinError(loss, rpoMs) },
  };
}

/** Only what is certain: an interval that the limit cuts decides nothing. */
function withinError(loss: Given['loss'], limitMs: number | null): boolean | null {
  if ('why' in loss || limitMs === null) return null;
  const { lossMs, errorMs } = loss;
  if (lossMs + errorMs <= limitMs) return true;
  return lossMs - errorMs > limitMs ? false : null;
}

export const howKnown = ({
  method,
  errorMs,
  skewMs,
  countedTo,
}: KnownLoss): ResultFile['loss'] => ({
  ...{ method, errorMs },
  ...(skewMs === undefined ? {} : { skewMs }),
  ...(countedTo === undefined ? {} : { countedTo: new Date(countedTo).toISOString() }),
});
