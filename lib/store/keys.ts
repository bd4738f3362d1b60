/**
 * One table, two keys. Every item is found by exactly one of these, so nothing needs an index and
 * every read can be strongly consistent.
 *
 *   pk                sk                          attributes            written
 *   chain#<chain>     <seq, 12 digits>            id line               once, if absent
 *   inbox#<run>       <delivery>                  at person body taken  once, then marked taken
 *   run#<run>         head                        seq json              if not older
 *   run#<run>         note#<name>                 json                  last writer wins
 *   recent            <inverted time>#<run>       run                   once: order of all runs
 *   claim#<name>      owner                       owner                 if free or one's own
 *   lock#<unit>       lock                        epoch owner rank      if still as it was read
 *   due               <run>                       run at                a wish: if absent; the engine: always
 *   mail#<site>       <id>#<part>                 json parts expires    once, if absent
 *   answer#<site>     <id>#<part>                 json parts expires    once, if absent
 *   nonce#<site>      <nonce>                     expires               once, if absent
 */
export type Key = { readonly pk: string; readonly sk: string };

/** Sort keys are text: digits are padded so that text order is number order. */
const SEQ_DIGITS = 12;
/** Milliseconds count down from here, so that the newest run sorts first (until the year 5138). */
const END_OF_TIME = 99_999_999_999_999;

export const seqKey = (seq: number): string => String(seq).padStart(SEQ_DIGITS, '0');

export const chainKey = (chain: string, seq: number): Key => ({
  pk: `chain#${chain}`,
  sk: seqKey(seq),
});
export const inboxKey = (run: string, delivery: string): Key => ({
  pk: `inbox#${run}`,
  sk: delivery,
});
export const headKey = (run: string): Key => ({ pk: `run#${run}`, sk: 'head' });
export const noteKey = (run: string, name: string): Key => ({
  pk: `run#${run}`,
  sk: `note#${name}`,
});
export const claimKey = (name: string): Key => ({ pk: `claim#${name}`, sk: 'owner' });

export const lockKey = (unit: string): Key => ({ pk: `lock#${unit}`, sk: 'lock' });

export const DUE = 'due';
export const dueKey = (run: string): Key => ({ pk: DUE, sk: run });

const seqOfTime = (at: number): string => String(at).padStart(14, '0');
const partKey = (id: string, part: number): string => `${id}#${String(part).padStart(4, '0')}`;
export const mailKey = (site: string, id: string, part: number): Key => ({
  pk: `mail#${site}`,
  sk: partKey(id, part),
});
export const mailSince = (site: string, at: number): Key => ({
  pk: `mail#${site}`,
  sk: seqOfTime(Math.max(0, at)),
});
export const answerKey = (site: string, id: string, part: number): Key => ({
  pk: `answer#${site}`,
  sk: partKey(id, part),
});
export const nonceKey = (site: string, nonce: string): Key => ({ pk: `nonce#${site}`, sk: nonce });

export const RECENT = 'recent';
export const recentKey = (run: string, openedAt: number): Key => ({
  pk: RECENT,
  sk: `${String(END_OF_TIME - openedAt).padStart(14, '0')}#${run}`,
});
