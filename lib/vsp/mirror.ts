/** Conditions on what a mirror runs over: its journals, the paths between arrays, the hosts' paths. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { type Journal, journalsSchema, lunSchema, remotePathsSchema } from './schema.ts';

/** Empty, and at work: nothing waits in it that the other side does not have. */
export const isDrained = (journal: Journal, status: 'PJNN' | 'SJNN'): boolean =>
  journal.journalStatus === status && journal.qCount === 0;

const drained = predicate({
  body: journalsSchema,
  args: z.strictObject({
    journalId: z.int(),
    muNumber: z.int(),
    status: z.enum(['PJNN', 'SJNN']),
  }),
  test: ({ data }, { journalId, muNumber, status }) => {
    const found = data.filter(
      (one) => one.journalId === journalId && (one.muNumber ?? 0) === muNumber,
    );
    const [journal] = found;
    if (found.length !== 1 || journal === undefined) {
      return { holds: false, reading: { journals: found.length } };
    }
    const { journalStatus, qMarker, qCount = null } = journal;
    return {
      holds: isDrained(journal, status),
      reading: { status: journalStatus, qMarker, qCount },
    };
  },
});

/** Room in the journal of one mirror; its array sends differences only while there is. */
const journalBelow = predicate({
  body: journalsSchema,
  args: z.strictObject({ journalId: z.int(), muNumber: z.int(), usageAtMost: z.number() }),
  test: ({ data }, { journalId, muNumber, usageAtMost }) => {
    const found = data.filter(
      (one) => one.journalId === journalId && (one.muNumber ?? 0) === muNumber,
    );
    const usage = found[0]?.usageRate;
    const holds = found.length === 1 && usage !== undefined && usage <= usageAtMost;
    return { holds, reading: { journals: found.length, usageRate: usage ?? null } };
  },
});

/** Every group of remote paths to that array is normal, and there is one. */
const pathsUp = predicate({
  body: remotePathsSchema,
  args: z.strictObject({ storageDeviceId: z.string() }),
  test: ({ data }, { storageDeviceId }) => {
    const to = data.filter((one) => one.remoteStorageDeviceId === storageDeviceId);
    const states = [...new Set(to.map((one) => one.cuStatus))].sort();
    return { holds: states.join() === 'NML', reading: { states } };
  },
});

/** The LU path still leads to the volume that was meant: numbers of paths are given away again. */
const pathOfLdev = predicate({
  body: lunSchema,
  args: z.strictObject({ ldev: z.int() }),
  test: ({ ldevId }, { ldev }) => ({ holds: ldevId === ldev, reading: { ldev: ldevId } }),
});

export const mirrorPredicates: Readonly<Record<string, Predicate>> = {
  'journal-drained': drained,
  'journal-below': journalBelow,
  'remote-paths-up': pathsUp,
  'path-of-ldev': pathOfLdev,
};
