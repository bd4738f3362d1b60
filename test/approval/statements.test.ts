/** What a statement is about, how long it holds, the words for a plan, what is typed before. */
import { confirmationOf, isConfirmed } from '../../lib/approval/confirmation.ts';
import {
  needsOwnKey,
  offerOf,
  signStatement,
  verifyStatement,
} from '../../lib/approval/statement.ts';
import { differences, longestMs, type WaveList, waveHash } from '../../lib/approval/wave.ts';
import { wordsFor, wordsOf } from '../../lib/approval/words.ts';
import { canonical, hashOf } from '../../lib/canonical.ts';
import type { Statement } from '../../lib/gateway/protocol.ts';
import { drillPlan } from '../gateway/plan.ts';
import { newPair } from '../gateway/support.ts';

const hash = (letter: string) => letter.repeat(64);
const plan = { run: 'r-1', planHash: hash('a'), factsHash: hash('b') };
const statement = (change: Partial<Statement> = {}): Statement => ({
  ...{ v: 1, ...plan, decision: 'approve', person: 'p-1', role: 'x', class: 'copy' },
  ...{ gateways: ['main', 'dr'], notAfter: 5, nonce: 'n', ...change },
});

test.each<[string[], Partial<Statement>]>([
  [[], {}],
  [['run'], { run: 'r-2' }],
  [['planHash'], { planHash: hash('c') }],
  [['factsHash'], { factsHash: hash('c') }],
  [['run', 'planHash', 'factsHash'], { run: 'r-2', planHash: hash('c'), factsHash: hash('c') }],
])('alone, it is about another plan by %j', (wanted, change) => {
  expect(differences(statement(change), plan)).toEqual(wanted);
});

const list = (...members: [string, string][]): WaveList =>
  members.map(([run, planHash]) => ({ run, planHash }) as WaveList[number]);
const inWave = (wave: WaveList, change: Partial<Statement> = {}) =>
  statement({ wave, run: 'w-1', planHash: waveHash(wave), factsHash: waveHash(wave), ...change });

test('in a wave: the list is what was hashed, and this run stands in it once with this plan', () => {
  const wave = list(['r-0', hash('d')], ['r-1', hash('a')]);
  expect(waveHash(wave)).toBe(hashOf(wave));
  const [alone, third] = [list(['r-1', hash('a')]), list(['r-2', hash('d')])];
  for (const one of [wave, alone, [...wave, ...third]]) {
    expect(differences(inWave(one), plan)).toEqual([]);
  }
  expect(differences(inWave(wave, { planHash: hash('a') }), plan)).toEqual(['planHash']);
  expect(differences(inWave(wave, { factsHash: hash('b') }), plan)).toEqual(['planHash']);
  const other = { planHash: hash('c'), factsHash: hash('c') };
  expect(differences(inWave(wave, other), plan)).toEqual(['planHash']);
  for (const members of [
    list(['r-0', hash('d')]),
    list(['r-1', hash('d')]),
    list(['r-0', hash('a')]),
    list(['r-1', hash('a')], ['r-1', hash('a')]),
    list(['r-1', hash('a')], ['r-1', hash('d')]),
  ]) {
    expect([members, differences(inWave(members), plan)]).toEqual([members, ['wave']]);
  }
});

test('a statement may be given for the time of collecting; in a wave for that of running too', () => {
  const { approval } = drillPlan();
  expect(longestMs({}, drillPlan())).toBe(approval.expiresMs);
  expect(longestMs({ wave: [] }, drillPlan())).toBe(approval.expiresMs + approval.runWithinMs);
});

test('an offer says everything about the plan but who and once', () => {
  const drill = drillPlan({ class: 'data' });
  expect(offerOf(drill, { planHash: hash('a'), notAfter: 7 })).toEqual({
    ...{ v: 1, run: drill.run, planHash: hash('a'), factsHash: drill.factsHash },
    ...{ decision: 'approve', role: 'dr-approver', class: 'data', gateways: ['main', 'dr'] },
    notAfter: 7,
  });
  expect((['none', 'copy', 'data', 'takeover'] as const).map(needsOwnKey)).toEqual([
    ...[false, false, true, true],
  ]);
});

test('a signature is of this statement, with this key, and never throws', () => {
  const [own, other] = [newPair(), newPair()];
  const signed = signStatement(statement(), { keyId: 'k1', privateKey: own.privateKey });
  expect(signed).toMatchObject({ statement: statement(), witness: 'k1' });
  expect(verifyStatement(signed, own.publicKey)).toBe(true);
  expect(verifyStatement(signed, other.publicKey)).toBe(false);
  expect(verifyStatement({ ...signed, statement: statement({ notAfter: 6 }) }, own.publicKey)).toBe(
    false,
  );
  expect(verifyStatement({ ...signed, signature: 'AA==' }, own.publicKey)).toBe(false);
  expect(verifyStatement(signed, 'no key')).toBe(false);
});

test('the words of a plan are these for ever', () => {
  const subject = { run: 'r-1', planHash: hash('a') };
  const first = wordsFor(subject);
  expect(first).toEqual({ en: KNOWN.en, ko: KNOWN.ko.normalize('NFC') });
  expect(first.ko).toBe(first.ko.normalize('NFC'));
  expect(wordsFor(JSON.parse(canonical(subject)))).toBe(wordsFor(subject));
  expect(wordsFor({ ...subject, run: 'r-2' })).not.toEqual(first);
  const { run, factsHash, class: danger } = drillPlan();
  const said = { run, planHash: hash('a'), factsHash, class: danger, gateways: ['main', 'dr'] };
  expect(wordsOf(drillPlan(), hash('a'))).toEqual(wordsFor(said));
});
const KNOWN = { en: 'rule uncover clap airport', ko: '정도 하반기 농장 강수량' };

test('what is typed before signing: nothing, the service, or a sentence that names the loss', () => {
  expect(confirmationOf('none', 'pay')).toEqual({ accepted: [] });
  expect(confirmationOf('copy', 'pay')).toEqual({ accepted: [] });
  expect(confirmationOf('data', 'pay')).toEqual({ accepted: ['pay'] });
  const { accepted } = confirmationOf('takeover', 'pay');
  expect(accepted).toEqual([
    'I accept losing what main has not sent for pay',
    'pay의 아직 보내지 않은 데이터를 잃을 수 있음을 받아들입니다',
  ]);
  for (const text of accepted) {
    expect(isConfirmed({ accepted }, text)).toBe(true);
    expect(isConfirmed({ accepted }, ` ${text.normalize('NFD')}\n`)).toBe(true);
    expect(isConfirmed({ accepted: [text.normalize('NFD')] }, text)).toBe(true);
  }
  const swap = confirmationOf('takeover', 'pay', 'nothing').accepted;
  const old = confirmationOf('takeover', 'pay', 'old').accepted;
  expect(swap[0]).toBe('I agree that pay goes on at the other site');
  expect(old[0]).toBe('I accept that the data of pay may be old and incomplete');
  // Whoever types what a planned switch asks for has not accepted a loss, and the other way round.
  for (const text of [...swap, ...old]) expect(isConfirmed({ accepted }, text)).toBe(false);
  for (const text of accepted) expect(isConfirmed({ accepted: old }, text)).toBe(false);
  for (const text of [undefined, '', 'pay', accepted[0]?.toUpperCase()]) {
    expect(isConfirmed({ accepted }, text)).toBe(false);
  }
  expect(isConfirmed({ accepted: [] }, undefined)).toBe(true);
});
