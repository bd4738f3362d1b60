/**
 * Stands in front of every array and cloud and looks at each change the instant before it arrives:
 * what the rules promise must be in the journal by then. It knows the journal and the plan, nothing
 * of how engine and gateways decide.
 */
import { canonical, hashOf } from '../../lib/canonical.ts';
import type { HttpRequest } from '../../lib/http.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Plan, type PlanCall, planSchema } from '../../lib/runbook/plan.ts';
import type { Sim } from './sim.ts';

export interface Monitor {
  beforeTarget(site: string, request: HttpRequest): Promise<void>;
  /** A line has come to stand in the journal of a run. */
  afterLine(event: JournalEvent): void;
}

export const isChange = ({ method, url }: HttpRequest): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  !/\/(sessions|auth\/tokens)(\/|$)/.test(new URL(url).pathname);

export function openMonitor(sim: Sim): Monitor {
  const epochs = openEpochs(sim);
  return {
    beforeTarget: async (site, request) => {
      if (!isChange(request)) return;
      const { pathname } = new URL(request.url);
      const label = `${request.method} ${pathname} at ${site}`;
      const cases = await casesOf(sim, site, request);
      if (cases.length === 0) return sim.broken(2, `${label} is in no plan`);
      // Calls that differ only in what fills their holes look alike here: one without blame is enough.
      const judged = cases.map((one) => ({
        ...one,
        problems: [
          ...problemsOf(sim, one),
          ...intentProblems(sim, one, cases),
          ...epochs.problemsOf(one),
        ],
      }));
      const best = judged.find(({ problems }) => problems.length === 0) ?? judged[0];
      if (best === undefined) return;
      sim.note(`${best.run} ${best.call.id} reaches ${site}`);
      const look = lookOf(best.call);
      for (const name of [look, `${best.run} ${look}`]) {
        sim.reached.set(name, (sim.reached.get(name) ?? 0) + 1);
      }
      for (const [rule, what] of best.problems) {
        sim.broken(rule, `${best.call.id} of ${best.run}: ${what}`);
      }
    },
    afterLine: (event) => {
      epochs.afterLine(event);
      checkCommand(sim, event);
      if (event.type !== 'approval.granted' || event.data.via !== 'slack') return;
      // Whoever was asked in the seconds before may have answered.
      const since = sim.slackAwaySince;
      const long = since !== undefined && sim.time.now() > since + 60_000;
      if (long || sim.silentSince !== undefined) {
        sim.broken(12, `${event.run}: an approval counts while nobody can be asked who it is`);
      }
    },
  };
}

/** Rule 10: an operator is heard over the command line, whatever Slack does. */
function checkCommand(sim: Sim, event: JournalEvent): void {
  if (event.type !== 'refused' || !sim.commanded.has(event.cause ?? '')) return;
  const { person, verb, refusal } = event.data;
  const roles = sim.base.config.people.find(({ id }) => id === person)?.roles ?? [];
  const plain = ['pause', 'resume', 'retry', 'abort', 'note'].includes(verb);
  if (plain && refusal.code === 'RUN-ROLE' && roles.includes('operator'))
    sim.broken(10, `${event.run}: ${person} may ${verb}, and is not heard without Slack`);
}

/** Rule 5: once a gateway knows who holds a unit, nothing that another run wishes later gets there. */
function openEpochs(sim: Sim) {
  const announced = new Map<string, { readonly epoch: number; readonly at: number }>();
  const wished = new Map<string, number>();
  return {
    afterLine: ({ type, data }: JournalEvent): void => {
      if (type === 'intent') wished.set(data.key, sim.time.now());
      if (type !== 'epoch.announced') return;
      const name = `${data.site} ${data.unit}`;
      const known = announced.get(name);
      if (known !== undefined && known.epoch >= data.epoch) return;
      announced.set(name, { epoch: data.epoch, at: sim.time.now() });
    },
    problemsOf: ({ plan, call, events }: Case): [number, string][] => {
      const intent = events.findLast(
        (event) => event.type === 'intent' && event.data.call === call.id,
      );
      const holder = announced.get(`${call.site} ${plan.unit}`);
      if (intent?.type !== 'intent' || holder === undefined) return [];
      const { epoch, key } = intent.data;
      if (epoch >= holder.epoch || (wished.get(key) ?? 0) <= holder.at) return [];
      return [[5, `epoch ${epoch}, but epoch ${holder.epoch} holds the unit`]];
    },
  };
}

/** Calls that look alike but for what fills their holes have one name. */
export const lookOf = ({ site, method, path, body }: PlanCall): string =>
  [site, method, path, canonical(body ?? null)].join(' ').replace(HOLE, '*');

const HOLE = /\{\{[a-z0-9]+\}\}/g;

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
    .split(HOLE)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/"]+');

interface Case {
  readonly run: string;
  readonly plan: Plan;
  readonly call: PlanCall;
  readonly events: readonly JournalEvent[];
}

/** Rules 1 to 5, 8 and 12 as far as journal and world can show them at this instant. */
function problemsOf(sim: Sim, one: Case): [number, string][] {
  return [
    ...approvalProblems(sim, one),
    ...factProblems(sim, one),
    ...directionProblems(sim, one),
    ...takeoverProblems(sim, one),
  ];
}

/** Rules 1 and 12: two who may, neither of them the requester, and nobody against it. */
function approvalProblems(sim: Sim, { plan, call, events }: Case): [number, string][] {
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
  if (needsSignature(call.class)) {
    for (const event of events) {
      if (event.type !== 'approval.granted' || !approvers.has(event.data.person)) continue;
      const own = sim.base.config.people.find(({ id }) => id === event.data.person)?.keys ?? [];
      const by = event.data.signed?.witness;
      if (!own.some(({ id }) => id === by))
        found.push([1, `${event.data.person} has not signed with an own key`]);
    }
  }
  return found;
}

const needsSignature = (danger: PlanCall['class']): boolean =>
  danger === 'data' || danger === 'takeover';

/** Rule 2: what people approved is what is so, and they are still who they were. */
function factProblems(sim: Sim, { run, plan, call, events }: Case): [number, string][] {
  const found: [number, string][] = [];
  const last = (type: JournalEvent['type']) => events.findLast((event) => event.type === type);
  const void_ = last('approval.voided') ?? last('approval.expired');
  if (void_ !== undefined && call.phase === 'forward') found.push([2, `sent after ${void_.type}`]);
  const checked = events.filter((event) => event.type === 'facts.checked');
  if (!checked.some(({ data }) => data.at === 'first-call')) {
    found.push([2, 'the facts were not read again']);
  }
  if (checked.at(-1)?.data.verdict === 'worse') found.push([2, 'the facts were worse']);
  const first = !events.some((event) => event.type === 'outcome');
  if (sim.stale.has(run) && call.phase === 'forward' && first) {
    found.push([2, 'the facts have changed since they were approved']);
  }
  // A directory that is silent takes nothing back.
  if (first && call.phase === 'forward' && !isSilent(sim)) {
    for (const person of approversOf(events, hashOf(plan))) {
      if (sim.gone.get(person) === run) found.push([2, `${person} has left since approving`]);
    }
  }
  return found;
}

const isSilent = ({ slackAwaySince, silentSince }: Sim): boolean =>
  slackAwaySince !== undefined || silentSince !== undefined;

/** Rule 4: what others split may hold newer data; and once undoing began nothing goes forward. */
function directionProblems(sim: Sim, { run, plan, call }: Case): [number, string][] {
  const found: [number, string][] = [];
  const reached = (wanted: (one: PlanCall) => boolean) =>
    plan.calls.some((one) => wanted(one) && sim.reached.has(`${run} ${lookOf(one)}`));
  if (/local-clone.*\/resync/.test(call.path) && plan.runbook.id !== 'copies-resync') {
    const split = reached(({ path }) => /local-clone.*\/split/.test(path));
    if (!split) found.push([4, 'copies are resynced that this run did not split']);
  }
  if (call.phase === 'forward' && reached(({ phase }) => phase === 'undo'))
    found.push([4, 'sent forward although undoing has begun']);
  return found;
}

/**
 * Rule 5: DR opens its volumes only when main cannot write, and two people have seen that. While both
 * sites live the sides are exchanged only when nobody writes anywhere.
 */
function takeoverProblems(sim: Sim, { call, events, plan }: Case): [number, string][] {
  if (!/\/takeover(\/|$)/.test(call.path)) return [];
  if (JSON.stringify(call.body).includes('auto')) {
    const { writing } = sim.world.oracle.moves(plan.service.id);
    return writing.map((site) => [5, `hosts at ${site} still write`]);
  }
  const found: [number, string][] = [];
  const dead = sim.world.faultsOn().some(({ name, where }) => {
    return name === 'site-dead' && where === 'main';
  });
  if (!dead) found.push([5, 'main can still write']);
  const seen = events.filter((event) => event.type === 'manual.step');
  const people = new Set(seen.map(({ data }) => data.person));
  const parts = new Set(seen.map(({ data }) => data.part));
  if (people.size < 2 || parts.size < 2) found.push([5, 'two people have not seen main fenced']);
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

/** Rule 3: as many messages as intents, and none whose fate is known. */
function intentProblems(
  sim: Sim,
  { call, events }: Case,
  alike: readonly Case[],
): [number, string][] {
  const intents = events.filter((event) => event.type === 'intent' && event.data.call === call.id);
  if (intents.length === 0) return [[8, 'no intent is in the journal']];
  const meant = alike.flatMap((one) =>
    one.events.filter((event) => event.type === 'intent' && event.data.call === one.call.id),
  );
  const before = sim.reached.get(lookOf(call)) ?? 0;
  if (before >= meant.length) return [[3, `sent ${before + 1} times, meant ${meant.length}`]];
  const outcomes = events.filter(
    (event) => event.type === 'outcome' && event.data.call === call.id,
  );
  const settled = outcomes.length >= intents.length ? outcomes.at(-1) : undefined;
  if (settled?.type !== 'outcome') return [];
  return [[3, `sent although its outcome is known: ${settled.data.state}`]];
}
