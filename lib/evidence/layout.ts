/** Where things stand in a pack. `verify.sh` derives the same names with jq. */
import type { Evidence, JournalEvent } from '../run/events.ts';

export const MANIFEST = 'MANIFEST.sha256';
export const SIGNATURE = 'MANIFEST.sha256.sig';
export const EVIDENCE_KEY = 'keys/evidence.pem';
export const gatewayKey = (gateway: string): string => `keys/gateway-${gateway}.pem`;
export const journalPath = (run: string): string => `runs/${run}/events.jsonl`;
/** What another plane wrote of the run after it had been taken from it. */
export const forkPath = (run: string, plane: string): string => `runs/${run}/fork-${plane}.jsonl`;
/** A drill of several runs has a folder for the plan of each. */
export const planFolder = (run: string, runs: number): string =>
  runs === 1 ? 'plan' : `plan/${run}`;
export const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

const extensions: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'text/plain': 'txt',
};

/** One file of `raw/`: the n-th evidence (from 1) of one event. */
export interface RawPlace {
  readonly path: string;
  readonly event: JournalEvent;
  readonly evidence: Evidence;
}

/** `raw/<run>/<seq>-<n>-<label>.<ext>`; seq has at least four digits. */
export function rawPlaces(events: readonly JournalEvent[]): RawPlace[] {
  return events.flatMap((event) =>
    event.evidence.map((evidence, index) => {
      const seq = String(event.seq).padStart(4, '0');
      const extension = extensions[evidence.media] ?? 'bin';
      const name = `${seq}-${index + 1}-${evidence.label}.${extension}`;
      return { path: `raw/${event.run}/${name}`, event, evidence };
    }),
  );
}
