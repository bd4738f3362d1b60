/**
 * What the house asks of a store. All reads are strongly consistent and whole. Two implementations:
 * DynamoDB (`dynamo.ts`) and memory (`memory.ts`, for simulation). No operation spans two items.
 */

/** A line of a chain. `line` is the canonical bytes that hashes are over. */
export interface ChainItem {
  readonly seq: number;
  readonly id: string;
  readonly line: string;
}

/** Doors put these, the engine journals them in order of arrival and then marks them taken. */
export interface InboxItem {
  readonly run: string;
  /** Key of the delivery (trigger id, event id …): the same delivery is put once. */
  readonly delivery: string;
  readonly at: number;
  readonly person: string;
  /** Canonical JSON of an `InboxBody` (lib/run/inbox.ts). */
  readonly body: string;
}

/** What doors read of a run: a cache, rebuilt from the journal. `json` is a `Head` (lib/run/head.ts). */
export interface HeadItem {
  readonly run: string;
  readonly seq: number;
  readonly json: string;
}

export interface Store {
  /**
   * Puts one line if its seq is free.
   *   free                        -> 'stored'
   *   taken by an item of same id -> 'stored'  (our own write whose answer was lost)
   *   taken by another            -> 'taken'
   */
  append(chain: string, item: ChainItem): Promise<'stored' | 'taken'>;
  /** All lines from `fromSeq` on, in order. Chains: `run:<id>`, `ledger:<tenant>`. */
  chain(chain: string, fromSeq?: number): Promise<ChainItem[]>;

  /** false when this delivery was put before. */
  putInbox(item: InboxItem): Promise<boolean>;
  /** Items not yet taken, oldest first. */
  inbox(run: string): Promise<InboxItem[]>;
  takeInbox(run: string, delivery: string): Promise<void>;

  /** Replaces the head unless a newer one is there. */
  putHead(item: HeadItem): Promise<void>;
  head(run: string): Promise<HeadItem | undefined>;
  /** Newest first. */
  heads(limit: number): Promise<HeadItem[]>;

  /**
   * A named claim with one owner, e.g. `service:payments` -> run id. Returns the owner that holds it
   * afterwards: the caller if it was free or already its own.
   */
  claim(name: string, owner: string): Promise<string>;
  release(name: string, owner: string): Promise<void>;
  holder(name: string): Promise<string | undefined>;

  /** Small mutable notes beside a run (Slack message timestamps and the like); last writer wins. */
  putNote(run: string, name: string, json: string): Promise<void>;
  note(run: string, name: string): Promise<string | undefined>;
}

/** Large things by their SHA-256, written before the event that names them. Writing twice is fine. */
export interface Blobs {
  put(bytes: Uint8Array | string): Promise<string>;
  /** Throws BlobMissing when absent or when the bytes do not hash to their name. */
  get(sha256: string): Promise<Buffer>;
}
