/**
 * The checks of `verify.sh` in TypeScript, and one more: the gateways' signatures on receipts.
 * Reads the pack as a stranger's folder: nothing in it is believed before its check.
 */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../canonical.ts';
import { MANIFEST, SIGNATURE } from './layout.ts';
import { parseManifest } from './manifest.ts';
import { signatureHolds } from './signer.ts';
import { contentChecks } from './verify-content.ts';
import { trustTrial } from './verify-signers.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Why it failed; empty when it did not. */
  readonly detail: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** A check's body: undefined when it holds, else what is wrong. May throw for unreadable things. */
export type Trial = () => string | undefined;

/**
 * `publicKeyPem` comes from outside the pack. Gateway keys (PEM by gateway name) may, too; without
 * them the copies in `keys/` are used, which the manifest covers. `trusted` are fingerprints, also
 * from outside: every key that the pack brings must be among them. Never throws for a bad pack.
 */
export async function verifyPack(
  folder: string,
  trust: {
    readonly publicKeyPem: string;
    readonly gatewayKeys?: Readonly<Record<string, string>>;
    readonly trusted?: readonly string[];
  },
): Promise<Verification> {
  const files = new Map<string, Buffer>();
  let odd: string | undefined;
  try {
    odd = await readFolder(folder, '', files);
  } catch (error) {
    odd = `folder cannot be read: ${String(error)}`;
  }
  const manifest = files.get(MANIFEST) ?? Buffer.alloc(0);
  const signature = files.get(SIGNATURE) ?? Buffer.alloc(0);
  const trials: [string, Trial][] = [
    ['manifest-files', () => odd ?? manifestTrial(files, manifest)],
    [
      'signature',
      () =>
        signatureHolds(trust.publicKeyPem, manifest, signature)
          ? undefined
          : 'does not fit this key',
    ],
    ...contentChecks(files, trust.gatewayKeys),
    ...trustTrials(files, trust.trusted),
  ];
  const checks = trials.map(([name, trial]) => judge(name, trial));
  return { ok: checks.every(({ ok }) => ok), checks };
}

const trustTrials = (
  files: Map<string, Buffer>,
  trusted: readonly string[] | undefined,
): [string, Trial][] =>
  trusted === undefined ? [] : [['trust', () => trustTrial(files, trusted)]];

function judge(name: string, trial: Trial): Check {
  let detail: string | undefined;
  try {
    detail = trial();
  } catch (error) {
    detail = `cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`;
  }
  return { name, ok: detail === undefined, detail: detail ?? '' };
}

/** Collects plain files; answers the first thing that is none (link, empty folder, pipe …). */
async function readFolder(
  root: string,
  under: string,
  files: Map<string, Buffer>,
): Promise<string | undefined> {
  const names = await readdir(join(root, under));
  if (names.length === 0) return `empty folder: ${under}`;
  let odd: string | undefined;
  for (const name of names.sort()) {
    const path = under === '' ? name : `${under}/${name}`;
    const kind = await lstat(join(root, path));
    if (kind.isDirectory()) odd ??= await readFolder(root, path, files);
    else if (kind.isFile()) files.set(path, await readFile(join(root, path)));
    else odd ??= `not a plain file: ${path}`;
  }
  return odd;
}

function manifestTrial(files: Map<string, Buffer>, manifest: Buffer): string | undefined {
  const entries = parseManifest(manifest.toString('utf8'));
  if (entries === undefined) return 'a line is not <sha256>  <path>';
  for (const path of files.keys()) {
    if (!entries.has(path) && path !== MANIFEST && path !== SIGNATURE) return `added: ${path}`;
  }
  for (const [path, hash] of entries) {
    const bytes = files.get(path);
    if (bytes === undefined) return `missing: ${path}`;
    if (sha256(bytes) !== hash) return `changed: ${path}`;
  }
  return files.has(SIGNATURE) ? undefined : `missing: ${SIGNATURE}`;
}
