/**
 * A run goes on at a gateway: its journal as kept here, two people who sign with their own keys, and
 * an epoch above the one that the lost plane holds, so that its calls are refused from then on.
 */
import { offerOf } from '../../approval/statement.ts';
import { type WordCode, wordsOf } from '../../approval/words.ts';
import { canonical } from '../../canonical.ts';
import { type JournalEvent, parseEvent } from '../../run/events.ts';
import { foldRun } from '../../run/fold.ts';
import { journalChain } from '../../run/journal.ts';
import { rankOf } from '../../run/ranks.ts';
import { DRILLBOOK, keep, openSession } from '../../run/session.ts';
import type { Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { SignedStatement, Statement } from '../protocol.ts';
import type { Plane } from './plane.ts';

/** A run as this gateway's disk has it. */
export interface KeptRun {
  readonly run: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly words: WordCode;
  readonly events: readonly JournalEvent[];
  readonly lines: readonly string[];
}

/** For so long people may take to sign, ms. */
const SIGN_WITHIN_MS = 3_600_000;

/** Throws GW-ALONE-RUN when the run is not here, has ended, or was never approved. */
export function keptRun({ entries }: Pick<Plane, 'entries'>, run: string): KeptRun {
  const lines = entries.flatMap((entry) =>
    entry.type === 'lines' && entry.run === run ? entry.lines : [],
  );
  const events = lines.map(parseEvent);
  const state = foldRun(events);
  const found = entries.findLast((entry) => entry.type === 'plan' && entry.plan.run === run);
  if (found?.type !== 'plan' || state.opened === undefined) {
    throw refusal(run, `Its journal has ${lines.length} lines here, and ${plansOf(entries)}.`);
  }
  if (state.approval?.state !== 'complete') {
    throw refusal(run, 'It was not approved when this gateway last heard of it: nothing was sent.');
  }
  const { plan, planHash } = found;
  return { run, plan, planHash, words: wordsOf(plan, planHash), events, lines };
}

/**
 * Texts that its journal names and that never came here, registration included: without them no
 * evidence pack can be made at this gateway, and the control plane makes it after `join`.
 */
export async function absentTexts(plane: Plane, { run, events }: KeptRun): Promise<string[]> {
  await bringBlobs(plane, run);
  const absent: string[] = [];
  for (const { label, sha256 } of events.flatMap(({ evidence }) => evidence)) {
    const there = await plane.engine.blobs.get(sha256).catch(() => undefined);
    if (there === undefined) absent.push(`${label} ${sha256.slice(0, 8)}`);
  }
  return absent;
}

/** Runs that could be continued here, oldest first. */
export function openRuns({ entries }: Pick<Plane, 'entries'>): readonly string[] {
  const runs = new Set(entries.flatMap((entry) => (entry.type === 'lines' ? [entry.run] : [])));
  return [...runs].filter((run) => {
    const lines = entries.flatMap((one) =>
      one.type === 'lines' && one.run === run ? one.lines : [],
    );
    return !lines.some((line) => parseEvent(line).type === 'run.ended');
  });
}

/** What each of the two people signs: the plan as it is registered here, for this gateway. */
export function offerHere(
  { engine, site }: Pick<Plane, 'engine' | 'site'>,
  { plan, planHash }: Pick<KeptRun, 'plan' | 'planHash'>,
): Omit<Statement, 'person' | 'nonce'> {
  const within = Math.min(SIGN_WITHIN_MS, plan.approval.expiresMs);
  const offer = offerOf(plan, { planHash, notAfter: engine.clock.now() + within });
  return { ...offer, gateways: [...new Set([...offer.gateways, site])] };
}

export interface Takeover {
  readonly statements: readonly SignedStatement[];
  readonly reason: string;
}

/**
 * Repeatable after a crash at any point. The gateway itself judges the statements; rejects with its
 * refusal, or with GW-ALONE-PEOPLE when they are not of two people with keys of their own.
 */
export async function continueRun(
  plane: Plane,
  kept: KeptRun,
  { statements, reason }: Takeover,
): Promise<void> {
  const { engine, site } = plane;
  const { run, plan, planHash, events, lines } = kept;
  const people = twoPeople(plane, statements);
  await bringBlobs(plane, run);
  for (const line of lines) {
    const { seq, id } = parseEvent(line);
    await engine.store.append(journalChain(run), { seq, id, line });
  }
  const opened = foldRun(events).opened;
  const [first] = events;
  if (opened === undefined || first === undefined) throw refusal(run, 'It has no first line.');
  const { drill, service, runbook, requester } = opened;
  await plane.ledger.continueDrill({ run, drill, service, runbook, requester, opened: first.prev });
  const session = await openSession(engine, run);
  if (session.state().continuedAt === site) return;
  const gateway = engine.gateways.get(site);
  if (gateway === undefined) throw refusal(run, `sites.yml does not name ${site}.`);
  const { covered } = await gateway.approve({ planHash, statements: [...statements] });
  const holder = (await gateway.health()).epochs?.[plan.unit];
  const epoch = Math.max(session.state().epoch, holder?.epoch ?? 0) + 1;
  const lock = await engine.store.lock(plan.unit);
  if (lock?.run !== run) {
    await engine.store.putLock(plan.unit, { epoch, run, rank: rankOf(plan.drillType) }, lock);
  }
  await session.append({
    type: 'plane.continued',
    actor: DRILLBOOK,
    evidence: [await keep(engine, { label: `statements-${site}`, text: canonical(statements) })],
    data: { site, people: [...people], reason, epoch },
  });
  if (session.state().delivered.includes(site)) return;
  const actor = { id: `gateway:${site}`, kind: 'system' } as const;
  await session.append({ type: 'approval.delivered', actor, data: { planHash, site, covered } });
}

/** Two people have signed already: whoever starts again goes on. */
export async function isContinued({ engine, site }: Plane, run: string): Promise<boolean> {
  const chain = await engine.store.chain(journalChain(run));
  return foldRun(chain.map(({ line }) => parseEvent(line))).continuedAt === site;
}

function twoPeople(plane: Plane, statements: readonly SignedStatement[]): readonly string[] {
  const people = new Set(
    statements
      .filter(({ statement, witness }) => {
        const person = plane.trust().people.find(({ id }) => id === statement.person);
        return person?.keys?.some(({ id }) => id === witness) === true;
      })
      .map(({ statement }) => statement.person),
  );
  if (people.size >= 2) return [...people];
  throw new GatewayError('GW-ALONE-PEOPLE', 'Nothing is continued.', {
    why: `Signed with a key of their own have ${[...people].join(', ') || 'none'}.`,
  });
}

/** Texts that came with the registration: plan, runbook, configuration. */
async function bringBlobs({ engine, entries }: Plane, run: string): Promise<void> {
  for (const entry of entries) {
    if (entry.type === 'plan' && entry.plan.run === run) {
      for (const text of [canonical(entry.plan), entry.runbook, canonical(entry.config)]) {
        await engine.blobs.put(text);
      }
    }
  }
}

const plansOf = (entries: Plane['entries']): string =>
  `${entries.filter(({ type }) => type === 'plan').length} plans are registered`;

const refusal = (run: string, why: string): GatewayError =>
  new GatewayError('GW-ALONE-RUN', `Run ${run} cannot be continued here.`, { why });
