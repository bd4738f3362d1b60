/** Who did what, by random id and role only, and whether duties were kept apart. */
import type { JournalEvent } from '../../run/events.ts';
import { eventsOf, type RunContent } from '../content.ts';

export type Part =
  | 'requester'
  | 'approver'
  | 'executor'
  | 'performer'
  | 'witness'
  | 'confirmer'
  | 'declarer'
  | 'operator';

export interface Participant {
  readonly part: Part;
  /** Random employee id, `drillbook` or `gateway:<site>`. */
  readonly id: string;
  readonly role?: string;
  /** First and last event of this part (UTC). */
  readonly from: string;
  readonly to: string;
}

/** A pair of duties that must lie in different hands; `kept` is null when one was not exercised. */
export interface Duty {
  readonly name: 'requester-approver' | 'approvers' | 'performer-witness' | 'confirmer-operators';
  readonly kept: boolean | null;
  readonly people: readonly string[];
}

export function participantsOf(content: RunContent): Participant[] {
  const found = new Map<string, Participant>();
  for (const event of content.events) {
    for (const { part, id, role } of partsIn(event)) {
      const key = `${part} ${id}`;
      const from = found.get(key)?.from ?? event.ts;
      found.set(key, { part, id, from, to: event.ts, ...(role === undefined ? {} : { role }) });
    }
  }
  return [...found.values()];
}

function partsIn(event: JournalEvent): { part: Part; id: string; role?: string }[] {
  switch (event.type) {
    case 'run.opened':
      return [{ part: 'requester', id: event.data.requester }];
    case 'approval.granted':
    case 'approval.rejected':
      return [{ part: 'approver', id: event.data.person, role: event.data.role }];
    case 'manual.step': {
      const part = event.data.part === 'performed' ? 'performer' : 'witness';
      return [{ part, id: event.data.person, role: event.data.role }];
    }
    case 'service.confirmed':
      return [{ part: 'confirmer', id: event.data.person, role: event.data.role }];
    case 'disaster.declared':
      return [{ part: 'declarer', id: event.data.person, role: event.data.role }];
    case 'operator.retry':
    case 'operator.abort':
    case 'operator.pause':
    case 'operator.resume':
    case 'operator.skip':
    case 'skip.confirmed':
      return [{ part: 'operator', id: event.data.person }];
    case 'intent':
      return [{ part: 'executor', id: event.actor.id }];
    default:
      return [];
  }
}

/** Who takes an approval back and gives it again approved once. */
function standingApprovers(events: RunContent['events']): string[] {
  const standing: string[] = [];
  for (const { type, data } of events) {
    if (type === 'approval.granted') standing.push(data.person);
    if (type !== 'approval.withdrawn') continue;
    const at = standing.indexOf(data.person);
    if (at >= 0) standing.splice(at, 1);
  }
  return standing;
}

export function dutiesOf(content: RunContent): Duty[] {
  const { events, opening } = content;
  const approvers = standingApprovers(events);
  const doing = (part: 'performed' | 'witnessed') =>
    eventsOf(events, 'manual.step')
      .filter(({ data }) => data.part === part)
      .map(({ data }) => data);
  const confirmers = eventsOf(events, 'service.confirmed').map(({ data }) => data.person);
  const operators = [
    opening.requester,
    ...doing('performed').map(({ person }) => person),
    ...events.flatMap((event) =>
      partsIn(event).flatMap(({ part, id }) => (part === 'operator' ? [id] : [])),
    ),
  ];
  const witnessed = doing('witnessed');
  const selfWitnessed = doing('performed').some((done) =>
    witnessed.some((seen) => seen.step === done.step && seen.person === done.person),
  );
  return [
    {
      name: 'requester-approver',
      kept: approvers.length === 0 ? null : !approvers.includes(opening.requester),
      people: [opening.requester, ...approvers],
    },
    {
      name: 'approvers',
      kept: approvers.length < 2 ? null : new Set(approvers).size === approvers.length,
      people: approvers,
    },
    {
      name: 'performer-witness',
      kept: witnessed.length === 0 ? null : !selfWitnessed,
      people: [...doing('performed'), ...witnessed].map(({ person }) => person),
    },
    {
      name: 'confirmer-operators',
      kept: confirmers.length === 0 ? null : confirmers.every((one) => !operators.includes(one)),
      people: confirmers,
    },
  ];
}
