/**
 * The word code of a plan: four words that a gateway computes from the plan it holds, and that the
 * approval message shows. People compare them; another plan has other words.
 *
 * Four words are 44 bits. So that nobody finds a second plan with the same words by trying, each
 * try costs some milliseconds and megabytes (scrypt); see docs/decisions/014-who-is-believed.md.
 */
import { scryptSync } from 'node:crypto';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { wordlist as korean } from '@scure/bip39/wordlists/korean.js';
import { canonical } from '../canonical.ts';
import { remembered } from '../memo.ts';
import type { Plan } from '../runbook/plan.ts';

/** The same four words twice, each set separated by blanks; Korean is NFC. */
export interface WordCode {
  readonly ko: string;
  readonly en: string;
}

const WORDS = 4;
const BITS = 11;
const COST = { N: 4096, r: 8, p: 1 };
const KEPT = 64;
const codeOf = remembered(KEPT, compute);

/** Of all that is decided about a plan but the end of the approval, which is set when it is asked. */
export function wordsOf(
  plan: Pick<Plan, 'run' | 'factsHash' | 'class' | 'sites'>,
  planHash: string,
): WordCode {
  const { run, factsHash, sites } = plan;
  return wordsFor({ run, planHash, factsHash, class: plan.class, gateways: [...sites] });
}

/** Of anything two people compare: a change of trust, the re-arming of a gateway. */
export const wordsFor = (subject: object): WordCode => codeOf(canonical(subject));

function compute(text: string): WordCode {
  let bits = scryptSync(text, 'drillbook word code', 8, COST).readBigUInt64BE() >> 20n;
  const places: number[] = [];
  for (let i = 0; i < WORDS; i++) {
    places.unshift(Number(bits & ((1n << BigInt(BITS)) - 1n)));
    bits >>= BigInt(BITS);
  }
  const said = (list: readonly string[]) =>
    places.map((place) => (list[place] ?? '').normalize('NFC')).join(' ');
  return { ko: said(korean), en: said(english) };
}
