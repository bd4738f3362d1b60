import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Doc } from '../../lib/evidence/report/doc.ts';
import { html } from '../../lib/evidence/report/html.ts';
import { pdf } from '../../lib/evidence/report/pdf.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import type { NewEvent } from '../../lib/run/events.ts';
import {
  config,
  ended,
  fixture,
  LONG_TITLE,
  opened,
  passedRun,
  planned,
  write,
} from './fixture.ts';

const world = fixture('report');
const pages: Record<string, string> = {};
let path = '';

beforeAll(async () => {
  path = (await sealRun(world.order(await passedRun(world)))).path;
  for (const language of ['ko', 'en']) {
    pages[language] = readFileSync(join(path, `report/report.${language}.html`), 'utf8');
  }
});

const result = (at = path) => JSON.parse(readFileSync(join(at, 'result.json'), 'utf8'));

test('the seventeen headings stand in their order, then the appendices', () => {
  const headings = (text: string) =>
    [...text.matchAll(/<h[23]>(.*?)<\/h[23]>/g)].map(([, heading = '']) => heading);
  const ko = headings(pages['ko'] ?? '');
  const en = headings(pages['en'] ?? '');
  const numbers = ['1', '1.1', ...Array.from({ length: 16 }, (_, i) => String(i + 2))];
  expect(ko.slice(0, 18).map((heading) => heading.split('. ')[0])).toEqual(numbers);
  expect(ko[5]).toBe('5. 단계별 진행 결과 (계획 대비 실적)');
  expect(en[17]).toBe('17. How to verify');
  expect(ko.slice(18)).toEqual([
    '부록 A. 전체 이벤트 기록',
    '부록 B. 실행 절차서(런북) 원문',
    '부록 C. 용어',
  ]);
});

test('a drill on copies says so and claims no switch', () => {
  expect(pages['ko']).toContain('재해복구 모의훈련 결과보고서');
  expect(pages['en']).toContain('DR Simulation Drill Result Report');
  for (const text of Object.values(pages)) {
    expect(text).not.toMatch(/23\(10\)|제23조 제10항|compliant/i);
  }
  expect(pages['en']).toContain('not assessed (drill on copies)');
});

test('what was not measured is null with a reason, never 0 and never met', () => {
  const { rto, rpo, clocks, elapsed } = result();
  expect(rpo).toEqual({
    value: null,
    reason: { ko: '평가하지 않음 (복제본 훈련)', en: 'not assessed (drill on copies)' },
  });
  expect(rto.value).toBeNull();
  expect(clocks.t0.value).toBeNull();
  expect(elapsed.t4FromT2.value).toBe(Date.parse(clocks.t4.value) - Date.parse(clocks.t2.value));
  expect(pages['ko']).toContain('미측정');
});

test('waits, refusals, retries and manual work are visible', () => {
  const text = pages['ko'] ?? '';
  for (const words of [
    '승인 대기',
    '사람의 판단 대기',
    'APR-REQUESTER',
    '스토리지 팀 확인 후 재시도',
  ]) {
    expect(text).toContain(words);
  }
  expect(text).toContain('DB 로그 적용 완료');
  expect(text).toContain('시각 차이 1초 초과');
});

const hashOfPlan = (events: readonly NewEvent[]): string =>
  events.find((event) => event.type === 'plan.resolved')?.data.planHash ?? '';

test('segregation of duties is checked, not assumed', async () => {
  expect(pages['en']).not.toContain('BROKEN');
  const other = fixture('duties');
  const sod = await planned(other, 'r');
  const hash = hashOfPlan(sod);
  const grant = {
    type: 'approval.granted',
    actor: { id: 'p-3ce3094d', kind: 'human' },
    data: { planHash: hash, person: 'p-3ce3094d', role: 'dr-approver', nonce: 'n', via: 'slack' },
  } as const;
  await write(other, 'r', [...sod, grant, ended('aborted')]);
  const pack = await sealRun(other.order('r'));
  expect(readFileSync(join(pack.path, 'report/report.en.html'), 'utf8')).toContain('BROKEN');
});

test('replication is shown before, during and after, readings included', () => {
  const rows = /7\. Storage.*?<tbody>(.*?)<\/tbody>/s.exec(pages['en'] ?? '')?.[1] ?? '';
  expect(rows).toMatch(/before.*PAY01 main PAIR.*during.*main PFUL.*after.*PAY01 dr PAIR/s);
});

test('a step that never ran is in the deviations and in the timeline', async () => {
  const other = fixture('not-run');
  await write(other, 'r', [...(await planned(other, 'r')), ended('denied', ['not today'])]);
  const pack = await sealRun(other.order('r'));
  const text = readFileSync(join(pack.path, 'report/report.ko.html'), 'utf8');
  expect(text.match(/단계 미실행/g)).toHaveLength(4);
  expect(text).toContain('승인 반려');
  expect(result(pack.path).simulated).toBe(false);
  expect(text).not.toContain('모의 환경');
  // The approval was never answered: the wait lasted until the run ended.
  expect(text).toContain('1 / 1.000 s');
});

test('without a plan the report says what is not there', async () => {
  const other = fixture('no-plan');
  await write(other, 'r', [await opened(other, 'r'), ended('failed', ['GW-DOWN: no answer'])]);
  const pack = await sealRun(other.order('r'));
  const text = readFileSync(join(pack.path, 'report/report.ko.html'), 'utf8');
  expect(text).toContain('실행 계획이 만들어지기 전에 종료되어 기록 없음');
  expect(text).toContain('GW-DOWN: no answer');
  expect(result(pack.path)).toMatchObject({ drillType: null, result: 'failed' });
});

test('the PDF is searchable Korean, marked on every page, with whole ids', () => {
  const probe = spawnSync('pdftotext', ['-v']);
  const file = join(path, 'report/report.ko.pdf');
  expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-');
  if (probe.error !== undefined) return;
  const text = execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' });
  const sheets = text.split('\f').filter((sheet) => sheet.trim() !== '');
  sheets.forEach((sheet, index) => {
    for (const mark of ['모의 환경', 'simulated', 'DR-2026-001', '한빛은행', '대외비']) {
      expect(sheet).toContain(mark);
    }
    expect(sheet).toContain(`${index + 1}/${sheets.length}`);
  });
  expect(text.replaceAll('\n', ' ')).toContain(LONG_TITLE);
  const head = JSON.parse(readFileSync(join(path, 'head.json'), 'utf8')).runs[0].head;
  expect(text).toContain(head);
});

const hostile = '</pre><script>x</script> "#import" $x$ *b* _i_ @ref 漢字 ✓ e\u0301 가';
const doc = (): Doc => ({
  language: 'ko',
  title: hostile,
  subtitle: 'a'.repeat(400),
  company: config.policy.company.ko,
  drill: 'DR-2026-001',
  confidential: '대외비',
  head: '0123456789abcdef',
  simulated: '',
  cover: [[hostile, hostile]],
  signOff: { titles: ['담당'], lines: ['성명'] },
  sections: [
    {
      number: '1',
      heading: hostile,
      blocks: [
        { kind: 'code', text: `steps:\n  - id: ${hostile}\n\n\tx` },
        { kind: 'table', columns: ['a'], widths: [1], rows: [[`${'f'.repeat(900)}`], ['']] },
      ],
    },
  ],
  date: 1_700_000_000,
});

test('text is text: no markup of HTML or the typesetter comes alive', async () => {
  const page = html(doc());
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;/pre&gt;&lt;script&gt;');
  const bytes = await pdf(doc());
  expect(bytes.equals(await pdf(doc()))).toBe(true);
  if (spawnSync('pdftotext', ['-v']).error !== undefined) return;
  const folder = join(world.folder, 'hostile');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.pdf'), bytes);
  const text = execFileSync('pdftotext', [join(folder, 'a.pdf'), '-'], { encoding: 'utf8' });
  expect(text).toContain('"#import" $x$ *b* _i_ @ref [U+6F22][U+5B57] [U+2713] é 가');
});
