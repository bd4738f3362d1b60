/** Lives that once broke an invariant, as short as they could be made. */
import { live } from './life.ts';
import type { Kind, Site } from './plans.ts';
import type { Step } from './steps.ts';

type Act = Extract<Step, { does: 'act' }>;

const pass = (ms: number): Step => ({ does: 'pass', ms });
const act = (at: Site, action: Act['action'], parameters: object, more: object = {}): Step => ({
  does: 'act',
  at,
  group: 'CG',
  local: false,
  action,
  parameters: { ...parameters },
  ...more,
});
const split = (at: Site, more: object = {}, where: object = {}) =>
  act(at, 'split', { replicationType: 'UR', ...more }, where);
const takeover = (at: Site, mode: string, where: object = {}) =>
  act(at, 'takeover', { mode }, where);
const fault = (name: string, where: object = {}): Step =>
  ({ does: 'fault', name, on: true, ...where }) as Step;
const between: readonly [Site, Site] = ['main', 'dr'];
const impatient: Step = {
  does: 'request',
  asked: {
    site: 'main',
    method: 'PATCH',
    path: 'journals/1',
    body: {
      dataOverflowWatchInSeconds: 0,
      mirrorUnit: { muNumber: 1, pathBlockadeWatchInMinutes: 0 },
    },
  },
};

const lives: readonly (readonly [string, Kind, readonly Step[]])[] = [
  [
    'the master journal keeps its marker when the S-VOL takes over',
    'UR',
    [split('dr', { svolOperationMode: 'SSWS' })],
  ],
  [
    'and the restore journal when what it received is given up',
    'UR',
    [pass(50), split('main', { doDataSuspend: true })],
  ],
  [
    'writes after a split are not numbered, although one pair stands alone',
    'UR',
    [split('main', { doDataSuspend: true }, { pair: 'p0' }), split('main'), pass(25), pass(1000)],
  ],
  [
    'a mirror with one pair split is not exchanged by halves',
    'UR',
    [split('main', {}, { pair: 'p0' }), pass(1000), takeover('dr', 'auto'), pass(1000)],
  ],
  [
    'a pair does not leave its mirror while roles are exchanged',
    'UR',
    [
      takeover('dr', 'auto'),
      split('dr', { svolOperationMode: 'SSWS' }, { pair: 'p0' }),
      pass(1000),
    ],
  ],
  [
    'a shorter watch does not strike before it was set',
    'UR',
    [fault('link-cut', { between }), pass(60_000), impatient],
  ],
  [
    'a restart does not bring pairs back that were deleted',
    'TC-DATA',
    [act('main', 'delete', {}), { does: 'restart' }],
  ],
  [
    'a quorum that is lost takes no write back',
    'GAD',
    [fault('array-dead', { site: 'main' }), fault('quorum-lost')],
  ],
  [
    'hosts do not write when both arrays of an active-active pair are dead',
    'GAD',
    [
      fault('array-dead', { site: 'dr' }),
      fault('array-dead', { site: 'main' }),
      pass(1000),
      { does: 'fault', name: 'array-dead', on: false, site: 'main' },
    ],
  ],
  [
    'a write through the other array breaks an active-active pair and is kept',
    'GAD',
    [
      act('main', 'split', { replicationType: 'GAD' }, { pair: 'p0' }),
      fault('array-dead', { site: 'main' }),
      pass(1000),
      act('dr', 'delete', {}, { local: true }),
    ],
  ],
  [
    'a waiting mirror that copies everything ends the pairs its S-VOLs were in',
    'three',
    [
      takeover('far', 'forceSplit', { group: 'CF', pair: 'p0' }),
      pass(1000),
      act('dr', 'resync', { replicationType: 'UR' }, { group: 'CD' }),
      fault('link-cut', { between }),
      pass(3_600_000),
    ],
  ],
];

test.each(lives)('%s', async (_, kind, steps) => {
  await live(kind, steps);
});
