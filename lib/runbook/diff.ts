/**
 * What changed between two readings of the facts, in lines a person reads. Bound facts that differ
 * void an approval; a class of a state table that got worse does too, one that got better does not.
 */
import { canonical } from '../canonical.ts';
import { cloneClasses, replicationClasses } from '../vsp/pairs.ts';
import { takeoverClasses } from '../vsp/takeover.ts';
import { type Change, changesOf } from './changes.ts';
import type { Facts } from './plan.ts';

export interface FactsDiff {
  readonly verdict: 'same' | 'better' | 'worse';
  /**
   * `<group>: <what>: <old> -> <new>`, the same group together; bounded in number and length. Empty
   * only when nothing changed.
   */
  readonly lines: readonly string[];
}

/** Lines of one group, and characters of one line; what is left out is counted. */
const GROUP_MAX = 12;
const LINE_MAX = 200;

/** Best first, by name of the classed fact. */
const classOrder: Readonly<Record<string, readonly string[]>> = {
  replication: replicationClasses,
  clone: cloneClasses,
  takeover: takeoverClasses,
};

export function diffFacts(before: Facts, after: Facts): FactsDiff {
  const names = Object.keys({ ...before.classed, ...after.classed }).sort();
  const classed = names.flatMap((name) =>
    classChange(name, before.classed[name], after.classed[name]),
  );
  const bound = canonical(before.bound) === canonical(after.bound) ? [] : changesOf(before, after);
  const lines = [...classed, ...bound];
  const worse = bound.length > 0 || classed.some((one) => one.verdict === 'worse');
  if (worse) return { verdict: 'worse', lines: linesOf(lines) };
  return { verdict: lines.length > 0 ? 'better' : 'same', lines: linesOf(lines) };
}

type ClassChange = Change & { readonly verdict: 'better' | 'worse' };

/** A class that stands in no table is worse: what it means is not known. */
function classChange(name: string, before: unknown, after: unknown): ClassChange[] {
  if (canonical(before ?? null) === canonical(after ?? null)) return [];
  const order = classOrder[name] ?? [];
  const [was, is] = [order.indexOf(String(before)), order.indexOf(String(after))];
  const verdict = was >= 0 && is >= 0 && is < was ? 'better' : 'worse';
  const to = `${after === undefined ? 'not known' : String(after)} (${verdict})`;
  const from = before === undefined ? 'not known' : String(before);
  return [{ group: 'state', what: name, from, to, verdict }];
}

function linesOf(changes: readonly Change[]): string[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.group) ?? [];
    groups.set(change.group, group);
    group.push(change);
  }
  return [...groups].flatMap(([group, all]) => {
    const lines = all.slice(0, GROUP_MAX).map(({ what, from, to }) => {
      const line = `${group}: ${what}: ${from} -> ${to}`;
      return line.length > LINE_MAX ? `${line.slice(0, LINE_MAX - 1)}…` : line;
    });
    const more = all.length - lines.length;
    return more > 0 ? [...lines, `${group}: and ${more} more changes`] : lines;
  });
}
