/** What changes the array. A change that its state does not allow ends in a failed job. */
import * as z from 'zod';
import { judgeClones, type Refused, resyncClones, splitClones } from './clones.ts';
import { type Call, cloneGroupOf, mirrorOf, type Parts } from './parts.ts';
import { bad, missing, Refusal } from './wire.ts';

export interface Change {
  /** Object type and id, e.g. `ldevs/1000`; the job names it as affected. */
  readonly affected: string;
  readonly refused: Refused;
}

export interface ChangeRoute {
  readonly methods: readonly string[];
  readonly type: string;
  /** The action of `…/actions/<action>/invoke`, or undefined for the object itself. */
  readonly action?: string;
  readonly change: (parts: Parts, call: Call) => Change;
}

const INVOKE = ['POST', 'PUT'] as const;
const ATTRIBUTES = ['PATCH', 'PUT'] as const;
const CLONES = 'local-clone-copygroups';
const REMOTE = 'remote-mirror-copygroups';

export const changes: readonly ChangeRoute[] = [
  { methods: ATTRIBUTES, type: 'ldevs', change: labelLdev },
  { methods: INVOKE, type: CLONES, action: 'split', change: splitCopies },
  { methods: INVOKE, type: CLONES, action: 'resync', change: resyncCopies },
  { methods: INVOKE, type: CLONES, action: 'restore', change: restoreFromCopies },
  { methods: ['DELETE'], type: CLONES, change: deleteCopies },
  { methods: INVOKE, type: REMOTE, action: 'split', change: remoteNotSimulated },
  { methods: INVOKE, type: REMOTE, action: 'resync', change: remoteNotSimulated },
  { methods: INVOKE, type: REMOTE, action: 'takeover', change: remoteNotSimulated },
  { methods: ['DELETE'], type: REMOTE, change: remoteNotSimulated },
];

const labelSchema = z.strictObject({ label: z.string().max(32) });

function labelLdev({ ldevs }: Parts, { ids, body }: Call): Change {
  const wish = labelSchema.safeParse(body);
  if (!wish.success) throw bad('Only label can be changed, 0 to 32 characters.');
  const ldev = ldevs.find(Number(ids.join(',')));
  if (ldev === undefined) throw missing(`LDEV ${ids.join(',')}`);
  ldevs.relabel(ldev.ldevId, wish.data.label);
  return { affected: `ldevs/${ldev.ldevId}`, refused: undefined };
}

/** `forceSplit` and `forceSuspend` are not simulated and are refused like any unknown word. */
const pairSchema = z.strictObject({
  parameters: z
    .strictObject({
      quickMode: z.boolean().default(false),
      copyPace: z.int().min(1).max(15).optional(),
    })
    .prefault({}),
});

function splitCopies(parts: Parts, { ids, body, now }: Call): Change {
  const wish = pairSchema.safeParse(body ?? {});
  if (!wish.success) throw bad('The parameters of split are not valid here.');
  const group = cloneGroupOf(parts, ids);
  const { mirror } = mirrorOf(parts, group.source);
  const quick = wish.data.parameters.quickMode;
  const refused = splitClones(group, now, { mirror, quick });
  return { affected: `${CLONES}/${ids.join(',')}`, refused };
}

function resyncCopies(parts: Parts, { ids, body, now }: Call): Change {
  if (!pairSchema.safeParse(body ?? {}).success) {
    throw bad('The parameters of resync are not valid here.');
  }
  const group = cloneGroupOf(parts, ids);
  const split = judgeClones(group, 'resync', now).acts;
  const refused = resyncClones(group, now, parts.spec.pace);
  // What a real array does to a copy that a host still reaches is not documented: allowed, counted.
  if (refused === undefined && split.some(({ svol }) => parts.ldevs.hasForeignPath(svol))) {
    parts.resyncUnderPath += 1;
  }
  return { affected: `${CLONES}/${ids.join(',')}`, refused };
}

function restoreFromCopies(parts: Parts, call: Call): Change {
  const group = cloneGroupOf(parts, call.ids);
  const { mirror } = mirrorOf(parts, group.source);
  const phase = mirror.phase;
  const mirrored = phase === 'PAIR' || phase === 'COPY';
  const refused = mirrored
    ? `The P-VOLs are S-VOLs of a remote mirror in ${phase}; reverse copy needs it suspended.`
    : judgeClones(group, 'restore', call.now).refused;
  if (refused === undefined) throw notSimulatedError();
  return { affected: `${CLONES}/${call.ids.join(',')}`, refused };
}

/** A real array would do what was asked; the answer says that it is the twin that does not. */
function notSimulatedError(): Refusal {
  return new Refusal(412, {
    message: 'The operation cannot be performed.',
    cause: 'This simulated array does not carry out this operation; nothing was changed.',
  });
}

function deleteCopies(parts: Parts, { ids, now }: Call): Change {
  const { refused } = judgeClones(cloneGroupOf(parts, ids), 'delete', now);
  if (refused === undefined) throw notSimulatedError();
  return { affected: `${CLONES}/${ids.join(',')}`, refused };
}

function remoteNotSimulated(parts: Parts, { ids }: Call): Change {
  mirrorOf(parts, ids[1]);
  throw notSimulatedError();
}
