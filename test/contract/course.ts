/**
 * A runbook carried out step by step: compiled, registered, approved, and each step observed, judged
 * and sent through the gateways until all it wanted is so. What the engine does, without its journal.
 */
import { readFileSync } from 'node:fs';
import type { Mine, PersonAnswer, StepView } from '../../lib/actions/action.ts';
import { readFacts } from '../../lib/actions/facts.ts';
import { familiesOf } from '../../lib/actions/families.ts';
import { actions } from '../../lib/actions/index.ts';
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { Asked, Gateway } from '../../lib/gateway/protocol.ts';
import { parsed } from '../../lib/run/reading.ts';
import { isDone } from '../../lib/run/verdict.ts';
import type { Bound } from '../../lib/runbook/bound.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import type { House } from './house.ts';

export interface Course {
  readonly plan: Plan;
  /** What became of each call. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** Carries one step out; what its last verdicts and checks said. */
  step(id: string, people?: readonly PersonAnswer[]): Promise<Outcome>;
}

export interface Outcome {
  /** By call id, or the step's own id. */
  readonly states: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
}

export interface Wish {
  /** `drill-copy` unless given. */
  readonly runbook?: string;
  /** Of the runbook; only these are carried out. */
  readonly steps: readonly string[];
  /** Which of the runs in one house it is, from 1. */
  readonly epoch?: number;
  /** Paths that an earlier run removed, by site. */
  readonly fenced?: Bound['fenced'];
}

/** The runbook with only these steps, always-steps included. */
function runbookOf({ steps }: Wish, file: string): string {
  const text = readFileSync(file, 'utf8');
  const blocks = text.split(/\n(?= {2}- id: |always:)/);
  const kept = blocks.filter((block) => {
    const id = /^ {2}- id: (\S+)/.exec(block)?.[1];
    return id === undefined || steps.includes(id);
  });
  return kept.join('\n');
}

export async function openCourse(house: House, wish: Wish): Promise<Course> {
  const { epoch = 1 } = wish;
  const plan = await planOf(house, wish);
  await approve(house, plan, epoch);
  const asked = new Map<string, Asked>();
  const mine: Record<string, Mine> = {};
  for (const { id } of plan.calls) mine[id] = { attempt: 0, state: 'none' };
  const readings: Record<string, unknown> = {};

  async function send(call: PlanCall): Promise<void> {
    const key = callKey({ run: plan.run, callId: call.id, attempt: 1 });
    const gateway = house.gateways[call.site];
    const at = house.clock.now();
    const intent = { planHash: hashOf(plan), callId: call.id, attempt: 1, epoch };
    await gateway?.put(key, { ...intent, putBy: at + 30_000 });
    await house.settled();
    const answer = await gateway?.ask(key);
    if (answer === undefined) throw new Error(`no gateway at ${call.site}`);
    asked.set(call.id, answer);
    mine[call.id] = mineOf(answer, at);
  }

  async function step(id: string, people: readonly PersonAnswer[] = []): Promise<Outcome> {
    const found = plan.steps.find((one) => one.id === id);
    const action = actions.get(found?.uses ?? '');
    if (found === undefined || action === undefined) throw new Error(`no step ${id}`);
    const input = action.input.parse(found.input);
    const calls = plan.calls.filter((call) => call.step === id);
    const startedAt = house.clock.now();
    for (;;) {
      const now = house.clock.now();
      const common = { plan, step: found, calls, mine, marks: {}, readings };
      const view: StepView = { ...common, people, startedAt, now };
      const judged = action.judge(await action.observe(view, input, house.read), input, view);
      for (const [name, { reading }] of Object.entries(judged.verdicts)) {
        if (reading !== undefined) readings[name] = reading;
      }
      const ready = calls.filter((call) => judged.verdicts[call.id]?.state === 'ready');
      for (const call of ready) {
        await send(call);
        const { state, status, answer } = mine[call.id] ?? { state: 'none' };
        if (state !== 'refused') continue;
        // Nobody sends it again by himself.
        const reasons = [`HTTP ${status}: ${JSON.stringify(answer)}`];
        return { states: { [call.id]: 'refuse' }, reasons, checks: {} };
      }
      const states = Object.values(judged.verdicts).map(({ state }) => state);
      const isOver = Object.values(judged.verdicts).every(isDone) || states.includes('refuse');
      if (isOver || now - startedAt > found.withinMs) return outcomeOf(judged);
      await house.clock.sleep(house.site.kind === 'rig' ? 300 : 1_000);
    }
  }
  return { plan, asked, step };
}

function outcomeOf(judged: ReturnType<NonNullable<ReturnType<typeof actions.get>>['judge']>) {
  const entries = Object.entries(judged.verdicts);
  return {
    states: Object.fromEntries(entries.map(([name, { state }]) => [name, state])),
    reasons: entries.flatMap(([, { reason }]) => reason ?? []),
    checks: Object.fromEntries((judged.checks ?? []).map((one) => [one.check, one.verdict])),
  };
}

function mineOf({ state, receipt }: Asked, at: number): Mine {
  if (state !== 'answered' || receipt === undefined) return { attempt: 1, state: 'lost', at };
  if (receipt.kind === 'not-needed') return { attempt: 1, state: 'not-needed', at };
  const { status, method, body } = receipt;
  const well = status < 300 || (method === 'DELETE' && status === 404);
  const answer = parsed(body);
  return { attempt: 1, state: well ? 'answered' : 'refused', at, status, answer };
}

async function planOf({ gateways, config, service, read, site }: House, wish: Wish) {
  const { runbook: name = 'drill-copy', epoch = 1, fenced } = wish;
  const file = `runbooks/${name}.yml`;
  const source = runbookOf(wish, file);
  const runbook = loadRunbook({ file, text: source }, actions);
  const drillable = Object.fromEntries(
    await Promise.all(
      kept(gateways, runbook['gives-up']).map(async (one) => [
        one.site,
        (await one.health()).drillable,
      ]),
    ),
  );
  const undo = runbook.steps.flatMap((step) => step.undo ?? []);
  const families = familiesOf(actions, [...runbook.steps, ...undo, ...runbook.always]);
  const measured = site.kind === 'twin' ? service.checks : service.checks.filter(isSeenFromOutside);
  const known = { ...service, checks: measured };
  const before = fenced === undefined ? {} : { fenced };
  const input = { service: known, config, read, drillable, families, ...before };
  const facts = await readFacts(input);
  const run = `r-${String(epoch).padStart(10, '0')}`;
  return compile({ run, runbook, source, service: known, config, facts, actions });
}

/** The gateways of the sites that a runbook does not give up. */
const kept = (gateways: House['gateways'], givenUp: readonly string[] = []): Gateway[] =>
  Object.values(gateways).filter(({ site }) => !givenUp.includes(site));

/** The servers of the rig run nothing, so nobody answers inside them. */
const isSeenFromOutside = ({ kind }: { readonly kind: string }) => kind === 'server-active';

/** Two people, each with a key of their own, and the unit is this run's from now on. */
async function approve(house: House, plan: Plan, epoch: number): Promise<void> {
  const { gateways, config, clock } = house;
  const planHash = hashOf(plan);
  const people = config.people.filter(
    ({ roles, flags }) => roles.includes('dr-approver') && flags.length === 0,
  );
  const statements = people.slice(0, 2).map(({ id, handle }) =>
    signStatement(
      {
        ...{ v: 1, run: plan.run, planHash, factsHash: plan.factsHash, decision: 'approve' },
        ...{ person: id, role: 'dr-approver', class: plan.class, gateways: plan.sites.slice() },
        ...{ notAfter: clock.now() + 3_600_000, nonce: `n-${plan.run}-${id}` },
      },
      house.ownKey(handle),
    ),
  );
  const { unit, run } = plan;
  for (const gateway of kept(gateways, plan.givesUp)) {
    await gateway.register({ plan, runbook: 'as in the tests', config: {} });
    await gateway.approve({ planHash, statements });
    await gateway.announce({ unit, epoch, planHash, run });
  }
}
