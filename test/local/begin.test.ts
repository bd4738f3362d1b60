/** Starting again: what a folder still owes is found, and a wish it cannot have is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { sealRun } from '../../lib/evidence/seal.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { begin } from '../../lib/local/drill.ts';
import type { House } from '../../lib/local/house.ts';
import { unfinishedRuns } from '../../lib/local/look-up.ts';
import { plainProgress } from '../../lib/local/progress.ts';
import { readOptions } from '../../lib/local/usage.ts';
import type { Head } from '../../lib/run/head.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { fixture, passedRun } from '../evidence/fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-begin-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const head = (run: string, over: Partial<Head>): Head => ({
  v: 1,
  run,
  drill: 'DR-2026-001',
  seq: 1,
  state: 'running',
  openedAt: 0,
  service: { id: 'payments', name: { ko: '지급결제', en: 'Payments' } },
  runbook: { id: 'drill-copy', title: { ko: '훈련', en: 'Drill' } },
  requester: 'p-3ce3094d',
  steps: [],
  asks: [],
  clocks: {},
  ...over,
});

test('a run that ended with no pack is owed one, until it is sealed', async () => {
  const world = fixture();
  const run = await passedRun(world);
  const put = (one: Head) =>
    world.store.putHead({ run: one.run, seq: one.seq, json: JSON.stringify(one) });
  const result = { result: 'passed' as const, reasons: [], endedAt: 1 };
  await put(head(run, { state: 'ended', result }));
  await put(head('r-running', { drill: 'DR-2026-002', openedAt: 2 }));
  const owed = () => unfinishedRuns(world.store, 'hanbit');
  expect((await owed()).sort()).toEqual([run, 'r-running']);
  await sealRun(world.order(run));
  expect(await owed()).toEqual(['r-running']);
});

/** As much of a house as a beginning looks at. */
async function beginning(args: readonly string[], unfinished: readonly string[]) {
  const config = await loadConfig('config');
  const done: string[] = [];
  const house: Pick<House, 'config' | 'store' | 'blobs'> & Record<string, unknown> = {
    config: { ...config, services: config.services.filter(({ id }) => id !== 'loans') },
    store: memoryStore(),
    blobs: memoryBlobs(),
    unfinished: async () => unfinished,
    conductor: { wake: (run: string) => done.push(`wake ${run}`) },
    stage: { type: async (_: unknown, text: string) => done.push(`type ${text}`) && 'taken' },
  };
  const options = readOptions(args, {
    state: join(root, 'old'),
    realTime: false,
    lang: undefined,
  });
  if (options === undefined) throw new Error('no options');
  const screen = { write: (text: string) => void done.push(text.trim()), columns: undefined };
  const progress = plainProgress(screen, { config, language: 'en', json: false });
  const begun = begin(house as never as House, options, { progress, play: async () => true });
  return { begun, done };
}

test('a service that config/ got after the folder was made is refused, and --new named', async () => {
  const { begun, done } = await beginning(['--service', 'loans'], []);
  await expect(begun).rejects.toMatchObject({
    code: 'LOCAL-USAGE',
    what: 'There is no service "loans".',
    why: expect.stringMatching(/old was made before .*--new/),
  });
  expect(done).toEqual([]);
});

test('a runbook that is for none of the services of this folder: said, and nobody is asked', async () => {
  const { begun, done } = await beginning(['--runbook', 'site-loss-gad'], []);
  await expect(begun).rejects.toMatchObject({
    code: 'LOCAL-SUIT',
    what: 'site-loss-gad is not for any service of this folder.',
    why: expect.stringMatching(/GAD.*; none here is one\./),
    next: expect.stringContaining('--new --state <another folder>'),
  });
  expect(done).toEqual([]);
});

test('a run goes on whatever was asked for now, and this is said', async () => {
  const named = await beginning(['--service', 'loans'], ['r-1']);
  await named.begun;
  expect(named.done).toEqual([
    expect.stringContaining('continuing run r-1'),
    '--service and --runbook are not looked at: a run goes on',
    'wake r-1',
  ]);
  const plain = await beginning([], ['r-1']);
  await plain.begun;
  expect(plain.done.join()).not.toContain('not looked at');
});
