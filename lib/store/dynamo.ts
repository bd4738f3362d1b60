/**
 * The store in DynamoDB, through dynamoose. House rules: `create` (put if absent) and `update` or
 * `delete` with a condition, strongly consistent reads, no transactions. Keys: `keys.ts`.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import * as z from 'zod';
import { StoreError } from './errors.ts';
import * as keys from './keys.ts';
import {
  byArrival,
  byUrgency,
  FREE,
  openedAt,
  toChainItem,
  toDueItem,
  toHeadItem,
  toInboxItem,
  toLockItem,
} from './records.ts';
import type { HeadItem, Store } from './store.ts';
import { modelOf, type StoreModel, type TableAddress } from './table.ts';

/** The store of a table that exists. Rejects with the SDK's errors when DynamoDB cannot be asked. */
export function dynamoStore(address: TableAddress): Store {
  const model = modelOf(address);
  return {
    ...chains(model),
    ...inboxes(model),
    ...dues(model),
    ...heads(model),
    ...claims(model),
    ...locks(model),
    ...notes(model),
  };
}

/**
 * Put a line if its seq is free:
 *
 *   seq in the table?   no ──▶ written                                      'stored'
 *                       yes ─▶ same id: our own write, its answer was lost  'stored'
 *                              other id: somebody was faster                'taken'
 */
function chains(model: StoreModel): Pick<Store, 'append' | 'chain'> {
  return {
    append: async (chain, item) => {
      const key = keys.chainKey(chain, item.seq);
      if (await putIfAbsent(model, { ...key, id: item.id, line: item.line })) return 'stored';
      const there = toChainItem(await model.get(key, { consistent: true }));
      return there.id === item.id ? 'stored' : 'taken';
    },
    chain: async (chain, fromSeq = 0) => {
      const { pk, sk } = keys.chainKey(chain, fromSeq);
      const query = model.query('pk').eq(pk).where('sk').ge(sk).consistent();
      return (await query.all().exec()).map(toChainItem);
    },
  };
}

/** Items stay after they were taken: they are the memory of which deliveries have been. */
function inboxes(model: StoreModel): Pick<Store, 'putInbox' | 'inbox' | 'takeInbox'> {
  return {
    putInbox: async (item) => {
      await putIfAbsent(model, { ...keys.dueKey(item.run), run: item.run, at: item.at });
      const key = keys.inboxKey(item.run, item.delivery);
      return putIfAbsent(model, { ...key, ...item, taken: false });
    },
    inbox: async (run) => {
      const { pk } = keys.inboxKey(run, '');
      const query = model.query('pk').eq(pk).filter('taken').eq(false).consistent();
      return (await query.all().exec()).map(toInboxItem).sort(byArrival);
    },
    takeInbox: async (run, delivery) => {
      // Without the condition an unknown delivery would become an item that is only "taken".
      const condition = new dynamoose.Condition('pk').exists();
      await unlessRefused(() =>
        model.update(keys.inboxKey(run, delivery), { taken: true }, { condition }),
      );
    },
  };
}

function dues(model: StoreModel): Pick<Store, 'putDue' | 'clearDue' | 'dues'> {
  return {
    putDue: async (run, at) => {
      await model.update(keys.dueKey(run), { run, at });
    },
    clearDue: async (run) => {
      await model.delete(keys.dueKey(run));
    },
    dues: async () => {
      const query = model.query('pk').eq(keys.DUE).consistent();
      return (await query.all().exec()).map(toDueItem).sort(byUrgency);
    },
  };
}

/**
 * Replace the head:  absent or seq <= mine ──▶ written;  newer there ──▶ left alone.
 * Before it, once per run, its place in the order of all runs: a crash in between leaves a place
 * without a head, which `heads` passes over.
 */
function heads(model: StoreModel): Pick<Store, 'putHead' | 'head' | 'heads'> {
  const head = async (run: string): Promise<HeadItem | undefined> => {
    const record: unknown = await model.get(keys.headKey(run), { consistent: true });
    return record === undefined ? undefined : toHeadItem(record);
  };
  return {
    head,
    putHead: async ({ run, seq, json }) => {
      await putIfAbsent(model, { ...keys.recentKey(run, openedAt({ run, seq, json })), run });
      const condition = new dynamoose.Condition('pk').not().exists().or().where('seq').le(seq);
      await unlessRefused(() => model.update(keys.headKey(run), { run, seq, json }, { condition }));
    },
    heads: async (limit) => {
      const query = model.query('pk').eq(keys.RECENT).limit(limit).consistent();
      const runs = (await query.exec()).map((record) =>
        z.object({ run: z.string() }).parse(record),
      );
      const found = await Promise.all(runs.map(({ run }) => head(run)));
      return found.filter((item) => item !== undefined);
    },
  };
}

/** Reads after a refused claim until the holder is seen; it may let go in between. */
const CLAIM_ROUNDS = 5;

/** Claim:  free or already mine ──▶ mine;  another's ──▶ left alone, its name is the answer. */
function claims(model: StoreModel): Pick<Store, 'claim' | 'release' | 'holder'> {
  const holder = async (name: string): Promise<string | undefined> => {
    const record: unknown = await model.get(keys.claimKey(name), { consistent: true });
    return record === undefined ? undefined : z.object({ owner: z.string() }).parse(record).owner;
  };
  return {
    holder,
    claim: async (name, owner) => {
      for (let round = 0; round < CLAIM_ROUNDS; round++) {
        const condition = new dynamoose.Condition('pk')
          .not()
          .exists()
          .or()
          .where('owner')
          .eq(owner);
        const update = () => model.update(keys.claimKey(name), { owner }, { condition });
        if (await unlessRefused(update)) return owner;
        const other = await holder(name);
        if (other !== undefined) return other;
      }
      throw new StoreError('STORE-CLAIM-UNSTEADY', {
        what: `${owner} could not claim ${name}.`,
        why: `It changed hands ${CLAIM_ROUNDS} times while it was read.`,
      });
    },
    release: async (name, owner) => {
      const condition = new dynamoose.Condition('owner').eq(owner);
      await unlessRefused(() => model.delete(keys.claimKey(name), { condition }));
    },
  };
}

/** Replace the lock:  still as it was read ──▶ written;  changed since ──▶ left alone. */
function locks(model: StoreModel): Pick<Store, 'lock' | 'putLock'> {
  return {
    lock: async (unit) => {
      const record: unknown = await model.get(keys.lockKey(unit), { consistent: true });
      return record === undefined ? undefined : toLockItem(record);
    },
    putLock: async (unit, { epoch, run, rank }, before) => {
      const key = keys.lockKey(unit);
      // A key attribute may be empty nowhere; a free lock is held by nobody, written as a dash.
      const item = { epoch, owner: run === '' ? FREE : run, rank };
      if (before === undefined) return putIfAbsent(model, { ...key, ...item });
      const owner = before.run === '' ? FREE : before.run;
      const condition = new dynamoose.Condition('epoch').eq(before.epoch).where('owner').eq(owner);
      return unlessRefused(() => model.update(key, item, { condition }));
    },
  };
}

function notes(model: StoreModel): Pick<Store, 'putNote' | 'note'> {
  return {
    putNote: async (run, name, json) => {
      await model.update(keys.noteKey(run, name), { json });
    },
    note: async (run, name) => {
      const record: unknown = await model.get(keys.noteKey(run, name), { consistent: true });
      return record === undefined ? undefined : z.object({ json: z.string() }).parse(record).json;
    },
  };
}

/** dynamoose's `create` carries the condition "no such key": true when written. */
function putIfAbsent(model: StoreModel, item: Record<string, unknown>): Promise<boolean> {
  return unlessRefused(() => model.create(item));
}

/** true when the write went through, false when its condition refused it. */
async function unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
