/** What must be true when a seed is over. The monitor has looked at each change on its way. */
import { sha256 } from '../../lib/canonical.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { causeOf } from '../../lib/run/session.ts';
import { approversOf, lookOf, planOf } from './monitor.ts';
import type { Sim } from './sim.ts';

export async function checkAll(sim: Sim): Promise<void> {
  for (const run of sim.runs) {
    const events = await sim.events(run);
    if (events.length === 0) continue;
    await checkChain(sim, run);
    checkAttempts(sim, run, events);
    checkEnd(sim, run, events);
    await checkSteps(sim, run, events);
    await checkPassed(sim, run, events);
    checkApproval(sim, run, events);
    await checkReceipts(sim, run, events);
    checkOutcomes(sim, run, events);
    checkSkips(sim, run, events);
  }
  await checkWishes(sim);
  await checkUnsent(sim);
  checkEffects(sim);
  checkReplication(sim);
  await checkLedger(sim);
  checkHosts(sim);
  checkTruth(sim);
}

/** Rules 4 and 5, by what the volumes hold: one truth at a time, and nothing newer overwritten. */
function checkTruth(sim: Sim): void {
  for (const { id } of sim.config.services) {
    const { twoSided, wrongDirection } = sim.world.oracle.moves(id);
    if (twoSided.length > 0) sim.broken(5, `${id} was written to at both sides`);
    if (wrongDirection.length > 0) sim.broken(4, `${id} was copied over newer records`);
  }
}

/** Rule 13: nothing is said to anybody but gateways, and the arrays, clouds and probes of a site. */
function checkHosts(sim: Sim): void {
  const known = new Set(sim.config.sites.map(({ gateway }) => new URL(gateway).host));
  for (const { settings, cloud } of sim.base.gateways.values()) {
    const urls = [...settings.arrays.map(({ url }) => url), ...settings.probes.urls];
    for (const url of [...urls, cloud.auth.auth_url]) known.add(new URL(url).host);
  }
  for (const host of sim.hosts) {
    if (!known.has(host)) sim.broken(13, `something was sent to ${host}`);
  }
}

/** Rule 9: answered is what an answer is there for. */
function checkOutcomes(sim: Sim, run: string, events: readonly JournalEvent[]): void {
  for (const event of events) {
    if (event.type !== 'outcome' || event.data.state !== 'answered') continue;
    const { call, status = 0 } = event.data;
    const well = (status >= 200 && status < 300) || status === 404;
    if (event.evidence.length === 0 || !well)
      sim.broken(9, `${run} ${call}: answered, says the journal, and has no such answer`);
  }
}

/** Rule 3: what was called unsent never reached its target. */
async function checkUnsent(sim: Sim): Promise<void> {
  const meant = new Map<string, number>();
  for (const run of sim.runs) {
    const events = await sim.events(run);
    const plan = await planOf(sim, events);
    const looks = new Map(plan?.calls.map((call) => [call.id, lookOf(call)]));
    for (const { type, data } of events) {
      if (type !== 'intent' && type !== 'outcome') continue;
      const more = type === 'intent' ? 1 : data.state === 'void' ? -1 : 0;
      const look = looks.get(data.call) ?? '';
      meant.set(look, (meant.get(look) ?? 0) + more);
    }
  }
  for (const [look, times] of meant) {
    const reached = sim.reached.get(look) ?? 0;
    if (reached > times) sim.broken(3, `${look}: reached ${reached} times, ${times} were not void`);
  }
}

/** Rule 1: one who wishes to skip and another one who agrees, both operators. */
function checkSkips(sim: Sim, run: string, events: readonly JournalEvent[]): void {
  for (const event of events) {
    if (event.type !== 'step.finished' || event.data.result !== 'skipped') continue;
    const { step } = event.data;
    const before = events.filter(({ seq }) => seq < event.seq);
    const people = before.flatMap((one) =>
      (one.type === 'operator.skip' || one.type === 'skip.confirmed') && one.data.step === step
        ? [one.data.person]
        : [],
    );
    const operators = new Set(people).size;
    if (operators < 2) sim.broken(1, `${run} ${step}: skipped by ${operators} person`);
  }
}

/** Rule 8: the lines as stored are one chain, and no delivery is in it twice. */
async function checkChain(sim: Sim, run: string): Promise<void> {
  const lines = await sim.store.chain(`run:${run}`);
  const causes = new Set<string>();
  let before: string | undefined;
  for (const [i, { seq, line }] of lines.entries()) {
    const event: JournalEvent = JSON.parse(line);
    if (seq !== i + 1 || event.seq !== seq)
      sim.broken(8, `${run}: line ${i + 1} has number ${seq}`);
    if (before !== undefined && event.prev !== before)
      sim.broken(8, `${run}: line ${seq} breaks the chain`);
    if (event.cause !== undefined && causes.has(event.cause))
      sim.broken(8, `${run}: ${event.cause} twice`);
    if (event.cause !== undefined) causes.add(event.cause);
    before = sha256(line);
  }
}

/** Rule 3: a new attempt only after void, a refusal of the target, or a person's word. */
function checkAttempts(sim: Sim, run: string, events: readonly JournalEvent[]): void {
  const last = new Map<string, { attempt: number; state: string }>();
  for (const event of events) {
    if (event.type === 'outcome') {
      const { call, attempt, state } = event.data;
      const known = last.get(call);
      if (known?.attempt === attempt) last.set(call, { attempt, state });
    }
    if (event.type !== 'intent') continue;
    const { call, attempt, retry } = event.data;
    const known = last.get(call);
    if (known !== undefined && attempt !== known.attempt + 1) {
      sim.broken(3, `${run} ${call}: attempt ${attempt} after ${known.attempt}`);
    }
    const free = known === undefined || ['void', 'refused'].includes(known.state);
    if (!free && retry === undefined) {
      sim.broken(3, `${run} ${call}: attempt ${attempt} while the one before is ${known?.state}`);
    }
    last.set(call, { attempt, state: 'open' });
  }
}

/** Rule 1: what is called complete was approved by two who may. */
function checkApproval(sim: Sim, run: string, events: readonly JournalEvent[]): void {
  const complete = events.find((event) => event.type === 'approval.complete');
  if (complete === undefined) return;
  const approvers = approversOf(events, complete.data.planHash);
  if (approvers.size < 2) sim.broken(1, `${run}: complete with ${approvers.size} approval`);
}

/** Rule 11: each call's guards were read by the gateway and held; its receipt says so. */
async function checkReceipts(
  sim: Sim,
  run: string,
  events: readonly JournalEvent[],
): Promise<void> {
  const plan = await planOf(sim, events);
  for (const event of events) {
    if (event.type !== 'outcome' || event.data.state !== 'answered') continue;
    const blob = event.evidence[0]?.sha256;
    const call = plan?.calls.find(({ id }) => id === event.data.call);
    if (blob === undefined || call === undefined) continue;
    const receipt = JSON.parse((await sim.blobs.get(blob)).toString('utf8'));
    if (receipt.kind !== 'call') continue;
    const held = new Set(
      receipt.guards
        .filter(({ holds }: { holds: boolean }) => holds)
        .map(({ id }: { id: string }) => id),
    );
    const unread = call.guards.filter(({ id }) => !held.has(id));
    if (unread.length > 0)
      sim.broken(11, `${run} ${call.id}: ${unread.length} guards were not read`);
  }
}

/** Rule 8: whatever somebody asked for is in a journal, granted or refused. */
async function checkWishes(sim: Sim): Promise<void> {
  const journaled = new Set<string | undefined>();
  for (const run of sim.runs) {
    for (const { cause } of await sim.events(run)) journaled.add(cause);
  }
  for (const [run, deliveries] of sim.deliveries) {
    const open = new Set((await sim.store.inbox(run)).map(({ delivery }) => delivery));
    for (const delivery of deliveries) {
      if (open.has(delivery) || journaled.has(causeOf(delivery))) continue;
      sim.broken(8, `${run}: wish ${delivery} was taken and is in no journal`);
    }
  }
}

/** Rule 7: one end, said once, and never better than what was measured. */
function checkEnd(sim: Sim, run: string, events: readonly JournalEvent[]): void {
  const ends = events.filter((event) => event.type === 'run.ended');
  if (ends.length > 1) sim.broken(7, `${run} ended ${ends.length} times`);
  const [end] = ends;
  if (end === undefined) return;
  const state = foldRun(events);
  const steps = Object.entries(state.steps);
  const passed = end.data.result === 'passed';
  const worse = steps.filter(([, { state: now }]) =>
    ['skipped', 'deviated', 'failed', 'running'].includes(now),
  );
  if (passed && worse.length > 0) {
    sim.broken(
      7,
      `${run} passed with ${worse.map(([id, one]) => `${id} ${one.state}`).join(', ')}`,
    );
  }
  const failed = steps
    .flatMap(([, { checks }]) => Object.values(checks))
    .filter(({ verdict }) => verdict !== 'passed');
  if (passed && failed.length > 0) sim.broken(7, `${run} passed with failed checks`);
  if (passed && state.aborted !== undefined) sim.broken(7, `${run} passed although it was aborted`);
}

/** Rule 6: what counts as done is an effect of this run, made while the step was open. */
async function checkSteps(sim: Sim, run: string, events: readonly JournalEvent[]): Promise<void> {
  const plan = await planOf(sim, events);
  if (plan === undefined) return;
  const { calls, steps } = foldRun(events);
  for (const step of plan.steps) {
    if (steps[step.id]?.state !== 'done') continue;
    const own = plan.calls.filter((call) => call.step === step.id);
    for (const { id } of own) {
      const known = calls[id]?.state;
      if (known === undefined && step.phase === 'forward') {
        sim.broken(6, `${run} ${step.id} is done, ${id} was never handed over`);
      }
    }
  }
}

/** Rules 7 and 9: a drill that passed has booted, checked, confirmed, and left nothing. */
async function checkPassed(sim: Sim, run: string, events: readonly JournalEvent[]): Promise<void> {
  const end = events.find((event) => event.type === 'run.ended');
  if (end?.data.result !== 'passed') return;
  const plan = await planOf(sim, events);
  const checks = events.filter((event) => event.type === 'check.result');
  if (plan?.runbook.id.startsWith('drill-') && checks.length === 0)
    sim.broken(7, `${run} checked nothing`);
  if (end.data.residue.length > 0) sim.broken(7, `${run} passed and left ${end.data.residue}`);
  const confirmed = events.some((event) => event.type === 'service.confirmed');
  if (plan?.runbook.id.startsWith('drill-') && !confirmed)
    sim.broken(7, `${run}: nobody confirmed`);
  const sample = sim.world.samples.findLast(({ service }) => service === plan?.service.id);
  const drilled = plan?.runbook.id !== 'takeover';
  if (drilled && sample !== undefined && !/^PAIR \d+$/.test(sample.copies)) {
    sim.broken(7, `${run} passed, copies are ${sample.copies}`);
  }
}

/** Rule 3: the targets accepted each change once. */
function checkEffects(sim: Sim): void {
  const counts = new Map<string, number>();
  for (const { site, target, method, path, bodyHash } of sim.world.effects) {
    if (/sessions|tokens/.test(path)) continue;
    const name = [site, target, method, path, bodyHash.slice(0, 8)].join(' ');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const runs = new Set(sim.runs).size;
  for (const [name, count] of counts) if (count > runs) sim.broken(3, `${count} x ${name}`);
}

/** Rules 4 and 5: replication went on, and nothing was copied onto newer data. */
function checkReplication(sim: Sim): void {
  if (sim.world.oracle.resyncUnderPath() !== 0) sim.broken(4, 'a copy in use was resynced');
  const dead = sim.world.faultsOn().some(({ name }) => name === 'site-dead');
  const lost = sim.mainLostAt ?? (dead ? 0 : undefined);
  for (const { at, service, pvolStatus, svolStatus } of sim.world.samples) {
    if (lost !== undefined && at >= lost) continue;
    const states = [pvolStatus, svolStatus];
    if (!states.every((state) => ['PAIR', 'PFUL'].includes(state))) {
      sim.broken(5, `replication of ${service} was ${states.join('/')}`);
    }
  }
}

/** Rule 8: numbers without gaps, and the ledger is one chain. */
async function checkLedger(sim: Sim): Promise<void> {
  const lines = await sim.store.chain(`ledger:${sim.config.policy.tenant}`);
  let before: string | undefined;
  const numbers: number[] = [];
  for (const { line } of lines) {
    const record = JSON.parse(line);
    if (before !== undefined && record.prev !== before)
      sim.broken(8, `ledger: line ${record.seq} breaks the chain`);
    before = sha256(line);
    if (record.type === 'drill.opened') numbers.push(Number(/(\d+)$/.exec(record.data.drill)?.[1]));
  }
  for (const [i, number] of numbers.entries()) {
    if (number !== i + 1) sim.broken(8, `ledger: number ${number} in place ${i + 1}`);
  }
}
