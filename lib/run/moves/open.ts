/** The opening of a run, and the compiling of its plan. */
import { type FactsInput, readFacts } from '../../actions/facts.ts';
import { familiesOf } from '../../actions/families.ts';
import { canonical } from '../../canonical.ts';
import type { Config, Service } from '../../config.ts';
import { DrillbookError, nearest, type Refusal } from '../../errors.ts';
import { GatewayUnreachable } from '../../gateway/errors.ts';
import type { Drillable } from '../../gateway/protocol.ts';
import { compile, planHash } from '../../runbook/compile.ts';
import { loadRunbook, type Runbook } from '../../runbook/load.ts';
import type { Facts } from '../../runbook/plan.ts';
import type { InboxItem } from '../../store/store.ts';
import type { Engine } from '../engine.ts';
import { RunError } from '../errors.ts';
import { inboxBodySchema } from '../inbox.ts';
import { mayPreempt } from '../ranks.ts';
import { type Recording, recordReads } from '../reading.ts';
import { causeOf, DRILLBOOK, keep, type Session } from '../session.ts';
import { failoverClaim, serviceClaim } from './claims.ts';
import { endRun } from './end.ts';
import { fencedPaths } from './fenced.ts';
import { isOpen } from './locks.ts';
import { openedSite } from './opened.ts';
import { type Pace, RESOLVE_LIMIT_MS } from './pace.ts';
import { requesterBar } from './standing.ts';

/**
 * Opens the run an inbox item asks for. A service that has an open run hands the wish on to that
 * run, whose journal then says who was refused and when. Answers the run that has the wish now.
 */
export async function openRun(session: Session, item: InboxItem): Promise<string | undefined> {
  const { engine, run } = session;
  const { ask, origin } = inboxBodySchema.parse(JSON.parse(item.body));
  if (ask.verb !== 'open') return undefined;
  const holder = await claimService(session, ask);
  if (holder !== run) {
    await engine.store.putInbox({ ...item, run: holder });
    return holder;
  }
  const bar = await requesterBar(engine, await engine.directory.lookup(item.person, origin));
  const { service, runbook, drill: joins, wave } = ask;
  const { drill, hash } = await engine.ledger.openDrill({
    ...{ run, service, runbook, requester: item.person },
    ...(joins === undefined ? {} : { drill: joins }),
    ...(wave === undefined ? {} : { wave: wave.id }),
  });
  const refusal = bar ?? (joins === undefined || joins === drill ? undefined : closedDrill(joins));
  await session.open(hash, {
    type: 'run.opened',
    actor: { id: item.person, kind: 'human' },
    cause: causeOf(item.delivery),
    data: {
      ...{ drill, runbook, service, requester: item.person, via: origin.via },
      delivery: causeOf(item.delivery),
      ...(origin.channel === undefined ? {} : { channel: origin.channel }),
      ...(wave === undefined ? {} : { wave }),
      ...(refusal === undefined ? {} : { refusal }),
    },
  });
  return run;
}

const closedDrill = (drill: string): Refusal =>
  new RunError(
    'RUN-DRILL-CLOSED',
    `The run cannot join ${drill}.`,
    'No run of that drill is open.',
  ).toRefusal();

/** A failover may be asked for while a drill is open; a drill not while a failover is. */
async function claimService(
  session: Session,
  { service, runbook }: { readonly service: string; readonly runbook: string },
): Promise<string> {
  const { engine, run } = session;
  if (await isFailover(engine, runbook)) return claimName(session, failoverClaim(service));
  const failover = await engine.store.holder(failoverClaim(service));
  const taken = failover !== undefined && failover !== run && (await isOpen(engine, failover));
  return taken ? failover : claimName(session, serviceClaim(service));
}

async function isFailover(engine: Engine, runbook: string): Promise<boolean> {
  try {
    return mayPreempt(loadRunbook(await engine.runbook(runbook)).drillType);
  } catch (error) {
    // What is wrong with the runbook is said when the plan is made.
    if (error instanceof DrillbookError) return false;
    throw error;
  }
}

async function claimName({ engine, run }: Session, name: string): Promise<string> {
  const holder = await engine.store.claim(name, run);
  if (holder === run || (await isOpen(engine, holder))) return holder;
  return engine.store.claim(name, run);
}

/** The end of a run whose requester may not ask: the refusal is told, nothing was looked at. */
export async function turnAway(session: Session): Promise<Pace> {
  const opened = session.state().opened;
  if (opened?.refusal === undefined) return { next: 'again' };
  const { requester: person, delivery, refusal } = opened;
  if (!session.events().some((event) => event.type === 'refused')) {
    const data = { person, verb: 'open', delivery, refusal };
    await session.append({ type: 'refused', actor: { id: person, kind: 'human' }, data });
  }
  await endRun(session, 'denied', [`${refusal.code}: ${refusal.what} ${refusal.why}`]);
  return { next: 'again' };
}

/** Reads the facts, compiles the plan and journals its hash; an impossible plan ends the run. */
export async function resolvePlan(session: Session): Promise<Pace> {
  const { engine } = session;
  const opened = session.state().opened;
  if (opened === undefined) return { next: 'again' };
  const reads = recordReads(engine);
  try {
    await compileAndKeep(session, reads);
    return { next: 'again' };
  } catch (error) {
    if (!(error instanceof DrillbookError)) throw error;
    const patient = engine.clock.now() < opened.at + RESOLVE_LIMIT_MS;
    if (patient && isSilence(error, reads)) return { next: 'wait', ms: 5_000 };
    await endRun(session, 'failed', [`${error.code}: ${error.what} ${error.why} ${error.next}`]);
    return { next: 'again' };
  }
}

async function compileAndKeep(session: Session, reads: Recording): Promise<void> {
  const { engine, run } = session;
  const opened = session.state().opened;
  if (opened === undefined) return;
  const config = await engine.config();
  const service = findService(config, opened.service);
  const source = await engine.runbook(opened.runbook);
  const runbook = loadRunbook(source);
  const facts = await gatherFacts(engine, { config, service, runbook, reads });
  const { actions } = engine;
  const plan = compile({ run, runbook, source: source.text, service, config, facts, actions });
  const readings = await reads.evidence('readings-plan');
  const evidence = [
    await keep(engine, { label: 'plan', text: canonical(plan) }),
    await keep(engine, { label: 'runbook', text: source.text, media: 'application/yaml' }),
    await keep(engine, { label: 'configuration', text: canonical(configOf(config, service)) }),
    ...(readings === undefined ? [] : [readings]),
  ];
  await session.append({
    type: 'plan.resolved',
    actor: DRILLBOOK,
    evidence,
    data: {
      planHash: planHash(plan),
      factsHash: plan.factsHash,
      calls: plan.calls.length,
      class: plan.class,
    },
  });
  await session.loadPlan();
}

/**
 * What the plan was compiled with; of people ids, roles and keys, no personal data. All services go
 * to the gateways with it: cut off from everything, any of them can be failed over from there.
 */
export function configOf(config: Config, service: Service) {
  const { sites, services, policy } = config;
  const people = config.people.map(({ id, roles, flags, keys }) => ({
    ...{ id, roles, flags },
    ...(keys === undefined ? {} : { keys }),
  }));
  // A copy: canonical JSON takes an object that stands in two places for a circle.
  const { tenant } = policy;
  return { sites, service: structuredClone(service), tenant, services, policy, people };
}

/** Something did not answer, or answered that it cannot now: that says nothing about the facts. */
export const isSilence = (error: DrillbookError, reads: Recording): boolean =>
  error instanceof GatewayUnreachable || reads.unanswered() > 0;

/** Reads every family of facts that the runbook's actions declare. */
export async function gatherFacts(
  engine: Engine,
  given: { config: Config; service: Service; runbook: Runbook; reads: Recording },
): Promise<Facts> {
  const { config, service, runbook, reads } = given;
  const undo = runbook.steps.flatMap((step) => step.undo ?? []);
  const steps = [...runbook.steps, ...undo, ...runbook.always];
  const families = familiesOf(engine.actions, steps);
  const drillable: Record<string, Drillable> = {};
  const tasks: NonNullable<FactsInput['tasks']> = {};
  for (const [site, gateway] of engine.gateways) {
    if (runbook['gives-up']?.includes(site)) continue;
    const health = await gateway.health();
    drillable[site] = health.drillable;
    tasks[site] = health.tasks ?? [];
  }
  const roles = [runbook.approval.role];
  const fenced = families.includes('fenced') ? await fencedPaths(engine, service) : undefined;
  const opened = families.includes('takeover') ? await openedSite(engine, service) : undefined;
  const known = {
    ...(opened === undefined ? {} : { opened }),
    ...(fenced === undefined ? {} : { fenced }),
    ...(families.includes('tasks') ? { tasks } : {}),
  };
  return readFacts({ service, config, read: reads.read, drillable, families, roles, ...known });
}

export function findService(config: Config, id: string): Service {
  const service = config.services.find((candidate) => candidate.id === id);
  if (service !== undefined) return service;
  const near = nearest(
    id,
    config.services.map((candidate) => candidate.id),
  );
  throw new RunError(
    'RUN-UNKNOWN-SERVICE',
    `There is no service "${id}".`,
    near === undefined ? 'No configured name is near to it.' : `Did you mean "${near}"?`,
  );
}
