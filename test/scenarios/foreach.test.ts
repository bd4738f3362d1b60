/** One step for each of many items. */
import { expect, it } from '@jest/globals';
import { openSmall, runbookOf, type Small } from '../support/small.ts';

let small: Small;
const ids = (count: number) => Array.from({ length: count }, (_, i) => `v-${i + 1}`);
const COUNT = Number(process.env['DRILLBOOK_ITEMS'] ?? 400);

const each = (more = '', volumes = 'facts.drillable.dr.volumes') =>
  runbookOf(
    `  - id: open
    uses: servers/boot
    for-each: "\${{ ${volumes} }}"
    with: { volume: "\${{ item }}" }
${more}`,
    `  - id: close
    uses: servers/delete
    undoes: open
    for-each: "\${{ ${volumes} }}"
    with: { volume: "\${{ item }}" }
`,
  );

it(`does ${COUNT} items, each once, and says how far it is`, async () => {
  small = openSmall(ids(COUNT));
  const began = performance.now();
  const head = await small.start(each());
  const took = performance.now() - began;
  expect(head.result?.result).toBe('passed');
  const opened = small.sent.filter((call) => call.startsWith('open.'));
  expect(new Set(opened).size).toBe(COUNT);
  expect(small.sent).toHaveLength(2 * COUNT);
  expect([...small.volumes.values()].every((status) => status === 'maintenance')).toBe(true);
  if (process.env['DRILLBOOK_ITEMS']) process.stdout.write(`${COUNT}: ${Math.round(took)} ms\n`);
});

it('works on so many items side by side as the runbook says, and no more', async () => {
  small = openSmall(ids(10));
  let most = 0;
  const gateway = small.engine.gateways.get('dr');
  if (gateway === undefined) throw new Error('no gateway');
  const { put } = gateway;
  let under = 0;
  gateway.put = async (key, body) => {
    under += 1;
    if (body.callId.startsWith('open.')) most = Math.max(most, under);
    await Promise.resolve();
    const record = await put(key, body);
    under -= 1;
    return record;
  };
  const head = await small.start(each('    parallel: 3\n'));
  expect(head.result?.result).toBe('passed');
  expect(most).toBe(3);
});

it('stops at an item that cannot go on; a retry does only what is not done', async () => {
  small = openSmall(ids(6));
  small.answers = (call) => (call === 'open.v-3.set' ? 403 : 202);
  const head = await small.start(each('    parallel: 2\n'));
  expect(head.pause).toMatchObject({ step: 'open', refusal: { code: 'RUN-ATTEMPTS' } });
  expect(head.steps.find(({ id }) => id === 'open')?.progress).toEqual({ done: 4, total: 6 });
  const before = small.sent.length;
  small.answers = () => 202;
  await small.ask({ verb: 'retry', reason: 'mended' });
  const end = await small.go();
  expect(end.result?.result).toBe('passed');
  const opened = small.sent.slice(before).filter((call) => call.startsWith('open.'));
  expect(opened).toEqual(['open.v-3.set', 'open.v-6.set']);
});

it('on-failure: continue sets an item aside, and the others go on', async () => {
  small = openSmall(ids(6));
  small.answers = (call) => (call === 'open.v-3.set' ? 403 : 202);
  const head = await small.start(each('    on-failure: continue\n    parallel: 2\n'));
  expect(head.result?.result).toBe('conditional');
  const ended = (await small.events()).find(
    (event) => event.type === 'step.finished' && event.data.step === 'open',
  );
  expect(ended?.data).toMatchObject({ result: 'deviated' });
  expect(JSON.stringify(ended?.data)).toMatch(/1 of 6 items.*v-3: RUN-ATTEMPTS/);
  expect(small.volumes.get('v-6')).toBe('maintenance');
  expect(new Set(small.sent.filter((call) => call.startsWith('open.'))).size).toBe(6);
});

it('is undone item by item: only those of which something was sent', async () => {
  small = openSmall(ids(5));
  small.answers = (call) => (call === 'open.v-3.set' ? 403 : 202);
  const undo = `    undo: { uses: servers/delete, with: { volume: "\${{ item }}" } }
    on-failure: undo
    parallel: 1
`;
  const head = await small.start(each(undo));
  expect(head.result?.result).toBe('failed');
  const undone = small.sent.filter((call) => call.startsWith('undo-'));
  expect(undone.slice(0, 2)).toEqual(['undo-open.v-1.set', 'undo-open.v-2.set']);
  expect([...small.volumes.values()].every((status) => status === 'maintenance')).toBe(true);
});

it('journals of an item only what is new of it: the journal grows with the items', async () => {
  const linesFor = async (count: number) => {
    small = openSmall(ids(count));
    await small.start(each());
    const events = await small.events();
    return JSON.stringify(events.filter(({ type }) => type === 'judged')).length / count;
  };
  const [few, many] = [await linesFor(32), await linesFor(128)];
  expect(many / few).toBeLessThan(1.2);
});
