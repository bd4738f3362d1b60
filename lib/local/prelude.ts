/**
 * What must have happened before a runbook makes sense. In a fresh folder the drill plays it first; in
 * one that was used, what happened there is the prelude.
 */
import { readLedger } from '../evidence/records.ts';
import { networkHttp } from '../http.ts';
import { findService } from '../run/moves/open.ts';
import { askFor, type Wish } from './ask-for.ts';
import { doAtTheBank } from './bank-people.ts';
import { LocalError } from './folder.ts';
import type { House } from './house.ts';
import type { Progress } from './progress.ts';
import { rehearsalOf, type Scene } from './rehearsals.ts';

export interface Stagehand {
  readonly wish: Wish;
  readonly progress: Progress;
  /** Plays one run to its end; whether it passed, undefined when the person stopped it. */
  readonly play: () => Promise<boolean | undefined>;
}

/** False when it did not come to its end. */
export async function playPrelude(house: House, hand: Stagehand): Promise<boolean> {
  const { before = [] } = rehearsalOf(hand.wish.runbook);
  if (before.length === 0) return true;
  if (!(await isFresh(house))) {
    hand.progress.say(
      `${house.folder.root} was used: ${hand.wish.runbook} is asked for as things are there; ` +
        '--new first plays what belongs before it',
    );
    return true;
  }
  for (const scene of before) if (!(await playScene(house, hand, scene))) return false;
  return true;
}

async function playScene(house: House, hand: Stagehand, scene: Scene): Promise<boolean> {
  const { wish, progress, play } = hand;
  if ('fault' in scene) {
    await strike(house, scene, wish.service);
    progress.say(`at the twin: ${scene.fault} ${scene.on ? 'on' : 'off'}`);
    return true;
  }
  if ('bank' in scene) {
    const service = findService(house.config, wish.service);
    progress.say(
      `at the bank: ${await doAtTheBank(scene.bank, { house, service, http: networkHttp() })}`,
    );
    return true;
  }
  progress.say(`first ${scene.runbook}: ${wish.runbook} makes no sense without it`);
  await askFor(house, { ...wish, runbook: scene.runbook }, progress);
  if ((await play()) !== true) return false;
  progress.say('');
  return true;
}

const isFresh = async ({ store, config }: House): Promise<boolean> =>
  (await readLedger(store, config.policy.tenant)).length === 0;

/** Without a site it is a fault of the service. */
async function strike(
  { twin }: House,
  { fault: name, on, site }: Extract<Scene, { fault: string }>,
  service: string,
): Promise<void> {
  const answer = await networkHttp()({
    method: 'POST',
    url: `${twin}/twin/v1/faults`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, on, ...(site === undefined ? { service } : { site }) }),
  });
  if (answer.status === 200) return;
  throw new LocalError('LOCAL-CHILD', `The twin did not take ${name}.`, { why: answer.body });
}
