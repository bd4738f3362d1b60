/** Two control planes that know nothing of each other never both move a group (rules 3, 5, 11). */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Http } from '../../lib/http.ts';
import { type Random, seededRandom } from '../../lib/random.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { acceptedAt, entriesAt, failoverRunbook, lookingAfterSplit } from '../support/epochs.ts';
import { openPlane, type Plane } from '../support/plane.ts';
import { changesAt, doubleIntents, repeated } from '../support/proof.ts';

const SEEDS = Number(process.env.DRILLBOOK_PLANES ?? 1);
const edit = {
  'runbooks/takeover.yml': failoverRunbook,
  'runbooks/drill-copy.yml': lookingAfterSplit,
};
const OTHER = 'r-0fe10fe10f';

let bank: Bank;
let other: Plane;
afterEach(() => bank.close());

const looking = ({ asks }: Head) => asks.some(({ step }) => step === 'look');
const openAt = (plane: Plane, runbook: string) =>
  plane.order(OTHER, 'han', { verb: 'open', runbook, service: 'loans' });

/** Runs in the order in which the gateway accepted their calls, neighbours counted once. */
function turns(): string[] {
  const plans = new Map<unknown, string>();
  const runs: string[] = [];
  for (const entry of entriesAt(bank, 'dr')) {
    if (entry.type === 'plan') plans.set(entry.planHash, (entry.plan as { run: string }).run);
    const run = entry.type === 'accepted' ? plans.get(entry.planHash) : undefined;
    if (run !== undefined && run !== runs.at(-1)) runs.push(run);
  }
  return runs;
}

describe('two control planes with stores of their own', () => {
  it('equals: the second is turned away by the gateways, though its own store is free', async () => {
    bank = await openBank({ edit });
    other = await openPlane(bank);
    const drill = await bank.ask('drill loans');
    await bank.drive(drill, looking);
    const before = changesAt(bank, 'dr').length;
    await openAt(other, 'copies-resync');
    const lost = await other.drive(OTHER);
    expect(lost.result?.result).toBe('pre-empted');
    const events = await other.events(OTHER);
    const told = events.find((event) => event.type === 'run.pre-empted');
    expect(told?.data).toMatchObject({ by: drill, epoch: 1 });
    expect(changesAt(bank, 'dr')).toHaveLength(before);
    expect((await bank.drive(drill)).result?.result).toBe('passed');
    expect(turns()).toEqual([drill]);
  });

  it('a failover of the other plane rises above the drill, which loses the unit', async () => {
    bank = await openBank({ edit });
    other = await openPlane(bank);
    const drill = await bank.ask('drill loans');
    await bank.drive(drill, looking);
    const sent = (await acceptedAt(bank, 'dr', drill)).length;
    await openAt(other, 'takeover');
    await other.drive(OTHER);
    const taken = (await other.events(OTHER)).flatMap((event) =>
      event.type === 'lock' && event.data.state === 'taken' ? [event.data] : [],
    );
    expect(taken).toMatchObject([{ epoch: 1 }, { epoch: 2, from: drill }]);
    const head = await bank.drive(drill);
    expect(head.result?.result).toBe('pre-empted');
    expect(await acceptedAt(bank, 'dr', drill)).toHaveLength(sent);
    expect(turns()).toEqual([drill, OTHER]);
  });

  it('a plane whose store was lost begins above what the gateways have seen', async () => {
    bank = await openBank({ edit });
    for (let i = 0; i < 2; i++) await bank.drive(await bank.ask('run copies-resync loans'));
    other = await openPlane(bank);
    await openAt(other, 'copies-resync');
    expect((await other.drive(OTHER)).result?.result).toBe('pre-empted');
    const again = 'r-a9a1a9a1a9';
    const ask = { verb: 'open', runbook: 'copies-resync', service: 'loans' } as const;
    await other.order(again, 'han', ask);
    const head = await other.drive(again, ({ state }) => state === 'running');
    expect(head.result?.result).not.toBe('pre-empted');
    const locks = (await other.events(again)).filter(({ type }) => type === 'lock');
    expect(locks[0]?.data).toMatchObject({ epoch: 3, state: 'taken' });
  });
});

/** A link that loses requests and answers by chance. */
function flapping(random: Random): (http: Http) => Http {
  const lost = () => Number.parseInt(random(1), 16) % 5 === 0;
  return (http) => async (request) => {
    if (lost()) throw new Error('no route to host');
    const answer = await http(request);
    if (lost()) throw new Error('connection reset');
    return answer;
  };
}

describe('a flapping link between planes and gateways', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'nobody goes on behind the holder of a newer epoch (seed %i)',
    async (seed) => {
      const random = seededRandom(`flap ${seed}`);
      let flaps = false;
      const link = flapping(random);
      const wire = (http: Http): Http => {
        const bad = link(http);
        return (request) => (flaps ? bad(request) : http(request));
      };
      bank = await openBank({ edit, seed: `flap ${seed}`, wire, workers: 2 });
      other = await openPlane(bank);
      const drill = await bank.ask('drill loans');
      await openAt(other, 'takeover');
      await bank.drive(drill, looking);
      await other.drive(OTHER, ({ state }) => state === 'awaiting-approval');
      flaps = true;
      for (let i = 0; i < 30; i++) {
        await bank.tick(drill);
        await other.drive(OTHER, () => true);
        bank.clock.advance(5_000);
      }
      flaps = false;
      await other.drive(OTHER);
      await bank.drive(drill);
      expect(repeated(bank)).toEqual([]);
      expect(await doubleIntents(bank, drill)).toEqual([]);
      // The drill first, then the failover: never the drill again.
      expect(turns()).toEqual([drill, OTHER]);
      expect((await bank.head(drill)).result?.result).toBe('pre-empted');
    },
  );
});
