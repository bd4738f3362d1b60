/** `npm run dr -- approve --key`: shown, confirmed, signed here, handed in; and when it is not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Offer, verifyStatement } from '../../lib/approval/statement.ts';
import { wordsFor } from '../../lib/approval/words.ts';
import { canonical } from '../../lib/canonical.ts';
import { systemClock } from '../../lib/clock.ts';
import { serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { controlDoor } from '../../lib/local/control.ts';
import { runDr } from '../../lib/local/dr.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { inboxBodySchema } from '../../lib/run/inbox.ts';
import { causeOf } from '../../lib/run/session.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { makeHead, RUN } from '../slack/fixtures.ts';
import { install } from '../support/installed.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-signed-'));
const folder = openFolder(root, { fresh: false });
const keyOf = (handle: string): string => join(folder.keys, 'people', `${handle}.pem`);

beforeAll(async () => {
  await install(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

const offer: Offer = {
  ...{ v: 1, run: RUN, planHash: 'a'.repeat(64), factsHash: 'b'.repeat(64) },
  ...{ decision: 'approve', role: 'dr-approver', class: 'data', gateways: ['main', 'dr'] },
  notAfter: 1_795_309_200_000,
};
const { run, planHash, factsHash, gateways } = offer;
const code = wordsFor({ run, planHash, factsHash, class: offer.class, gateways });

/** A house in which a run waits; its engine answers every wish with `says`. */
async function dr(options: {
  readonly acts?: readonly string[];
  readonly args: readonly string[];
  readonly says?: 'granted' | 'refused';
  readonly words?: { readonly ko: string; readonly en: string };
  readonly typed?: string;
}) {
  const store = memoryStore();
  const approval = {
    ...{ state: 'requested', needed: 2, role: 'dr-approver', granted: [] },
    ...{ expiresAt: offer.notAfter, statement: offer },
    words: [{ site: 'dr', ...(options.words ?? code) }],
  } as const;
  const { role: _role, notAfter: _notAfter, ...shown } = { ...offer, decision: 'skip' } as const;
  const roles = { skip: 'operator', 'confirm-skip': 'dr-approver' };
  const skipping = { statement: shown, roles, lastsMs: 7_200_000 };
  const head = { ...makeHead(), state: 'awaiting-approval', approval, skipping };
  await store.putHead({ run: RUN, seq: 3, json: JSON.stringify(head) });
  const wake = async () => {
    const [item] = await store.inbox(RUN);
    if (item === undefined) return;
    const refusal = { code: 'APR-KEY', what: 'No.', why: 'x', next: 'y' };
    const { person, delivery } = item;
    const data =
      options.says === 'refused'
        ? { person, verb: 'approve', delivery, refusal }
        : { person, text: 'taken' };
    const type = options.says === 'refused' ? 'refused' : 'note';
    const place = {
      v: 1,
      run: RUN,
      seq: 1,
      ts: '2026-11-22T01:00:00.000Z',
      id: 'e1',
      prev: '0'.repeat(64),
    };
    const actor = { id: person, kind: 'human' };
    const line = canonical({ ...place, actor, evidence: [], cause: causeOf(delivery), type, data });
    await store.append(`run:${RUN}`, { seq: 1, id: 'e1', line });
  };
  const stage = {
    buttons: async () => [],
    press: async () => '',
    type: async () => '',
    whispers: () => [],
  };
  const config = await loadConfig(folder.config);
  const door = controlDoor({
    ...{ config, stage, store, clock: systemClock() },
    wake: () => void wake(),
    kill: () => false,
    join: () => Promise.reject(new Error('nobody joins here')),
  });
  const served = await serveHttp(door, { host: '127.0.0.1', port: 0 });
  writeFileSync(join(root, 'control'), served.url);
  const out: string[] = [];
  const screen = { write: (text: string) => void out.push(text), columns: undefined };
  const acts = options.acts ?? ['approve', RUN];
  const args = [...acts, '--as', 'lee', '--state', root, ...options.args];
  const exit = await runDr(args, screen, async () => options.typed ?? '').catch(
    (error: { code: string }) => error.code,
  );
  await served.close();
  const [item] = await store.inbox(RUN);
  return { exit, said: out.join(''), item };
}

test('what is signed is shown with its word code, confirmed by the service, and handed in', async () => {
  const { exit, said, item } = await dr({ args: ['--key', keyOf('lee')], typed: 'payments' });
  expect(exit).toBe(0);
  expect(said).toContain(`word code: ${code.en} / ${code.ko}`);
  const body = inboxBodySchema.parse(JSON.parse(item?.body ?? '{}'));
  if (body.ask.verb !== 'approve' || body.ask.signed === undefined) throw new Error('not signed');
  const { signed } = body.ask;
  const publicKey = readFileSync(keyOf('lee').replace('.pem', '.pub.pem'), 'utf8');
  expect(verifyStatement(signed, publicKey)).toBe(true);
  const { person, nonce, ...rest } = signed.statement;
  expect(rest).toEqual(offer);
  expect(person).toBe(item?.person);
  expect(nonce).toMatch(/^[0-9a-f]{32}$/);
});

test.each(['skip', 'confirm-skip'] as const)('%s shows and signs its very words', async (verb) => {
  const typed = 'step1';
  const more = ['--key', keyOf('lee'), '--reason', 'no use'];
  const { exit, said, item } = await dr({ acts: [verb, RUN, 'step1'], args: more, typed });
  expect(exit).toBe(0);
  const { ask } = inboxBodySchema.parse(JSON.parse(item?.body ?? '{}'));
  if (ask.verb !== verb || ask.signed === undefined) throw new Error('not signed');
  const publicKey = readFileSync(keyOf('lee').replace('.pem', '.pub.pem'), 'utf8');
  expect(verifyStatement(ask.signed, publicKey)).toBe(true);
  const { person, nonce, ...rest } = ask.signed.statement;
  expect(rest).toMatchObject({ decision: 'skip', step: 'step1', planHash, factsHash });
  expect(rest.role).toBe(verb === 'skip' ? 'operator' : 'dr-approver');
  expect(said).toContain(canonical(rest));
  expect([person, nonce.length]).toEqual([item?.person, 32]);
  if (ask.verb === 'skip') expect(ask.reason).toBe('no use');
});

test('a skip is signed for a step of a run that takes it, and only when the step is typed', async () => {
  const args = ['--key', keyOf('lee')];
  expect((await dr({ acts: ['skip', RUN, 'nothing'], args })).exit).toBe('LOCAL-USAGE');
  expect((await dr({ acts: ['skip', 'r-0000000000', 'step1'], args })).exit).toBe('LOCAL-USAGE');
  const typed = await dr({ acts: ['skip', 'step1'], args, typed: 'yes' });
  expect([typed.exit, typed.item]).toEqual(['LOCAL-CONFIRM', undefined]);
});

test('each word has its page of help, one that is none is told the nearest', async () => {
  const skip = await dr({ acts: ['skip'], args: ['--help'] });
  expect([skip.exit, skip.said]).toEqual([
    0,
    expect.stringContaining('skip [run] <step> --reason'),
  ]);
  expect(skip.said).toContain('--key <file>');
  const wrong = await dr({ acts: ['skpi'], args: ['--help'] });
  expect(wrong.said).toContain('Did you mean "skip"?');
  const all = await dr({ acts: [], args: ['--help'] });
  for (const verb of ['approve', 'confirm-skip', 'join', 'wave']) expect(all.said).toContain(verb);
});

test('a refusal of the engine is told, and the exit code says so', async () => {
  const args = ['--key', keyOf('lee'), '--confirm', 'payments'];
  const { exit, said } = await dr({ args, says: 'refused' });
  expect(exit).toBe(1);
  expect(said).toContain('APR-KEY');
});

test.each([
  ['not confirmed', { args: ['--key', keyOf('lee')], typed: 'yes' }, 'LOCAL-CONFIRM'],
  ['with the key of somebody else', { args: ['--key', keyOf('park')] }, 'LOCAL-USAGE'],
  ['with no key file', { args: ['--key', join(root, 'none')] }, 'GW-KEY-FILE'],
  [
    'while a gateway says other words',
    { args: ['--key', keyOf('lee'), '--confirm', 'payments'], words: { ko: 'x', en: 'y' } },
    'LOCAL-WORDS',
  ],
])('%s nothing is signed', async (_name, options, exit) => {
  const done = await dr(options);
  expect(done.exit).toBe(exit);
  expect(done.item).toBeUndefined();
});
