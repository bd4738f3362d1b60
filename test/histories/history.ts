/** Runs that earlier versions left behind, laid into a store as they lay there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { type JournalEvent, parseEvent } from '../../lib/run/events.ts';
import { type Plan, planSchema } from '../../lib/runbook/plan.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';

const FOLDER = 'test/histories';

const historySchema = z.strictObject({
  version: z.string(),
  /** What happened, in words. */
  what: z.string(),
  run: z.string(),
  tenant: z.string(),
  journal: z.array(z.string()),
  ledger: z.array(z.string()),
  blobs: z.record(z.string(), z.string()),
  /** `log.jsonl` of each gateway. */
  disks: z.record(z.string(), z.string()),
  gatewayKeys: z.record(z.string(), z.string()),
});
export type History = z.infer<typeof historySchema> & { readonly name: string };

export const versions = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export function historiesOf(version: string): History[] {
  const folder = join(FOLDER, version);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json.gz'))
    .map((file) => {
      const text = gunzipSync(readFileSync(join(folder, file))).toString('utf8');
      return { name: file.replace('.json.gz', ''), ...historySchema.parse(JSON.parse(text)) };
    });
}

/** Configuration and runbooks that came with a version: path in the repository -> text. */
export function groundOf(version: string): Record<string, string> {
  const files = ['config', 'runbooks'].flatMap((folder) =>
    readdirSync(join(FOLDER, version, folder)).map((file) => join(folder, file)),
  );
  const read = (file: string) => readFileSync(join(FOLDER, version, file), 'utf8');
  return Object.fromEntries(files.map((file) => [file, read(file)]));
}

export const eventsOf = ({ journal }: History): JournalEvent[] => journal.map(parseEvent);

/** The plan that the journal names, parsed as the engine does it. */
export function planOf({ blobs }: History, events: readonly JournalEvent[]): Plan | undefined {
  const resolved = events.find(({ type }) => type === 'plan.resolved');
  const name = resolved?.evidence.find(({ label }) => label === 'plan')?.sha256;
  return name === undefined ? undefined : planSchema.parse(JSON.parse(blobs[name] ?? ''));
}

/** Lays journal, ledger and blobs where the version that made them had them. */
export async function layDown(
  history: History,
  { store, blobs }: { readonly store: Store; readonly blobs: Blobs },
): Promise<void> {
  const put = async (chain: string, lines: readonly string[]) => {
    for (const line of lines) {
      const { seq, id } = z.object({ seq: z.int(), id: z.string() }).parse(JSON.parse(line));
      await store.append(chain, { seq, id, line });
    }
  };
  await put(`run:${history.run}`, history.journal);
  await put(`ledger:${history.tenant}`, history.ledger);
  for (const text of Object.values(history.blobs)) await blobs.put(text);
}
