/**
 * A runbook carried out step by step: compiled, registered, approved, and each step observed, judged
 * and sent through the gateways until all it wanted is so. What the engine does, without its journal.
 */
import { readFileSync } from 'node:fs';
import type { Mine, PersonAnswer, StepView } from '../../lib/actions/action.ts';
import { readFacts } from '../../lib/actions/facts.ts';
import { actions } from '../../lib/actions/index.ts';
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { Asked } from '../../lib/gateway/protocol.ts';
import { parsed } from '../../lib/run/reading.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { CONTROL_PLANE } from '../../lib/worker.ts';
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

const RUN = 'r-0123456789';

/** The runbook with only these steps, always-steps included. */
function runbookOf(steps: readonly string[]): string {
  const text = readFileSync('runbooks/drill-copy.yml', 'utf8');
  const blocks = text.split(/\n(?= {2}- id: |always:)/);
  const kept = blocks.filter((block) => {
    const id = /^ {2}- id: (\S+)/.exec(block)?.[1];
    return id === undefined || steps.includes(id);
  });
  return kept.join('\n');
}

export async function openCourse(house: House, steps: readonly string[]): Promise<Course> {
  const plan = await planOf(house, steps);
  await approve(house, plan);
  const asked = new Map<string, Asked>();
  const mine: Record<string, Mine> = {};
  for (const { id } of plan.calls) mine[id] = { attempt: 0, state: 'none' };
  const readings: Record<string, unknown> = {};

  async function send(call: PlanCall): Promise<void> {
    const key = callKey({ run: plan.run, callId: call.id, attempt: 1 });
    const gateway = house.gateways[call.site];
    const at = house.clock.now();
    const intent = { planHash: hashOf(plan), callId: call.id, attempt: 1, epoch: 1 };
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
      for (const call of ready) await send(call);
      const states = Object.values(judged.verdicts).map(({ state }) => state);
      const isOver = states.every((state) => state === 'done') || states.includes('refuse');
      if (isOver || now - startedAt > found.withinMs) return outcomeOf(judged);
      await house.clock.sleep(house.site.kind === 'rig' ? 300 : action.pollMs);
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

async function planOf({ gateways, config, service, read, site }: House, steps: readonly string[]) {
  const source = runbookOf(steps);
  const runbook = loadRunbook({ file: 'runbooks/drill-copy.yml', text: source }, actions);
  const drillable = Object.fromEntries(
    await Promise.all(
      Object.entries(gateways).map(async ([id, one]) => [id, (await one.health()).drillable]),
    ),
  );
  const uses = [...runbook.steps, ...runbook.always].map((one) => one.uses);
  const families = [...new Set(uses.flatMap((name) => actions.get(name)?.facts ?? []))];
  const measured = site.kind === 'twin' ? service.checks : service.checks.filter(isSeenFromOutside);
  const known = { ...service, checks: measured };
  const facts = await readFacts({ service: known, config, read, drillable, families });
  return compile({ run: RUN, runbook, source, service: known, config, facts, actions });
}

/** The servers of the rig run nothing, so nobody answers inside them. */
const isSeenFromOutside = ({ kind }: { readonly kind: string }) => kind === 'server-active';

async function approve({ gateways, config, keys, clock }: House, plan: Plan): Promise<void> {
  const planHash = hashOf(plan);
  const people = config.people.filter(
    ({ roles, flags }) => roles.includes('dr-approver') && flags.length === 0,
  );
  const statements = people.slice(0, 2).map(({ id }) =>
    signStatement(
      {
        ...{ v: 1, run: plan.run, planHash, factsHash: plan.factsHash, decision: 'approve' },
        ...{ person: id, role: 'dr-approver', class: 'copy', gateways: plan.sites.slice() },
        ...{ notAfter: clock.now() + 3_600_000, nonce: `n-${id}` },
      },
      { keyId: CONTROL_PLANE, privateKey: keys.controlPlane },
    ),
  );
  for (const gateway of Object.values(gateways)) {
    await gateway.register({ plan, runbook: 'as in the tests', config: {} });
    await gateway.approve({ planHash, statements });
  }
}
