/**
 * Builds the evidence pack of a drill whose runs have ended: a folder that never changes once it is there. No clock
 * and no chance: same run, same files, byte for byte.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonical, sha256 } from '../canonical.ts';
import type { Config } from '../config.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import { asset } from './assets.ts';
import { type DrillContent, type RunContent, readDrill, type Sources } from './content.ts';
import { inDraft } from './draft.ts';
import { EvidenceError } from './errors.ts';
import {
  EVIDENCE_KEY,
  forkPath,
  gatewayKey,
  journalPath,
  MANIFEST,
  planFolder,
  SIGNATURE,
} from './layout.ts';
import { manifestOf, parseManifest } from './manifest.ts';
import { moveInto } from './move.ts';
import { readme } from './readme.ts';
import type { ReportFile } from './records.ts';
import { renderReports } from './report/render.ts';
import {
  drillResult,
  type HeadFile,
  headFile,
  headFileSchema,
  type ResultFile,
  resultFile,
  worstOf,
} from './result.ts';
import { fingerprint, type Signer } from './signer.ts';
import { deliveredIn, isStatements, personalIn, SIGNERS, signersOf } from './signers.ts';
import { verifyPack } from './verify.ts';

export interface PackOrder extends Omit<Sources, 'tenant'> {
  /** Any run of the drill. */
  readonly run: string;
  /** Where packs stand; the pack's own folder is named by the drill's number. */
  readonly folder: string;
  readonly signer: Signer;
  readonly config: Config;
  /** Public keys (PEM) by the name gateways sign receipts with. */
  readonly gatewayKeys: Readonly<Record<string, string>>;
  /** Public keys (PEM) of control planes, by the id they sign statements with. */
  readonly planeKeys?: Readonly<Record<string, string>>;
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
 * again. Every drill gets one, however its runs ended. Throws EV-RUN-OPEN, EV-DRILL-OPEN,
 * EV-BLOB-LOST, EV-PACK-BROKEN.
 */
export async function buildPack(order: PackOrder): Promise<Pack> {
  const content = await readDrill(order.run, { ...order, tenant: order.config.policy.tenant });
  const path = join(order.folder, content.drill);
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
async function packFiles(content: DrillContent, order: PackOrder): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const add = (path: string, text: string | Buffer) => files.set(path, Buffer.from(text));
  const head = headFile(content);
  const result = drillResult(content, order.config);
  const publicKey = await order.signer.publicKeyPem();

  for (const run of content.runs) {
    for (const [path, text] of runFiles(run, content.runs.length)) add(path, text);
  }
  add('ledger.jsonl', jsonLines(content.ledger.map(({ line }) => line)));
  add('head.json', `${canonical(head)}\n`);
  add('result.json', `${canonical(result)}\n`);

  const keys = [{ name: 'evidence', path: EVIDENCE_KEY, pem: publicKey }];
  for (const [name, pem] of Object.entries(order.gatewayKeys).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    keys.push({ name: `gateway ${name}`, path: gatewayKey(name), pem });
  }
  for (const { path, pem } of keys) add(path, pem);
  const signers = signersOf(statementsOf(content), {
    people: order.config.people,
    witnesses: order.planeKeys ?? {},
  });
  add(SIGNERS, `${canonical(signers)}\n`);
  const named = [
    ...keys,
    ...signers.witnesses.map(({ id, publicKey }) => ({ name: `witness ${id}`, pem: publicKey })),
    ...signers.people.map(({ person, id, publicKey }) => ({
      ...{ name: `${person}, key ${id}`, pem: publicKey },
    })),
  ];
  const prints = named.map(({ name, pem }) => ({ name, fingerprint: fingerprint(pem) }));
  const inputs = content.runs.map((run) => ({
    ...{ content: run, head, keys: prints },
    result: resultFile(run, order.config),
  }));
  for (const [path, bytes] of await renderReports(inputs, result)) add(path, bytes);
  add('verify.sh', asset('verify.sh'));
  add('README.txt', readme({ result, fingerprint: fingerprint(publicKey) }));
  return files;
}

/** What people signed, in the journals and as it was given to gateways. */
const statementsOf = ({ runs }: DrillContent): SignedStatement[] =>
  runs.flatMap(({ events, raw }) => [
    ...personalIn(events),
    ...raw.filter(({ path }) => isStatements(path)).flatMap(({ bytes }) => deliveredIn(bytes)),
  ]);

/** Journal, forks, plan and raw files of one run. */
function runFiles(content: RunContent, runs: number): [string, string | Buffer][] {
  const { run, lines, forks, planText, runbook, raw } = content;
  const folder = planFolder(run, runs);
  return [
    [journalPath(run), jsonLines(lines)],
    ...forks.map((fork): [string, string] => [forkPath(run, fork.plane), jsonLines(fork.lines)]),
    ...(planText === undefined ? [] : [[`${folder}/plan.json`, planText] as [string, string]]),
    ...(runbook === undefined ? [] : [[`${folder}/runbook.yaml`, runbook] as [string, string]]),
    ...raw.map(({ path, bytes }): [string, Buffer] => [path, bytes]),
  ];
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

/** The pack at `path`, verified and of this very drill; undefined when there is none. */
async function readClosed(
  path: string,
  content: DrillContent,
  signer: Signer,
): Promise<Pack | undefined> {
  const manifest = await readFile(join(path, MANIFEST)).catch(() => undefined);
  if (manifest === undefined) return undefined;
  await demandVerified(path, signer);
  const head = headFileSchema.parse(JSON.parse(await readFile(join(path, 'head.json'), 'utf8')));
  if (canonical(closedPart(head)) !== canonical(closedPart(headFile(content)))) {
    throw new EvidenceError('EV-PACK-BROKEN', {
      what: `Pack ${path}.`,
      why: 'It is the pack of other runs.',
    });
  }
  const entries = parseManifest(manifest.toString('utf8')) ?? new Map<string, string>();
  return {
    drill: content.drill,
    path,
    manifestHash: sha256(manifest),
    result: worstOf(content.runs.map(({ ended }) => ended.data.result)),
    reports: [...entries]
      .filter(([file]) => file.startsWith('report/'))
      .map(([file, hash]) => ({ path: file, sha256: hash })),
  };
}

/** A fork that came to light after the pack was closed does not change what was closed. */
const closedPart = (head: HeadFile) => ({
  ...head,
  runs: head.runs.map(({ run, events, head: last }) => ({ run, events, head: last })),
});

async function demandVerified(path: string, signer: Signer): Promise<void> {
  const { checks } = await verifyPack(path, { publicKeyPem: await signer.publicKeyPem() });
  // What others signed and does not verify is a finding for the reader, no reason to have no pack.
  const ours = checks.filter(({ name }) => name !== 'receipts' && name !== 'statements');
  const failed = ours.filter((check) => !check.ok).map(({ name, detail }) => `${name}: ${detail}`);
  if (failed.length > 0) {
    throw new EvidenceError('EV-PACK-BROKEN', { what: `Pack ${path}.`, why: failed.join('; ') });
  }
}

const jsonLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
