/** A story in a bank of its own: the disaster, what people then do, and what it looks like afterwards. */
import { iso } from '../../lib/clock.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { harmOf } from '../support/harm.ts';
import { ordered } from '../support/moves.ts';
import { order } from '../support/orders.ts';
import { patiently } from '../support/patience.ts';
import { lossProblems } from './loss.ts';
import { type Story, storyOf } from './story.ts';
import { repair, strike } from './strikes.ts';

export interface Outcome {
  readonly story: Story;
  /** What people asked for, and how it ended, in order. */
  readonly course: readonly string[];
  /** What must never happen and did; empty when all is well. */
  readonly harm: readonly string[];
  /** Where hosts write in the end; empty = nowhere. */
  readonly writing: readonly string[];
}

/** What people know of the story while it goes on. */
interface Scene {
  readonly bank: Bank;
  readonly story: Story;
  readonly runs: string[];
  readonly course: string[];
  /** When it struck (ms). */
  struckAt: number;
}

export async function playSeed(seed: number): Promise<Outcome> {
  const story = storyOf(seed);
  const blow = { lines: Number.POSITIVE_INFINITY, struck: false };
  const strikes = (): void => {
    blow.struck = true;
    scene.struckAt = bank.clock.now();
    strike(bank, story.blow);
  };
  const bank = await openBank({
    seed: `disaster ${seed}`,
    sparing: true,
    edit: { 'config/twin.yml': loaded(story) },
    onEvent: () => {
      blow.lines -= 1;
      if (blow.lines <= 0 && !blow.struck) strikes();
    },
  });
  const scene: Scene = { bank, story, runs: [], course: [], struckAt: 0 };
  try {
    if (startsAtDr(story)) await asks(scene, 'switchover');
    const under = runUnder(story);
    let open: Head | undefined;
    if (under === undefined) {
      bank.clock.advance(story.line * 1_000);
      strikes();
    } else {
      blow.lines = story.line;
      open = await asks(scene, under);
      if (!blow.struck) strikes();
    }
    bank.clock.advance(60_000);
    const refused = await setRight(scene, open).then(
      () => [],
      (error: unknown) => {
        if (error instanceof NotTaken) return [error.message];
        throw error;
      },
    );
    bank.clock.advance(60_000);
    const { writing } = bank.world.oracle.moves(story.service);
    const harm = [
      ...refused,
      ...(await harmOf(bank, scene.runs)),
      ...(await lossProblems(bank, story, scene.runs)),
    ];
    if (writing.length !== 1) harm.push(`hosts write at ${writing.join(' and ') || 'no side'}`);
    return { story, course: scene.course, harm, writing };
  } finally {
    await bank.close();
  }
}

const loaded =
  ({ service, recordsPerSecond }: Story) =>
  (text: string): string =>
    text.replace(/services:\n\s+payments: \d+/, `services:\n      ${service}: ${recordsPerSecond}`);

const startsAtDr = ({ course }: Story): boolean =>
  course === 'failback' || course === 'quiet-at-dr';

const runUnder = ({ course }: Story): string | undefined =>
  course === 'quiet' || course === 'quiet-at-dr' ? undefined : course;

/** A thousand stories are to be told: who waits in vain looks less and less often. */
const waited = (bank: Bank, run: string): Promise<Head> =>
  patiently(bank, run, { longest: 600_000 });

/** A wish that the engine refused: nobody can go on. */
class NotTaken extends Error {}

/** Two people sign and everybody does their part, until it ends or stands still. */
async function asks(scene: Scene, runbook: string, declared?: number): Promise<Head> {
  const { bank, story, runs, course } = scene;
  // What ends before anybody could sign it has ended for a reason.
  const run = await ordered(bank, runbook, story.service).catch(() => bank.lastSignal());
  if ((await bank.store.head(run)) === undefined) {
    const why = bank.told('kim').at(-1);
    throw new NotTaken(`${runbook} was not taken: ${why}`);
  }
  runs.push(run);
  if (declared !== undefined) {
    const text = `${iso(declared)} it is gone, told by the guard`;
    await order(bank, run, 'han', { verb: 'declare', text });
  }
  const head = await waited(bank, run);
  course.push(`${runbook}: ${said(head)}`);
  return head;
}

function said({ state, pause, result, waiting }: Head): string {
  if (pause !== undefined) return `paused at ${pause.step} ${pause.refusal.code}`;
  if (state !== 'ended') return `waits at ${waiting?.step ?? waiting?.for ?? state}`;
  return result?.result ?? state;
}

const isOver = (head: Head | undefined): boolean => head === undefined || head.state === 'ended';

/** The service was at the site that is lost: fail over, and end up at main. Else repair, and go on. */
async function setRight(scene: Scene, open: Head | undefined): Promise<void> {
  const { bank, story } = scene;
  const { active } = bank.world.oracle.moves(story.service);
  const lost = lostSite(story);
  if (lost !== undefined && lost === active) {
    await failsOver(scene, open, lost);
    return;
  }
  bank.clock.advance(story.repairMinutes * 60_000);
  await repair(bank, story);
  if (!isOver(open) && open !== undefined) await finish(scene, open.run);
}

/** By the site that is lost: the runbook that goes on without it, and those once it is repaired. */
const runbooks = {
  main: ['failover', 'reprotect', 'failback'],
  dr: ['failover-home', 'reprotect-home'],
} as const;

const lostSite = ({ blow }: Story): 'main' | 'dr' | undefined => {
  if (blow === 'main-burns' || blow === 'main-array' || blow === 'partition') return 'main';
  return blow === 'dr-burns' || blow === 'dr-array' ? 'dr' : undefined;
};

async function failsOver(
  scene: Scene,
  open: Head | undefined,
  lost: keyof typeof runbooks,
): Promise<void> {
  const { bank, story } = scene;
  const [first, ...later] = runbooks[lost];
  if (!isOver(open) && open !== undefined && story.tidy) await gaveUp(scene, open.run, 'keep');
  // Whoever fails over has the power of the other site cut: nothing there may write any more.
  const endedAt = story.blow === 'partition' ? bank.clock.now() : scene.struckAt;
  bank.world.fault('site-dead', true, { site: lost });
  bank.clock.advance(60_000);
  const over = await asks(scene, first, endedAt);
  if (over.state !== 'ended') await finish(scene, over.run);
  // What it took the service from comes to hear of it.
  if (open !== undefined)
    scene.course.push(`${open.runbook.id}: ${said(await waited(bank, open.run))}`);
  bank.clock.advance(story.repairMinutes * 60_000);
  await repair(bank, story, 'left');
  for (const runbook of later) {
    const head = await asks(scene, runbook);
    if (head.state !== 'ended') await finish(scene, head.run);
  }
}

/** Tried again, then taken back, then ended: the first that works. */
async function finish(scene: Scene, run: string): Promise<void> {
  const { bank, course } = scene;
  await order(bank, run, 'han', { verb: 'retry', reason: 'it is repaired' });
  const again = await waited(bank, run);
  course.push(`retried: ${said(again)}`);
  if (again.state === 'ended') return;
  await gaveUp(scene, run, 'undo');
  if ((await bank.head(run)).state !== 'ended') await gaveUp(scene, run, 'keep');
}

async function gaveUp({ bank, course }: Scene, run: string, mode: 'undo' | 'keep'): Promise<void> {
  await order(bank, run, 'han', { verb: 'abort', reason: 'it does not get better', mode });
  course.push(`ended (${mode}): ${said(await waited(bank, run))}`);
}
