/**
 * Packs in the blob store: every file under its SHA-256. The ledger pins manifest and signature, so
 * that a closed pack can be laid out again wherever its folder is gone.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blobs, Store } from '../store/store.ts';
import { inDraft } from './draft.ts';
import { EvidenceError } from './errors.ts';
import { MANIFEST, SIGNATURE } from './layout.ts';
import { parseManifest } from './manifest.ts';
import { moveInto } from './move.ts';
import { findRecord, type LedgerData, readLedger } from './records.ts';

/** Puts all files of a pack; answers the hash of its signature file. */
export async function archivePack(path: string, blobs: Blobs): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isFile()) await blobs.put(await readFile(join(entry.parentPath, entry.name)));
  }
  return blobs.put(await readFile(join(path, SIGNATURE)));
}

/** The ledger's record of a closed drill, or undefined while it is open. */
export async function closedDrill(
  drill: string,
  of: { readonly store: Store; readonly tenant: string },
): Promise<LedgerData<'drill.closed'> | undefined> {
  const lines = await readLedger(of.store, of.tenant);
  const found = findRecord(lines, 'drill.closed', (data) => data.drill === drill);
  return found?.record.type === 'drill.closed' ? found.record.data : undefined;
}

/** Lays a closed pack out as `<folder>/<drill>`, unless that is there. */
export async function layOutPack(
  closed: LedgerData<'drill.closed'>,
  at: { readonly blobs: Blobs; readonly folder: string },
): Promise<void> {
  const manifest = await at.blobs.get(closed.packHash);
  const entries = parseManifest(manifest.toString('utf8'));
  if (entries === undefined) {
    throw new EvidenceError('EV-PACK-BROKEN', {
      what: `Pack ${closed.drill}.`,
      why: 'Its manifest is none.',
    });
  }
  await inDraft(at.folder, async (draft) => {
    const names = [...entries, [MANIFEST, closed.packHash], [SIGNATURE, closed.signature]] as const;
    for (const [path, hash] of names) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), await at.blobs.get(hash), { flag: 'wx', flush: true });
    }
    await moveInto(join(at.folder, closed.drill), draft);
  });
}
