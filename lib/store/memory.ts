/** The store in memory: for simulations and tests, with the very answers DynamoDB would give. */
import { sha256 } from '../canonical.ts';
import { BlobMissing } from './errors.ts';
import { byArrival, byUrgency, openedAt } from './records.ts';
import type {
  Blobs,
  ChainItem,
  HeadItem,
  InboxItem,
  LockItem,
  Mail,
  Mailbox,
  Store,
} from './store.ts';

/** A fresh, empty store. Everything in it is lost with the process. */
export function memoryStore(): Store {
  const marks = new Map<string, number>();
  return {
    ...chains(),
    ...inboxes(marks),
    ...dues(marks),
    ...heads(),
    ...claims(),
    ...locks(),
    ...notes(),
  };
}

/** What one item of DynamoDB holds (bytes). */
const ITEM_MAX = 400 * 1024;

function chains(): Pick<Store, 'append' | 'chain'> {
  const lines = new Map<string, Map<number, ChainItem>>();
  return {
    append: async (chain, item) => {
      if (Buffer.byteLength(item.line, 'utf8') > ITEM_MAX) {
        throw new Error('Item size has exceeded the maximum allowed size');
      }
      const items = lines.get(chain) ?? new Map<number, ChainItem>();
      lines.set(chain, items);
      const there = items.get(item.seq);
      if (there === undefined) items.set(item.seq, { ...item });
      return there === undefined || there.id === item.id ? 'stored' : 'taken';
    },
    chain: async (chain, fromSeq = 0) =>
      [...(lines.get(chain)?.values() ?? [])]
        .filter((item) => item.seq >= fromSeq)
        .sort((a, b) => a.seq - b.seq),
  };
}

function inboxes(marks: Map<string, number>): Pick<Store, 'putInbox' | 'inbox' | 'takeInbox'> {
  const items = new Map<string, Map<string, InboxItem>>();
  const taken = new Set<string>();
  const key = (run: string, delivery: string) => JSON.stringify([run, delivery]);
  return {
    putInbox: async (item) => {
      if (!marks.has(item.run)) marks.set(item.run, item.at);
      const ofRun = items.get(item.run) ?? new Map<string, InboxItem>();
      items.set(item.run, ofRun);
      if (ofRun.has(item.delivery)) return false;
      ofRun.set(item.delivery, { ...item });
      return true;
    },
    inbox: async (run) =>
      [...(items.get(run)?.values() ?? [])]
        .filter((item) => !taken.has(key(run, item.delivery)))
        .sort(byArrival),
    takeInbox: async (run, delivery) => {
      if (items.get(run)?.has(delivery)) taken.add(key(run, delivery));
    },
  };
}

function dues(marks: Map<string, number>): Pick<Store, 'putDue' | 'clearDue' | 'dues'> {
  return {
    putDue: async (run, at) => {
      marks.set(run, at);
    },
    clearDue: async (run) => {
      marks.delete(run);
    },
    dues: async () => [...marks].map(([run, at]) => ({ run, at })).sort(byUrgency),
  };
}

function heads(): Pick<Store, 'putHead' | 'head' | 'heads'> {
  const items = new Map<string, HeadItem>();
  return {
    putHead: async (item) => {
      openedAt(item);
      const there = items.get(item.run);
      if (there === undefined || there.seq <= item.seq) items.set(item.run, { ...item });
    },
    head: async (run) => items.get(run),
    heads: async (limit) =>
      [...items.values()]
        .sort((a, b) => openedAt(b) - openedAt(a) || (a.run < b.run ? -1 : 1))
        .slice(0, limit),
  };
}

function claims(): Pick<Store, 'claim' | 'release' | 'holder'> {
  const owners = new Map<string, string>();
  return {
    claim: async (name, owner) => {
      const holder = owners.get(name) ?? owner;
      owners.set(name, holder);
      return holder;
    },
    release: async (name, owner) => {
      if (owners.get(name) === owner) owners.delete(name);
    },
    holder: async (name) => owners.get(name),
  };
}

function locks(): Pick<Store, 'lock' | 'putLock'> {
  const items = new Map<string, LockItem>();
  return {
    lock: async (unit) => items.get(unit),
    putLock: async (unit, next, before) => {
      const there = items.get(unit);
      if (there?.epoch !== before?.epoch || there?.run !== before?.run) return false;
      items.set(unit, { ...next });
      return true;
    },
  };
}

function notes(): Pick<Store, 'putNote' | 'note'> {
  const items = new Map<string, string>();
  const key = (run: string, name: string) => JSON.stringify([run, name]);
  return {
    putNote: async (run, name, json) => {
      items.set(key(run, name), json);
    },
    note: async (run, name) => items.get(key(run, name)),
  };
}

/** Blobs in memory. */
export function memoryBlobs(): Blobs {
  const items = new Map<string, Buffer>();
  return {
    put: async (bytes) => {
      const name = sha256(bytes);
      items.set(name, Buffer.from(bytes));
      return name;
    },
    get: async (name) => {
      const bytes = items.get(name);
      if (bytes !== undefined) return Buffer.from(bytes);
      throw new BlobMissing('STORE-BLOB-MISSING', {
        what: `Blob ${name} is missing.`,
        why: 'It was never put into this memory.',
      });
    },
  };
}

/** A mailbox in memory. */
export function memoryMailbox(): Mailbox {
  const [mails, answers] = [new Map<string, Mail[]>(), new Map<string, string>()];
  const nonces = new Set<string>();
  const key = (site: string, name: string) => JSON.stringify([site, name]);
  return {
    putMail: async (site, mail) => {
      mails.set(site, [...(mails.get(site) ?? []), { ...mail }]);
    },
    mail: async (site, since) =>
      (mails.get(site) ?? [])
        .filter(({ id }) => Number(id.slice(0, 14)) >= since)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    putAnswer: async (site, { id, text }) => {
      if (answers.has(key(site, id))) return false;
      answers.set(key(site, id), text);
      return true;
    },
    answer: async (site, id) => answers.get(key(site, id)),
    firstSeen: async (site, nonce) => {
      const isNew = !nonces.has(key(site, nonce));
      nonces.add(key(site, nonce));
      return isNew;
    },
  };
}
