/** The engine at the DR gateway: cloud, Slack and the other site are gone, two people go on. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as breathe } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { askOf, parseTyped, putAsk, signAs } from '../../lib/gateway/alone/answers.ts';
import { packOf } from '../../lib/gateway/alone/conduct.ts';
import { continueRun, keptRun, offerHere, openRuns } from '../../lib/gateway/alone/continue.ts';
import { type Desk, twoSignatures, work } from '../../lib/gateway/alone/desk.ts';
import { openPlaneStore } from '../../lib/gateway/alone/store.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import {
  type Alone,
  approversOf,
  finishAlone,
  openAlone,
  signerFor,
  takeOver,
} from '../support/alone.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { memoryFiles } from '../support/files.ts';
import { changesAt, repeated } from '../support/proof.ts';
import { codeOf } from './support.ts';

let bank: Bank;
let alone: Alone | undefined;
afterEach(async () => {
  await alone?.close();
  alone = undefined;
  await bank?.close();
});

/** A drill whose control plane vanishes when this event is journaled. */
async function lostAt(type: string): Promise<string> {
  let gone = false;
  bank = await openBank({
    sparing: true,
    onEvent: (event) => {
      if (event.type === type) gone = true;
      if (gone) throw new Error('the cloud is gone');
    },
  });
  await bank.type('kim', 'drill loans');
  const run = bank.lastSignal();
  await expect(bank.drive(run)).rejects.toThrow('the cloud is gone');
  return run;
}

const fileOf = (person: string) => {
  const { handle } = bank.config.people.find(({ id }) => id === person) ?? { handle: '' };
  return join(bank.folder.keys, 'people', `${handle}.pem`);
};
const withRole = (role: string) =>
  bank.config.people.find(({ roles }) => roles.includes(role))?.id ?? '';

/** People at the terminal who answer what they are told. */
function crew(stop = new AbortController()): Desk & { readonly told: string[] } {
  const told: string[] = [];
  const waiting: string[] = [];
  return {
    ...{ told, json: false, stop: stop.signal },
    tell: (line) => {
      told.push(line);
      // Nobody here mends anything: the test would wait for ever.
      if (line.startsWith('paused')) stop.abort();
      const [, parts, step, role = ''] =
        /^waits for (.*) of ([a-z]+) \(([a-z-]+)\)/.exec(line) ?? [];
      if (parts === undefined) return;
      const [part] = parts.split(', ');
      const person = withRole(part === 'witnessed' ? 'operator' : role);
      const verb = part === 'confirmed' ? 'confirm' : part;
      waiting.push(`${verb} ${step} by ${person} with ${fileOf(person)}: seen`);
    },
    complain: (error) => told.push(`! ${error instanceof Error ? error.message : String(error)}`),
    ask: async () => {
      // Files get on before the time of an empty desk does.
      await breathe(5);
      return waiting.shift() ?? '';
    },
  };
}

test('main is gone too: two people sign, the rest is done once, the lost plane is refused', async () => {
  const run = await lostAt('intent');
  const loans = bank.config.services.find(({ id }) => id === 'loans');
  const lost = bank.worker.engine;
  alone = await openAlone(bank, 'dr', ['main']);
  const { plane } = alone;
  expect(openRuns(plane)).toEqual([run]);
  const kept = keptRun(plane, run);
  expect(kept.words.en.split(' ')).toHaveLength(4);

  const [one = '', two = ''] = approversOf(plane);
  const typed = [
    `approve by ${one} with ${fileOf(two)}`,
    `approve by ${one} with ${fileOf(one)}`,
    `approve by ${one} with ${fileOf(one)}`,
    `approve by ${two} with ${fileOf(two)}`,
  ];
  const signing = { ...crew(), ask: async () => typed.shift() ?? '' };
  const statements = (await twoSignatures(plane, kept, signing)) ?? [];
  expect(signing.told).toEqual([expect.stringMatching(/GW-ALONE-PEOPLE/)]);
  await continueRun(plane, kept, { statements, reason: 'the cloud is gone' });

  const desk = crew();
  expect([
    await work(plane, run, desk),
    desk.told.filter((line) => /^(!|paused)/.test(line)),
  ]).toEqual(['passed', []]);
  expect(repeated(bank)).toEqual([]);
  expect(changesAt(bank, 'dr').length).toBe(kept.plan.calls.length);
  const events = (await plane.engine.store.chain(`run:${run}`)).map(({ line }) => JSON.parse(line));
  const continued = events.find(({ type }) => type === 'plane.continued').data;
  expect(continued).toMatchObject({ site: 'dr', people: [one, two], epoch: 2 });

  const stale = gatewayClient({
    ...{ site: 'dr', url: bank.config.sites[1]?.gateway ?? '', http: alone.handle },
    signer: { keyId: 'control-plane', privateKey: bank.keys.controlPlane },
    ...{ gatewayKey: bank.keys.gateways['dr'] ?? '', clock: bank.clock, random: lost.random },
  });
  const callId = kept.plan.calls[0]?.id ?? '';
  const put = { planHash: kept.planHash, callId, attempt: 2, epoch: 1 };
  const key = callKey({ run, callId, attempt: 2 });
  const late = stale.put(key, { ...put, putBy: bank.clock.now() + 30_000 });
  expect(await codeOf(late)).toBe('GW-EPOCH');

  expect(loans).toBeDefined();
  expect(await packOf(plane, run, alone.evidence)).toMatch(/DR-\d{4}-001$/);
});

test('killed in the middle and started again it goes on where it was', async () => {
  const run = await lostAt('approval.delivered');
  alone = await openAlone(bank);
  const kept = keptRun(alone.plane, run);
  const { plane } = alone;
  const statements = approversOf(plane).map((person) =>
    signAs(plane, offerHere(plane, kept), signerFor(bank, plane, person)),
  );
  await continueRun(plane, kept, { statements, reason: 'x' });
  const stop = new AbortController();
  const desk = crew(stop);
  const halfway = {
    ...desk,
    tell: (line: string) => (/split answered/.test(line) ? stop.abort() : desk.tell(line)),
  };
  expect(await work(plane, run, halfway)).toBeUndefined();
  await plane.close();
  alone = await openAlone(bank);
  await continueRun(alone.plane, keptRun(alone.plane, run), { statements, reason: 'x' });
  const rest = crew();
  expect(await work(alone.plane, run, rest)).toBe('passed');
  expect(repeated(bank)).toEqual([]);
});

test('fewer than two people, strangers and witnesses do not continue anything', async () => {
  const run = await lostAt('intent');
  alone = await openAlone(bank);
  const { plane } = alone;
  const kept = keptRun(plane, run);
  const [one = '', two = ''] = approversOf(plane);
  const sign = (person: string) =>
    signAs(plane, offerHere(plane, kept), signerFor(bank, plane, person));
  const borrowed = signAs(plane, offerHere(plane, kept), {
    ...signerFor(bank, plane, one),
    person: two,
  });
  const witness = signAs(plane, offerHere(plane, kept), {
    ...{ person: two, key: 'control-plane', privateKey: bank.keys.controlPlane },
  });
  for (const statements of [
    [],
    [sign(one)],
    [sign(one), sign(one)],
    [sign(one), borrowed],
    [sign(one), witness],
  ]) {
    const going = continueRun(plane, kept, { statements, reason: 'x' });
    expect(await codeOf(going)).toMatch(/GW-ALONE-PEOPLE|GW-APPROVAL/);
  }
  const forged = { ...sign(two), signature: sign(one).signature };
  const going = continueRun(plane, kept, { statements: [sign(one), forged], reason: 'x' });
  expect(await codeOf(going)).toBe('GW-APPROVAL-WITNESS');
  const chain = await plane.engine.store.chain(`run:${run}`);
  expect(chain.some(({ line }) => line.includes('plane.continued'))).toBe(false);
});

test('a service that was never registered is failed over from copies in the folder', async () => {
  bank = await openBank({ sparing: true });
  const home = bank.folder.gateway('dr');
  cpSync(bank.folder.config, join(home, 'config'), { recursive: true });
  rmSync(join(home, 'config', 'people.yml'));
  cpSync('runbooks', join(home, 'runbooks'), { recursive: true });
  alone = await openAlone(bank);
  const { plane } = alone;
  expect((await plane.engine.config()).services.map(({ id }) => id)).toContain('payments');
  expect((await plane.engine.runbook('drill-copy')).text).toContain('runbook: drill-copy');
  await expect(plane.engine.runbook('drill-cop')).rejects.toMatchObject({
    code: 'GW-ALONE-CONFIG',
  });
  expect(await codeOf(Promise.resolve().then(() => keptRun(plane, 'r-none')))).toBe('GW-ALONE-RUN');
});

test('copies in the folder do not change who the people of a plan are: its run is not void', async () => {
  const run = await lostAt('intent');
  const home = bank.folder.gateway('dr');
  cpSync(bank.folder.config, join(home, 'config'), { recursive: true });
  alone = await openAlone(bank);
  const { people } = await alone.plane.engine.config();
  // A guest may act nowhere and stands in no trust.yml; the plan was compiled knowing of him.
  expect(people.map(({ id }) => id).sort()).toEqual(bank.config.people.map(({ id }) => id).sort());
  await takeOver(bank, alone.plane, run);
  const { head } = await finishAlone(bank, alone, run);
  expect([head.result?.result, head.result?.reasons]).toEqual(['passed', []]);
});

test('the living gateway of main takes no plan from a gateway that it does not list', async () => {
  bank = await openBank({ sparing: true });
  const home = bank.folder.gateway('dr');
  cpSync(bank.folder.config, join(home, 'config'), { recursive: true });
  cpSync('runbooks', join(home, 'runbooks'), { recursive: true });
  alone = await openAlone(bank);
  const again = 'r-a10e000001';
  const ask = { verb: 'open', runbook: 'drill-copy', service: 'loans' } as const;
  await putAsk(alone.plane, again, { ask, person: withRole('operator') });
  const { head } = await finishAlone(bank, alone, again);
  expect(head.result?.reasons.join()).toMatch(/GW-SIGNATURE.*gateway main did not take the plan/s);
  expect(changesAt(bank, 'dr')).toEqual([]);
});

test('what is typed', () => {
  const typed = parseTyped('confirm business by p-1 with /k/a.pem: all well');
  expect(typed).toEqual({
    ...{ verb: 'confirm', step: 'business', person: 'p-1', keyFile: '/k/a.pem', text: 'all well' },
  });
  expect(typed && askOf(typed)).toMatchObject({ verb: 'answer', part: 'confirmed' });
  const declared = parseTyped('declare by p-1 with /k/a.pem: 09:12 power is gone');
  expect(declared && askOf(declared)).toEqual({ verb: 'declare', text: '09:12 power is gone' });
  expect(parseTyped('abort by p-1 with a.pem')).toMatchObject({ verb: 'abort', step: undefined });
  for (const line of ['', 'abort', 'retry by p-1', 'Confirm x by p with k']) {
    expect(parseTyped(line)).toBeUndefined();
  }
});

test('the plane’s store is there again after a crash, its torn end cut', async () => {
  const files = memoryFiles();
  const store = await openPlaneStore(files, '/plane');
  await store.append('run:r', { seq: 1, id: 'a', line: '{}' });
  await store.putLock('u', { epoch: 2, run: 'r', rank: 0 }, undefined);
  await store.putNote('r', 'n', '1');
  const whole = await files.read('/plane/store.jsonl');
  for (let cut = 0; cut <= whole.length; cut++) {
    const torn = memoryFiles();
    await (await torn.open('/plane/store.jsonl')).append(whole.subarray(0, cut));
    const again = await openPlaneStore(torn, '/plane');
    expect(await again.append('run:r', { seq: 1, id: 'a', line: '{}' })).toBe('stored');
  }
  const again = await openPlaneStore(files, '/plane');
  expect(await again.append('run:r', { seq: 1, id: 'b', line: '{}' })).toBe('taken');
  expect([(await again.lock('u'))?.epoch, await again.note('r', 'n')]).toEqual([2, '1']);
});
