/** What can go wrong when evidence is gathered, written or checked. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const evidenceCodes = {
  'EV-LEDGER-BROKEN': {
    means: 'The ledger as stored is not one chain: a number or a hash does not follow.',
    next: 'Append nothing. Compare the table with the packs already handed out and call audit.',
  },
  'EV-LEDGER-BUSY': {
    means: 'Other writers took every free place of the ledger that was tried.',
    next: 'Call again; a repeated call returns the same record.',
  },
  'EV-RUN-NAME': {
    means: 'A run id that cannot be a file name.',
    next: 'Use letters, digits, dots, hyphens and underscores.',
  },
  'EV-RUN-OPEN': {
    means: 'The journal does not end with run.ended, or the ledger has not closed the run.',
    next: 'Let the run end first; then build the pack again.',
  },
  'EV-RUN-ELSEWHERE': {
    means: 'The run went on at a gateway: what ended here is not its end.',
    next: 'Let it end there, then `gateway export` and `npm run dr -- join`; the pack is made then.',
  },
  'EV-DRILL-OPEN': {
    means: 'Another run of the drill is open: a drill has one pack, made when all have ended.',
    next: 'Wait for the end of the runs named, or abort them; the last one makes the pack.',
  },
  'EV-BRANCH': {
    means: 'What another control plane wrote of a run is no journal of that run.',
    next: 'Compare the lines with those of this plane; nothing of it was kept.',
  },
  'EV-BLOB-LOST': {
    means: 'An event names a file that the blob store cannot give back unchanged.',
    next: 'Find the file by its SHA-256 in the backups of the blob store; no pack is made without.',
  },
  'EV-PACK-BROKEN': {
    means: 'A pack of this number exists and does not verify. It was left as it is.',
    next: 'Keep the folder for audit, move it away, and build the pack again.',
  },
  'EV-REPORT-RENDER': {
    means: 'The typesetter refused the report.',
    next: 'Read the diagnostics in the message; the HTML report does not depend on it.',
  },
} as const satisfies Catalogue;

export class EvidenceError extends DrillbookError {
  constructor(
    code: keyof typeof evidenceCodes,
    told: { readonly what: string; readonly why: string },
    options?: ErrorOptions,
  ) {
    super({ code, ...told, next: evidenceCodes[code].next }, options);
  }
}
