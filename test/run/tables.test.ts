/** Who may order what, the choices that people are shown, and how a call's record is read. */
import { natureOf, recordOf } from '../../lib/actions/unknown.ts';
import { cellOf, choicesAt, type Order, rules, type Stage } from '../../lib/run/verbs.ts';

test('who may give each order, and whether a reason is asked for', () => {
  const table = Object.entries(rules).map(
    ([order, { who, reason }]) => `${order} ${who}${reason ? ' reason' : ''}`,
  );
  expect(table).toEqual([
    ...[
      'withdraw own reason',
      'answer own',
      'declare own reason',
      'pause stopper reason',
      'resume operator reason',
    ],
    ...['retry operator reason', 'skip operator reason', 'confirm-skip second'],
    ...['decline-skip operator reason', 'abort stopper reason', 'note enrolled reason'],
  ]);
});

const stages: readonly Stage[] = [
  ...(['opening', 'awaiting-approval', 'running', 'held', 'paused'] as const),
  ...(['undoing', 'cleaning-up', 'ended'] as const),
];
/** L legal, E not running, C not collecting, N nothing asked, H held, F not held, S stands still. */
const letters: Readonly<Record<string, string>> = {
  ...{ L: 'legal', E: 'RUN-NOT-RUNNING', C: 'RUN-NOT-COLLECTING', N: 'RUN-NOTHING-ASKED' },
  ...{ H: 'RUN-HELD', F: 'RUN-NOT-HELD', S: 'RUN-STANDS-STILL', P: 'RUN-NOT-PAUSED' },
  ...{ U: 'RUN-CLEANING-UP', O: 'RUN-NOT-OPEN' },
};

test.each<[Order, string]>([
  ['withdraw', 'CLCCCCCO'],
  ['answer', 'NNLLNLLO'],
  ['pause', 'EELHSLLO'],
  ['resume', 'FFFLFFFO'],
  ['retry', 'PPPHLPPO'],
  ['skip', 'EELLLLLO'],
  ['confirm-skip', 'EELLLLLO'],
  ['decline-skip', 'EELLLLLO'],
  ['abort', 'LLLLLLUO'],
  ['note', 'LLLLLLLO'],
])('%s at each stage', (order, wanted) => {
  const cells = stages.map((stage) => cellOf(order, stage));
  expect(cells).toEqual([...wanted].map((letter) => letters[letter]));
});

test.each<[Stage, boolean, boolean, string]>([
  ['held', true, true, 'resume skip abort confirm-skip decline-skip'],
  ['held', false, false, 'resume abort'],
  ['held', false, true, 'resume abort confirm-skip decline-skip'],
  ['paused', true, false, 'retry skip abort'],
  ['paused', false, true, 'retry abort confirm-skip decline-skip'],
  ['running', true, true, ''],
  ['ended', true, true, ''],
  ['undoing', true, false, ''],
])(
  'a run that is %s (skip: %s, a wish to decide on: %s) offers: %s',
  (stage, skip, second, wanted) => {
    expect(choicesAt(stage, { skip, second }).join(' ')).toBe(wanted);
  },
);

test.each<[string, number | undefined, string | undefined]>([
  ['intent', undefined, 'silent'],
  ['void', undefined, 'void'],
  ['refused', undefined, 'refused'],
  ['lost', undefined, 'lost'],
  ['answered', 200, 'answered'],
  ['answered', 499, 'answered'],
  ['answered', 500, 'unclear'],
  ['answered', undefined, 'answered'],
  ['not-needed', undefined, undefined],
  ['', 500, undefined],
])('a call that is %s (%s) is on record as %s', (state, status, wanted) => {
  expect(recordOf({ state, status })).toBe(wanted);
});

test('the nature of a call: what a table does not mark as reversible is not', () => {
  const creates = { key: 'k', keyField: '/name', list: '/ports', listPath: '/x', id: '/id' };
  expect(natureOf({ method: 'POST', class: 'copy' })).toBe('converges');
  expect(natureOf({ method: 'POST', class: 'none' })).toBe('converges');
  expect(natureOf({ method: 'POST', class: 'copy', creates })).toBe('creates');
  expect(natureOf({ method: 'DELETE', class: 'copy', creates })).toBe('one-way');
  expect(natureOf({ method: 'POST', class: 'data', creates })).toBe('one-way');
  expect(natureOf({ method: 'PUT', class: 'takeover' })).toBe('one-way');
});
