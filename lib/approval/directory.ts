/** Who a person is right now, asked anew for each decision. */
import type { Origin } from '../run/inbox.ts';

export type Standing =
  | {
      readonly state: 'known';
      readonly roles: readonly string[];
      /** `guest`, `bot`, `stranger`, `deactivated`, `email-unconfirmed`: any one refuses. */
      readonly flags: readonly string[];
      readonly sharedChannel: boolean;
    }
  | { readonly state: 'unreachable'; readonly why: string }
  | { readonly state: 'unknown' };

export interface Directory {
  /** Never rejects; a directory that cannot be asked answers `unreachable`. */
  lookup(person: string, origin: Origin): Promise<Standing>;
  /** The same for somebody who is not acting now: all accounts of the person together. */
  recheck(person: string): Promise<Standing>;
}
