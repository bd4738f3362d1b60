/** Receipts of calls at other sites, for a gateway that cannot know what became of them. */
import { type Receipt, receiptSchema } from '../../gateway/protocol.ts';
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import type { Session } from '../session.ts';

/** What the other sites said of the calls that this one follows, takes from, or is closed by. */
export async function shippedTo(session: Session, call: PlanCall): Promise<Receipt[]> {
  const plan = session.plan();
  if (plan === undefined) return [];
  const concerned = concerning(plan, call);
  if (concerned.size === 0) return [];
  const evidence = session
    .events()
    .flatMap((event) =>
      event.type === 'outcome' && concerned.has(event.data.call) ? event.evidence : [],
    );
  const texts = await Promise.all(evidence.map(({ sha256 }) => session.engine.blobs.get(sha256)));
  return texts.map((text) => receiptSchema.parse(JSON.parse(text.toString('utf8'))));
}

function concerning(plan: Plan, call: PlanCall): Set<string> {
  const named = new Set([...call.after, ...call.holes.map((hole) => hole.call)]);
  const closing = (one: PlanCall): boolean => call.phase === 'forward' && one.phase === 'undo';
  const abroad = plan.calls.filter(({ site }) => site !== call.site);
  return new Set(abroad.filter((one) => named.has(one.id) || closing(one)).map(({ id }) => id));
}
