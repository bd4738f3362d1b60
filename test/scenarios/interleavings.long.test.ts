/** What can happen between an intent and its outcome, each of it whole. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Http } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import type { Store } from '../../lib/store/store.ts';
import { type Bank, type BankOptions, openBank } from '../support/bank.ts';
import { changesAt, doubleIntents, planOf, repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const outcomesOf = async (run: string, call: string) =>
  (await bank.events(run)).flatMap((event) =>
    event.type === 'outcome' && event.data.call === call ? [event.data.state] : [],
  );
const isSplit = ({ url }: { url: string }) => url.endsWith('/split/invoke');
const splits = () => changesAt(bank, 'dr').filter(({ path }) => path.endsWith('/split/invoke'));

/** The drill has passed, everything went out once and nothing is left. */
async function passedOnce(run: string, head: Head): Promise<void> {
  expect(head.result?.result).toBe('passed');
  expect(repeated(bank)).toEqual([]);
  expect(await doubleIntents(bank, run)).toEqual([]);
  expect(changesAt(bank, 'dr')).toHaveLength((await planOf(bank, run)).calls.length);
  expect(await residue(bank, run)).toEqual([]);
}

/** A bank whose DR gateway dies at a split, before or after the array has heard of it. */
function dyingAtSplit(when: 'before' | 'after'): BankOptions {
  let died = false;
  return {
    between: (_, http) => async (request) => {
      if (died || !isSplit(request)) return http(request);
      died = true;
      if (when === 'after') await http(request);
      await bank.restartGateway('dr');
      return new Promise(() => undefined);
    },
  };
}

describe('accepted without answer: the gateway dies after its fsync (rule 3)', () => {
  it('before the send: stops with both sites shown, and a retry ends it the same', async () => {
    bank = await openBank(dyingAtSplit('before'));
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'split', refusal: { code: 'RUN-LOST' } });
    const why = head.pause?.refusal.why ?? '';
    expect(why).toMatch(/accepted|lost/);
    expect(why).toMatch(/main\b.*PAIR/);
    expect(why).toMatch(/dr\b.*PAIR/);
    expect(splits()).toEqual([]);
    for (let i = 0; i < 5; i++) {
      bank.clock.advance(600_000);
      await bank.tick(run);
    }
    expect(splits()).toEqual([]);
    await bank.press('han', 'drillbook:retry', run, '양쪽을 확인했습니다');
    const end = await bank.drive(run, paused);
    expect(await outcomesOf(run, 'split.split')).toEqual(['lost', 'answered']);
    await passedOnce(run, end);
  });

  it('an approver who may order a retry by the house rules is believed by the gateway', async () => {
    const edit = {
      'config/policy.yml': (text: string) =>
        text.replace('operatorRoles: [operator]', 'operatorRoles: [operator, dr-approver]'),
    };
    bank = await openBank({ ...dyingAtSplit('before'), edit });
    const run = await bank.ask('drill loans');
    await bank.drive(run, paused);
    await bank.press('park', 'drillbook:retry', run, 'looked at both sites');
    await passedOnce(run, await bank.drive(run, paused));
  });

  it('after the array obeyed: no second send, the run goes on by itself', async () => {
    bank = await openBank(dyingAtSplit('after'));
    const run = await bank.ask('drill loans');
    const end = await bank.drive(run, paused);
    expect(await outcomesOf(run, 'split.split')).toEqual(['lost']);
    expect(splits()).toHaveLength(1);
    await passedOnce(run, end);
  });

  it('a server whose answer was lost is found by its key, and only that one is deleted', async () => {
    let lost = false;
    bank = await openBank({
      between: (_, http) => async (request) => {
        const boots =
          request.method === 'POST' && new URL(request.url).pathname.endsWith('/servers');
        const answer = await http(request);
        if (lost || !boots) return answer;
        lost = true;
        throw new Error('socket hang up');
      },
    });
    const run = await bank.ask('drill loans');
    const end = await bank.drive(run, paused);
    expect(await outcomesOf(run, 'boot.start-loan-db1')).toEqual(['lost']);
    await passedOnce(run, end);
  });
});

describe('late worker', () => {
  /** Holds a worker's put of the split until it is let go. */
  function holding() {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const answers: number[] = [];
    const wire =
      (http: Http): Http =>
      async (request) => {
        if (request.method !== 'PUT' || !request.body?.includes('split.split'))
          return http(request);
        arrived();
        await gate;
        const answer = await http(request);
        answers.push(answer.status);
        return answer;
      };
    return { wire, held, release: () => release(), answers };
  }

  it('a put after its time is refused: the other worker has made the key void', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    for (const handle of ['lee', 'park']) await bank.press(handle, 'drillbook:approve', run);
    const hold = holding();
    const frozen = await bank.newWorker({ wire: hold.wire });
    let arrived = false;
    void hold.held.then(() => {
      arrived = true;
    });
    let late: Promise<unknown> = bank.tick(run, frozen);
    while (!(await Promise.race([late.then(() => arrived), hold.held.then(() => true)]))) {
      bank.clock.advance(1_000);
      late = bank.tick(run, frozen);
    }
    expect(await bank.tick(run)).toMatchObject({ next: 'wait' });
    expect(splits()).toEqual([]);
    bank.clock.advance(30_001);
    await bank.tick(run);
    expect((await outcomesOf(run, 'split.split'))[0]).toBe('void');
    hold.release();
    await late;
    expect(hold.answers).toEqual([expect.any(Number)]);
    expect(hold.answers[0]).toBeGreaterThanOrEqual(400);
    expect(splits().length).toBeLessThanOrEqual(1);
    await passedOnce(run, await bank.drive(run, paused));
  });

  it('two workers on one run all the way send everything once (rule 3)', async () => {
    bank = await openBank({ workers: 2 });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    await passedOnce(run, head);
  });
});

describe('lost acknowledgement of a put', () => {
  const types = ['intent', 'outcome', 'approval.granted', 'step.finished', 'run.ended'];

  it.each(types)(
    'the store wrote %s and the answer was lost: one line, one intent',
    async (type) => {
      let lost = 0;
      const forgetful = (store: Store): Store => ({
        ...store,
        append: async (chain, item) => {
          const stored = await store.append(chain, item);
          if (lost > 0 || JSON.parse(item.line).type !== type) return stored;
          lost++;
          throw new Error('the connection was reset');
        },
      });
      bank = await openBank({ store: forgetful });
      const run = await bank.ask('drill loans');
      const head = await bank.drive(run, paused);
      expect(lost).toBe(1);
      const intents = (await bank.events(run)).filter((event) => event.type === 'intent');
      expect(intents).toHaveLength((await planOf(bank, run)).calls.length);
      await passedOnce(run, head);
    },
  );
});

describe('a gateway that was put back from an old copy of its disk', () => {
  const keep = (bank: Bank) => join(bank.folder.gateway('dr'), 'copy');
  const save = () =>
    cpSync(join(bank.folder.gateway('dr'), 'disk'), keep(bank), { recursive: true });
  const putBack = () =>
    bank.restartGateway('dr', (disk) => {
      rmSync(disk, { recursive: true });
      cpSync(keep(bank), disk, { recursive: true });
    });

  it('is not believed: nothing more goes through it and people are told (rule 11)', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    for (const handle of ['lee', 'park']) await bank.press(handle, 'drillbook:approve', run);
    await bank.tick(run);
    save();
    await bank.drive(run, ({ steps }) => steps.some((s) => s.id === 'boot' && s.state === 'done'));
    const before = changesAt(bank, 'dr').length;
    expect(before).toBeGreaterThan(1);
    await putBack();
    const head = await bank.drive(run, paused);
    expect(head.pause?.refusal.code).toBe('RUN-GATEWAY-FORGOT');
    const told = JSON.stringify(await bank.slack.messages(bank.config.policy.channel));
    expect(told).toContain('RUN-GATEWAY-FORGOT');
    await bank.press('han', 'drillbook:retry', run, 'try');
    expect((await bank.drive(run, paused)).pause?.refusal.code).toBe('RUN-GATEWAY-FORGOT');
    await bank.press('han', 'drillbook:abort', run, 'stop');
    expect((await bank.drive(run, paused)).pause?.refusal.code).toBe('RUN-GATEWAY-FORGOT');
    expect(changesAt(bank, 'dr')).toHaveLength(before);
  });

  it('is not believed by a worker that had not looked for a while either', async () => {
    bank = await openBank();
    const idle = await bank.newWorker();
    const run = await bank.ask('drill loans');
    save();
    await bank.tick(run, idle);
    await bank.drive(run, ({ steps }) => steps.some((s) => s.id === 'split' && s.state === 'done'));
    await putBack();
    const gateway = idle.engine.gateways.get('dr');
    await expect(gateway?.health()).rejects.toMatchObject({ code: 'RUN-GATEWAY-FORGOT' });
  });
});
