/** What is done about an unknown outcome: every cell, and what may never be in any of them. */
import { describe, expect, it } from '@jest/globals';
import {
  type Case,
  type Decision,
  decideOutcome,
  limits,
  natureOf,
  natures,
  observations,
  records,
} from '../../lib/actions/unknown.ts';

const cases: Case[] = natures.flatMap((nature) =>
  records.flatMap((record) =>
    observations.flatMap((seen) =>
      limits.flatMap((limit) =>
        [false, true].map((freed) => ({ nature, record, seen, limit, freed })),
      ),
    ),
  ),
);

/** The table once more, from the words of the rules rather than from the table. */
function expected({ nature, record, seen, limit, freed }: Case): Decision {
  const late = limit === 'step';
  if (nature === 'reads') return seen === 'proven' ? 'done' : late ? 'ask' : 'send-again';
  const unsaid = record === 'silent' || record === 'busy';
  if (unsaid) return late ? 'ask' : 'observe';
  const idle = record === 'void' || record === 'refused';
  if (seen === 'proven') {
    // A refusal that was none: only the object's own key can show it.
    if (idle) return record === 'refused' && nature === 'creates' ? 'done' : 'ask';
    return 'done';
  }
  if (late) return 'ask';
  if (seen === 'changing') return 'observe';
  const maybe = record === 'lost' || record === 'accepted' || record === 'unclear';
  if (seen === 'unknown') {
    return maybe && nature === 'one-way' && limit === 'job' && !freed ? 'ask' : 'observe';
  }
  if (idle) return 'send-again';
  // Its job ended: there is nothing to wait for.
  if (record === 'failed') return freed ? 'send-again' : 'ask';
  if (record === 'answered' || limit === 'before') return 'observe';
  return freed ? 'send-again' : 'ask';
}

describe('every cell', () => {
  it(`is what the rules say (${cases.length} cells)`, () => {
    const wrong = cases.filter((one) => decideOutcome(one) !== expected(one));
    expect(wrong).toEqual([]);
    expect(cases).toHaveLength(4 * 9 * 4 * 3 * 2);
  });
});

const changing = cases.filter(({ nature }) => nature !== 'reads');

describe('in no cell', () => {
  const never = (name: string, of: (one: Case) => boolean, wrong: (d: Decision) => boolean) =>
    it(name, () => {
      const cells = changing.filter(of);
      expect(cells.length).toBeGreaterThan(0);
      expect(cells.filter((one) => wrong(decideOutcome(one)))).toEqual([]);
    });

  const sends = (decision: Decision) => decision === 'send-again';
  never(
    'is sent again what may have been carried out, without a person (rule 3)',
    ({ record, freed }) => !freed && record !== 'void' && record !== 'refused',
    sends,
  );
  never(
    'is sent again what is in flight, said nothing of, or was answered well, even with one',
    ({ record }) => ['silent', 'busy', 'answered'].includes(record),
    sends,
  );
  never(
    'is sent again what is there, moves, or cannot be read',
    ({ seen }) => seen !== 'absent',
    sends,
  );
  never('is sent again after the limit of the step', ({ limit }) => limit === 'step', sends);
  never(
    'is done what is not proven (rule 7)',
    ({ seen }) => seen !== 'proven',
    (d) => d === 'done',
  );
  never(
    'is done by this run what it did not send (rule 6)',
    ({ record }) => record === 'void' || record === 'silent' || record === 'busy',
    (d) => d === 'done',
  );
  never(
    'is waited for without end: after the limit of the step somebody is asked',
    ({ limit }) => limit === 'step',
    (d) => d === 'observe',
  );
});

describe('the nature of a call', () => {
  const call = { method: 'POST', class: 'copy' } as const;
  const creates = { key: 'k', listPath: '/', list: '/', keyField: '/', id: '/' };
  it.each([
    ['makes something with a key', { ...call, creates }, 'creates'],
    ['brings a state about', call, 'converges'],
    ['deletes', { ...call, method: 'DELETE' as const }, 'one-way'],
    ['can change production data', { ...call, creates, class: 'data' as const }, 'one-way'],
    ['takes over', { ...call, class: 'takeover' as const }, 'one-way'],
  ])('%s', (_, given, wanted) => {
    expect(natureOf(given as Parameters<typeof natureOf>[0])).toBe(wanted);
  });
});
