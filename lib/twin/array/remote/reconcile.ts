/** Two halves that could not speak meet again: what each learns of the other. */
import { dropDissolved, openSvol, pauseCopy, resumeCopy, stop } from './data.ts';
import type { RemoteGroup } from './group.ts';
import type { Half, PairState } from './state.ts';

/** What an S-VOL that waited shows when its P-VOL was suspended meanwhile. */
const asSvol: Readonly<Partial<Record<Half, Half>>> = { PSUS: 'SSUS', PFUS: 'PFUS', PSUE: 'PSUE' };

/** Paths or arrays changed at `now`; call after the transitions due before were noted. */
export function pathsChanged(group: RemoteGroup, now: number): void {
  const before = group.pairs.map(({ p, s }) => `${p}/${s}`);
  for (const pair of group.pairs) {
    if (!group.reach(pair).up) {
      pauseCopy(pair, now);
    } else {
      resumeCopy(pair, now);
      meetAgain(group, pair, now);
    }
  }
  dropDissolved(group);
  group.retune(now);
  const changed = group.pairs.filter(({ p, s }, i) => before[i] !== `${p}/${s}`);
  if (changed.length > 0) group.fence(changed, now);
}

/** Both halves learn of each other, when the paths are up both ways. */
export function meetAgain(group: RemoteGroup, pair: PairState, now: number): void {
  if (group.reach(pair).up && group.field.reach(pair.to, pair.from).up) meet(group, pair, now);
}

function meet(group: RemoteGroup, pair: PairState, now: number): void {
  const was = `${pair.p}/${pair.s}`;
  [pair.p, pair.s] = agreed(pair);
  if (was === `${pair.p}/${pair.s}`) return;
  if (pair.p !== 'PAIR' || pair.s !== 'PAIR') stop(group, pair, now);
  if (group.state.type === 'GAD' && pair.s === 'SSWS' && pair.open !== 's') {
    pair.open = 's';
    openSvol(group, pair, now);
  }
}

/** The two halves as they agree on each other. */
function agreed({ p, s }: PairState): [Half, Half] {
  // Dissolved at one side: the other is left suspended, and must be dissolved there, too.
  if (s === 'SMPL') return [p === 'SMPL' ? 'SMPL' : 'PSUS', 'SMPL'];
  if (p === 'SMPL') return ['SMPL', s === 'SSWS' ? 'SSWS' : 'PSUE'];
  if (s === 'SSWS') return [p === 'PSUE' ? 'PSUE' : 'PSUS', 'SSWS'];
  const told = asSvol[p];
  if (told !== undefined) return [p, told];
  // The S-VOL's array gave up waiting while the P-VOL's array was dead or did not notice.
  return s === 'PAIR' || s === 'COPY' ? [p, s] : suspended(p, s);
}

const suspended = (p: Half, s: Half): [Half, Half] =>
  p === 'PAIR' || p === 'COPY' ? ['PSUE', 'PSUE'] : [p, s];
