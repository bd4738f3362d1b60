/** What somebody asked of a run, and what an answer to it is. */
import type { Standing } from '../../../approval/directory.ts';
import type { Refusal } from '../../../errors.ts';
import type { InboxItem } from '../../../store/store.ts';
import type { NewEvent } from '../../events.ts';
import type { Ask, Origin, Verb } from '../../inbox.ts';
import type { Session } from '../../session.ts';

/** One wish of verb `V` as it lay in the inbox, with what is known of the person. */
export interface Wish<V extends Verb = Verb> {
  readonly item: InboxItem;
  readonly ask: Extract<Ask, { readonly verb: V }>;
  readonly origin: Origin;
  readonly standing: Standing;
}

/** Granted as an event, or refused with the reason. */
export type Answer<V extends Verb = Verb> = (
  session: Session,
  wish: Wish<V>,
) => Promise<NewEvent | Refusal>;
