/** A person's part of a step that people do: performed, witnessed, confirmed for the business. */
import { asksOf } from '../../asks.ts';
import { doubtful, refuse } from '../standing.ts';
import type { Answer } from './wish.ts';

const WHAT = 'The answer does not count.';

/** Letters; less says nothing. */
const MIN_PROOF = 10;

export const answer: Answer<'answer'> = async (session, { item, ask, standing }) => {
  const doubt = doubtful(standing);
  if (doubt !== undefined) return doubt;
  const asked = asksOf(session.state(), session.plan(), session.engine.actions).find(
    (candidate) => candidate.step === ask.step,
  );
  if (asked === undefined || !asked.parts.includes(ask.part)) {
    return refuse('RUN-NOTHING-ASKED', WHAT, `Step ${ask.step} does not wait for it.`);
  }
  const roles = standing.state === 'known' ? standing.roles : [];
  if (ask.part !== 'witnessed' && !roles.includes(asked.role)) {
    return refuse('RUN-ROLE', WHAT, `The role ${asked.role} is needed.`);
  }
  if (asked.proof !== undefined && ask.text.trim().length < MIN_PROOF) {
    return refuse('RUN-PROOF', WHAT, `It has to say: ${asked.proof.en}`);
  }
  const people = session.state().steps[ask.step]?.people ?? [];
  if (ask.part === 'witnessed' && people.some((given) => given.person === item.person)) {
    return refuse('RUN-SAME-PERSON', WHAT, 'This person did the work.');
  }
  // Who watched is recorded as that, not under the role of who worked.
  const role = ask.part === 'witnessed' ? 'witness' : asked.role;
  const actor = { id: item.person, kind: 'human', role } as const;
  const given = { step: ask.step, person: item.person, role, text: ask.text };
  return ask.part === 'confirmed'
    ? { type: 'service.confirmed', actor, data: given }
    : { type: 'manual.step', actor, data: { ...given, part: ask.part } };
};
