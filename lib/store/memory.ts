/** The store in memory: for simulations and tests, with the very answers DynamoDB would give. */
import { sha256 } from '../canonical.ts';
import { BlobMissing } from './errors.ts';
import { byArrival, openedAt } from './records.ts';
import type { Blobs, ChainItem, HeadItem, InboxItem, Store } from './store.ts';

/** A fresh, empty store. Everything in it is lost with the process. */
export function memoryStore(): Store {
  return { ...chains(), ...inboxes(), ...heads(), ...claims(), ...notes() };
}

function chains(): Pick<Store, 'append' | 'chain'> {
  const lines = new Map<string, Map<number, ChainItem>>();
  return {
    append: async (chain, item) => {
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

function inboxes(): Pick<Store, 'putInbox' | 'inbox' | 'takeInbox'> {
  const items = new Map<string, Map<string, InboxItem>>();
  const taken = new Set<string>();
  const key = (run: string, delivery: string) => JSON.stringify([run, delivery]);
  return {
    putInbox: async (item) => {
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
