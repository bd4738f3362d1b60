/** What the files of a pack say of each other: chains, ledger, raw files, plan, receipts. */
import { canonical, sha256 } from '../canonical.ts';
import { receiptSchema } from '../gateway/protocol.ts';
import { type JournalEvent, parseEvent } from '../run/events.ts';
import { planSchema } from '../runbook/plan.ts';
import { claimedReceipts, eventsOf } from './content.ts';
import { gatewayKey, journalPath, planFolder, RUN_NAME, rawPlaces } from './layout.ts';
import { type Files, gapIn, type Line, linesOf, textOf } from './pack-lines.ts';
import { GENESIS, type LedgerRecord, ledgerRecordSchema } from './records.ts';
import { type HeadFile, headFileSchema, resultFileSchema, worstOf } from './result.ts';
import { signatureHolds } from './signer.ts';
import type { Trial } from './verify.ts';
import { forksTrial } from './verify-forks.ts';
import { statementsTrial } from './verify-signers.ts';

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
      ['plan', () => planTrial(files, journal(), planFolder(run, pack.head().runs.length))],
      ['result', () => resultTrial(files, pack.head(), journal())],
      ['forks', () => forksTrial(files, pack.head(), { run, journal: journal() })],
      [
        'statements',
        () => {
          const folder = planFolder(run, pack.head().runs.length);
          return statementsTrial(files, { run, journal: journal(), planFolder: folder });
        },
      ],
    );
  }
  trials.push(['worst', () => worstTrial(files, pack.head())]);
  trials.push(['receipts', () => receiptTrial(files, gatewayKeys)]);
  return trials;
}

/** The drill ends as its worst run does; result.json and head.json name the same runs. */
function worstTrial(files: Files, head: HeadFile): string | undefined {
  const said = resultFileSchema.parse(JSON.parse(textOf(files, 'result.json')));
  const runs = said.runs ?? [said];
  if (canonical(runs.map(({ run }) => run)) !== canonical(head.runs.map(({ run }) => run))) {
    return 'result.json and head.json name different runs';
  }
  const worst = worstOf(runs.map(({ result }) => result));
  return said.result === worst ? undefined : `result.json says ${said.result}, a run ${worst}`;
}

const lazyPack = (files: Files) => ({
  head: () => headFileSchema.parse(JSON.parse(textOf(files, 'head.json'))),
  ledger: () =>
    linesOf(files, 'ledger.jsonl', (line) => ledgerRecordSchema.parse(JSON.parse(line))),
});

const readJournal = (files: Files, run: string) => linesOf(files, journalPath(run), parseEvent);

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

function ledgerTrial(head: HeadFile, ledger: readonly Line<LedgerRecord>[]): string | undefined {
  const first = ledger[0]?.value;
  const opens = first?.type === 'drill.opened' || first?.type === 'drill.continued';
  if (!opens || first.data.drill !== head.drill) {
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
  const opened = ledger.flatMap(({ value, hash }) => {
    if (value.type === 'run.opened' && value.data.run === run) return [hash];
    // Opened in a ledger that this one does not have; its record is named by hash.
    return value.type === 'drill.continued' && value.data.run === run ? [value.data.opened] : [];
  })[0];
  if (opened === undefined || journal[0]?.value.prev !== opened) {
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

function planTrial(files: Files, journal: Journal, folder: string): string | undefined {
  const resolved = eventsOf(
    journal.map(({ value }) => value),
    'plan.resolved',
  ).at(-1);
  if (resolved === undefined) {
    const stray = [...files.keys()].some((path) => path.startsWith(`${folder}/`));
    return stray ? 'a plan the journal does not know' : undefined;
  }
  const plan = textOf(files, `${folder}/plan.json`);
  if (sha256(plan) !== resolved.data.planHash) return 'plan.json is another';
  const bound = planSchema.parse(JSON.parse(plan)).runbook.sha256;
  return sha256(textOf(files, `${folder}/runbook.yaml`)) === bound
    ? undefined
    : 'runbook.yaml is another';
}

function resultTrial(files: Files, head: HeadFile, journal: Journal): string | undefined {
  const ends = journal.filter(({ value }) => value.type === 'run.ended');
  const last = journal.at(-1)?.value;
  if (ends.length !== 1 || last?.type !== 'run.ended') return 'the journal does not end once';
  const said = resultFileSchema.parse(JSON.parse(textOf(files, 'result.json')));
  const of = (said.runs ?? [said]).find(({ run }) => run === last.run);
  const same = said.drill === head.drill && of?.result === last.data.result;
  return same ? undefined : `result.json says ${said.drill} ${of?.run} ${of?.result}`;
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
