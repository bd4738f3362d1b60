/**
 * Handing calls to gateways. Intent first, then the put, then questions until the outcome is known.
 * Nothing here ever sends a second time: a new attempt is a new intent under a new key.
 */

import { canonical } from '../../canonical.ts';
import type { Refusal } from '../../errors.ts';
import { GatewayRefused } from '../../gateway/errors.ts';
import { callKey } from '../../gateway/keys.ts';
import type { Asked, Gateway } from '../../gateway/protocol.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Engine } from '../engine.ts';
import { RunError } from '../errors.ts';
import type { EventData } from '../events.ts';
import { DRILLBOOK, keep, type Session } from '../session.ts';
import type { CallState } from '../state.ts';
import { isOver, yieldOrRise } from './epochs.ts';
import { noticeLoss } from './locks.ts';
import type { Pace } from './pace.ts';
import { shippedTo } from './shipped.ts';

/** From the intent on only its writer may put, for this long; then anybody may ask. */
export const PUT_BY_MS = 30_000;
const ASK_EVERY_MS = 250;
const ASKS = 40;

type Intent = EventData<'intent'>;
type Settled = { readonly intent: Intent; readonly asked: Asked; readonly refusal?: Refusal };

/** Journals the intents, puts all of them side by side, and journals what came of each. */
export async function handOver(session: Session, calls: readonly PlanCall[]): Promise<void> {
  await noticeLoss(session);
  if (session.state().preempted !== undefined) return;
  const intents: { call: PlanCall; intent: Intent }[] = [];
  for (const call of calls) intents.push({ call, intent: await declare(session, call) });
  const settled = await Promise.all(
    intents.map(({ call, intent }) => put(session.engine, { session, call, intent })),
  );
  for (const outcome of settled) if (outcome !== undefined) await record(session, outcome);
  const over = calls.find(
    (_, i) => settled[i]?.refusal !== undefined && isOver(settled[i].refusal),
  );
  const gateway = session.engine.gateways.get(over?.site ?? '');
  if (gateway !== undefined) await yieldOrRise(session, gateway);
}

async function declare(session: Session, call: PlanCall): Promise<Intent> {
  const before = session.state().calls[call.id];
  const attempt = (before?.attempt ?? 0) + 1;
  const retry = session.state().steps[call.step]?.retry;
  const data: Intent = {
    step: call.step,
    call: call.id,
    attempt,
    key: callKey({ run: session.run, callId: call.id, attempt }),
    putBy: session.engine.clock.now() + PUT_BY_MS,
    epoch: session.state().epoch,
    // The gateway takes another attempt after these only if a person's retry names it.
    ...(isNamed(before) && retry !== undefined ? { retry: retry.event } : {}),
  };
  await session.append({ type: 'intent', actor: DRILLBOOK, data });
  return data;
}

const isNamed = (before: CallState | undefined): boolean =>
  (before?.state === 'lost' || before?.state === 'answered') && before.freed === true;

async function put(
  engine: Engine,
  at: { session: Session; call: PlanCall; intent: Intent },
): Promise<Settled | undefined> {
  const { session, call, intent } = at;
  const gateway = engine.gateways.get(call.site);
  if (gateway === undefined) return undefined;
  const retry = session.state().steps[call.step]?.retry;
  const receipts = await shippedTo(session, call);
  let refusal: Refusal | undefined;
  try {
    await gateway.put(intent.key, {
      planHash: session.state().plan?.hash ?? '',
      callId: call.id,
      attempt: intent.attempt,
      epoch: intent.epoch,
      putBy: intent.putBy,
      ...(receipts.length === 0 ? {} : { receipts }),
      ...(intent.retry === undefined || retry === undefined
        ? {}
        : { retry: { event: intent.retry, person: retry.person } }),
    });
  } catch (error) {
    if (error instanceof RunError) throw error;
    // No answer: whether it was accepted is not known here. The question below finds out.
    refusal = error instanceof GatewayRefused ? error.toRefusal() : undefined;
  }
  const asked = await askUntilKnown(session, gateway, intent.key);
  return asked === undefined
    ? undefined
    : { intent, asked, ...(refusal === undefined ? {} : { refusal }) };
}

/** undefined when the gateway does not answer or stays busy: asked again later. */
async function askUntilKnown(
  session: Session,
  gateway: Gateway,
  key: string,
): Promise<Asked | undefined> {
  for (let i = 0; i < ASKS; i++) {
    try {
      const asked = await gateway.ask(key, { planHash: session.state().plan?.hash ?? '' });
      if (asked.state !== 'busy') return asked;
    } catch (error) {
      if (error instanceof RunError) throw error;
      return undefined;
    }
    await session.engine.clock.sleep(ASK_EVERY_MS);
  }
  return undefined;
}

/**
 * Asks what became of intents whose writer is gone. Before `putBy` their writer may still be alive:
 * wait. Afterwards anybody may ask; asking about a key that never came makes it void.
 */
export async function settleCalls(session: Session, calls: readonly string[]): Promise<Pace> {
  const { engine } = session;
  let waitMs = 0;
  for (const id of calls) {
    const known = session.state().calls[id];
    const call = session.plan()?.calls.find((candidate) => candidate.id === id);
    if (known?.state !== 'intent' || call === undefined) continue;
    const early = known.putBy - engine.clock.now();
    if (early > 0) {
      waitMs = Math.max(waitMs, early);
      continue;
    }
    const gateway = engine.gateways.get(call.site);
    const asked =
      gateway === undefined ? undefined : await askUntilKnown(session, gateway, known.key);
    if (asked === undefined) waitMs = Math.max(waitMs, 2_000);
    else await record(session, { intent: intentOf(call, known, session.state().epoch), asked });
  }
  return waitMs > 0 ? { next: 'wait', ms: waitMs } : { next: 'again' };
}

const intentOf = (call: PlanCall, known: CallState, epoch: number): Intent => ({
  step: call.step,
  call: call.id,
  attempt: known.attempt,
  key: known.key,
  putBy: known.putBy,
  epoch,
});

async function record(session: Session, { intent, asked, refusal }: Settled): Promise<void> {
  const { step, call, attempt, key } = intent;
  const receipt = asked.receipt;
  const evidence =
    receipt === undefined
      ? []
      : [
          await keep(session.engine, {
            label: `answer-${labelOf(call)}`,
            text: canonical(receipt),
          }),
        ];
  await session.append({
    type: 'outcome',
    actor: DRILLBOOK,
    evidence,
    data: {
      step,
      call,
      attempt,
      key,
      state: outcomeOf(asked),
      ...(receipt === undefined ? {} : { status: receipt.status }),
      ...(refusal === undefined ? {} : { refusal }),
    },
  });
}

/**
 *   2xx, and 404 to a DELETE  -> answered
 *   4xx, 503                  -> refused: the target did nothing
 *   any other answer          -> lost: the target may have obeyed, so the state decides
 */
function outcomeOf(asked: Asked): EventData<'outcome'>['state'] {
  if (asked.state !== 'answered' || asked.receipt === undefined) {
    return asked.state === 'void' ? 'void' : 'lost';
  }
  const { kind, status, method } = asked.receipt;
  if (kind === 'not-needed') return 'not-needed';
  if ((status >= 200 && status < 300) || (method === 'DELETE' && status === 404)) return 'answered';
  return status === 503 || (status >= 400 && status < 500) ? 'refused' : 'lost';
}

const labelOf = (call: string): string => call.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-');
