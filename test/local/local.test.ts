/** One machine: what bad input, taken ports and foreign folders get, and what a terminal shows. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { manualClock } from '../../lib/clock.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { runDr } from '../../lib/local/dr.ts';
import { runDrill } from '../../lib/local/drill.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { houseLog } from '../../lib/local/log.ts';
import { checkPorts, portsFrom } from '../../lib/local/ports.ts';
import { plainProgress } from '../../lib/local/progress.ts';
import { span } from '../../lib/local/telling.ts';
import { plainText } from '../../lib/local/text.ts';
import { houseTime } from '../../lib/local/time.ts';
import { readOptions } from '../../lib/local/usage.ts';
import type { Shown } from '../../lib/run/advance.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-local-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const where = { state: join(root, 'state'), realTime: false, lang: undefined };
const silent = { write: () => {}, columns: undefined };

test('options: defaults, both languages, and every wrong one says so', () => {
  expect(readOptions([], where)).toMatchObject({
    service: undefined,
    runbook: 'drill-copy',
    portBase: 4700,
    language: 'en',
    realTime: false,
    fresh: false,
  });
  expect(readOptions([], { ...where, lang: 'ko_KR.UTF-8' })).toMatchObject({ language: 'ko' });
  expect(readOptions(['--help'], where)).toBeUndefined();
  const usage = expect.objectContaining({ code: 'LOCAL-USAGE' });
  for (const wrong of [['--servce', 'x'], ['--ports', '80'], ['--ports', 'abc'], ['extra']]) {
    expect(() => readOptions(wrong, where)).toThrow(usage);
  }
});

test('a service or runbook that was typed is told from a default', () => {
  expect(readOptions([], where)).toMatchObject({ named: false });
  expect(readOptions(['--service', 'payments'], where)).toMatchObject({ named: true });
  expect(readOptions(['--runbook', 'drill-copy'], where)).toMatchObject({ named: true });
});

test('npm start runs in real time unless it is told to hurry', () => {
  const start = { ...where, realTime: true };
  expect(readOptions([], start)).toMatchObject({ realTime: true });
  expect(readOptions(['--fast'], start)).toMatchObject({ realTime: false });
});

test.each([
  [['--service', 'paymnets'], 'RUN-UNKNOWN-SERVICE', 'payments'],
  [['--runbook', 'drill-cpy'], 'SHELF-UNKNOWN', 'drill-copy'],
])('%j names the nearest and starts nothing', async (args, code, near) => {
  const state = join(root, 'never');
  const options = readOptions(args, { ...where, state });
  if (options === undefined) throw new Error('no options');
  const drill = runDrill(options, silent, new AbortController().signal);
  await expect(drill).rejects.toMatchObject({ code, why: `Did you mean "${near}"?` });
  expect(() => statSync(state)).toThrow('ENOENT');
});

test('a folder belongs to one process at a time; a dead owner is no owner', () => {
  const state = join(root, 'owned');
  writeFileSync(join(root, 'file'), '');
  const folder = openFolder(state, { fresh: false });
  expect(statSync(folder.keys).mode & 0o077).toBe(0);
  writeFileSync(join(state, 'pid'), `${process.ppid}\n`);
  const again = () => openFolder(state, { fresh: false });
  expect(again).toThrow(expect.objectContaining({ code: 'LOCAL-BUSY' }));
  writeFileSync(join(state, 'pid'), '4194304\n');
  expect(again().read('nothing')).toBeUndefined();
  const inFile = () => openFolder(join(root, 'file', 'x'), { fresh: false });
  expect(inFile).toThrow(expect.objectContaining({ code: 'LOCAL-FOLDER' }));
  const nowhere = () => openFolder('/proc/drillbook', { fresh: false });
  expect(nowhere).toThrow(expect.objectContaining({ code: 'LOCAL-FOLDER' }));
});

test('--new empties only what a house has made', () => {
  const state = join(root, 'photos');
  mkdirSync(state);
  writeFileSync(join(state, 'wedding.jpg'), '');
  const fresh = () => openFolder(state, { fresh: true });
  expect(fresh).toThrow(expect.objectContaining({ code: 'LOCAL-FOLDER' }));
  openFolder(join(root, 'ours'), { fresh: true }).write('twin.pid', '1');
  openFolder(join(root, 'ours'), { fresh: true });
  expect(existsSync(join(root, 'ours', 'twin.pid'))).toBe(false);
});

test('a port that is taken is named', async () => {
  const server = createServer();
  const ports = portsFrom(25_000);
  await new Promise<void>((resolve) => server.listen(ports.probe, '127.0.0.1', resolve));
  const what = `Port ${ports.probe} (probe) is taken.`;
  await expect(checkPorts(ports)).rejects.toMatchObject({ code: 'LOCAL-PORT', what });
  await new Promise((resolve) => server.close(resolve));
  await checkPorts(ports);
});

test('time goes on where it stopped, at the factor asked for', () => {
  const folder = openFolder(join(root, 'time'), { fresh: false });
  const first = houseTime(folder, 20);
  first.stop();
  folder.write('clock.json', String(first.settings.virtualStartMs + 3_600_000));
  const second = houseTime(folder, 20);
  second.stop();
  expect(second.settings.virtualStartMs).toBe(first.settings.virtualStartMs + 3_600_000);
  expect(second.settings.factor).toBe(20);
});

test('nothing runs: dr says so, and how to start it', async () => {
  const dr = (...words: string[]) => runDr(['--state', join(root, 'none'), ...words], silent);
  await expect(dr('--as', 'kim', 'runs')).rejects.toMatchObject({ code: 'LOCAL-NOTHING-RUNS' });
  await expect(dr('runs')).rejects.toMatchObject({ code: 'LOCAL-USAGE' });
  await expect(dr('--ass', 'kim')).rejects.toMatchObject({ code: 'LOCAL-USAGE' });
});

test('an answer of Slack as a terminal shows it', () => {
  const blocks = [
    { type: 'section', text: { type: 'mrkdwn', text: '`/dr drill &lt;업무&gt;` A &amp; B' } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: '<!date^1^{date}|2026-11-22 KST>' }] },
  ];
  const text = plainText(JSON.stringify({ text: 'short', blocks }));
  expect(text).toBe('`/dr drill <업무>` A & B\n2026-11-22 KST');
  expect(plainText('plain')).toBe('plain');
  expect(plainText('{"text":"only"}')).toBe('only');
});

test('the log of a house holds no secret', () => {
  const folder = openFolder(join(root, 'log'), { fresh: false });
  houseLog(folder, manualClock()).error('failed', { token: 'a-secret-word', run: 'r-1' });
  const line = readFileSync(join(folder.logs, 'house.log'), 'utf8');
  expect(JSON.parse(line)).toMatchObject({ level: 'error', message: 'failed', run: 'r-1' });
  expect(line).not.toContain('a-secret-word');
});

test('progress: each event once, Korean when asked, a live line only for a terminal', async () => {
  const config = await loadConfig('config');
  const [kim] = config.people;
  const out: string[] = [];
  const screen = { write: (text: string) => void out.push(text), columns: 60 };
  const progress = plainProgress(screen, { config, language: 'ko', json: false });
  const shown = shownWith(kim?.id ?? '');
  progress.show(shown);
  progress.show(shown);
  progress.beat(shown.head.openedAt + 61_000);
  progress.end();
  const text = out.join('');
  expect(text.match(/훈련 요청자 김하늘/g)).toHaveLength(1);
  expect(text).toContain('T+00:01:01');
  const plain: string[] = [];
  const pipe = { write: (line: string) => void plain.push(line), columns: undefined };
  const piped = plainProgress(pipe, { config, language: 'en', json: true });
  piped.show(shown);
  piped.beat(shown.head.openedAt);
  expect(plain).toHaveLength(1);
  expect(JSON.parse(plain[0] ?? '')).toMatchObject({ kind: 'event', seq: 1, type: 'run.opened' });
});

test('durations are hours, minutes and seconds', () => {
  expect([0, 999, 61_000, 3_661_000, -5].map(span)).toEqual([
    '00:00:00',
    '00:00:01',
    '00:01:01',
    '01:01:01',
    '00:00:00',
  ]);
});

function shownWith(requester: string): Shown {
  const at = Date.UTC(2026, 10, 22);
  return {
    plan: undefined,
    head: {
      v: 1,
      run: 'r-1',
      drill: 'DR-2026-001',
      seq: 1,
      state: 'opening',
      openedAt: at,
      service: { id: 'payments', name: { ko: '지급결제', en: 'Payments' } },
      runbook: { id: 'drill-copy', title: { ko: '훈련', en: 'Drill' } },
      requester,
      steps: [],
      asks: [],
      clocks: {},
    },
    events: [
      {
        v: 1,
        run: 'r-1',
        seq: 1,
        ts: new Date(at).toISOString(),
        id: 'e1',
        prev: '0'.repeat(64),
        evidence: [],
        type: 'run.opened',
        actor: { id: requester, kind: 'human' },
        data: {
          drill: 'DR-2026-001',
          runbook: 'drill-copy',
          service: 'payments',
          requester,
          via: 'slack',
          delivery: 'd',
        },
      },
    ],
  };
}
