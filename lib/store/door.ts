/**
 * The store as the Slack door needs it: signed requests on plain fetch, because an SDK would be
 * most of the door's cold start. On the way in: due mark, inbox put, head get, wake the engine.
 */
import * as z from 'zod';
import { attributes, plain, record } from './attributes.ts';
import * as keys from './keys.ts';
import { toHeadItem } from './records.ts';
import { type Credentials, refused, type SignedAnswer, signedPost } from './signed.ts';
import type { HeadItem, InboxItem, Store } from './store.ts';

export interface DoorStore extends Pick<Store, 'putInbox' | 'head' | 'heads' | 'note'> {
  /** Wakes the engine for this run; resolves once the wish is accepted, not when it is done. */
  signal(run: string): Promise<void>;
}

export interface DoorAddress {
  readonly table: string;
  readonly region: string;
  /** A local database; in AWS the regional address is used. */
  readonly endpoint?: string;
  /** `https://…/2015-03-31/functions/<name>/invocations` */
  readonly signalUrl: string;
  readonly credentials: Credentials;
}

/** Rejects with StoreError (STORE-ANSWER) when DynamoDB or Lambda refuses or does not answer. */
export function doorStore(address: DoorAddress): DoorStore {
  const table = tableOf(address);
  const head = (run: string) => getHead(table, run);
  return {
    putInbox: (item) => putInbox(table, item),
    head,
    heads: async (limit) => {
      const found = await Promise.all((await recentRuns(table, limit)).map(head));
      return found.filter((item) => item !== undefined);
    },
    note: (run, name) => getNote(table, run, name),
    signal: (run) => signal(address, run),
  };
}

type Table = (operation: string, input: object) => Promise<SignedAnswer>;

function tableOf({ credentials, endpoint, region, table }: DoorAddress): Table {
  const post = signedPost(credentials, region);
  const url = endpoint ?? `https://dynamodb.${region}.amazonaws.com`;
  return (operation, input) => {
    const target = `DynamoDB_20120810.${operation}`;
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
    const body = JSON.stringify({ TableName: table, ...input });
    return post({ service: 'dynamodb', url, headers, body });
  };
}

/** false when this delivery is in the inbox already: the same two puts as in `dynamo.ts`. */
async function putInbox(table: Table, item: InboxItem): Promise<boolean> {
  const { run, delivery, at, person, body } = item;
  await putIfAbsent(table, { ...keys.dueKey(run), run, at });
  const key = keys.inboxKey(run, delivery);
  return putIfAbsent(table, { ...key, run, delivery, at, person, body, taken: false });
}

async function putIfAbsent(table: Table, item: Parameters<typeof attributes>[0]): Promise<boolean> {
  const answer = await table('PutItem', {
    Item: attributes(item),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  if (answer.status < 300) return true;
  if (answer.body.includes('ConditionalCheckFailedException')) return false;
  throw refused('DynamoDB', answer);
}

async function getHead(table: Table, run: string): Promise<HeadItem | undefined> {
  const item = await getItem(table, keys.headKey(run));
  return item === undefined ? undefined : toHeadItem(item);
}

async function getNote(table: Table, run: string, name: string): Promise<string | undefined> {
  const item = await getItem(table, keys.noteKey(run, name));
  return item === undefined ? undefined : z.object({ json: z.string() }).parse(item).json;
}

async function getItem(table: Table, key: keys.Key) {
  const answer = await table('GetItem', { Key: attributes(key), ConsistentRead: true });
  if (answer.status >= 300) throw refused('DynamoDB', answer);
  const { Item } = z.object({ Item: record.optional() }).parse(JSON.parse(answer.body));
  return Item === undefined ? undefined : plain(Item);
}

async function recentRuns(table: Table, limit: number): Promise<string[]> {
  const answer = await table('Query', {
    KeyConditionExpression: 'pk = :recent',
    ExpressionAttributeValues: attributes({ ':recent': keys.RECENT }),
    ConsistentRead: true,
    Limit: limit,
  });
  if (answer.status >= 300) throw refused('DynamoDB', answer);
  const { Items } = z.object({ Items: z.array(record) }).parse(JSON.parse(answer.body));
  return Items.map((item) => z.object({ run: z.string() }).parse(plain(item)).run);
}

/** An asynchronous invocation: Lambda answers 202 before the engine has begun. */
async function signal(address: DoorAddress, run: string): Promise<void> {
  const post = signedPost(address.credentials, address.region);
  const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' };
  const body = JSON.stringify({ run });
  const answer = await post({ service: 'lambda', url: address.signalUrl, headers, body });
  if (answer.status >= 300) throw refused('Lambda', answer);
}
