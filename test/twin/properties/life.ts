/** One random life of centres, watched after every step. */
import { isDeepStrictEqual } from 'node:util';
import { countsAddUp, markersGoOn } from './journals.ts';
import { type Change, fencedIsSafe, prefixes, unexplained } from './losses.ts';
import { type Kind, planOf } from './plans.ts';
import { brokenPromises, type Promises } from './promises.ts';
import { holdingsOf } from './records.ts';
import { type Rig, restarted, rigOf } from './rig.ts';
import { type Seen, see } from './seen.ts';
import { run, type Step } from './steps.ts';
import { BINDING, viewChecks } from './views.ts';

/** Lives through all steps; throws at the first that breaks an invariant, saying which. */
export async function live(kind: Kind, steps: readonly Step[]): Promise<void> {
  let rig = rigOf(planOf(kind));
  let before = await see(rig);
  let held = holdingsOf(rig);
  const promises: Promises = new Map();
  fail('at the start', [...atRest(before)]);
  for (const [i, step] of steps.entries()) {
    const at = rig.clock.now();
    const outcome = await run(rig, step);
    const after = await see(rig);
    const holds = holdingsOf(rig);
    const change: Change = { step, at, outcome, before, after, held, holds };
    fail(`after step ${i} ${JSON.stringify(step)} (${outcome})`, [
      ...atRest(after),
      ...(rig.clock.now() === at ? refusedChangesNothing(change) : []),
      ...prefixes(change),
      ...unexplained(change),
      ...fencedIsSafe(change),
      ...boundStays(change),
      ...(kind === 'UR' ? [...countsAddUp(rig, after, holds), ...markersGoOn(change)] : []),
      ...(kind === 'three' ? [] : brokenPromises(promises, change, rig)),
    ]);
    if (step.does === 'restart') rig = await restartChangesNothing(rig, after);
    [before, held] = [after, holds];
  }
}

function fail(when: string, wrong: readonly string[]): void {
  if (wrong.length > 0) throw new Error(`${when}:\n${wrong.join('\n')}`);
}

const atRest = (seen: Seen): string[] =>
  Object.entries(viewChecks).flatMap(([name, check]) =>
    check(seen).map((what) => `${name}: ${what}`),
  );

/** While no time has passed a request that failed must not be seen at all. */
function refusedChangesNothing({ outcome, step, before, after }: Change): string[] {
  if (outcome !== 'refused') return [];
  return differences(before, after).map((what) => `${step.does} was refused, yet ${what}`);
}

/** LDEVs that pairs or journals bind are neither expanded nor deleted. */
function boundStays({ outcome, step, before }: Change): string[] {
  if (outcome !== 'done' || step.does !== 'request') return [];
  const { site, method, path } = step.asked;
  const [, ldevId, action] = /^ldevs\/(\d+)(\/actions\/expand\/invoke)?$/.exec(path) ?? [];
  if (ldevId === undefined || (method !== 'DELETE' && action === undefined)) return [];
  const ldev = before[site]?.ldevs.find((one) => String(one.ldevId) === ldevId);
  const words = ldev?.attributes.filter((word) => BINDING.includes(word)) ?? [];
  return words.length === 0 ? [] : [`LDEV ${ldevId} is ${words.join()} and yet was changed`];
}

/** By site and kind of object. */
function differences(one: Seen, other: Seen): string[] {
  const lines = ({ ...views }: Seen) =>
    new Map(
      Object.entries(views).flatMap(([site, view]) =>
        Object.entries(view).map(([what, value]) => [`${site} ${what}`, value] as const),
      ),
    );
  const [was, is] = [lines(one), lines(other)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((what) => !isDeepStrictEqual(was.get(what), is.get(what)))
    .map((what) => {
      const [old, now] = [was.get(what), is.get(what)].map((value) => JSON.stringify(value));
      return `${what} was ${old} and is ${now}`;
    });
}

/** Seen now, and once more when time has brought its own changes to both. */
async function restartChangesNothing(old: Rig, seen: Seen): Promise<Rig> {
  const fresh = restarted(old);
  const again = await see(fresh);
  fail('after a restart', differences(seen, again));
  return fresh;
}
