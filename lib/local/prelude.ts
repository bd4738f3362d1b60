/**
 * What must have happened before a runbook makes sense: nobody comes home who never left. In a fresh
 * folder the drill plays it first; in one that was used, what happened there is the prelude.
 */
import { readLedger } from '../evidence/records.ts';
import { networkHttp } from '../http.ts';
import { askFor, type Wish } from './ask-for.ts';
import { LocalError } from './folder.ts';
import type { House } from './house.ts';
import type { Progress } from './progress.ts';

/** A fault that is switched on or off at the twin, or a run of another runbook. */
type Scene =
  | { readonly fault: string; readonly on: boolean; readonly site?: string }
  | { readonly runbook: string };

const mainIsGone: Scene = { fault: 'site-dead', on: true, site: 'main' };

const isLeftSplit: Scene = { fault: 'copies-left-split', on: true };

const preludes: Readonly<Record<string, readonly Scene[]>> = {
  'copies-resync': [isLeftSplit, { ...isLeftSplit, on: false }],
  takeover: [mainIsGone],
  failover: [mainIsGone],
  'failover-copy': [mainIsGone],
  'failover-cut': [mainIsGone],
  'failover-restored': [mainIsGone],
  reprotect: [mainIsGone, { runbook: 'failover' }, { ...mainIsGone, on: false }],
  failback: [{ runbook: 'switchover' }],
};

export interface Stagehand {
  readonly wish: Wish;
  readonly progress: Progress;
  /** Plays one run to its end; whether it passed, undefined when the person stopped it. */
  readonly play: () => Promise<boolean | undefined>;
}

/** False when it did not come to its end. */
export async function playPrelude(house: House, hand: Stagehand): Promise<boolean> {
  const scenes = preludes[hand.wish.runbook] ?? [];
  if (scenes.length === 0 || !(await isFresh(house))) return true;
  for (const scene of scenes) {
    if ('fault' in scene) {
      await strike(house, scene, hand.wish.service);
      hand.progress.say(`at the twin: ${scene.fault} ${scene.on ? 'on' : 'off'}`);
      continue;
    }
    hand.progress.say(`first ${scene.runbook}: ${hand.wish.runbook} makes no sense without it`);
    await askFor(house, { ...hand.wish, runbook: scene.runbook }, hand.progress);
    if ((await hand.play()) !== true) return false;
    hand.progress.say('');
  }
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
