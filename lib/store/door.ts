/**
 * The store as the Slack door needs it: signed requests on plain fetch, because an SDK would be
 * most of the door's cold start. Three of them on the way in: inbox put, head get, wake the engine.
 */
import { AwsClient } from 'aws4fetch';
import * as z from 'zod';
import { StoreError } from './errors.ts';
import * as keys from './keys.ts';
import { toHeadItem } from './records.ts';
import type { HeadItem, InboxItem, Store } from './store.ts';

export interface DoorStore extends Pick<Store, 'putInbox' | 'head' | 'heads'> {
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
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Slack waits three seconds for the whole answer; one request may take this long. */
const LIMIT_MS = 2_000;

/** Rejects with StoreError (STORE-ANSWER) when DynamoDB or Lambda refuses or does not answer. */
export function doorStore(address: DoorAddress): DoorStore {
  const client = new AwsClient({ ...address.credentials, region: address.region, retries: 1 });
  const table = tableOf(client, address);
  const head = (run: string) => getHead(table, run);
  return {
    putInbox: (item) => putInbox(table, item),
    head,
    heads: async (limit) => {
      const found = await Promise.all((await recentRuns(table, limit)).map(head));
      return found.filter((item) => item !== undefined);
    },
    signal: async (run) => {
      const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' };
      const request = { service: 'lambda', url: address.signalUrl, headers };
      const { status, body } = await send(client, { ...request, body: JSON.stringify({ run }) });
      if (status >= 300) throw refused('Lambda', status, body);
    },
  };
}

/** false when this delivery is in the inbox already: the same condition as in `dynamo.ts`. */
async function putInbox(table: Table, item: InboxItem): Promise<boolean> {
  const { status, body } = await table('PutItem', {
    Item: attributes({
      ...keys.inboxKey(item.run, item.delivery),
      run: item.run,
      delivery: item.delivery,
      at: item.at,
      person: item.person,
      body: item.body,
      taken: false,
    }),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  if (status < 300) return true;
  if (body.includes('ConditionalCheckFailedException')) return false;
  throw refused('DynamoDB', status, body);
}

async function getHead(table: Table, run: string): Promise<HeadItem | undefined> {
  const key = attributes(keys.headKey(run));
  const { status, body } = await table('GetItem', { Key: key, ConsistentRead: true });
  if (status >= 300) throw refused('DynamoDB', status, body);
  const { Item } = z.object({ Item: record.optional() }).parse(JSON.parse(body));
  return Item === undefined ? undefined : toHeadItem(plain(Item));
}

async function recentRuns(table: Table, limit: number): Promise<string[]> {
  const { status, body } = await table('Query', {
    KeyConditionExpression: 'pk = :recent',
    ExpressionAttributeValues: attributes({ ':recent': keys.RECENT }),
    ConsistentRead: true,
    Limit: limit,
  });
  if (status >= 300) throw refused('DynamoDB', status, body);
  const { Items } = z.object({ Items: z.array(record) }).parse(JSON.parse(body));
  return Items.map((item) => z.object({ run: z.string() }).parse(plain(item)).run);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}
type Table = (operation: string, input: object) => Promise<Answer>;

function tableOf(client: AwsClient, { endpoint, region, table }: DoorAddress): Table {
  const url = endpoint ?? `https://dynamodb.${region}.amazonaws.com`;
  return (operation, input) => {
    const target = `DynamoDB_20120810.${operation}`;
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
    const body = JSON.stringify({ TableName: table, ...input });
    return send(client, { service: 'dynamodb', url, headers, body });
  };
}

async function send(
  client: AwsClient,
  request: { service: string; url: string; headers: Record<string, string>; body: string },
): Promise<Answer> {
  const { service, url, headers, body } = request;
  try {
    const answer = await client.fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(LIMIT_MS),
      // A request can be signed for another service than its host name suggests (local addresses).
      aws: { service, allHeaders: false },
    });
    return { status: answer.status, body: await answer.text() };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `No answer from ${new URL(url).host}.`;
    throw new StoreError('STORE-ANSWER', { what, why }, { cause });
  }
}

/** DynamoDB's way of writing a value: text, number or truth. */
const value = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
]);
const record = z.record(z.string(), value);

function attributes(item: Record<string, string | number | boolean>) {
  const entries = Object.entries(item).map(([name, it]): [string, z.infer<typeof value>] => {
    if (typeof it === 'string') return [name, { S: it }];
    return [name, typeof it === 'number' ? { N: String(it) } : { BOOL: it }];
  });
  return Object.fromEntries(entries);
}

function plain(item: z.infer<typeof record>) {
  const entries = Object.entries(item).map(([name, it]) => {
    if ('S' in it) return [name, it.S];
    return [name, 'N' in it ? Number(it.N) : it.BOOL];
  });
  return Object.fromEntries(entries);
}

function refused(who: string, status: number, body: string): StoreError {
  return new StoreError('STORE-ANSWER', {
    what: `${who} answered ${status}.`,
    why: body.slice(0, 300),
  });
}
