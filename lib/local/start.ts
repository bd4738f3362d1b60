/** `npm start`: the house stays up under serverless-offline until somebody stops it. */
import { systemClock } from '../clock.ts';
import type { DrillOptions } from './drill.ts';
import { firstWish, houseOptions } from './drill.ts';
import { openHouse } from './house.ts';
import { lookUp } from './look-up.ts';
import { type Progress, plainProgress, type Screen } from './progress.ts';

const WELCOME = `
Drillbook is up. In another terminal:

  npm run dr -- --as kim drill payments      kim asks for a drill
  npm run dr -- --as lee approve             lee approves, then park
  npm run dr -- --as park approve
  npm run dr -- --as choi done               the database work, witnessed by han
  npm run dr -- --as han witness
  npm run dr -- --as jung confirm            the business owner confirms
  npm run dr -- --as kim runs

Ctrl-C stops it; nothing is lost.
`;
const BEAT_MS = 500;

export async function runStart(
  options: DrillOptions,
  screen: Screen,
  stopped: AbortSignal,
): Promise<number> {
  const views = new Map<string, Progress>();
  const early: string[] = [];
  const view = (run: string): Progress => {
    const known = views.get(run);
    if (known !== undefined) return known;
    const made = plainProgress(screen, {
      config: house.config,
      language: options.language,
      json: options.json,
    });
    views.set(run, made);
    return made;
  };
  const sealed = new Set<string>();
  async function seal(run: string): Promise<void> {
    if (sealed.has(run)) return;
    sealed.add(run);
    try {
      const path = await house.seal(run);
      const later = 'made when the other runs of the drill have ended';
      view(run).say(`evidence pack of ${run}: ${path ?? later}`);
    } catch (error) {
      sealed.delete(run);
      view(run).say(`the evidence pack of ${run} could not be made: ${String(error)}`);
    }
  }
  const house = await openHouse({
    ...houseOptions(options, options.named ? await firstWish(options) : undefined),
    doors: 'serverless-offline',
    onShown: (shown) => {
      view(shown.head.run).show(shown);
      if (shown.head.state === 'ended') void seal(shown.head.run);
    },
    say: (line) => void early.push(line),
  });
  try {
    screen.write(`${early.join('\n')}${WELCOME}`);
    for (const run of await house.unfinished()) {
      screen.write(`continuing run ${run}\n`);
      const shown = await lookUp(house.store, house.blobs, run);
      if (shown !== undefined) view(run).show(shown);
      house.conductor.wake(run);
    }
    while (!stopped.aborted) {
      for (const one of views.values()) one.beat(house.clock.now());
      await systemClock().sleep(BEAT_MS, stopped);
    }
    screen.write('\nStopping. `npm start` continues where this ends.\n');
    return 0;
  } finally {
    for (const one of views.values()) one.end();
    await house.close();
  }
}
