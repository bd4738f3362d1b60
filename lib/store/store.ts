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

/** Who holds a protection unit. `run` is empty while it is free; the epoch stays and only rises. */
export interface LockItem {
  readonly epoch: number;
  readonly run: string;
  /** What pre-empts what: a higher rank takes the unit from a lower one. */
  readonly rank: number;
}

/** An open run: `at` (ms) is when somebody must have looked at it again. */
export interface DueItem {
  readonly run: string;
  readonly at: number;
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

  /**
   * false when this delivery was put before. The run is marked due first, if it is not: a wish whose
   * signal is lost is found by that mark.
   */
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

  /** The lock of a protection unit; undefined when nobody ever took it. */
  lock(unit: string): Promise<LockItem | undefined>;
  /** Replaces the lock if it still is `before`; false when it is not. The epoch never falls. */
  putLock(unit: string, next: LockItem, before: LockItem | undefined): Promise<boolean>;

  /** Says when the run must be looked at again; last writer wins. */
  putDue(run: string, at: number): Promise<void>;
  /** The run needs nobody any more. */
  clearDue(run: string): Promise<void>;
  /** All runs that need somebody, the most urgent first. */
  dues(): Promise<DueItem[]>;

  /** Small mutable notes beside a run (Slack message timestamps and the like); last writer wins. */
  putNote(run: string, name: string, json: string): Promise<void>;
  note(run: string, name: string): Promise<string | undefined>;
}

/** A message on its way to or from a site that nobody can reach from outside. */
export interface Mail {
  /** Begins with its time, so that ids are in order: 14 digits of ms, a hyphen, chance. */
  readonly id: string;
  readonly text: string;
}

/** Messages for gateways that fetch them, and their answers. Old ones vanish by themselves. */
export interface Mailbox {
  putMail(site: string, mail: Mail): Promise<void>;
  /** Whole messages since then (ms), oldest first. */
  mail(site: string, since: number): Promise<Mail[]>;
  /** The first answer stays; false for a later one. */
  putAnswer(site: string, mail: Mail): Promise<boolean>;
  answer(site: string, id: string): Promise<string | undefined>;
  /** True only the first time that somebody shows this. */
  firstSeen(site: string, nonce: string, at: number): Promise<boolean>;
}

/** Large things by their SHA-256, written before the event that names them. Writing twice is fine. */
export interface Blobs {
  put(bytes: Uint8Array | string): Promise<string>;
  /** Throws BlobMissing when absent or when the bytes do not hash to their name. */
  get(sha256: string): Promise<Buffer>;
}
