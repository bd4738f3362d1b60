/** Everything that can break breaks, by seed. What must stay true is section "rules". */
import { describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { doubleIntents, planOf, repeated, residue, suspended } from '../support/proof.ts';
import { Crash, chanceOf, deadly, mortality, troubled, type Weather } from './crashes.ts';

const SEEDS = Number(process.env['DRILLBOOK_SEEDS'] ?? 20);
const FIRST = Number(process.env['DRILLBOOK_FIRST_SEED'] ?? 1);
const TICKS = 600;
const ENDED = Number.POSITIVE_INFINITY;
const SITES = ['main', 'dr'];

interface Storm {
  readonly bank: Bank;
  readonly weather: Weather;
  readonly crashes: { count: number };
}

async function openStorm(seed: string): Promise<Storm> {
  const chance = chanceOf(seed);
  const weather: Weather = { chance, rough: 0.05, deadly: 0.04 };
  const bank: Bank = await openBank({
    seed,
    sparing: true,
    wire: (http) => troubled(http, weather),
    between: (site, http) => deadly(http, weather, () => bank.restartGateway(site)),
  });
  return { bank, weather, crashes: { count: 0 } };
}

/** One turn: one worker, or two at once, each of which may die at any of its operations. */
async function turn({ bank, weather, crashes }: Storm, run: string): Promise<number> {
  const { chance } = weather;
  const workers = chance() < 0.25 ? 2 : 1;
  const waits = await Promise.all(
    Array.from({ length: workers }, async () => {
      const life = mortality(chance, 150);
      const worker = await bank.newWorker({ ...life });
      try {
        const pace = await bank.tick(run, worker);
        if (pace.next === 'end') return ENDED;
        return pace.next === 'wait' ? pace.ms : 0;
      } catch (error) {
        if (!(error instanceof Crash) && !life.dead()) throw error;
        crashes.count++;
        return 1_000;
      }
    }),
  );
  return Math.min(...waits);
}

/** False while the pause has not been shown to anybody. */
async function retry(bank: Bank, run: string): Promise<boolean> {
  try {
    await bank.press('han', actionIds.retry, run, 'looked at both sites');
    return true;
  } catch {
    return false;
  }
}

/** Lives through the drill; people approve, answer, and retry what pauses. */
async function weatherIt(storm: Storm, run: string): Promise<Head> {
  const { bank, weather } = storm;
  for (let i = 0; i < TICKS; i++) {
    if (i === TICKS - 100) Object.assign(weather, { rough: 0, deadly: 0 });
    const wait = await turn(storm, run);
    if (weather.chance() < 0.03) {
      await bank.restartGateway(SITES[Math.floor(weather.chance() * 2)] ?? 'dr');
    }
    if ((await bank.store.head(run)) === undefined) continue;
    const head = await bank.head(run);
    if (head.state === 'ended' && wait === ENDED) return head;
    const acted = head.state === 'paused' ? await retry(bank, run) : await bank.playCue(head);
    if (!acted) bank.clock.advance(Math.min(wait, 60_000));
  }
  throw new Error(`did not come to its end`);
}

describe(`seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST + i))('seed %i', async (number) => {
    const seed = `simulation ${number}`;
    const storm = await openStorm(seed);
    const { bank } = storm;
    try {
      await bank.type('kim', 'drill loans');
      const run = bank.lastSignal();
      const head = await weatherIt(storm, run);
      expect([seed, head.result]).toEqual([seed, expect.objectContaining({ result: 'passed' })]);
      expect([seed, repeated(bank)]).toEqual([seed, []]);
      expect([seed, await doubleIntents(bank, run)]).toEqual([seed, []]);
      expect([seed, suspended(bank)]).toEqual([seed, []]);
      storm.weather.rough = 0;
      expect([seed, await residue(bank, run)]).toEqual([seed, []]);
      expect(await planOf(bank, run)).toMatchObject({ run });
      expect(bank.world.oracle.resyncUnderPath()).toBe(0);
      expect(await bank.store.holder('service:loans')).toBeUndefined();
      expect(storm.crashes.count).toBeGreaterThan(0);
    } finally {
      await bank.close();
    }
  });
});
