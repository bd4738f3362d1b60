/** What the people who sign are told that it may cost. */

import type { PlanCall } from '../../lib/runbook/plan.ts';
import { stakeOf } from '../../lib/runbook/stake.ts';
import { reverseBody, swapBody, swapSplitBody } from '../../lib/vsp/paths.ts';
import { takeoverBody } from '../../lib/vsp/takeover.ts';
import { callAt } from '../gateway/pair.ts';

const takeable = (worst: string) => ({
  id: 'secondary-takeable',
  target: 'array:900000040015',
  path: '/x',
  predicate: 'secondary-takeable',
  args: { worst },
});
const call = (body: PlanCall['body'], more: Parameters<typeof callAt>[1] = {}) =>
  callAt('dr', { class: 'takeover', body, ...more });

const cutting = callAt('dr', {
  ...{ class: 'data', method: 'DELETE' },
  path: '/v1/objects/remote-mirror-copygroups/NotSpecified,G,S_,NotSpecified',
});

test.each([
  ['a swap', [call(swapBody)], 'nothing'],
  ['one site of GAD goes on', [call(swapSplitBody)], 'nothing'],
  ['GAD is mirrored again', [call(swapSplitBody), call(reverseBody('GAD'))], 'nothing'],
  ['a forced takeover', [call(takeoverBody, { guards: [takeable('current')] })], 'unsent'],
  ['protected again', [call(reverseBody('UR'))], 'unsent'],
  ['a swap and a forced takeover', [call(takeoverBody), call(swapBody)], 'unsent'],
  ['old volumes', [call(takeoverBody, { guards: [takeable('not-current')] })], 'old'],
  [
    'a swap that may also swap another way',
    [call({ parameters: { mode: 'auto', x: 1 } })],
    'unsent',
  ],
  ['a takeover whose pairs are cut', [call(takeoverBody), cutting], 'cut'],
  [
    'a cut of old volumes',
    [call(takeoverBody, { guards: [takeable('not-current')] }), cutting],
    'cut',
  ],
  ['nothing of that kind', [callAt('dr', { class: 'data', body: swapBody })], undefined],
] as const)('%s', (_name, calls, stake) => {
  expect(stakeOf({ calls: [...calls] })).toBe(stake);
});
