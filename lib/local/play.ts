/** The cast of `npm run drill` at work: who looks, presses, signs, until a run has ended. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStatement } from '../approval/statement.ts';
import { systemClock } from '../clock.ts';
import type { Person } from '../config.ts';
import { fingerprint } from '../gateway/keys.ts';
import { systemRandom } from '../random.ts';
import type { Head } from '../run/head.ts';
import { actionIds } from '../slack/buttons.ts';
import { type Cue, findButton, nextCue } from './cast.ts';
import type { House } from './house.ts';
import type { Progress } from './progress.ts';
import { handIn } from './signed.ts';

/** How often people look at their screens (real ms). */
const LOOK_MS = 150;

/** People look, press what they should press, and abort what nobody would answer. */
export async function playToTheEnd(
  house: House,
  at: {
    head: () => Head | undefined;
    waits: boolean;
    progress: Progress;
    stopped: AbortSignal;
  },
): Promise<Head | undefined> {
  const real = systemClock();
  const pressed = new Set<string>();
  while (!at.stopped.aborted) {
    const head = at.head();
    if (head?.state === 'ended') return head;
    if (head !== undefined && !(at.waits && head.state === 'paused')) {
      await act(house, head, pressed);
    }
    at.progress.beat(house.clock.now());
    await real.sleep(LOOK_MS, at.stopped);
  }
  return undefined;
}

async function act(house: House, head: Head, pressed: Set<string>): Promise<void> {
  const { config, stage } = house;
  const paused = head.state === 'paused';
  const requester = config.people.find((person) => person.id === head.requester);
  const abort =
    paused && requester !== undefined
      ? { person: requester, actionId: actionIds.abort }
      : undefined;
  const cue: Cue | undefined = abort ?? nextCue(head, config);
  if (cue === undefined) return;
  // One press per thing seen: the same person presses again only when the run has moved on.
  const place = paused
    ? String(head.seq)
    : `${head.asks[0]?.step}:${head.approval?.granted.length}`;
  const key = `${cue.person.id} ${cue.actionId} ${place}`;
  if (pressed.has(key)) return;
  if (!paused && cue.actionId === actionIds.approve && needsOwnKey(head)) {
    pressed.add(key);
    await signApproval(house, head, cue.person);
    return;
  }
  const { actionId, step } = cue;
  const wanted = { run: head.run, actionId, ...(step === undefined ? {} : { step }) };
  const button = await findButton(stage, config.policy.channel, wanted);
  if (button === undefined) return;
  pressed.add(key);
  await stage.press(cue.person, button, paused ? 'Nobody answered the pause.' : cue.words);
}

/** A click in Slack is enough up to class `copy`. */
const needsOwnKey = ({ approval }: Head): boolean =>
  approval?.statement?.class === 'data' || approval?.statement?.class === 'takeover';

/** As `npm run dr -- approve --key` would, with the key that lies in this house's folder. */
async function signApproval(house: House, { approval }: Head, person: Person): Promise<void> {
  const offer = approval?.statement;
  if (offer === undefined) return;
  const { step: _step, ...rest } = offer;
  const file = join(house.folder.keys, 'people', `${person.handle}.pem`);
  const privateKey = readFileSync(file, 'utf8');
  const statement = { ...rest, person: person.id, nonce: systemRandom(16) };
  const signed = signStatement(statement, { keyId: fingerprint(privateKey), privateKey });
  const { config, store, clock, conductor } = house;
  const wake = (run: string) => conductor.wake(run);
  await handIn({ config, store, clock, wake }, { as: person.handle, verb: 'approve', signed });
}
