/** The declaration of a disaster: who, when it happened, and how that is known. Once in a run. */
import { declarationOf } from '../../asks.ts';
import { refuse, rolesOf } from '../standing.ts';
import { statedTime } from './stated-time.ts';
import type { Answer } from './wish.ts';

const WHAT = 'The declaration does not count.';

/** Taken as soon as there is a plan: what is declared early starts the clock early. */
export const declare: Answer<'declare'> = async (session, { item, ask, standing }) => {
  const { state, plan, engine } = session;
  const asked = declarationOf(state(), plan(), engine.actions);
  if (asked === undefined) {
    const before = state().declared;
    const why = before === undefined ? 'No step of the plan asks for one.' : `By ${before.person}.`;
    return refuse('RUN-NOTHING-ASKED', WHAT, why);
  }
  const { step, role } = asked;
  if (!rolesOf(standing).includes(role)) {
    return refuse('RUN-ROLE', WHAT, `The role ${role} is needed.`);
  }
  const stated = statedTime(ask.text, engine.clock.now());
  if ('fault' in stated) return refuse('RUN-DECLARATION', WHAT, stated.fault);
  const { at: occurredAt, exactMs, text } = stated;
  const actor = { id: item.person, kind: 'human', role } as const;
  const data = { step, person: item.person, role, occurredAt, exactMs, text };
  return { type: 'disaster.declared', actor, data };
};
