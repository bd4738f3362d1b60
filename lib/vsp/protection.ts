/** Conditions on volumes that are about to be paired: what an initial copy runs from and what it overwrites. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { OWN_HOST_GROUP } from './paths.ts';
import { ldevSchema, remoteGroupSchema } from './schema.ts';

export const BLOCKS_PER_GIB = 2_097_152;

/** What pairing has to know of a volume beyond its label and size. */
export const pairableSchema = ldevSchema.extend({
  attributes: z.array(z.string()).optional(),
  status: z.string().optional(),
  /** 512-byte blocks of pool pages that were ever written to. */
  numOfUsedBlock: z.int().optional(),
  dataReductionMode: z.string().optional(),
});
export type Pairable = z.infer<typeof pairableSchema>;

export const pairablesSchema = z.looseObject({ data: z.array(pairableSchema) });

/** Words of a plain pool volume; any other says that it is in a pair, a pool or a journal. */
const PLAIN = ['CVS', 'HDP', 'HDT', 'DRS', 'VC', 'ESE'];

export const pairWords = ({ attributes }: Pairable): string[] =>
  (attributes ?? ['unknown']).filter((word) => !PLAIN.includes(word));

/** Paths through our host group, and names of the other groups. */
export function pathsTo({ ports = [] }: Pick<Pairable, 'ports'>) {
  const own = ports.filter(({ hostGroupName }) => hostGroupName.startsWith(OWN_HOST_GROUP));
  const foreign = ports.flatMap(({ portId, hostGroupName }) =>
    hostGroupName.startsWith(OWN_HOST_GROUP) ? [] : [`${portId} ${hostGroupName}`],
  );
  return { own, foreign };
}

const volume = { ldev: z.int(), label: z.string().min(1), blocks: z.int().positive() };
const named = z.strictObject(volume);

const isThat = (seen: Pairable, wanted: z.infer<typeof named>): boolean =>
  seen.ldevId === wanted.ldev &&
  seen.label === wanted.label &&
  seen.blockCapacity === wanted.blocks &&
  seen.status === 'NML';

/** May be overwritten: the volume meant, in no pair, and no host leads to it. */
const target = (unwritten: boolean): Predicate =>
  predicate({
    body: pairableSchema,
    args: named,
    test: (seen, wanted) => {
      const [words, { own, foreign }] = [pairWords(seen), pathsTo(seen)];
      const used = seen.numOfUsedBlock ?? null;
      const fits = isThat(seen, wanted) && words.length === 0 && foreign.length === 0;
      return {
        holds: fits && own.length > 0 && (!unwritten || used === 0),
        reading: { label: seen.label ?? null, pairs: words, foreign, used },
      };
    },
  });

/** The volume meant is in no pair: it may grow, lose its path, or go. */
const unpaired = predicate({
  body: pairableSchema,
  args: z.strictObject({ ldev: z.int(), label: z.string().min(1) }),
  test: (seen, { ldev, label }) => {
    const words = pairWords(seen);
    return {
      holds: seen.ldevId === ldev && seen.label === label && words.length === 0,
      reading: { label: seen.label ?? null, pairs: words },
    };
  },
});

/** What is copied from: the volume meant, with a path. */
const source = predicate({
  body: pairableSchema,
  args: named,
  test: (seen, wanted) => ({
    holds: isThat(seen, wanted) && pathsTo(seen).own.length > 0,
    reading: { label: seen.label ?? null, blocks: seen.blockCapacity ?? null },
  }),
});

const LEADING = ['PAIR', 'PFUL', 'COPY'];

/** Every pair of the group is copied from this array, and none is suspended. */
const leads = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({}),
  test: ({ copyPairs }) => {
    const states = copyPairs.map(({ svolLdevId, pvolLdevId, pvolStatus }) =>
      pvolLdevId === undefined || svolLdevId !== undefined
        ? 'not P-VOL'
        : (pvolStatus ?? 'unknown'),
    );
    return {
      holds: states.length > 0 && states.every((state) => LEADING.includes(state)),
      reading: { states: [...new Set(states)].sort() },
    };
  },
});

const onePair = z.strictObject({ pair: z.string(), svol: z.int() });

/** That pair is copied to this array and up to date. */
const follows = predicate({
  body: remoteGroupSchema,
  args: onePair,
  test: ({ copyPairs }, { pair, svol }) => {
    const found = copyPairs.filter(({ copyPairName }) => copyPairName === pair);
    const [one] = found;
    return {
      holds: found.length === 1 && one?.svolLdevId === svol && one.svolStatus === 'PAIR',
      reading: {
        pairs: found.length,
        svol: one?.svolLdevId ?? null,
        state: one?.svolStatus ?? null,
      },
    };
  },
});

/** That pair is copied from this array. */
const leadsOne = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({ pair: z.string(), pvol: z.int() }),
  test: ({ copyPairs }, { pair, pvol }) => {
    const found = copyPairs.filter(({ copyPairName }) => copyPairName === pair);
    const [one] = found;
    return {
      holds: found.length === 1 && one?.pvolLdevId === pvol && one.svolLdevId === undefined,
      reading: {
        pairs: found.length,
        pvol: one?.pvolLdevId ?? null,
        state: one?.pvolStatus ?? null,
      },
    };
  },
});

const BEHIND = ['PAIR', 'PFUL', 'COPY', 'PFUS', 'PSUE'];

/** No host writes to the S-VOL of that pair: dissolving it takes no newer data's record along. */
const notTaken = predicate({
  body: remoteGroupSchema,
  args: onePair,
  test: ({ copyPairs }, { pair, svol }) => {
    const found = copyPairs.filter(({ copyPairName }) => copyPairName === pair);
    const [one] = found;
    const state = one?.svolStatus ?? '';
    return {
      holds: found.length === 1 && one?.svolLdevId === svol && BEHIND.includes(state),
      reading: { pairs: found.length, state },
    };
  },
});

export const protectionPredicates: Readonly<Record<string, Predicate>> = {
  /** And nothing was ever written to it. */
  'ldev-new': target(true),
  'ldev-free': target(false),
  'ldev-source': source,
  'group-leads': leads,
  'ldev-unpaired': unpaired,
  'pair-follows': follows,
  'pair-leads': leadsOne,
  'pair-not-taken': notTaken,
};
