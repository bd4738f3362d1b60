/** A failover takes a protection unit from a drill, wherever the drill stands (rules 3, 5 and 11). */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import type { Head } from '../../lib/run/head.ts';
import type { Store } from '../../lib/store/store.ts';
import { type Bank, type BankOptions, openBank } from '../support/bank.ts';
import { acceptedAt, eventsOf, failoverRunbook, lookingAfterSplit } from '../support/epochs.ts';
import { planOf, repeated } from '../support/proof.ts';

/** How many boundaries of a drill are tried; `all` tries every one. */
const WANTED = process.env.DRILLBOOK_PREEMPTIONS ?? '3';

let bank: Bank;
afterEach(() => bank.close());

const edit = { 'runbooks/takeover.yml': failoverRunbook };

/** A store in which one run's journal stands still behind a line: its worker is frozen there. */
function freezing(): { options: BankOptions; at: { run?: string; seq?: number } } {
  const at: { run?: string; seq?: number } = {};
  const store = (inner: Store): Store => ({
    ...inner,
    append: async (chain, item) => {
      if (chain === `run:${at.run}` && at.seq !== undefined && item.seq > at.seq) {
        throw new Error('frozen');
      }
      return inner.append(chain, item);
    },
  });
  return { options: { edit, store }, at };
}

/** Drives the drill to a line of its journal; the worker that would write the next one is frozen. */
async function driveTo(seq: number, options = freezing()): Promise<string> {
  bank = await openBank(options.options);
  await bank.type('kim', 'drill loans');
  const run = bank.lastSignal();
  Object.assign(options.at, { run, seq });
  await bank.drive(run).catch((error: Error) => expect(error.message).toMatch(/frozen|no head/));
  return run;
}

/** Opens the failover, lets two people approve it, and stops where its first step begins. */
async function failOver(): Promise<string> {
  const run = await bank.ask('run takeover loans', 'han');
  await bank.drive(run, ({ state }: Head) => state !== 'awaiting-approval' && state !== 'opening');
  return run;
}

async function preempted(drill: string, failover: string): Promise<Head> {
  const head = await bank.drive(drill, () => false, false);
  expect(head.result?.result).toBe('pre-empted');
  const [lost] = await eventsOf(bank, drill, 'run.pre-empted');
  expect(lost?.data).toMatchObject({ by: failover, epoch: 2 });
  return head;
}

describe('a failover pre-empts a drill', () => {
  let seqs: number[] = [];

  it('at every line of its journal: the unit passes, nothing of the drill is accepted after', async () => {
    bank = await openBank({ edit });
    const whole = await bank.ask('drill loans');
    await bank.drive(whole);
    const events = await bank.events(whole);
    await bank.close();
    const locked = events.findIndex(({ type }) => type === 'lock') + 1;
    const open = events.slice(locked, -2).map(({ seq }) => seq);
    const step = WANTED === 'all' ? 1 : Math.ceil(open.length / Number(WANTED));
    seqs = open.filter((_, index) => index % step === 0);
    for (const seq of seqs) {
      const options = freezing();
      const drill = await driveTo(seq, options);
      const failover = await failOver();
      const sent = (await acceptedAt(bank, 'dr', drill)).length;
      options.at.seq = Number.MAX_SAFE_INTEGER;
      await preempted(drill, failover);
      expect((await acceptedAt(bank, 'dr', drill)).length).toBe(sent);
      expect(repeated(bank)).toEqual([]);
      const [taken] = (await eventsOf(bank, failover, 'lock')).filter(
        ({ data }) => data.state === 'taken',
      );
      expect(taken?.data).toMatchObject({ epoch: 2, from: drill });
      if (seq !== seqs.at(-1)) await bank.close();
    }
    expect(seqs.length).toBeGreaterThan(2);
  }, 1_200_000);
});

const stills: Record<string, (run: string) => Promise<unknown>> = {
  'held by an operator': async (run) => {
    await bank.type('han', `pause ${run} 잠시 확인합니다`);
    return bank.drive(run, ({ held }) => held !== undefined, false);
  },
  'paused at a step': (run) => bank.drive(run, ({ state }) => state === 'paused', false),
};

describe('a drill that stands still loses the unit all the same', () => {
  it.each(Object.keys(stills))('%s', async (name) => {
    const looking = { ...edit, 'runbooks/drill-copy.yml': lookingAfterSplit };
    bank = await openBank({ edit: looking, sparing: true });
    const drill = await bank.ask('drill loans');
    await bank.drive(drill, ({ asks }) => asks.length > 0);
    await stills[name]?.(drill);
    const failover = await failOver();
    await preempted(drill, failover);
    const [ended] = await eventsOf(bank, drill, 'run.ended');
    expect(ended?.data.residue.join('\n')).toMatch(/resync .*did not finish/);
    expect((await bank.drive(failover)).result?.result).toBe('passed');
  });
});

/** The split can be taken back; between it and the servers somebody has a look. */
const undoable = (text: string): string =>
  lookingAfterSplit(text).replace(
    /( +with: \{ group: .*, atTime: true \}\n)/,
    `$1    undo: { uses: clone/resync, with: { group: "\${{ service.drill.group }}" } }\n`,
  );

it('a drill that is being undone loses the unit too: nothing of its undo is accepted after', async () => {
  bank = await openBank({ edit: { ...edit, 'runbooks/drill-copy.yml': undoable }, sparing: true });
  const drill = await bank.ask('drill loans');
  await bank.drive(drill, ({ asks }) => asks.length > 0);
  await bank.type('han', `abort ${drill} --undo 훈련을 되돌립니다`);
  const undoing = await bank.drive(drill, ({ state }) => state === 'undoing', false);
  expect(undoing.steps.some(({ phase }) => phase === 'undo')).toBe(true);
  const failover = await failOver();
  const sent = (await acceptedAt(bank, 'dr', drill)).length;
  await preempted(drill, failover);
  expect((await acceptedAt(bank, 'dr', drill)).length).toBe(sent);
  expect(repeated(bank)).toEqual([]);
  const [ended] = await eventsOf(bank, drill, 'run.ended');
  expect(ended?.data.residue.join('\n')).toMatch(/split|resync/);
  expect((await bank.drive(failover)).result?.result).toBe('passed');
});

describe('what people see of it', () => {
  it('is told to who approves, and only approved does it take the unit', async () => {
    bank = await openBank({ edit });
    const drill = await bank.ask('drill loans');
    await bank.drive(drill, ({ steps }) =>
      steps.some(({ id, state }) => id === 'boot' && state === 'done'),
    );
    const failover = await bank.ask('run takeover loans', 'han');
    const [wanted] = await eventsOf(bank, failover, 'lock');
    expect(wanted?.data).toMatchObject({ state: 'wanted', from: drill });
    // Asked for is not approved: the drill goes on.
    expect((await bank.drive(drill, ({ asks }) => asks.length > 0, false)).state).not.toBe('ended');
    await bank.drive(failover, ({ state }) => state === 'running');
    const head = await preempted(drill, failover);
    expect(head.state).toBe('ended');
    const [ended] = await eventsOf(bank, drill, 'run.ended');
    expect(ended?.data.residue.join('\n')).toMatch(/remove .*did not finish/);
    expect(ended?.data.residue.join('\n')).toMatch(/resync .*did not finish/);
    const { store, blobs, keys, config, worker, folder } = bank;
    const signer = fileSigner(keys.evidence);
    const order = { run: drill, store, blobs, config, signer, folder: folder.packs };
    const pack = await sealRun({ ...order, gatewayKeys: keys.gateways, ledger: worker.ledger });
    expect(pack.result).toBe('pre-empted');
    const publicKeyPem = await signer.publicKeyPem();
    expect((await verifyPack(pack.path, { publicKeyPem })).ok).toBe(true);
  });

  it('gives the unit back after its end, and the next drill begins above its epoch', async () => {
    bank = await openBank({ edit });
    const failover = await bank.ask('run takeover loans', 'han');
    const refused = await bank.ask('drill loans').catch((error: Error) => error.message);
    expect(refused).toMatch(/no head/);
    expect(bank.told('kim').join('\n')).toMatch(/RUN-SERVICE-BUSY/);
    await bank.drive(failover);
    const { unit } = await planOf(bank, failover);
    expect(await bank.store.lock(unit)).toEqual({ epoch: 1, run: '', rank: 0 });
    const drill = await bank.ask('drill loans');
    const [taken] = await eventsOf(bank, drill, 'lock');
    expect(taken?.data).toMatchObject({ state: 'taken', epoch: 2 });
  });

  it('a failover does not pre-empt a failover, and nobody stops a drill without two people', async () => {
    bank = await openBank({ edit });
    const drill = await bank.ask('drill loans');
    const failover = await bank.ask('run takeover loans', 'han');
    await bank.type('kim', 'run takeover loans');
    await bank.tick(bank.lastSignal());
    expect(bank.told('kim').join('\n')).toMatch(/RUN-SERVICE-BUSY/);
    await bank.press('lee', 'drillbook:deny', failover, 'no disaster');
    await bank.drive(failover, () => false, false);
    expect((await bank.drive(drill)).result?.result).toBe('passed');
  });
});
