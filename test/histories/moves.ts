/** What a move writes first: by it a journal shows whether the engine would have done the same. */
import type { Move } from '../../lib/run/decide.ts';
import type { EventType, JournalEvent } from '../../lib/run/events.ts';

/** Written beside what is decided, or by what people asked for: no move comes before them. */
const unasked: readonly EventType[] = ['clock.checked', 'replication.sample', 'note'];

export const isDecided = (event: JournalEvent): boolean =>
  event.cause === undefined && !unasked.includes(event.type);

type Shows = (event: JournalEvent) => boolean;

const dataOf = (event: JournalEvent): Readonly<Record<string, unknown>> => ({ ...event.data });
const is =
  (type: EventType, data: Readonly<Record<string, unknown>> = {}): Shows =>
  (event) =>
    event.type === type &&
    Object.entries(data).every(([name, value]) => dataOf(event)[name] === value);
const of =
  (steps: readonly string[], types: readonly EventType[]): Shows =>
  (event) =>
    types.includes(event.type) && steps.includes(String(dataOf(event)['step']));
const either =
  (...all: readonly Shows[]): Shows =>
  (event) =>
    all.some((one) => one(event));

/** What was tried and did not succeed ends the run. */
const ends = either(is('run.ended'), is('lock', { state: 'released' }));
const working: readonly EventType[] = [
  ...(['judged', 'intent', 'outcome', 'check.result', 'step.finished', 'step.failed'] as const),
];

/** The lines a move may write first; undefined for a move no journal so far shows. */
export function shownBy(move: Move): Shows | undefined {
  switch (move.do) {
    case 'start-conductor':
      return is('conductor.started', { generation: 1 });
    case 'turn-away':
      return either(is('refused'), ends);
    case 'resolve':
      return either(is('plan.resolved'), ends);
    case 'lock':
      return either(is('lock', { state: 'taken' }), ends);
    case 'register':
      return either(is('plan.registered', { site: move.site }), ends);
    case 'request-approval':
      return is('approval.requested');
    case 'expire':
      return is('approval.expired');
    case 'check-facts':
      return either(is('facts.checked', { at: move.at }), is('approval.voided'));
    case 'complete-approval':
      return is('approval.complete');
    case 'deliver':
      return either(is('approval.delivered', { site: move.site }), ends);
    case 'start-step':
      return is('step.started', { step: move.step, attempt: move.attempt });
    case 'skip-step':
      return is('step.started', { step: move.step });
    case 'work':
      return of(move.steps, working);
    case 'settle':
      return (event) => event.type === 'outcome' && move.calls.includes(event.data.call);
    case 'pause':
      return is('run.paused', { step: move.step });
    case 'give-up-settling':
      return is('run.paused');
    case 'end': {
      const said = either(
        is('run.ended', { result: move.result }),
        is('lock', { state: 'released' }),
      );
      // Facts that got worse have voided the approvals already; that they did is its own line.
      return move.result === 'voided' ? either(said, is('approval.voided')) : said;
    }
    case 'wait':
    case 'nothing':
      return () => false;
    default:
      return undefined;
  }
}
