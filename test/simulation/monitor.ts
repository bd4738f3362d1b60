/**
 * Stands in front of every array and cloud and looks at each change the instant before it arrives:
 * what the rules promise must be in the journal by then. It knows the journal and the plan, nothing
 * of how engine and gateways decide.
 */
import { hashOf } from '../../lib/canonical.ts';
import type { HttpRequest } from '../../lib/http.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Plan, type PlanCall, planSchema } from '../../lib/runbook/plan.ts';
import type { Sim } from './sim.ts';

export interface Monitor {
  beforeTarget(site: string, request: HttpRequest): Promise<void>;
  /** A line is about to be written to a chain. */
  beforeLine(chain: string, line: string): void;
}

export const isChange = ({ method, url }: HttpRequest): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  !/\/(sessions|auth\/tokens)(\/|$)/.test(new URL(url).pathname);

export function openMonitor(sim: Sim): Monitor {
  return {
    beforeTarget: async (site, request) => {
      if (!isChange(request)) return;
      const { pathname } = new URL(request.url);
      const label = `${request.method} ${pathname} at ${site}`;
      const cases = await casesOf(sim, site, request);
      if (cases.length === 0) return sim.broken(2, `${label} is in no plan`);
      // Calls that differ only in what fills their holes look alike here: one without blame is enough.
      const judged = cases.map((one) => ({ ...one, problems: problemsOf(sim, one) }));
      const best = judged.find(({ problems }) => problems.length === 0) ?? judged[0];
      if (best === undefined) return;
      sim.note(`${best.run} ${best.call.id} reaches ${site}`);
      for (const [rule, what] of best.problems) {
        sim.broken(rule, `${best.call.id} of ${best.run}: ${what}`);
      }
    },
    beforeLine: (chain, line) => {
      if (!chain.startsWith('run:')) return;
      const event: JournalEvent = JSON.parse(line);
      if (event.type !== 'approval.granted' || event.data.via !== 'slack') return;
      // Whoever was asked in the seconds before may have answered.
      const since = sim.slackAwaySince;
      if (since !== undefined && sim.time.now() > since + 60_000) {
        sim.broken(12, `${event.run}: an approval counts while nobody can be asked who it is`);
      }
    },
  };
}

/** The calls that this change may be; the text of holes may be anything. */
async function casesOf(sim: Sim, site: string, request: HttpRequest): Promise<Case[]> {
  const found: Case[] = [];
  for (const run of sim.runs) {
    const events = await sim.events(run);
    const plan = await planOf(sim, events);
    if (plan === undefined) continue;
    for (const call of plan.calls) {
      if (call.site === site && fits(call, request)) found.push({ run, plan, call, events });
    }
  }
  return found;
}

const plans = new WeakMap<Sim, Map<string, Plan>>();

export async function planOf(sim: Sim, events: readonly JournalEvent[]): Promise<Plan | undefined> {
  const resolved = events.find(({ type }) => type === 'plan.resolved');
  const blob = resolved?.evidence.find(({ label }) => label === 'plan')?.sha256;
  if (blob === undefined) return undefined;
  const known = plans.get(sim) ?? new Map<string, Plan>();
  plans.set(sim, known);
  const plan =
    known.get(blob) ?? planSchema.parse(JSON.parse((await sim.blobs.get(blob)).toString('utf8')));
  known.set(blob, plan);
  return plan;
}

function fits(call: PlanCall, { method, url, body }: HttpRequest): boolean {
  const { pathname, search } = new URL(url);
  if (call.method !== method) return false;
  if (!new RegExp(`${pattern(call.path)}$`).test(pathname + search)) return false;
  const wanted = call.body === undefined ? '' : JSON.stringify(call.body);
  return new RegExp(`^${pattern(wanted)}$`).test(body ?? '');
}

const pattern = (text: string): string =>
  text
    .split(/\{\{[a-z0-9]+\}\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/"]+');

interface Case {
  readonly run: string;
  readonly plan: Plan;
  readonly call: PlanCall;
  readonly events: readonly JournalEvent[];
}

/** Rules 1, 2, 3, 8 and 12 as far as a journal can show them at this instant. */
function problemsOf(sim: Sim, { plan, call, events }: Case): [number, string][] {
  const found: [number, string][] = [];
  const last = (type: JournalEvent['type']) => events.findLast((event) => event.type === type);
  const hash = hashOf(plan);
  const requester = events.find((event) => event.type === 'run.opened')?.actor.id;
  const approvers = approversOf(events, hash);
  for (const person of approvers) {
    const known = sim.base.config.people.find(({ id }) => id === person);
    if (person === requester) found.push([1, 'the requester approved']);
    if (!known?.roles.includes(plan.approval.role)) found.push([1, `${person} has not the role`]);
    if ((known?.flags.length ?? 1) > 0) found.push([1, `${person} is marked`]);
  }
  if (approvers.size < Math.max(2, plan.approval.people)) {
    found.push([1, `only ${approvers.size} approved plan ${hash.slice(0, 8)}`]);
  }
  if (last('approval.complete') === undefined) found.push([12, 'the approval is not complete']);
  if (last('approval.rejected') !== undefined) found.push([1, 'somebody denied']);
  const void_ = last('approval.voided') ?? last('approval.expired');
  if (void_ !== undefined && call.phase === 'forward') found.push([2, `sent after ${void_.type}`]);
  const checked = events.filter((event) => event.type === 'facts.checked');
  if (!checked.some(({ data }) => data.at === 'first-call')) {
    found.push([2, 'the facts were not read again']);
  }
  if (checked.at(-1)?.data.verdict === 'worse') found.push([2, 'the facts were worse']);
  const first = !events.some((event) => event.type === 'outcome');
  if (sim.stale.has(events[0]?.run ?? '') && call.phase === 'forward' && first) {
    found.push([2, 'the facts have changed since they were approved']);
  }
  found.push(...intentProblems(events, call));
  return found;
}

/** Distinct people whose approval of this very plan stands. */
export function approversOf(events: readonly JournalEvent[], planHash: string): Set<string> {
  const standing = new Set<string>();
  for (const event of events) {
    if (event.type === 'approval.granted' && event.data.planHash === planHash) {
      standing.add(event.data.person);
    }
    if (event.type === 'approval.withdrawn') standing.delete(event.data.person);
  }
  return standing;
}

function intentProblems(events: readonly JournalEvent[], call: PlanCall): [number, string][] {
  const intents = events.filter((event) => event.type === 'intent' && event.data.call === call.id);
  if (intents.length === 0) return [[8, 'no intent is in the journal']];
  const outcomes = events.filter(
    (event) => event.type === 'outcome' && event.data.call === call.id,
  );
  const settled = outcomes.length >= intents.length ? outcomes.at(-1) : undefined;
  if (settled?.type !== 'outcome') return [];
  return [[3, `sent although its outcome is known: ${settled.data.state}`]];
}
