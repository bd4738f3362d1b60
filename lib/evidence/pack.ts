/**
 * Builds the evidence pack of an ended run: a folder that never changes once it is there. No clock
 * and no chance: same run, same files, byte for byte, but for the signature (ECDSA is random).
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonical, sha256 } from '../canonical.ts';
import type { Config } from '../config.ts';
import { asset } from './assets.ts';
import { type RunContent, readContent, type Sources } from './content.ts';
import { inDraft } from './draft.ts';
import { EvidenceError } from './errors.ts';
import { EVIDENCE_KEY, gatewayKey, journalPath, MANIFEST, SIGNATURE } from './layout.ts';
import type { ReportFile } from './ledger.ts';
import { manifestOf, parseManifest } from './manifest.ts';
import { moveInto } from './move.ts';
import { readme } from './readme.ts';
import { renderReports } from './report/render.ts';
import { headFile, type ResultFile, resultFile } from './result.ts';
import { fingerprint, type Signer } from './signer.ts';
import { verifyPack } from './verify.ts';

export interface PackOrder extends Omit<Sources, 'tenant'> {
  readonly run: string;
  /** Where packs stand; the pack's own folder is named by the drill's number. */
  readonly folder: string;
  readonly signer: Signer;
  readonly config: Config;
  /** Public keys (PEM) by the name gateways sign receipts with. */
  readonly gatewayKeys: Readonly<Record<string, string>>;
}

export interface Pack {
  readonly drill: string;
  readonly path: string;
  /** SHA-256 of `MANIFEST.sha256`: what the ledger pins. */
  readonly manifestHash: string;
  readonly result: ResultFile['result'];
  /** The rendered reports with their hashes. */
  readonly reports: readonly ReportFile[];
}

/**
 * Writes the pack, or verifies and returns the one that is there: a closed pack is never written
 * again. Every end of a run gets one. Throws EV-RUN-OPEN, EV-BLOB-LOST, EV-PACK-BROKEN.
 */
export async function buildPack(order: PackOrder): Promise<Pack> {
  const content = await readContent(order.run, { ...order, tenant: order.config.policy.tenant });
  const path = join(order.folder, content.opening.drill);
  const there = await readClosed(path, content, order.signer);
  if (there !== undefined) return there;

  await inDraft(order.folder, async (draft) => {
    await writePack(draft, await packFiles(content, order), order.signer);
    await demandVerified(draft, order.signer);
    await moveInto(path, draft);
  });
  const written = await readClosed(path, content, order.signer);
  if (written !== undefined) return written;
  throw new EvidenceError('EV-PACK-BROKEN', {
    what: `Pack ${path}.`,
    why: 'It was written and is not there.',
  });
}

/** Every file of the pack but manifest and signature. */
async function packFiles(content: RunContent, order: PackOrder): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const add = (path: string, text: string | Buffer) => files.set(path, Buffer.from(text));
  const head = headFile(content);
  const result = resultFile(content, order.config);
  const publicKey = await order.signer.publicKeyPem();

  add(journalPath(content.run), jsonLines(content.lines));
  add('ledger.jsonl', jsonLines(content.ledger.map(({ line }) => line)));
  add('head.json', `${canonical(head)}\n`);
  add('result.json', `${canonical(result)}\n`);
  if (content.planText !== undefined) add('plan/plan.json', content.planText);
  if (content.runbook !== undefined) add('plan/runbook.yaml', content.runbook);
  for (const { path, bytes } of content.raw) add(path, bytes);

  const keys = [{ name: 'evidence', path: EVIDENCE_KEY, pem: publicKey }];
  for (const [name, pem] of Object.entries(order.gatewayKeys).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    keys.push({ name: `gateway ${name}`, path: gatewayKey(name), pem });
  }
  for (const { path, pem } of keys) add(path, pem);
  const prints = keys.map(({ name, pem }) => ({ name, fingerprint: fingerprint(pem) }));
  for (const [path, bytes] of await renderReports({ content, head, result, keys: prints })) {
    add(path, bytes);
  }
  add('verify.sh', asset('verify.sh'));
  add('README.txt', readme({ result, fingerprint: fingerprint(publicKey) }));
  return files;
}

async function writePack(
  folder: string,
  files: Map<string, Buffer>,
  signer: Signer,
): Promise<void> {
  const manifest = Buffer.from(manifestOf(files));
  files.set(MANIFEST, manifest);
  files.set(SIGNATURE, await signer.sign(manifest));
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes, { flag: 'wx', flush: true });
  }
}

/** The pack at `path`, verified and of this very run; undefined when there is none. */
async function readClosed(
  path: string,
  content: RunContent,
  signer: Signer,
): Promise<Pack | undefined> {
  const manifest = await readFile(join(path, MANIFEST)).catch(() => undefined);
  if (manifest === undefined) return undefined;
  await demandVerified(path, signer);
  const head = await readFile(join(path, 'head.json'), 'utf8');
  if (head !== `${canonical(headFile(content))}\n`) {
    throw new EvidenceError('EV-PACK-BROKEN', {
      what: `Pack ${path}.`,
      why: 'It is the pack of another run.',
    });
  }
  const entries = parseManifest(manifest.toString('utf8')) ?? new Map<string, string>();
  return {
    drill: content.opening.drill,
    path,
    manifestHash: sha256(manifest),
    result: content.ended.data.result,
    reports: [...entries]
      .filter(([file]) => file.startsWith('report/'))
      .map(([file, hash]) => ({ path: file, sha256: hash })),
  };
}

async function demandVerified(path: string, signer: Signer): Promise<void> {
  const { checks } = await verifyPack(path, { publicKeyPem: await signer.publicKeyPem() });
  // A receipt that does not verify is a finding for the reader, not a reason to have no pack.
  const ours = checks.filter(({ name }) => name !== 'receipts');
  const failed = ours.filter((check) => !check.ok).map(({ name, detail }) => `${name}: ${detail}`);
  if (failed.length > 0) {
    throw new EvidenceError('EV-PACK-BROKEN', { what: `Pack ${path}.`, why: failed.join('; ') });
  }
}

const jsonLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
