/** What is dead follows from the faults that are on; this makes arrays, links and hosts follow it. */
import { siteOf, type Topology } from '../topology.ts';
import type { Field, Struck } from './state.ts';

export function deadSites(on: readonly Struck[]): ReadonlySet<string> {
  return new Set(on.filter(({ name }) => name === 'site-dead').map(({ where }) => where));
}

/** Sites that nobody outside reaches; everything in them goes on. */
export function cutSites(on: readonly Struck[]): ReadonlySet<string> {
  return new Set(on.filter(({ name }) => name === 'site-cut').map(({ where }) => where));
}

function deadArrays(
  { topology }: { readonly topology: Topology },
  on: readonly Struck[],
): ReadonlySet<string> {
  const sites = deadSites(on);
  const alone = on.filter(({ name }) => name === 'array-dead').map(({ where }) => where);
  const within = topology.arrays.filter((spec) => sites.has(siteOf(spec))).map(({ id }) => id);
  return new Set([...alone, ...within]);
}

/** Hosts of a site that is gone do not write, and neither do those whose only array is gone. */
const REASON = 'dead';

/** Brings everything in line with the list; what is so already is not touched. */
export function settleDeaths(field: Field, on: readonly Struck[], now: number): void {
  const sites = deadSites(on);
  const cut = cutSites(on);
  const dead = deadArrays(field, on);
  const ends = field.topology.groups
    .filter(({ type }) => type === 'GAD')
    .map(({ from, to }) => [from, to]);
  // Hosts of an active-active service reach its other half.
  const carried = new Set(ends.filter((pair) => pair.some((id) => !dead.has(id))).flat());
  for (const spec of field.topology.arrays) {
    const gone = dead.has(spec.id);
    const { faults } = field.arrays.get(spec.id)?.parts ?? {};
    if (gone) faults?.add('array-dead');
    else faults?.delete('array-dead');
    if (cut.has(siteOf(spec))) faults?.add('site-cut');
    else faults?.delete('site-cut');
    field.fabric.alive(spec.id, !gone, now);
    const hosts = field.topology.writers.filter(({ array }) => array === spec.id);
    // Where a server stands, its cloud says: those of an active-active service may stand elsewhere.
    const stopped = (gone || sites.has(siteOf(spec))) && !carried.has(spec.id);
    for (const { name } of hosts) {
      if (stopped) field.writers.stop(name, REASON, now);
      else field.writers.go(name, REASON, now);
    }
  }
}
