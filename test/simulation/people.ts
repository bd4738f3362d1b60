/**
 * The people of a simulated bank. They look now and then, do what the run waits for, and sometimes
 * what they should not: too early, twice, as the wrong person, or against each other.
 */
import { canonical } from '../../lib/canonical.ts';
import type { Person } from '../../lib/config.ts';
import { findButton, nextCue } from '../../lib/local/cast.ts';
import { foldRun } from '../../lib/run/fold.ts';
import type { Head } from '../../lib/run/head.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { causeOf } from '../../lib/run/session.ts';
import { actionIds, REMARK } from '../../lib/slack/buttons.ts';
import type { Sim } from './sim.ts';

/** They keep looking until nothing is open. */
export async function crowd(sim: Sim, done: () => boolean): Promise<void> {
  const { time, chance } = sim;
  while (!done()) {
    await time.sleep(chance.between(3_000, 30_000));
    for (const run of sim.runs) {
      const head = await sim.head(run);
      if (head === undefined || done()) continue;
      if (chance.happens(sim.weather.mischief * 0.3)) await mischief(sim, head);
      if (sim.fate.ambition && head.state === 'awaiting-approval' && chance.happens(0.5)) {
        await press(sim, personOf(sim, head.requester), { run, actionId: actionIds.approve });
      }
      if (head.state !== 'ended') await lookAfter(sim, head);
    }
  }
}

/** How often the same step is tried again. */
const PATIENCE = 12;

async function lookAfter(sim: Sim, head: Head): Promise<void> {
  const { chance } = sim;
  const { run } = head;
  if (head.state === 'paused') {
    const step = head.pause?.step;
    if (!chance.happens(0.7)) return;
    const tries = (sim.tries.get(`${run} ${step}`) ?? 0) + 1;
    sim.tries.set(`${run} ${step}`, tries);
    // What does not get better by itself, people end, and read what was left behind.
    if (sim.fate.skip && step !== undefined && tries > 3 && chance.happens(0.3)) {
      await order(sim, run, 'han', { verb: 'skip', step, reason: 'we do without it' });
      await order(sim, run, 'yoon', { verb: 'confirm-skip', step });
    }
    const ask: Ask =
      tries > PATIENCE
        ? { verb: 'abort', reason: 'it does not get better', mode: 'keep' }
        : {
            verb: 'retry',
            reason: 'looked at both sites',
            ...(step === undefined ? {} : { step }),
          };
    await order(sim, run, 'han', ask);
    return;
  }
  if (isHeld(head)) {
    if (chance.happens(0.5)) await order(sim, run, 'han', { verb: 'resume', reason: 'we go on' });
    return;
  }
  const cue = nextCue(head, sim.base.config);
  if (cue === undefined || chance.happens(0.3)) return;
  const { person: who, actionId, words } = cue;
  await press(sim, who, { run, actionId, ...(words === undefined ? {} : { words }) });
}

const isHeld = (head: Head): boolean => JSON.stringify(head).includes('"held"');

type Prank = (sim: Sim, head: Head) => Promise<void>;

const pranks: readonly Prank[] = [
  // The requester, a guest, and the second account of somebody who has approved.
  (sim, { run }) => press(sim, person(sim, 'kim'), { run, actionId: actionIds.approve }),
  (sim, { run }) => press(sim, person(sim, 'yoon'), { run, actionId: actionIds.approve }),
  (sim, { run }) => press(sim, person(sim, 'smith'), { run, actionId: actionIds.approve }),
  (sim, { run }) =>
    press(sim, person(sim, 'lee'), { run, actionId: actionIds.approve, account: 1 }),
  (sim, { run }) => press(sim, person(sim, 'lee'), { run, actionId: actionIds.approve }),
  (sim, { run, planHash = '' }) =>
    order(sim, run, 'lee', { verb: 'withdraw', planHash, reason: 'wait' }),
  (sim, { run }) => order(sim, run, 'park', { verb: 'approve', planHash: '0'.repeat(64) }),
  (sim, { run }) => order(sim, run, 'choi', { verb: 'retry', reason: 'I think it works' }),
  (sim, { run }) => order(sim, run, 'yoon', { verb: 'pause', reason: 'let me look' }),
  (sim, { run }) => order(sim, run, 'kim', { verb: 'note', text: '메모: 확인 중' }),
  async (sim, { run, steps }) => {
    const waiting = steps.filter(({ state }) => state === 'waiting').map(({ id }) => id);
    const step = sim.chance.oneOf([...waiting, 'nothing']);
    await order(sim, run, 'han', { verb: 'skip', step, reason: 'not needed today' });
    const second = sim.chance.oneOf(['yoon', 'yoon', 'han', 'choi']);
    await order(sim, run, second, { verb: 'confirm-skip', step });
  },
  async (sim, { run, planHash = '' }) => {
    if (!sim.chance.happens(0.1)) return;
    await order(sim, run, 'park', { verb: 'deny', planHash, reason: 'not today' });
  },
  async (sim, { run }) => {
    if (!sim.chance.happens(0.15)) return;
    const mode = sim.chance.oneOf(['undo', 'keep'] as const);
    await order(sim, run, 'han', { verb: 'abort', reason: 'we stop here', mode });
  },
  // The service is busy: the wish is refused by the run that is open.
  async (sim, { state }) => {
    if (state !== 'ended') await type(sim, 'yoon', 'drill loans');
  },
  async (sim) => {
    if (!sim.chance.happens(0.1)) return;
    const { policy } = sim.config;
    sim.note('somebody edits the policy');
    await markStale(sim);
    sim.config = {
      ...sim.config,
      policy: { ...policy, requesterRoles: [...policy.requesterRoles, 'dba'] },
    };
  },
];

/** Runs whose plan was made before this edit and is still being approved: it must not be carried out. */
async function markStale(sim: Sim): Promise<void> {
  for (const run of sim.runs) {
    const { plan, approval } = foldRun(await sim.events(run));
    if (plan !== undefined && approval?.state === 'requested' && approval.granted.length < 2) {
      sim.stale.add(run);
    }
  }
}

const mischief = async (sim: Sim, head: Head): Promise<void> => sim.chance.oneOf(pranks)(sim, head);

const personOf = (sim: Sim, id: string): Person =>
  person(sim, sim.base.config.people.find((one) => one.id === id)?.handle ?? '');

export const person = (sim: Sim, handle: string): Person => {
  const found = sim.base.config.people.find((one) => one.handle === handle);
  if (found === undefined) throw new Error(`nobody is called ${handle}`);
  return found;
};

/** Types `/dr …`; the run comes to be known by the door's signal. */
export async function type(sim: Sim, handle: string, text: string): Promise<void> {
  sim.note(`${handle} types /dr ${text}`);
  await sim.stage.type(person(sim, handle), text);
}

interface Wanted {
  readonly run: string;
  readonly actionId: string;
  /** Which of the person's Slack accounts. */
  readonly account?: number;
  /** What they write beside the button. */
  readonly words?: string;
}

/** A button if one can be seen, else the command line: everything Slack can do, it can do too. */
async function press(sim: Sim, who: Person, wanted: Wanted): Promise<void> {
  const button = await findButton(sim.stage, sim.config.policy.channel, wanted);
  sim.note(`${who.handle} presses ${wanted.actionId}${button === undefined ? ', not shown' : ''}`);
  if (button !== undefined) {
    const account = who.slack[wanted.account ?? 0];
    if (account === undefined) return;
    const remark = { type: 'plain_text_input', value: wanted.words ?? '' };
    const values = wanted.words === undefined ? {} : { [REMARK]: { [REMARK]: remark } };
    const { user: slackUser, team } = account;
    await sim.slack.pressButton({ slackUser, team, ...button, values });
    return;
  }
  const head = await sim.head(wanted.run);
  const ask = head === undefined ? undefined : askOf(head, wanted.actionId);
  if (ask !== undefined) await order(sim, wanted.run, who.handle, ask);
}

function askOf(head: Head, actionId: string): Ask | undefined {
  if (actionId === actionIds.approve) return { verb: 'approve', planHash: head.planHash ?? '' };
  const [asked] = head.asks;
  const part = asked?.parts[0];
  if (asked === undefined || part === undefined) return undefined;
  if (part === 'declared') return { verb: 'declare', text: '09:12 main is gone' };
  return { verb: 'answer', step: asked.step, part, text: 'done' };
}

/** An order over the command line. */
export async function order(sim: Sim, run: string, handle: string, ask: Ask): Promise<void> {
  sim.note(`${handle} orders ${ask.verb}`);
  const delivery = `cli-${sim.chance.hex(8)}`;
  sim.commanded.add(causeOf(delivery));
  await sim.store.putInbox({
    run,
    delivery,
    at: sim.time.now(),
    person: person(sim, handle).id,
    body: canonical({ v: 1, origin: { via: 'cli' }, ask }),
  });
  sim.wake(run);
}
