/**
 * Conditions on volumes that a Cinder is to take over: a new one that a copy may be made on, and one
 * that its driver will adopt.
 */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { type Pairable, pairableSchema, pairWords } from './protection.ts';

const NOT_DEFINED = 'NOT DEFINED';

/** Nobody has defined an LDEV under this number. */
export const isFree = ({ emulationType }: Pick<Pairable, 'emulationType'>): boolean =>
  emulationType === NOT_DEFINED;

const undefinedLdev = predicate({
  body: pairableSchema,
  args: z.strictObject({ ldev: z.int() }),
  test: (seen, { ldev }) => ({
    holds: seen.ldevId === ldev && isFree(seen),
    reading: { ldev: seen.ldevId, is: seen.emulationType ?? null },
  }),
});

/** In no pair, reached by nobody, and of this size. */
const plain = (unwritten: boolean): Predicate =>
  predicate({
    body: pairableSchema,
    args: z.strictObject({ ldev: z.int(), blocks: z.int().positive() }),
    test: (seen, { ldev, blocks }) => {
      const words = pairWords(seen);
      const paths = seen.numOfPorts ?? null;
      const used = seen.numOfUsedBlock ?? null;
      const fits = seen.ldevId === ldev && seen.blockCapacity === blocks && seen.status === 'NML';
      return {
        holds: fits && words.length === 0 && paths === 0 && (!unwritten || used === 0),
        reading: { ldev: seen.ldevId, pairs: words, paths, used },
      };
    },
  });

/** In no pair any more, whoever reaches it. */
const whole = predicate({
  body: pairableSchema,
  args: z.strictObject({ ldev: z.int() }),
  test: (seen, { ldev }) => {
    const words = pairWords(seen);
    return {
      holds: seen.ldevId === ldev && seen.status === 'NML' && words.length === 0,
      reading: { ldev: seen.ldevId, status: seen.status ?? null, pairs: words },
    };
  },
});

export const adoptingPredicates: Readonly<Record<string, Predicate>> = {
  'ldev-undefined': undefinedLdev,
  /** And nothing was ever written to it: a copy overwrites nothing. */
  'ldev-empty': plain(true),
  /** What Cinder's driver asks for before it manages an LDEV. */
  'ldev-adoptable': plain(false),
  'ldev-whole': whole,
};
