/** What of a log must stay at hand when its closed runs go to the archive. Pure. */
import { sha256 } from '../../../canonical.ts';
import type { Plan } from '../../../runbook/plan.ts';
import type { Entry } from '../entries.ts';

type Of<T extends Entry['type']> = Extract<Entry, { type: T }>;
type Closed = Of<'closed'>;

/** The entries that stay, in their order, and one `closed` for each run that goes; undefined: none. */
export function condense(entries: readonly Entry[], at: number): Entry[] | undefined {
  const plans = new Map(only(entries, 'plan').map((entry) => [entry.planHash, entry.plan]));
  const ended = closedRuns(entries, plans);
  if (ended.size === 0) return undefined;
  const runs = runsOf(entries, plans);
  const kept = entries.filter((entry) => {
    const run = runs(entry);
    return run === undefined || !ended.has(run);
  });
  const closed = [...ended].map((run) => close(run));
  return [...kept.filter(({ type }) => type !== 'born' && type !== 'segment'), ...closed];

  /** What was closed before and then had more to say is closed again, with all it ever did. */
  function close(run: string): Closed {
    const mine = entries.filter((entry) => runs(entry) === run);
    const before = only(mine, 'closed').at(-1);
    const sent = sentOf(mine);
    const [, plan] = [...plans].find(([, one]) => one.run === run) ?? [];
    const [first] = sent;
    const last = only(mine, 'lines').at(-1);
    const tail = last?.lines.at(-1);
    const journal =
      last === undefined || tail === undefined
        ? before?.journal
        : { have: last.from + last.lines.length - 1, tail: sha256(tail) };
    return {
      ...{ type: 'closed', at, run, sent, unit: plan?.unit ?? before?.unit ?? '' },
      ...(journal === undefined ? {} : { journal }),
      epoch: Math.max(0, ...sent.map(({ record }) => record.epoch)),
      ...(first === undefined ? {} : { planHash: first.record.planHash }),
    };
  }
}

/** Runs whose journal says that they ended, or whose protection unit went to a newer epoch. */
function closedRuns(entries: readonly Entry[], plans: ReadonlyMap<string, Plan>): Set<string> {
  const ended = new Set<string>();
  for (const { run, lines } of only(entries, 'lines')) {
    if (lines.some((line) => JSON.parse(line).type === 'run.ended')) ended.add(run);
  }
  const epochs = new Map<string, number>();
  const latest = new Map<string, { unit: string; epoch: number }>();
  for (const { planHash, epoch } of only(entries, 'accepted')) {
    const plan = plans.get(planHash);
    if (plan === undefined) continue;
    epochs.set(plan.unit, Math.max(epoch, epochs.get(plan.unit) ?? 0));
    latest.set(plan.run, { unit: plan.unit, epoch });
  }
  for (const [run, { unit, epoch }] of latest) if (epoch < (epochs.get(unit) ?? 0)) ended.add(run);
  return ended;
}

/** The run an entry is about; undefined for what belongs to no run, which always stays. */
function runsOf(
  entries: readonly Entry[],
  plans: ReadonlyMap<string, Plan>,
): (entry: Entry) => string | undefined {
  const keys = new Map<string, string | undefined>();
  for (const entry of entries) {
    if (entry.type === 'closed')
      for (const { record } of entry.sent) keys.set(record.key, entry.run);
    if (entry.type !== 'accepted' && entry.type !== 'not-needed') continue;
    keys.set(entry.key, plans.get(entry.planHash)?.run);
  }
  return (entry) => {
    switch (entry.type) {
      case 'plan':
      case 'approvals':
      case 'accepted':
      case 'not-needed':
        return plans.get(entry.planHash)?.run;
      case 'answered':
      case 'lost':
        return keys.get(entry.key);
      case 'lines':
      case 'fork':
      case 'closed':
        return entry.run;
      default:
        return undefined;
    }
  };
}

function sentOf(entries: readonly Entry[]): Closed['sent'] {
  const sent = new Map<string, Closed['sent'][number]>();
  for (const entry of entries) {
    if (entry.type === 'closed') for (const one of entry.sent) sent.set(one.record.key, one);
    if (entry.type === 'accepted' || entry.type === 'not-needed') {
      const { key, planHash, callId, attempt, epoch, at } = entry;
      const named = { key, planHash, callId, attempt, epoch };
      const retry = entry.type === 'accepted' ? entry.retry : undefined;
      const state = entry.type === 'accepted' ? 'lost' : 'answered';
      const when = entry.type === 'accepted' ? { acceptedAt: at } : { answeredAt: at };
      const record = { ...named, state, ...when } as const;
      sent.set(key, { record, ...(retry === undefined ? {} : { retry }) });
    }
    if (entry.type === 'answered') {
      const was = sent.get(entry.key);
      if (was === undefined) continue;
      const record = { ...was.record, state: 'answered', answeredAt: entry.at } as const;
      sent.set(entry.key, { ...was, record });
    }
  }
  return [...sent.values()];
}

const only = <T extends Entry['type']>(entries: readonly Entry[], type: T): Of<T>[] =>
  entries.filter((entry): entry is Of<T> => entry.type === type);
