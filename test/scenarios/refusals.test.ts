import { afterEach, describe, expect, it } from '@jest/globals';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank, type Press } from '../support/bank.ts';
import { changesAt } from '../support/proof.ts';

const { approve, deny } = actionIds;
const ASK = { kim: 'U01KIM', lee: 'U02LEE', lee2: 'U92LEE', park: 'U03PARK' } as const;

let bank: Bank;
afterEach(() => bank.close());

async function asked(text = 'drill loans'): Promise<string> {
  bank = await openBank();
  return bank.ask(text);
}

/** Codes of what the journal refused, in order. */
async function refused(run: string): Promise<string[]> {
  const events = await bank.events(run);
  return events.flatMap((event) => (event.type === 'refused' ? [event.data.refusal.code] : []));
}

const granted = async (run: string) => (await bank.head(run)).approval?.granted.length;

async function press(
  run: string,
  how: Omit<Press, 'run' | 'actionId'>,
  actionId: string = approve,
) {
  const status = await bank.pressAs({ run, actionId, ...how });
  await bank.tick(run);
  return status;
}

describe('an approval that does not count (rules 1 and 12)', () => {
  const cases: readonly [string, Omit<Press, 'run' | 'actionId'>, string, string | undefined][] = [
    ['of somebody without the role', { slackUser: 'U04CHOI' }, 'APR-ROLE', 'choi'],
    ['of a guest who holds the role', { slackUser: 'U07SMITH' }, 'APR-ACCOUNT', 'smith'],
    ['of an account nobody enrolled', { slackUser: 'U0NOBODY' }, 'APR-UNKNOWN-PERSON', undefined],
    [
      'from another workspace',
      { slackUser: ASK.lee, team: 'T0OTHER' },
      'APR-UNKNOWN-PERSON',
      undefined,
    ],
    [
      'in a channel shared with others',
      { slackUser: ASK.lee, channel: 'C0PARTNER' },
      'APR-SHARED-CHANNEL',
      'lee',
    ],
    [
      'on another message than the one that asked',
      { slackUser: ASK.lee, messageTs: '1700000000.000100' },
      'APR-STALE',
      'lee',
    ],
    [
      'for another plan',
      {
        slackUser: ASK.lee,
        value: (shown: string) => shown.replace(/"planHash":"[0-9a-f]{8}/, '"planHash":"00000000'),
      },
      'APR-CHANGED',
      'lee',
    ],
  ];

  it.each(cases)('%s', async (_, how, code, handle) => {
    const run = await asked();
    await press(run, how);
    expect(await refused(run)).toEqual([code]);
    expect(await granted(run)).toBe(0);
    if (handle !== undefined) expect(bank.told(handle).join()).toContain(code);
    await press(run, { slackUser: ASK.park });
    await press(run, { slackUser: ASK.park });
    expect(await granted(run)).toBe(1);
    expect((await bank.head(run)).state).toBe('awaiting-approval');
    expect(bank.world.effects.filter(({ target }) => target !== 'array')).toEqual([]);
  });

  it('of the person who asked, even with the role', async () => {
    bank = await openBank({
      edit: {
        'config/people.yml': (text) => text.replace('[operator]', '[operator, dr-approver]'),
      },
    });
    const run = await bank.ask('drill loans');
    await press(run, { slackUser: ASK.kim });
    expect(await refused(run)).toEqual(['APR-SELF']);
    expect(bank.told('kim').join()).toContain('APR-SELF');
  });

  it('of one person twice, with one account or with two', async () => {
    const run = await asked();
    await press(run, { slackUser: ASK.lee });
    await press(run, { slackUser: ASK.lee });
    await press(run, { slackUser: ASK.lee2 });
    expect(await refused(run)).toEqual(['APR-TWICE', 'APR-TWICE']);
    expect(await granted(run)).toBe(1);
    expect(bank.told('lee').join()).toContain('APR-TWICE');
  });

  it('while the directory cannot be asked', async () => {
    const run = await asked();
    bank.slack.fault('http-500');
    const value = JSON.stringify({ run, planHash: (await bank.head(run)).planHash });
    const place = { channel: 'C0DRDRILL', messageTs: await messageOf(run) };
    await bank.slack.pressButton({ slackUser: ASK.lee, actionId: approve, value, ...place });
    await bank.tick(run);
    expect(await refused(run)).toEqual(['APR-DIRECTORY']);
    bank.slack.fault(undefined);
    await press(run, { slackUser: ASK.lee });
    expect(await granted(run)).toBe(1);
    expect(bank.told('lee').join()).toContain('APR-DIRECTORY');
  });

  it('after a denial, which ends the run with a signed pack (rule 8)', async () => {
    const run = await asked();
    const place = { channel: 'C0DRDRILL', messageTs: await messageOf(run) };
    const value = JSON.stringify({ run, planHash: (await bank.head(run)).planHash });
    await press(run, { slackUser: ASK.lee }, deny);
    expect((await bank.head(run)).result?.result).toBe('denied');
    await bank.slack.pressButton({ slackUser: ASK.park, actionId: approve, value, ...place });
    await bank.tick(run);
    expect(await refused(run)).toEqual(['APR-NOTHING-PENDING']);
    expect(bank.told('park').join()).toContain('APR-NOTHING-PENDING');
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect(await sealed(run)).toBe('denied');
  });

  it('after it expired, which ends the run with a signed pack', async () => {
    const run = await asked();
    const place = { channel: 'C0DRDRILL', messageTs: await messageOf(run) };
    const value = JSON.stringify({ run, planHash: (await bank.head(run)).planHash });
    await press(run, { slackUser: ASK.lee });
    bank.clock.advance(120 * 60_000);
    await bank.slack.pressButton({ slackUser: ASK.park, actionId: approve, value, ...place });
    const head = await bank.drive(run, undefined, false);
    expect(head.result?.result).toBe('expired');
    expect(await refused(run)).toEqual(['APR-EXPIRED']);
    expect(await sealed(run)).toBe('expired');
  });
});

describe('a wish that is refused', () => {
  it('a second drill of the service: who, when, in the journal, told', async () => {
    const run = await asked();
    await bank.type('yoon', 'drill loans');
    const second = bank.lastSignal();
    expect(second).not.toBe(run);
    expect(await bank.tick(second)).toEqual({ next: 'end' });
    expect(await refused(run)).toEqual(['RUN-SERVICE-BUSY']);
    const told = bank.told('yoon').join();
    expect(told).toContain('RUN-SERVICE-BUSY');
    expect(told).toMatch(/2026-11-22/);
    expect(await bank.events(second)).toEqual([]);
    expect((await bank.events(run)).filter(({ type }) => type === 'run.opened')).toHaveLength(1);
  });

  it.each([
    ['somebody without the role', 'choi', 'C0DRDRILL'],
    ['a guest', 'smith', 'C0DRDRILL'],
    ['an operator in a shared channel', 'kim', 'C0PARTNER'],
  ])('a drill asked for by %s (rule 12)', async (_, handle, channel) => {
    bank = await openBank();
    await bank.slack.slashCommand({ person: handle, text: 'drill loans', channel });
    const run = bank.lastSignal();
    const head = await bank.drive(run);
    expect(head.result?.result).toBe('denied');
    expect(await refused(run)).toEqual(['RUN-ROLE']);
    expect(bank.told(handle).join()).toContain('RUN-ROLE');
    expect(await bank.store.holder('service:loans')).toBeUndefined();
    expect(bank.world.effects).toEqual([]);
    expect(await sealed(run)).toBe('denied');
  });

  it('a service or runbook nobody knows: the nearest one is named, nothing is started', async () => {
    bank = await openBank();
    expect(await bank.type('kim', 'drill payment')).toContain('payments');
    expect(await bank.type('kim', 'run copies-resink payments')).toContain('copies-resync');
    expect(await bank.type('kim', 'dril payments')).toContain('drill');
    expect(() => bank.lastSignal()).toThrow();
    expect(await bank.store.heads(5)).toEqual([]);
  });

  it('Korean names with spaces find their service', async () => {
    bank = await openBank();
    const run = await bank.ask('drill 여신 관리');
    expect((await bank.head(run)).service.id).toBe('loans');
  });
});

async function messageOf(run: string): Promise<string> {
  const note = JSON.parse((await bank.store.note(run, 'message')) ?? '{}');
  return note.ts;
}

async function sealed(run: string): Promise<string> {
  const { store, blobs, keys, config, worker, folder } = bank;
  const order = { run, store, blobs, config, gatewayKeys: keys.gateways, ledger: worker.ledger };
  const signer = fileSigner(keys.evidence);
  return (await sealRun({ ...order, signer, folder: folder.packs })).result;
}
