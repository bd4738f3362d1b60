/** Store and blobs where the environment says they are. Pulls in the AWS SDK: not for the door. */
import { type Env, isBucket } from '../env.ts';
import { dynamoStore } from './dynamo.ts';
import { StoreError } from './errors.ts';
import { folderBlobs } from './files.ts';
import { dynamoMailbox } from './mailbox.ts';
import { s3Blobs } from './s3.ts';
import type { Blobs, Mailbox, Store } from './store.ts';

/** Both of them. Throws StoreError (STORE-ENV) when DRILLBOOK_BLOBS is not set. */
export function openStore(env: Env): { store: Store; blobs: Blobs } {
  return { store: openTable(env), blobs: openBlobs(env) };
}

/** Where gateways that nobody can reach fetch their messages. */
export function openMailbox({ table, region, dynamoEndpoint }: Env): Mailbox {
  return dynamoMailbox({
    table,
    region,
    ...(dynamoEndpoint === undefined ? {} : { endpoint: dynamoEndpoint }),
  });
}

/** The store alone, for a function that keeps no evidence. */
export function openTable({ table, region, dynamoEndpoint }: Env): Store {
  return dynamoStore({
    table,
    region,
    ...(dynamoEndpoint === undefined ? {} : { endpoint: dynamoEndpoint }),
  });
}

function openBlobs({ blobs, region, allowedRegions }: Env): Blobs {
  if (blobs === undefined) {
    const why = 'DRILLBOOK_BLOBS names neither a folder nor s3://<bucket>.';
    throw new StoreError('STORE-ENV', { what: 'There is no place for evidence.', why });
  }
  if (!isBucket(blobs)) return folderBlobs(blobs);
  return s3Blobs({ bucket: blobs.slice('s3://'.length), region, allowedRegions });
}
