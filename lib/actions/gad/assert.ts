/** `gad/assert`: both sides are mirrored, or one site goes on alone. Blocked volumes stop the run. */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import type { Action } from '../action.ts';
import { wholeMirror } from '../replication/sides.ts';
import { type GadSeen, seeGad, standingText } from './seen.ts';

const input = z.strictObject({
  group: z.string(),
  /** Without it both sides are mirrored; with it hosts go on at this site alone. */
  survivor: z.string().optional(),
});
type Input = z.infer<typeof input>;

export const gadAssert: Action<Input, GadSeen> = {
  name: 'gad/assert',
  input,
  title: { ko: 'GAD 상태와 I/O 모드 확인', en: 'State and I/O mode of the active-active volumes' },
  withinMs: 10 * 60_000,
  pollMs: 5_000,
  facts: ['mirror'],
  preexisting: 'accept',
  repeatable: true,
  plan: ({ group }, context) => {
    wholeMirror(group, context);
    return [];
  },
  observe: ({ plan }, _input, read) => seeGad(read, plan),
  judge: (seen, given, view) => ({ verdicts: { [view.step.id]: verdictOf(seen, given) } }),
};

function verdictOf(seen: GadSeen, { survivor }: Input): Verdict {
  const { standing, text, fault } = seen;
  const reading = { standing, sides: text };
  if (fault !== undefined) return { state: 'refuse', reason: fault, reading };
  const isSo = survivor === undefined ? standing === 'mirrored' : survivorOf(seen) === survivor;
  if (isSo) return { state: 'done', reading };
  return { state: 'pending', reason: standingText(seen), reading };
}

/** The site where hosts go on alone. */
export const survivorOf = ({ standing, primary, secondary }: GadSeen): string | undefined =>
  standing === 'only-p' ? primary : standing === 'only-s' ? secondary : undefined;
