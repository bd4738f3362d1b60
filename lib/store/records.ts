/** What is read back from the table, checked at the border, and the order it is handed out in. */
import * as z from 'zod';
import type { ChainItem, DueItem, HeadItem, InboxItem, LockItem } from './store.ts';

const chainRecord = z.object({ sk: z.string(), id: z.string(), line: z.string() });
const inboxRecord = z.object({
  run: z.string(),
  delivery: z.string(),
  at: z.number(),
  person: z.string(),
  body: z.string(),
});
const dueRecord = z.object({ run: z.string(), at: z.number() });
const headRecord = z.object({ run: z.string(), seq: z.number(), json: z.string() });
/** The only thing the store knows of a head's inside: when its run was opened. */
const opened = z.object({ openedAt: z.int().nonnegative() });

export function toChainItem(record: unknown): ChainItem {
  const { sk, id, line } = chainRecord.parse(record);
  return { seq: Number(sk), id, line };
}

export const toInboxItem = (record: unknown): InboxItem => inboxRecord.parse(record);

export const toDueItem = (record: unknown): DueItem => dueRecord.parse(record);

export const toHeadItem = (record: unknown): HeadItem => headRecord.parse(record);

/** The owner of a lock that nobody holds: DynamoDB's models take no empty text. */
export const FREE = '-';
const lockRecord = z.object({ epoch: z.number(), owner: z.string(), rank: z.number() });

export function toLockItem(record: unknown): LockItem {
  const { epoch, owner, rank } = lockRecord.parse(record);
  return { epoch, run: owner === FREE ? '' : owner, rank };
}

/** When the head's run was opened, in ms; throws a ZodError for a head without it. */
export const openedAt = (head: HeadItem): number => opened.parse(JSON.parse(head.json)).openedAt;

/** The most urgent first. */
export function byUrgency(a: DueItem, b: DueItem): number {
  return a.at - b.at || (a.run < b.run ? -1 : 1);
}

/** Order of arrival; deliveries of the same millisecond in the order of their keys. */
export function byArrival(a: InboxItem, b: InboxItem): number {
  return a.at - b.at || (a.delivery < b.delivery ? -1 : 1);
}
