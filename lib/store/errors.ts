/** What can go wrong with stored things, and with the environment that says where they are. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const storeCodes = {
  'STORE-BLOB-MISSING': {
    means: 'Bytes that the journal names by their SHA-256 are not in the blob store.',
    next: 'Restore the object from a backup of the bucket or folder, then continue the run.',
  },
  'STORE-BLOB-DAMAGED': {
    means: 'Stored bytes do not hash to their name: the disk is failing or somebody changed them.',
    next: 'Keep the damaged file as evidence, restore the object from a backup, find the cause.',
  },
  'STORE-CLAIM-UNSTEADY': {
    means: 'A claim changed hands again and again while it was being read.',
    next: 'Try again; if it stays so, look for a second control plane on the same table.',
  },
  'STORE-ANSWER': {
    means: 'DynamoDB or Lambda answered the door with an error, or not at all.',
    next: 'Send the command again; check the role of the function and the name of the table.',
    status: 503,
  },
  'STORE-ENV': {
    means: 'An environment variable is missing or has a value that cannot be used.',
    next: 'Set the variable as docs/deployment.md describes it and start again.',
  },
  'STORE-REGION': {
    means: 'Data would be kept in a region that the house rules do not allow.',
    next: 'Deploy to a region of allowedRegions in config/policy.yml.',
  },
  'STORE-PORT': {
    means: 'The port for the local database is taken by another program.',
    next: 'Stop the other program, or start with another port.',
  },
} as const satisfies Catalogue;

export type StoreCode = keyof typeof storeCodes;

export class StoreError extends DrillbookError {
  constructor(code: StoreCode, told: { what: string; why: string }, options?: ErrorOptions) {
    super({ code, ...told, next: storeCodes[code].next }, options);
  }
}

/** A blob is absent, or its bytes are not what its name says. */
export class BlobMissing extends StoreError {}
