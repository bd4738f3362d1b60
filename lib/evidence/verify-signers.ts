/** Who signed: statements against the keys in the pack, and those keys against a list from outside. */
import { verifyStatement } from '../approval/statement.ts';
import { differences } from '../approval/wave.ts';
import { hashOf } from '../canonical.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import type { JournalEvent } from '../run/events.ts';
import { planSchema } from '../runbook/plan.ts';
import { type Files, type Line, textOf } from './pack-lines.ts';
import { fingerprint } from './signer.ts';
import {
  deliveredIn,
  isStatements,
  personalIn,
  SIGNERS,
  type Signers,
  signersSchema,
} from './signers.ts';

/** Packs of earlier versions have no keys of people; then nothing is claimed of them. */
function readSigners(files: Files): Signers | undefined {
  return files.has(SIGNERS) ? signersSchema.parse(JSON.parse(textOf(files, SIGNERS))) : undefined;
}

/**
 * Of one run: each statement was signed with the key the pack has for that person, or by the plane
 * that saw the click, and is about this run and its plan.
 */
export function statementsTrial(
  files: Files,
  of: {
    readonly run: string;
    readonly journal: readonly Line<JournalEvent>[];
    readonly planFolder: string;
  },
): string | undefined {
  const signers = readSigners(files);
  if (signers === undefined) return undefined;
  const personal = personalIn(of.journal.map(({ value }) => value));
  for (const one of personal) {
    const wrong = wrongIn(files, one, { ...of, signers, own: true });
    if (wrong !== undefined) return wrong;
  }
  for (const [path, bytes] of files) {
    if (!path.startsWith(`raw/${of.run}/`) || !isStatements(path)) continue;
    for (const one of deliveredIn(bytes)) {
      const wrong = wrongIn(files, one, { ...of, signers, own: false });
      if (wrong !== undefined) return `${path}: ${wrong}`;
    }
  }
  return undefined;
}

function wrongIn(
  files: Files,
  signed: SignedStatement,
  of: {
    readonly run: string;
    readonly planFolder: string;
    readonly signers: Signers;
    /** Only a key of the person counts. */
    readonly own: boolean;
  },
): string | undefined {
  const { statement, witness } = signed;
  const { people, witnesses } = of.signers;
  const keys = [
    ...people.filter(({ person }) => person === statement.person),
    ...(of.own ? [] : witnesses),
  ];
  const key = keys.find(({ id }) => id === witness);
  // A pack made where the plane's key is not at hand can say nothing of clicks.
  if (key === undefined && !of.own && witnesses.length === 0) return undefined;
  if (key === undefined) return `no key ${witness} of ${statement.person}`;
  if (!verifyStatement(signed, key.publicKey)) {
    return `the statement of ${statement.person} is not signed with key ${witness}`;
  }
  const plan = planSchema.parse(JSON.parse(textOf(files, `${of.planFolder}/plan.json`)));
  const wrong = differences(statement, {
    ...{ run: of.run, planHash: hashOf(plan), factsHash: plan.factsHash },
  });
  if (wrong.length === 0) return undefined;
  return `the statement of ${statement.person} differs in ${wrong.join(', ')}`;
}

/** Each key that the pack brings is on the list (fingerprints, SHA-256 of SPKI DER, lower case). */
export function trustTrial(files: Files, trusted: readonly string[]): string | undefined {
  const signers = readSigners(files);
  if (signers === undefined) return `the pack has no ${SIGNERS}: who signed cannot be compared`;
  const own = [...signers.people, ...signers.witnesses].map(({ id, publicKey }) => ({
    name: `key ${id}`,
    publicKey,
  }));
  const copies = [...files].flatMap(([path, bytes]) =>
    /^keys\/[^/]+\.pem$/.test(path) ? [{ name: path, publicKey: bytes.toString('utf8') }] : [],
  );
  const stranger = [...copies, ...own].find((key) => !trusted.includes(fingerprint(key.publicKey)));
  return stranger === undefined ? undefined : `${stranger.name} is not on the list`;
}

/** Fingerprints in a text: the first word of each line that is 64 hex digits. */
export const fingerprintsIn = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^[0-9a-f]{64}(?=\s|$)/.exec(line)?.[0] ?? []);
