/**
 * Cloud, store and Slack are gone for ever, right after or right before each line of a run's journal
 * (what was sent between two lines is under way or done then): the run is finished from the disk of
 * the DR gateway, and ends as the run that nothing happened to.
 * DRILLBOOK_BOUNDARIES=all tries both sides of every line, a number so many of them (3).
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { putAsk } from '../../lib/gateway/alone/answers.ts';
import { keptRun } from '../../lib/gateway/alone/continue.ts';
import { aloneId, trustSchema } from '../../lib/gateway/trust.ts';
import type { LocalFolder } from '../../lib/local/folder.ts';
import type { Shown } from '../../lib/run/advance.ts';
import type { Store } from '../../lib/store/store.ts';
import { parseYaml } from '../../lib/yaml.ts';
import { type Alone, finishAlone, openAlone, takeOver } from '../support/alone.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { changesAt, repeated } from '../support/proof.ts';

let bank: Bank;
let alone: Alone | undefined;
afterEach(async () => {
  await alone?.close();
  alone = undefined;
  await bank.close();
});
let tried = 0;
afterAll(() => {
  process.stderr.write(`store lost at ${tried} boundaries, finished from the DR gateway's disk\n`);
});

/** The store goes with this line of the journal: it is there and nobody hears of it, or it is not. */
interface Moment {
  readonly line: number;
  readonly written: boolean;
}

function mortal({ line, written }: Moment): { wrap: (store: Store) => Store; lost: () => boolean } {
  let lines = 0;
  let gone = false;
  const wrap = (store: Store): Store => {
    const dead = { ...store };
    for (const [name, work] of Object.entries(store)) {
      const guarded = async (...args: unknown[]): Promise<unknown> => {
        if (name === 'append' && String(args[0]).startsWith('run:')) lines += 1;
        const last = lines >= line;
        if (gone || (last && !written)) gone = true;
        if (gone) throw new Error('the cloud is gone');
        const result = await work(...args);
        if (last) gone = true;
        if (gone) throw new Error('the cloud is gone');
        return result;
      };
      Object.assign(dead, { [name]: guarded });
    }
    return dead;
  };
  return { wrap, lost: () => gone };
}

const effects = () =>
  changesAt(bank, 'dr').map(
    ({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, 'id')}`,
  );

async function uninterrupted() {
  bank = await openBank({ sparing: true });
  const run = await bank.ask('drill loans');
  const head = await bank.drive(run);
  const end = { effects: effects().sort(), result: head.result?.result };
  const count = (await bank.events(run)).length;
  await bank.close();
  return { end, count };
}

test('finished from the DR gateway', async () => {
  const { end, count } = await uninterrupted();
  const moments = momentsOf(count);
  for (const moment of moments) {
    const cloud = mortal(moment);
    bank = await openBank({ sparing: true, store: cloud.wrap, installed });
    let run = '';
    try {
      await bank.type('kim', 'drill loans');
      run = bank.lastSignal();
      await bank.drive(run);
    } catch (error) {
      if (!cloud.lost()) throw error;
    }
    expect(cloud.lost()).toBe(true);
    alone = await openAlone(bank);
    tried += 1;
    const shown = await goOn(alone, run);
    const { reasons, result } = shown.head.result ?? {};
    const ended = { reasons, result, effects: effects().sort(), repeated: repeated(bank) };
    expect({ moment, ...ended }).toEqual({ moment, reasons: [], repeated: [], ...end });
    await alone.close();
    alone = undefined;
    if (moment !== moments.at(-1)) await bank.close();
  }
}, 7_200_000);

/**
 * As docs/gateway.md asks for: copies of configuration and runbooks at the gateway of dr, which that
 * of main lists, should it ever stand alone.
 */
function installed(folder: LocalFolder): void {
  const home = folder.gateway('dr');
  cpSync(folder.config, join(home, 'config'), { recursive: true });
  cpSync('runbooks', join(home, 'runbooks'), { recursive: true });
  const file = join(folder.gateway('main'), 'trust.yml');
  const trust = parseYaml({ file, text: readFileSync(file, 'utf8') }, trustSchema);
  const alone = trust.peers.map(({ site, publicKey }) => ({ id: aloneId(site), publicKey }));
  writeFileSync(file, stringify({ ...trust, controlPlanes: [...trust.controlPlanes, ...alone] }));
}

/** With the last line the run is over: the store may go after it. */
function momentsOf(lines: number): Moment[] {
  const all = Array.from({ length: lines }, (_, i) =>
    [false, true].map((written): Moment => ({ line: i + 1, written })),
  )
    .flat()
    .slice(0, -1);
  const wanted = process.env['DRILLBOOK_BOUNDARIES'] ?? '3';
  const number = wanted === 'all' ? all.length : Number(wanted);
  return Array.from(
    { length: number },
    (_, i) => all[Math.floor(((i + 0.5) * all.length) / number)],
  ).filter((one) => one !== undefined);
}

/** What the gateway has is continued; a run of which nothing was sent is begun anew. */
async function goOn(at: Alone, run: string): Promise<Shown> {
  try {
    keptRun(at.plane, run);
  } catch {
    const again = 'r-a10e000001';
    const ask = { verb: 'open', runbook: 'drill-copy', service: 'loans' } as const;
    await putAsk(at.plane, again, { ask, person: requester() });
    return finishAlone(bank, at, again);
  }
  await takeOver(bank, at.plane, run);
  return finishAlone(bank, at, run);
}

const requester = () => bank.config.people.find(({ handle }) => handle === 'kim')?.id ?? '';
