/** What an accepted request promises of the data, checked when the pairs have come to it. */
import { markersApart } from './journals.ts';
import { type Change, pairsOf } from './losses.ts';
import { SERIALS, SITES } from './plans.ts';
import { lastOf, type Records, shown, volume, without } from './records.ts';
import type { Rig } from './rig.ts';
import type { PairSeen } from './seen.ts';
import type { Step } from './steps.ts';
import { pathsUp } from './views.ts';

interface Promised {
  /** The S-VOL shows this when it must be kept. */
  readonly by: 'SSUS' | 'SSWS';
  /** The S-VOL holds all of these … */
  readonly records?: Records;
  /** … and the hosts' records up to this number. */
  readonly upTo?: number;
}

/** By copy group and pair. */
export type Promises = Map<string, Promised>;

type Act = Extract<Step, { does: 'act' }>;

/** A split brings over what was written before it. */
function drains({ action, parameters }: Act): boolean {
  const { svolOperationMode, doDataSuspend } = parameters;
  return action === 'split' && svolOperationMode === undefined && doDataSuspend !== true;
}

/** A takeover opens the S-VOL with all that its array has received, be it restored or not. */
const takes = ({ action, parameters }: Act): boolean =>
  parameters['mode'] === 'forceSplit' || (action === 'split' && 'svolOperationMode' in parameters);

const follows = ({ pvolStatus, svolStatus }: PairSeen) =>
  [pvolStatus, svolStatus].every((status) => status === 'PAIR' || status === 'PFUL');

const end = (pair: PairSeen, side: 'p' | 's'): string => {
  const site = SITES.find((one) => SERIALS[one] === pair[`${side}volStorageDeviceId`]);
  return volume(site ?? '?', pair[`${side}volLdevId`]);
};

/** Notes what the step promises; the promises that are broken by now. */
export function brokenPromises(promises: Promises, change: Change, rig: Rig): string[] {
  const { step, outcome, before, after, holds } = change;
  if (step.does === 'act' && outcome === 'done' && pathsUp(before)) {
    for (const [name, pair] of pairsOf(before)) {
      const meant = step.pair === undefined || name === `${step.group}/${step.pair}`;
      const promised = follows(pair) ? promisedBy(step, { pair, change, rig }) : undefined;
      if (!name.startsWith(`${step.group}/`) || !meant) continue;
      // A split that is repeated while the first one drains changes nothing.
      if (promised?.by === 'SSUS' && promises.get(name)?.by === 'SSUS') continue;
      if (promised !== undefined) promises.set(name, promised);
      else if (step.action === 'split' || step.action === 'takeover') promises.delete(name);
    }
  }
  const now = pairsOf(after);
  return [...promises].flatMap(([name, promised]) => {
    const pair = now.get(name);
    if (pair !== undefined && follows(pair)) return [];
    promises.delete(name);
    return pair === undefined || pair['svolStatus'] !== promised.by
      ? []
      : missed(promised, holds.get(end(pair, 's'))).map((what) => `${name} ${what}`);
  });
}

interface Asked {
  readonly pair: PairSeen;
  readonly change: Change;
  readonly rig: Rig;
}

function promisedBy(step: Act, { pair, change, rig }: Asked): Promised | undefined {
  const { before, held, at } = change;
  if (drains(step)) return { by: 'SSUS', records: held.get(end(pair, 'p')) ?? new Map() };
  const apart = markersApart(before);
  if (!takes(step) || apart === undefined || step.group !== 'CG') return undefined;
  return { by: 'SSWS', upTo: rig.inside.writers.recordAt('app', at) - apart };
}

function missed({ by, records, upTo = 0 }: Promised, holds: Records = new Map()): string[] {
  const lacks = without(records ?? new Map(), holds);
  return [
    ...(lacks.size === 0 ? [] : [`is ${by} without ${shown(lacks)}`]),
    ...(lastOf(holds, 'app') >= upTo ? [] : [`is ${by} without all records up to ${upTo}`]),
  ];
}
