/** One gateway without the other: what waits, what goes on, and what must be said first afterwards. */
import fc from 'fast-check';
import { hashOf } from '../../lib/canonical.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { callAt, openPair, type PairHouse, remoteGroup, type SiteName } from './pair.ts';
import { calls, drillPlan } from './plan.ts';
import { codeOf } from './support.ts';

const unitOf = { unit: 'PAY01+PAY01-DRILL' };
const split = callAt('main', {
  ...{ id: 'part.split', step: 'part' },
  path: remoteGroup('main', 'half', 'split'),
  body: { parameters: { replicationType: 'UR' } },
});
const takeover = callAt('dr', {
  ...{ id: 'take.over', step: 'take', class: 'takeover' },
  path: remoteGroup('dr', 'half', 'takeover'),
  body: { parameters: { mode: 'forceSplit' } },
});
const swap = {
  ...takeover,
  ...{ id: 'swap.resync', step: 'swap', path: remoteGroup('dr', 'whole', 'resync') },
  body: { parameters: { replicationType: 'UR', doSwapSvol: true } },
};
const copy = { ...calls.split, guards: [] };
const planOf = (run: string, list: Plan['calls'], change: Partial<Plan> = {}): Plan =>
  drillPlan({ ...unitOf, run, class: 'takeover', calls: list, ...change });

const planned = planOf('r-0000000001', [split, takeover, copy]);
const disaster = planOf('r-0000000002', [takeover, swap], { givesUp: ['main'] });

const cut = (house: PairHouse): void => {
  house.line = () => async () => {
    throw new Error('connect ETIMEDOUT');
  };
};
const mend = (house: PairHouse): void => {
  house.line = (_to, http) => http;
};

/** The failover announces its epoch where it is heard. */
const announce = (house: PairHouse, site: SiteName, plan: Plan, epoch: number) =>
  house.gateways[site].announce({ ...unitOf, epoch, planHash: hashOf(plan), run: plan.run });

test('what needs the other site is refused, what does not goes on', async () => {
  const house = openPair();
  await house.open(planned);
  cut(house);
  expect(await house.put(planned, 'take.over')).toBe('GW-ISOLATED');
  expect(house.entries('dr', 'accepted')).toEqual([]);
  expect(await house.put(planned, 'split.group')).toBe('accepted');
  mend(house);
  await house.asks(planned, 'take.over');
  expect(await house.put(planned, 'take.over', { attempt: 2 })).toBe('accepted');
});

test('a plan that gives the other site up goes on without a word to it, and says so', async () => {
  const house = openPair();
  await house.open(disaster, ['dr']);
  const before = house.between.length;
  expect(await house.put(disaster, 'take.over')).toBe('accepted');
  expect(house.between.length).toBe(before);
  const { receipt } = await house.asks(disaster, 'take.over');
  expect(receipt?.givenUp).toEqual(['main']);
  expect(receipt?.grant).toBeUndefined();
  expect(house.entries('dr', 'accepted')).toMatchObject([{ givenUp: ['main'] }]);
  // What needs the array of a site that is given up cannot be sent at all.
  expect(await house.put(disaster, 'swap.resync')).toBe('GW-ISOLATED');
});

test('a plan has no calls where it gives up, so that nobody gives up somebody else’s yes', async () => {
  const house = openPair();
  for (const givesUp of [['dr'], ['main', 'dr']]) {
    const plan = planOf('r-0000000003', [takeover], { givesUp });
    const body = { plan, runbook: 'x', config: {} };
    expect(await codeOf(house.gateways.dr.register(body))).toBe('GW-PLAN-SHAPE');
  }
});

test('giving a site up is part of what people sign: without their own keys nothing goes', async () => {
  const house = openPair();
  await house.open(disaster, ['dr'], 'copy');
  expect(await house.put(disaster, 'take.over')).toBe('GW-NOT-APPROVED');
  expect(house.changes('dr')).toEqual([]);
});

test('a gateway that was given up hears the epochs first and refuses what was before', async () => {
  const house = openPair();
  await house.open(planned);
  cut(house);
  await house.open(disaster, ['dr']);
  await announce(house, 'dr', disaster, 2);
  expect(await house.put(disaster, 'take.over', { epoch: 2 })).toBe('accepted');
  mend(house);
  // Main heard of nothing; the first put there makes it ask.
  expect(await house.put(planned, 'part.split')).toBe('GW-EPOCH');
  expect(house.changes('main')).toEqual([]);
  const heard = house.entries('main', 'peer-epochs');
  expect(heard).toMatchObject([
    { from: 'dr', epochs: [{ ...unitOf, epoch: 2, run: disaster.run }] },
  ]);
  house.restart('main');
  cut(house);
  expect(await house.put(planned, 'part.split', { attempt: 2 })).toBe('GW-EPOCH');
});

test('a gateway that was started anew says no until epochs were told again', async () => {
  const house = openPair();
  await house.open(planned);
  expect(await house.put(planned, 'split.group')).toBe('accepted');
  house.restart('main');
  expect(await house.put(planned, 'take.over')).toBe('accepted');
  const told = house.between.filter(({ path }) => path === '/v1/peers/epochs');
  expect(told.length).toBeGreaterThanOrEqual(4);
});

test('a flapping line: two runs never both move the group, and epochs never go back', async () => {
  const steps = fc.array(
    fc.constantFrom('cut', 'mend', 'old-main', 'old-dr', 'new-dr', 'restart-main', 'time'),
    { minLength: 4, maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const house = openPair();
      await house.open(planned);
      cut(house);
      await house.open(disaster, ['dr']);
      await announce(house, 'dr', disaster, 2);
      let attempt = 0;
      let highest = 0;
      for (const step of list) {
        attempt += 1;
        if (step === 'cut') cut(house);
        if (step === 'mend') mend(house);
        if (step === 'time') house.clock.advance(10_000);
        if (step === 'restart-main') house.restart('main');
        if (step === 'old-main') await move(house, planned, ['part.split', 1]);
        if (step === 'old-dr') await move(house, planned, ['take.over', 1]);
        if (step === 'new-dr') await move(house, disaster, ['take.over', 2]);
        const known = house.entries('main', 'peer-epochs').length;
        expect(known).toBeGreaterThanOrEqual(highest);
        highest = known;
      }
      expect(attempt).toBe(list.length);
      // Epoch 2 stands at DR from the beginning: nothing older moves the group anywhere.
      expect(house.changes('main')).toEqual([]);
      expect(house.changes('dr').length).toBeLessThanOrEqual(1);
    }),
    { seed: 11, numRuns: Number(process.env['DRILLBOOK_FLAPS'] ?? 3) },
  );
});

/** Puts the next attempt that the gateway would take. */
async function move(
  house: PairHouse,
  plan: Plan,
  [callId, epoch]: readonly [string, number],
): Promise<void> {
  for (let attempt = 1; attempt < 20; attempt++) {
    const code = await house.put(plan, callId, { attempt, epoch });
    if (code !== 'GW-KEY-VOID') break;
  }
}
