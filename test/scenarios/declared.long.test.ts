/** Real switches by the clocks: declared, measured, told; and unprotected until protected again. */
import { afterEach, expect, test } from '@jest/globals';
import { iso } from '../../lib/clock.ts';
import { type DrillContent, readDrill } from '../../lib/evidence/content.ts';
import { reportDocument } from '../../lib/evidence/report/document.ts';
import { html } from '../../lib/evidence/report/html.ts';
import { reportModel } from '../../lib/evidence/report/model.ts';
import { drillResult, headFile, type ResultFile } from '../../lib/evidence/result.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, repaired } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

const declaring =
  'steps:\n  - { id: declare, uses: disaster/declare, with: { role: operator } }\n\n';
const measuring = `  - id: beat
    uses: heartbeat/measure
    with:
      site: "\${{ service.replication.to }}"
      beat: first
      checks: "\${{ service.checks }}"

  - id: database
`;
/** Only what is not there yet. */
const with_ = (text: string, what: string, change: (text: string) => string): string =>
  text.includes(what) ? text : change(text);
const edit = {
  'runbooks/failover.yml': (text: string) =>
    with_(
      with_(text, 'disaster/declare', (t) => t.replace('steps:\n', declaring)),
      'heartbeat/measure',
      (t) => t.replace('  - id: database\n', measuring),
    ),
};

const drillOf = (run: string): Promise<DrillContent> => {
  const { store, blobs, config } = bank;
  return readDrill(run, { store, blobs, tenant: config.policy.tenant });
};

const resultOf = async (run: string): Promise<ResultFile> =>
  drillResult(await drillOf(run), bank.config);

async function pageOf(run: string, language: 'ko' | 'en'): Promise<string> {
  const drill = await drillOf(run);
  const result = drillResult(drill, bank.config);
  const model = reportModel({ content: drill.runs[0], head: headFile(drill), result, keys: [] });
  return html(reportDocument({ models: [model], result }, language));
}

test('what was lost is measured within its error; the clocks run from the declaration', async () => {
  bank = await openBank({ sparing: true, edit });
  // For a while nothing reaches DR, then main is gone.
  bank.world.fault('link-down', true, { service: 'loans' });
  bank.clock.advance(25_000);
  const died = bank.clock.now();
  await disaster(bank);
  const run = await ordered(bank, 'failover', 'loans');
  await bank.type('han', `declare ${run} ${iso(died)} power is gone at main`);
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([head.pause, head.result?.result]).toEqual([undefined, 'passed']);

  const { clocks, rto, rpo, loss, objectives, spent, elapsed, ...rest } = await resultOf(run);
  expect(clocks.t0.value).toBe(iso(died));
  expect(Date.parse(clocks.t1.value ?? '')).toBeGreaterThan(died);
  expect(rto.value).toBe(elapsed.t4FromT1?.value);
  expect(objectives?.rto).toMatchObject({ from: 'T1', lawMs: 3 * 3_600_000, met: true });
  const [truth] = bank.world.oracle.moves('loans').openings;
  expect(truth?.lostMs).toBeGreaterThan(20_000);
  expect(loss).toMatchObject({ method: 'measured', skewMs: 0 });
  const error = loss?.errorMs ?? 0;
  expect(error).toBeLessThan(2_000);
  expect(Math.abs((rpo.value ?? 0) - (truth?.lostMs ?? 0))).toBeLessThanOrEqual(error);
  const sum = Object.values(spent ?? {}).reduce((a, b) => a + b, 0);
  expect(sum).toBe(Date.parse(rest.endedAt) - Date.parse(rest.openedAt));
  expect(spent?.array).toBeGreaterThan(0);

  const page = await pageOf(run, 'en');
  for (const words of [/T4 − T1/, /measured by heartbeats/, /Unprotected/, /Waiting for people/]) {
    expect(page).toMatch(words);
  }
  expect(await pageOf(run, 'ko')).toMatch(/측정됨 \(하트비트\)[\s\S]*달성/);

  expect(rest.unprotected).toEqual({ since: expect.any(String), until: null });
  expect(await bank.type('kim', 'status loans')).toContain('복제 보호 없음');
  expect(await bank.type('kim', 'status payments')).not.toContain('복제 보호 없음');
  bank.world.fault('link-down', false, { service: 'loans' });
  await repaired(bank);
  expect((await moved(bank, 'reprotect', 'loans')).result?.result).toBe('passed');
  expect(await bank.type('kim', 'status loans')).not.toContain('복제 보호 없음');
}, 60_000);

test('a planned switch proves that nothing was lost; nobody declared, so no RTO is made up', async () => {
  bank = await openBank({
    sparing: true,
    edit: {
      'runbooks/switchover.yml': (text) =>
        text
          .replace(/ {2}- id: declare\n(?: {4}.*\n)+/, '')
          .replace(/ {2}- \{ id: declare.*\n/, ''),
    },
  });
  const head = await moved(bank, 'switchover', 'loans');
  expect(head.result?.result).toBe('passed');
  const { clocks, rto, rpo, loss, objectives, ...rest } = await resultOf(head.run);
  expect(rpo).toEqual({ value: 0 });
  expect(loss).toEqual({ method: 'proven', errorMs: 0 });
  expect(objectives?.rpo.met).toBe(true);
  expect(clocks.t0.value).toBeNull();
  expect(rto).toEqual({
    value: null,
    reason: expect.objectContaining({ en: expect.stringMatching(/T1/) }),
  });
  expect(objectives?.rto.met).toBeNull();
  expect(rest.unprotected).toBeUndefined();
  expect(await pageOf(head.run, 'en')).toMatch(
    /proven: journal drained[\s\S]*due by<\/th><td>2027-11-22/,
  );
}, 60_000);
