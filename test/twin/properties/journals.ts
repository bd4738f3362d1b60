/** What journals count must add up with what was written and what the volumes hold. */
import type { Change } from './losses.ts';
import { pairsOf } from './losses.ts';
import { FIRST, type Site } from './plans.ts';
import { lastOf, volume } from './records.ts';
import type { Rig } from './rig.ts';
import type { Fields, Seen } from './seen.ts';

const JOURNAL_BYTES = 2 ** 30;
const RECORD_BYTES = 256 * 1024;

const journalOf = (seen: Seen, site: Site): Fields | undefined =>
  seen[site]?.journals.find(({ journalId }) => journalId === 1);
const marker = (journal: Fields) => Number.parseInt(String(journal['qMarker']), 16);

/** Numbers whatever is written: it is not about to be suspended. */
const runs = ({ journalStatus }: Fields) => ['PJNN', 'PJNF'].includes(String(journalStatus));

/** The mirror CG from main to DR, all of it in PAIR, with all volumes of the hosts and no more. */
function steady(seen: Seen): boolean {
  const own = [...pairsOf(seen)].filter(([name]) => name.startsWith('CG/'));
  const pairs = new Map(own);
  const wanted = ['CG/p0', 'CG/p1', 'CG/p2'].every((name) => pairs.has(name));
  return (
    wanted &&
    own.every(([, pair]) => {
      const { pvolStatus: p, svolStatus: s, pvolLdevId } = pair;
      return (
        String(p).startsWith('P') &&
        p === s &&
        ['PAIR', 'PFUL'].includes(String(p)) &&
        Number(pvolLdevId) < FIRST.dr
      );
    })
  );
}

/** How many records the restore journal is behind the master journal, while all is steady. */
export function markersApart(seen: Seen): number | undefined {
  const [master, restore] = [journalOf(seen, 'main'), journalOf(seen, 'dr')];
  if (master === undefined || restore === undefined || !steady(seen)) return undefined;
  return runs(master) ? marker(master) - marker(restore) : undefined;
}

/** Written = received + waiting at main; received = restored + waiting at DR; percent of bytes. */
export function countsAddUp(rig: Rig, seen: Seen, holds: Change['holds']): string[] {
  const [master, restore] = [journalOf(seen, 'main'), journalOf(seen, 'dr')];
  if (master === undefined || restore === undefined || !steady(seen)) return [];
  if (!runs(master)) return [];
  const written = rig.inside.writers.recordAt('app', rig.clock.now());
  const [waiting, toRestore] = [Number(master['qCount']), Number(restore['qCount'])];
  const restored = Math.max(
    ...[0, 1, 2].map((i) => lastOf(holds.get(volume('dr', FIRST.dr + i)), 'app')),
  );
  const percent = Math.min(100, Math.floor((waiting * RECORD_BYTES * 100) / JOURNAL_BYTES));
  const wrong: string[] = [];
  if (marker(master) - marker(restore) !== waiting) {
    wrong.push(`markers are ${marker(master) - marker(restore)} apart, qCount is ${waiting}`);
  }
  if (written - waiting - toRestore !== restored) {
    wrong.push(`written ${written}, waiting ${waiting} + ${toRestore}, restored ${restored}`);
  }
  if (master['usageRate'] !== percent) {
    wrong.push(`usageRate ${master['usageRate']} for ${waiting} records (${percent} %)`);
  }
  return wrong;
}

/** Markers never go back, but for a resync or a new mirror, which begin a new row of them. */
export function markersGoOn({ before, after, step, outcome }: Change): string[] {
  const [was, is] = [pairsOf(before), pairsOf(after)];
  const ends = (pairs: typeof was) => [...pairs.values()].map((pair) => pair['pvolLdevId']).join();
  const resynced = step.does === 'act' && step.action === 'resync' && outcome === 'done';
  if (resynced || step.does === 'create' || ends(was) !== ends(is)) return [];
  return (['main', 'dr'] as const).flatMap((site) => {
    const [old, now] = [journalOf(before, site), journalOf(after, site)];
    if (old === undefined || now === undefined) return [];
    if (old['journalStatus'] === 'SMPL' || now['journalStatus'] === 'SMPL') return [];
    return marker(now) >= marker(old)
      ? []
      : [`${site}: the marker went from ${old['qMarker']} to ${now['qMarker']}`];
  });
}
