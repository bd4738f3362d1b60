/** Faults by name, each at a named moment, and what a drill makes of it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import type { Fault } from '../../lib/twin/scenario.ts';
import { type Bank, openBank, shortTries } from '../support/bank.ts';
import { changesAt, repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const service = 'loans';

/** Strikes once, when an event of this type (of this step) was written. */
async function struck(name: Fault['name'], at: string, step = ''): Promise<string> {
  let over = false;
  bank = await openBank({
    edit: name === 'slow-delete' ? {} : shortTries,
    onEvent: ({ type, data }) => {
      if (over || type !== at || !JSON.stringify(data).includes(step)) return;
      over = true;
      bank.world.fault(name, true, ofService(name));
    },
  });
  return bank.ask('drill loans');
}

const ofService = (name: Fault['name']) =>
  ['replication-suspended', 'backlog', 'link-down'].includes(name) ? { service } : {};

async function mendAndRetry(name: Fault['name'], run: string): Promise<Head> {
  bank.world.fault(name, false, ofService(name));
  bank.clock.advance(180_000);
  await bank.press('han', actionIds.retry, run, '조치했습니다');
  return bank.drive(run, paused);
}

async function clean(run: string): Promise<void> {
  expect(await residue(bank, run)).toEqual([]);
  expect(repeated(bank)).toEqual([]);
  expect(changesAt(bank, 'main')).toEqual([]);
  expect(bank.world.oracle.resyncUnderPath()).toBe(0);
}

describe('what a drill outlives by itself', () => {
  const harmless: readonly [Fault['name'], string, string][] = [
    ['job-unknown', 'approval.delivered', ''],
    ['sessions-lost', 'step.started', 'split'],
    ['sessions-lost', 'intent', 'split'],
    ['token-revoked', 'step.started', 'boot'],
    ['token-revoked', 'intent', 'boot.start'],
    ['token-revoked', 'step.started', 'remove'],
    ['slow-delete', 'approval.delivered', ''],
  ];
  it.each(harmless)('%s at %s %s', async (name, at, step) => {
    const run = await struck(name, at, step);
    const head = await bank.drive(run, paused);
    expect(head.result?.result).toBe('passed');
    await clean(run);
  });
});

describe('a restore at DR that hangs', () => {
  it('holds the split up until it goes on; then the copies are of one instant', async () => {
    const run = await struck('backlog', 'step.started', 'split');
    const onSplit = (head: Head) => head.steps.some((s) => s.id === 'split' && s.startedAt);
    await bank.drive(run, (head) => Boolean(onSplit(head)));
    for (let i = 0; i < 5; i++) {
      bank.clock.advance(60_000);
      await bank.tick(run);
    }
    const { steps: held } = await bank.head(run);
    expect(held.find(({ id }) => id === 'split')?.state).toBe('running');
    bank.world.fault('backlog', false, { service });
    await bank.drive(run, ({ steps }) => steps.some((s) => s.id === 'split' && s.state === 'done'));
    expect(bank.world.oracle.copiesEqualOneInstant(service)).toEqual(expect.any(Number));
    expect((await bank.drive(run, paused)).result?.result).toBe('passed');
    await clean(run);
  });
});

describe('what stops a drill until somebody mends it', () => {
  const stopping: readonly [Fault['name'], string, string, RegExp][] = [
    ['link-down', 'approval.requested', '', /healthy/],
    ['router-attached', 'approval.delivered', '', /isolated/],
    ['router-attached', 'step.finished', 'isolated', /boot/],
    ['boot-failing', 'step.finished', 'isolated', /boot/],
    ['http-500', 'step.started', 'remove', /remove/],
  ];
  it.each(stopping)('%s at %s %s', async (name, at, step, where) => {
    const run = await struck(name, at, step);
    bank.clock.advance(60_000);
    const stopped = await bank.drive(run, paused);
    expect(stopped.state).toBe('paused');
    expect(stopped.pause?.step).toMatch(where);
    expect(stopped.pause?.refusal.why).not.toBe('');
    if (name === 'boot-failing') {
      await bank.press('han', actionIds.abort, run, 'no way');
      expect((await bank.drive(run, paused)).result?.result).toBe('aborted');
    } else {
      expect((await mendAndRetry(name, run)).result?.result).toBe('passed');
    }
    await clean(run);
  });

  it('servers are not started in a network that has just got a router (rule 11)', async () => {
    const run = await struck('router-attached', 'step.finished', 'isolated');
    await bank.drive(run, paused);
    const started = changesAt(bank, 'dr').filter(({ path }) => path.endsWith('/servers'));
    expect(started).toEqual([]);
    expect(changesAt(bank, 'dr').filter(({ target }) => target === 'neutron')).toEqual([]);
  });
});

describe('replication that fails during a drill', () => {
  it.each(['boot', 'verify', 'business'])('at %s: the drill does not pass', async (step) => {
    const run = await struck('replication-suspended', 'step.started', step);
    const stopped = await bank.drive(run, paused);
    expect(stopped.result?.result).not.toBe('passed');
    expect(stopped.state).toBe('paused');
    expect(stopped.pause?.refusal.why).toMatch(/uspended|PSUE/);
  });
});
