/** Journals, packs and disks of every released version go on under this one (their text never changes). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonical } from '../../lib/canonical.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { decide } from '../../lib/run/decide.ts';
import { parseEvent } from '../../lib/run/events.ts';
import { openFold } from '../../lib/run/fold.ts';
import { headSchema } from '../../lib/run/head.ts';
import { readJournal } from '../../lib/run/journal.ts';
import { openSession } from '../../lib/run/session.ts';
import { headOf } from '../../lib/run/show.ts';
import { planHash } from '../../lib/runbook/compile.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { doubleIntents, repeated, residue } from '../support/proof.ts';
import {
  eventsOf,
  groundOf,
  type History,
  historiesOf,
  layDown,
  planOf,
  versions,
} from './history.ts';
import { isDecided, shownBy } from './moves.ts';

/** All packs are made anew at night; by day that of a run which ended badly. */
const PACKS = process.env['DRILLBOOK_HISTORIES'] === 'all' ? /./ : /^silent$/;

let bank: Bank;
beforeAll(async () => {
  bank = await openBank();
});
afterAll(() => bank.close());

/** Where the engine would have done something else than the journal shows, in words. */
function divergences(history: History): string[] {
  const events = eventsOf(history);
  const planned = planOf(history, events);
  const fold = openFold();
  const found: string[] = [];
  for (const event of events) {
    const state = fold.state();
    if (isDecided(event) && state.opened !== undefined) {
      const plan = state.plan === undefined ? undefined : planned;
      const move = decide(state, plan, Date.parse(event.ts));
      const shows = shownBy(move);
      if (shows?.(event) !== true) {
        found.push(`line ${event.seq} is ${event.type}, the engine would ${canonical(move)}`);
      }
    }
    fold.add(event);
  }
  return found;
}

async function laidDown(history: History) {
  const place = { store: memoryStore(), blobs: memoryBlobs() };
  await layDown(history, place);
  return place;
}

describe.each(versions)('runs of version %s', (version) => {
  const histories = historiesOf(version).map((one) => [one.what, one] as const);

  it('are kept of every kind of end, with refusals, losses and retries', () => {
    const all = histories.flatMap(([, history]) => eventsOf(history));
    const ends = all.flatMap((event) => (event.type === 'run.ended' ? [event.data.result] : []));
    const wanted = ['passed', 'aborted', 'denied', 'expired', 'voided', 'failed'];
    expect(new Set(ends)).toEqual(new Set(wanted));
    const outcomes = all.flatMap((event) => (event.type === 'outcome' ? [event.data.state] : []));
    expect(new Set(outcomes)).toEqual(new Set(['answered', 'refused', 'lost']));
    expect(all.some(({ type }) => type === 'operator.retry')).toBe(true);
  });

  it.each(histories)('%s: at every line the engine would have done the same', (_, history) => {
    expect(divergences(history)).toEqual([]);
  });

  it.each(histories)('%s: chain, plan and head are read as they were', async (_, history) => {
    const { store, blobs } = await laidDown(history);
    const { events } = await readJournal(store, history.run);
    expect(events.map(canonical)).toEqual(history.journal.map((l) => canonical(JSON.parse(l))));
    const plan = planOf(history, events);
    const resolved = events.find((event) => event.type === 'plan.resolved');
    if (plan !== undefined) expect(planHash(plan)).toBe(resolved?.data.planHash);
    const session = await openSession({ ...bank.worker.engine, store, blobs }, history.run);
    const head = headSchema.parse(headOf(session));
    const ended = events.find((event) => event.type === 'run.ended');
    expect(head.result?.result).toBe(ended?.data.result);
    expect(head.state).toBe(ended === undefined ? 'running' : 'ended');
  });

  it.each(histories.filter(([, { name }]) => PACKS.test(name) && name !== 'approved'))(
    '%s: its pack is made and verifies',
    async (_, history) => {
      const { store, blobs } = await laidDown(history);
      const { clock, config, keys, worker } = bank;
      const { tenant } = config.policy;
      const folder = mkdtempSync(join(tmpdir(), 'drillbook-histories-'));
      const describeRunbook = async () => undefined;
      const ledger = createLedger({
        ...{ store, tenant, clock, random: worker.engine.random },
        describe: describeRunbook,
      });
      const { gatewayKeys, run } = history;
      const signer = fileSigner(keys.evidence);
      const pack = await sealRun({
        ...{ run, store, blobs, folder, signer, config, gatewayKeys, ledger },
      });
      const report = await verifyPack(pack.path, { publicKeyPem: await signer.publicKeyPem() });
      rmSync(folder, { recursive: true });
      expect(report).toMatchObject({ ok: true });
    },
  );
});

/** The version was changed between the approvals and the first call, with everything standing. */
describe.each(versions)('a run that %s began', (version) => {
  const begun = historiesOf(version).find(({ name }) => name === 'approved');
  if (begun === undefined) throw new Error(`${version} has no run under way`);

  it('goes on here: on its journal, and on what its gateways have on disk', async () => {
    const ground = groundOf(version);
    const edit = Object.entries(ground).map(([file, text]) => [file, () => text] as const);
    const here = await openBank({ seed: 'approved', edit: Object.fromEntries(edit) });
    try {
      // Nobody enrols anybody on that day.
      writeFileSync(join(here.folder.config, 'people.yml'), ground['config/people.yml'] ?? '');
      await layDown(begun, here);
      const { run } = begun;
      const events = begun.journal.map(parseEvent);
      const unit = planOf(begun, events)?.unit ?? '';
      await here.store.claim(`unit:${unit}`, run);
      await here.store.claim('service:loans', run);
      const last = Date.parse(events.at(-1)?.ts ?? '');
      here.clock.advance(last - here.clock.now());
      for (const { id } of here.config.sites) {
        const log = begun.disks[id] ?? '';
        await here.restartGateway(id, (disk) => writeFileSync(join(disk, 'log.jsonl'), log));
      }
      const head = await here.drive(run);
      expect(head.result).toMatchObject({ result: 'passed', reasons: [] });
      expect((await here.store.chain(`run:${run}`)).slice(0, events.length)).toMatchObject(
        begun.journal.map((line) => ({ line })),
      );
      expect(repeated(here)).toEqual([]);
      expect(await doubleIntents(here, run)).toEqual([]);
      expect(await residue(here, run)).toEqual([]);
    } finally {
      await here.close();
    }
  });
});
