/** `journals`: read in three views, made, set, grown, shrunk and deleted. */
import * as z from 'zod';
import type { Call, Parts } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { bad, type ErrorWords, missing, refusedWith } from '../wire.ts';
import { type Devices, freshJournal, type Journal, mirrorUnit } from './devices.ts';
import type { Fabric } from './fabric.ts';
import { basicViews, detailViews, timerViews } from './journal-views.ts';

const ldevId = z.int().min(0).max(65_279);
const createSchema = z.strictObject({
  journalId: z.int().min(0).max(255),
  ldevIds: z.array(ldevId).min(1).optional(),
  startLdevId: ldevId.optional(),
  endLdevId: ldevId.optional(),
});
const modifySchema = z
  .strictObject({
    dataOverflowWatchInSeconds: z.int().min(0).max(600).optional(),
    isCacheModeEnabled: z.boolean().optional(),
    copySpeed: z.union([z.literal(3), z.literal(10), z.literal(100), z.literal(256)]).optional(),
    mirrorUnit: z
      .strictObject({
        muNumber: z.int().min(0).max(3),
        copyPace: z.enum(['L', 'M', 'H']).optional(),
        pathBlockadeWatchInMinutes: z.int().min(0).max(60).optional(),
      })
      .optional(),
  })
  .refine((wish) => Object.keys(wish).length > 0);
const ldevsSchema = z.strictObject({
  parameters: z.strictObject({ ldevIds: z.array(ldevId).min(1) }),
});
const bladeSchema = z.strictObject({
  parameters: z.strictObject({ mpBladeId: z.int().min(0).max(15) }),
});

const views = { basic: basicViews, timer: timerViews, detail: detailViews } as const;
const JOURNALS_MAX = 256;
const VOLUMES_MAX = 2;

export function journalRoutes(fabric: Fabric): ObjectRoutes {
  const own = (parts: Parts) => fabric.devices(parts.spec.id);
  const change =
    (how: (parts: Parts, call: Call, journal: Journal) => Changed) =>
    (parts: Parts, call: Call): Changed => {
      const journal = journalNamed(own(parts), call);
      const changed = how(parts, call, journal);
      if (changed.refused === undefined) journal.changedAt = call.now;
      return changed;
    };
  const roles = ['provisioning'] as const;
  return {
    type: 'journals',
    list(parts, { query, now }) {
      const info = query.get('journalInfo') ?? '';
      if (!Object.hasOwn(views, info)) {
        throw bad('The parameter journalInfo is required: basic, timer or detail.');
      }
      const view = views[info as keyof typeof views];
      return {
        data: own(parts).journals.flatMap((journal) => view(fabric, parts, { journal, now })),
      };
    },
    // With several mirrors this shows only one of them, as the real server does.
    one: (parts, call) =>
      basicViews(fabric, parts, { journal: journalNamed(own(parts), call), now: call.now })[0],
    create: { roles, change: (parts, call) => create(own(parts), parts, call) },
    modify: { roles, change: change((_, call, journal) => modify(journal, call)) },
    remove: {
      roles,
      change: change((parts, _, journal) => {
        if (isUsed(fabric, parts, journal)) return refuse(journal.journalId, IN_USE);
        own(parts).journals = own(parts).journals.filter((one) => one !== journal);
        return done(journal.journalId);
      }),
    },
    actions: {
      expand: {
        roles,
        change: change((parts, call, journal) => expand(own(parts), journal, { parts, call })),
      },
      shrink: { roles, change: change((_, call, journal) => shrink(journal, call)) },
      'assign-mp-blade': {
        roles,
        change: change((_, { body }, journal) => {
          journal.mpBladeId = read(bladeSchema, body).parameters.mpBladeId;
          return done(journal.journalId);
        }),
      },
    },
  };
}

const done = (journalId: number): Changed => ({ affected: [`journals/${journalId}`] });
const refuse = (journalId: number, refused: ErrorWords): Changed => ({
  ...done(journalId),
  refused,
});
const IN_USE = refusedWith('2E40-0000', 'The journal cannot be changed.', 'Pairs use it.');

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw bad('The attributes of the journal are not valid.');
  return parsed.data;
}

function journalNamed({ journals }: Devices, { ids }: Call): Journal {
  const found = journals.find(({ journalId }) => String(journalId) === ids.join(','));
  if (found === undefined) throw missing(`journal ${ids.join(',')}`);
  return found;
}

const isUsed = (fabric: Fabric, { spec }: Parts, { journalId }: Journal): boolean =>
  fabric.groupsAt(spec.id).some(({ state }) => state.journals[spec.id] === journalId);

function create(own: Devices, parts: Parts, { body }: Call): Changed {
  const { journalId, ldevIds, startLdevId, endLdevId } = read(createSchema, body);
  const range = startLdevId !== undefined && endLdevId !== undefined;
  if (
    (ldevIds !== undefined) === range ||
    (startLdevId === undefined) !== (endLdevId === undefined)
  ) {
    throw bad('The journal volumes are given by ldevIds, or by startLdevId and endLdevId.');
  }
  const from = startLdevId ?? 0;
  if ((endLdevId ?? from) < from) throw bad('endLdevId is smaller than startLdevId.');
  const volumes =
    ldevIds ?? Array.from({ length: (endLdevId ?? from) - from + 1 }, (_, i) => from + i);
  if (own.journals.some((one) => one.journalId === journalId)) {
    const message = 'The journal id is already used.';
    return refuse(journalId, { messageId: 'KART40054-E', message });
  }
  if (own.journals.length >= JOURNALS_MAX) {
    return refuse(journalId, refusedWith('2E23-5000', 'The number of journals is at its maximum.'));
  }
  const why = unusable(own, parts, volumes);
  if (why !== undefined || volumes.length > VOLUMES_MAX) {
    return refuse(journalId, notMade(why ?? `At most ${VOLUMES_MAX} volumes.`));
  }
  own.journals = [...own.journals, freshJournal(journalId, volumes)];
  return done(journalId);
}

const notMade = (why: string) => refusedWith('2E40-0000', 'The journal cannot be made so.', why);

/** Journal volumes are plain LDEVs without paths. */
function unusable(own: Devices, parts: Parts, volumes: readonly number[]): string | undefined {
  if (new Set(volumes).size < volumes.length) return 'An LDEV is named twice.';
  for (const id of volumes) {
    if (parts.ldevs.find(id) === undefined) return `LDEV ${id} is not defined.`;
    if (own.journals.some(({ ldevIds }) => ldevIds.includes(id)))
      return `LDEV ${id} is in a journal.`;
    if (parts.mapping.pathsOf(id).length > 0) return `LDEV ${id} has an LU path.`;
    const bound = parts.rooms.map((room) => room.bound(id)).find((why) => why !== undefined);
    if (bound !== undefined) return `LDEV ${id} is bound: ${bound}.`;
  }
  return undefined;
}

function modify(journal: Journal, { body }: Call): Changed {
  const { mirrorUnit: unit, ...given } = read(modifySchema, body);
  if (unit !== undefined) {
    const { muNumber, copyPace, pathBlockadeWatchInMinutes: minutes } = unit;
    const old = mirrorUnit(journal, muNumber);
    journal.mirrorUnits[muNumber] = {
      copyPace: copyPace ?? old.copyPace,
      pathBlockadeWatchInMinutes: minutes ?? old.pathBlockadeWatchInMinutes,
    };
  }
  Object.assign(journal, given);
  return done(journal.journalId);
}

function expand(
  own: Devices,
  journal: Journal,
  { parts, call }: { readonly parts: Parts; readonly call: Call },
): Changed {
  const { ldevIds } = read(ldevsSchema, call.body).parameters;
  const many = journal.ldevIds.length + ldevIds.length > VOLUMES_MAX;
  const why = many ? `At most ${VOLUMES_MAX} volumes.` : unusable(own, parts, ldevIds);
  if (why !== undefined) return refuse(journal.journalId, notMade(why));
  journal.ldevIds = [...journal.ldevIds, ...ldevIds];
  return done(journal.journalId);
}

function shrink(journal: Journal, { body }: Call): Changed {
  const { ldevIds } = read(ldevsSchema, body).parameters;
  const left = journal.ldevIds.filter((id) => !ldevIds.includes(id));
  const known = ldevIds.every((id) => journal.ldevIds.includes(id));
  if (!known || left.length === 0) {
    return refuse(journal.journalId, notMade('One volume of the journal must stay.'));
  }
  journal.ldevIds = left;
  return done(journal.journalId);
}
