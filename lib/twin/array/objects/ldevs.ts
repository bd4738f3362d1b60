/** LDEVs over REST: lists are windows of slots, empty ones included. */
import { LAST_LDEV, type Ldev } from '../ldevs.ts';
import { type Call, type Parts, wholeNumber } from '../parts.ts';
import type { ObjectRoutes } from '../room.ts';
import { bad, Refusal } from '../wire.ts';
import {
  assignVirtual,
  createLdev,
  deleteLdev,
  discardZeroPages,
  expandLdev,
  modifyLdev,
  setQos,
  unassignVirtual,
} from './ldev-changes.ts';
import { emptySlot, ldevView, qosView } from './ldev-view.ts';

const roles = ['provisioning'] as const;
const named = (...names: readonly string[]) => ({
  parameters: Object.fromEntries(names.map((name) => [name, null])),
});

export const ldevRoutes: ObjectRoutes = {
  type: 'ldevs',
  list: listLdevs,
  one: (parts, { ids, query, now }) => {
    const id = ids.join(',');
    if (!/^\d{1,5}$/.test(id) || Number(id) > LAST_LDEV) throw bad('The LDEV number is not valid.');
    return slot(parts, Number(id), { now, detail: detailOf(query) });
  },
  create: { change: createLdev, roles },
  modify: { change: modifyLdev, roles },
  remove: { change: deleteLdev, roles },
  actions: {
    expand: {
      change: expandLdev,
      roles,
      template: () => named('additionalByteFormatCapacity', 'additionalBlockCapacity'),
    },
    'discard-zero-page': { change: discardZeroPages, roles },
    'set-qos': { change: setQos, roles },
    'assign-virtual-ldevid': {
      change: assignVirtual,
      roles,
      template: () => named('virtualLdevId'),
    },
    'unassign-virtual-ldevid': {
      change: unassignVirtual,
      roles,
      template: () => named('virtualLdevId'),
    },
  },
};

const DETAILS = ['FMC', 'externalVolume', 'virtualSerialNumber', 'savingInfo', 'class', 'qos'];

function detailOf(query: URLSearchParams): string | null {
  const detail = query.get('detailInfoType');
  if (detail !== null && !DETAILS.includes(detail)) {
    throw bad(`The value ${detail} of detailInfoType is not valid.`);
  }
  return detail;
}

interface Shown {
  readonly now: number;
  readonly detail: string | null;
}

function slot(parts: Parts, ldevId: number, { now, detail }: Shown) {
  const ldev = parts.ldevs.find(ldevId);
  if (ldev === undefined) return emptySlot(ldevId);
  return detail === 'qos' ? qosView(ldev) : ldevView(parts, ldev, now);
}

const DEFAULT_COUNT = 100;
/** Real arrays of the E series were seen to answer 503 to lists as long as this. */
const MOST = 16_384;

/** By `ldevOption`; whatever is not in this table is refused. */
const OPTIONS: Readonly<Record<string, (parts: Parts, ldev: Ldev) => boolean>> = {
  defined: () => true,
  dpVolume: (_, { attributes }) => attributes.includes('HDP'),
  luMapped: ({ mapping }, { ldevId }) => mapping.pathsOf(ldevId).length > 0,
  luUnmapped: ({ mapping }, { ldevId }) => mapping.pathsOf(ldevId).length === 0,
  externalVolume: () => false,
};

/**
 * Without a filter: `count` slots from `headLdevId` on. With `ldevOption`, `poolId` or `journalId`:
 * as many matching LDEVs from there on.
 */
function listLdevs(parts: Parts, { query, now }: Call) {
  const head = wholeNumber(query, 'headLdevId', 0);
  const count = wholeNumber(query, 'count', DEFAULT_COUNT);
  const detail = detailOf(query);
  if (count < 1 || count > MOST) throw bad('The value of count is not valid.');
  if (head > LAST_LDEV) {
    const messageId = 'KART40044-E';
    throw new Refusal(400, { messageId, message: 'The range contains no LDEV.' });
  }
  const option = query.get('ldevOption');
  if (option === 'undefined') return { data: undefinedSlots(parts, head, count) };
  const fits = filterOf(parts, query);
  if (fits === undefined) {
    const last = Math.min(LAST_LDEV, head + count - 1);
    const slots = Array.from({ length: last - head + 1 }, (_, i) => head + i);
    return { data: slots.map((ldevId) => slot(parts, ldevId, { now, detail })) };
  }
  const data: unknown[] = [];
  for (const ldev of parts.ldevs.from(head)) {
    if (data.length === count) break;
    if (fits(ldev)) data.push(slot(parts, ldev.ldevId, { now, detail }));
  }
  return { data };
}

function filterOf(parts: Parts, query: URLSearchParams): ((ldev: Ldev) => boolean) | undefined {
  const option = query.get('ldevOption');
  if (option !== null && OPTIONS[option] === undefined) {
    throw bad(`The value ${option} of ldevOption is not valid.`);
  }
  const [pool, journal] = ['poolId', 'journalId'].map((name) =>
    query.get(name) === null ? undefined : wholeNumber(query, name, 0),
  );
  if (option === null && pool === undefined && journal === undefined) return undefined;
  return (ldev) =>
    (option === null || OPTIONS[option]?.(parts, ldev) === true) &&
    (pool === undefined || ldev.poolId === pool) &&
    (journal === undefined || journalOf(parts, ldev) === journal);
}

function journalOf({ rooms }: Parts, { ldevId }: Ldev): unknown {
  return rooms.map((room) => room.fields?.(ldevId)['journalId']).find((id) => id !== undefined);
}

function undefinedSlots({ ldevs }: Parts, head: number, count: number) {
  const found: { ldevId: number }[] = [];
  for (let ldevId = head; ldevId <= LAST_LDEV && found.length < count; ldevId++) {
    if (ldevs.find(ldevId) === undefined) found.push(emptySlot(ldevId));
  }
  return found;
}
