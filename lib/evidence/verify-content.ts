/** What the files of a pack say of each other: chains, ledger, raw files, plan, receipts. */
import { canonical, sha256 } from '../canonical.ts';
import { receiptSchema } from '../gateway/protocol.ts';
import { type JournalEvent, parseEvent } from '../run/events.ts';
import { planSchema } from '../runbook/plan.ts';
import { claimedReceipts, eventsOf } from './content.ts';
import { gatewayKey, journalPath, RUN_NAME, rawPlaces } from './layout.ts';
import { GENESIS, type LedgerRecord, ledgerRecordSchema } from './ledger.ts';
import { type HeadFile, headFileSchema, resultFileSchema } from './result.ts';
import { signatureHolds } from './signer.ts';
import type { Trial } from './verify.ts';

type Files = ReadonlyMap<string, Buffer>;
type Keys = Readonly<Record<string, string>> | undefined;

/** Named trials in the order of `verify.sh`; those of a run are repeated for each run. */
export function contentChecks(files: Files, gatewayKeys: Keys): [string, Trial][] {
  const pack = lazyPack(files);
  const trials: [string, Trial][] = [
    ['ledger-chain', () => ledgerTrial(pack.head(), pack.ledger())],
    ['runs', () => runsTrial(files, pack.head())],
  ];
  for (const run of runNames(files)) {
    const journal = () => readJournal(files, run);
    trials.push(
      ['chain', () => chainTrial(pack.head(), run, journal())],
      ['ledger-agrees', () => agreesTrial(pack.ledger(), run, journal())],
      ['raw-files', () => rawTrial(files, run, journal())],
      ['plan', () => planTrial(files, journal())],
      ['result', () => resultTrial(files, pack.head(), journal())],
    );
  }
  trials.push(['receipts', () => receiptTrial(files, gatewayKeys)]);
  return trials;
}

interface Line<T> {
  readonly value: T;
  readonly hash: string;
}

const lazyPack = (files: Files) => ({
  head: () => headFileSchema.parse(JSON.parse(text(files, 'head.json'))),
  ledger: () =>
    linesOf(files, 'ledger.jsonl', (line) => ledgerRecordSchema.parse(JSON.parse(line))),
});

const readJournal = (files: Files, run: string) => linesOf(files, journalPath(run), parseEvent);

function linesOf<T>(files: Files, path: string, parse: (line: string) => T): Line<T>[] {
  const lines = text(files, path).split('\n');
  if (lines.pop() !== '') throw new Error(`${path} does not end with a line feed`);
  return lines.map((line) => ({ value: parse(line), hash: sha256(line) }));
}

function text(files: Files, path: string): string {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`no ${path}`);
  return bytes.toString('utf8');
}

function runNames(files: Files): string[] {
  const names = [...files.keys()].map((path) => /^runs\/([^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

function runsTrial(files: Files, head: HeadFile): string | undefined {
  const named = head.runs.map(({ run }) => run).sort();
  if (named.some((run) => !RUN_NAME.test(run))) return 'a run has no file name';
  if (canonical(named) !== canonical(runNames(files).sort())) return 'runs/ and head.json differ';
  for (const path of files.keys()) {
    const owner = /^raw\/([^/]*)/.exec(path)?.[1];
    if (owner !== undefined && !named.includes(owner)) return `raw file of no run: ${path}`;
  }
  return undefined;
}

/** Numbers without gap and each `prev` the hash before; answers the first place that is not so. */
function gapIn(lines: readonly Line<{ seq: number; prev: string }>[]): string | undefined {
  let before = lines[0];
  for (const line of lines.slice(1)) {
    const { seq, prev } = line.value;
    if (before !== undefined && seq !== before.value.seq + 1) {
      return `number ${seq} follows ${before.value.seq}`;
    }
    if (prev !== before?.hash) return `at number ${seq}: prev is not the hash before`;
    before = line;
  }
  return undefined;
}

function ledgerTrial(head: HeadFile, ledger: readonly Line<LedgerRecord>[]): string | undefined {
  const first = ledger[0]?.value;
  if (first?.type !== 'drill.opened' || first.data.drill !== head.drill) {
    return `does not begin with the opening of ${head.drill}`;
  }
  if (first.seq === 1 && first.prev !== GENESIS) return 'the first record has a predecessor';
  const gap = gapIn(ledger);
  if (gap !== undefined) return gap;
  if (ledger.length !== head.ledgerRecords) return `head.json says ${head.ledgerRecords} records`;
  return ledger.at(-1)?.hash === head.ledgerHead ? undefined : 'last hash is not the head';
}

type Journal = readonly Line<JournalEvent>[];

function chainTrial(head: HeadFile, run: string, journal: Journal): string | undefined {
  const said = head.runs.find((item) => item.run === run);
  if (journal[0]?.value.seq !== 1) return 'does not begin with number 1';
  if (journal.some(({ value }) => value.run !== run)) return 'an event of another run';
  const gap = gapIn(journal);
  if (gap !== undefined) return gap;
  if (journal.length !== said?.events) return `${journal.length} events, head.json says otherwise`;
  return journal.at(-1)?.hash === said.head ? undefined : 'last hash is not the head';
}

function agreesTrial(
  ledger: readonly Line<LedgerRecord>[],
  run: string,
  journal: Journal,
): string | undefined {
  const opened = ledger.find(({ value }) => value.type === 'run.opened' && value.data.run === run);
  if (opened === undefined || journal[0]?.value.prev !== opened.hash) {
    return 'prev of the first event is not the record run.opened';
  }
  const last = journal.at(-1);
  const result = last?.value.type === 'run.ended' ? last.value.data.result : undefined;
  const closed = ledger.some(
    ({ value }) =>
      value.type === 'run.closed' &&
      value.data.run === run &&
      value.data.head === last?.hash &&
      value.data.events === journal.length &&
      value.data.result === result,
  );
  return closed ? undefined : 'record run.closed says something else';
}

function rawTrial(files: Files, run: string, journal: Journal): string | undefined {
  const places = rawPlaces(journal.map(({ value }) => value));
  const named = new Set(places.map(({ path }) => path));
  for (const path of files.keys()) {
    if (path.startsWith(`raw/${run}/`) && !named.has(path)) return `of no event: ${path}`;
  }
  for (const { path, evidence } of places) {
    const bytes = files.get(path);
    if (bytes === undefined) return `missing: ${path}`;
    if (sha256(bytes) !== evidence.sha256 || bytes.length !== evidence.bytes)
      return `changed: ${path}`;
  }
  return undefined;
}

function planTrial(files: Files, journal: Journal): string | undefined {
  const resolved = eventsOf(
    journal.map(({ value }) => value),
    'plan.resolved',
  ).at(-1);
  if (resolved === undefined) {
    const stray = [...files.keys()].some((path) => path.startsWith('plan/'));
    return stray ? 'a plan the journal does not know' : undefined;
  }
  const plan = text(files, 'plan/plan.json');
  if (sha256(plan) !== resolved.data.planHash) return 'plan.json is another';
  const bound = planSchema.parse(JSON.parse(plan)).runbook.sha256;
  return sha256(text(files, 'plan/runbook.yaml')) === bound ? undefined : 'runbook.yaml is another';
}

function resultTrial(files: Files, head: HeadFile, journal: Journal): string | undefined {
  const ends = journal.filter(({ value }) => value.type === 'run.ended');
  const last = journal.at(-1)?.value;
  if (ends.length !== 1 || last?.type !== 'run.ended') return 'the journal does not end once';
  const said = resultFileSchema.parse(JSON.parse(text(files, 'result.json')));
  const same =
    said.drill === head.drill && said.run === last.run && said.result === last.data.result;
  return same ? undefined : `result.json says ${said.drill} ${said.run} ${said.result}`;
}

/** Each receipt is signed by its gateway over everything but body and signature. */
function receiptTrial(files: Files, gatewayKeys: Keys): string | undefined {
  for (const [path, bytes] of files) {
    if (!path.startsWith('raw/') || !path.endsWith('.json')) continue;
    for (const claimed of claimedReceipts(bytes)) {
      const receipt = receiptSchema.parse(claimed);
      const { body, signature, ...signed } = receipt;
      const key =
        gatewayKeys?.[receipt.gateway] ?? files.get(gatewayKey(receipt.gateway))?.toString();
      if (key === undefined) return `${path}: no key of gateway ${receipt.gateway}`;
      if (sha256(body) !== receipt.answerHash) return `${path}: body and answerHash differ`;
      if (!signatureHolds(key, canonical(signed), Buffer.from(signature, 'base64'))) {
        return `${path}: not signed by gateway ${receipt.gateway}`;
      }
    }
  }
  return undefined;
}
