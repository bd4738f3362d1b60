/** Why the door for signed wishes turns somebody away. Nothing of it is journaled: it is nobody yet. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const wishCodes = {
  'WISH-DOOR': {
    means: 'There is no such door.',
    next: 'POST to `/wishes` at the address of the deployment.',
    status: 404,
  },
  'WISH-SIZE': {
    means: 'The body is larger than any signed wish.',
    next: 'Sign with `npm run dr`; a wish has less than 16 KiB.',
    status: 413,
  },
  'WISH-BODY': {
    means: 'The body is no signed wish of this version.',
    next: 'Sign with `npm run dr` of the version that is deployed.',
    status: 400,
  },
  'WISH-RATE': {
    means: 'More wishes came from there in a minute than people make.',
    next: 'Wait a minute; nothing was taken.',
    status: 429,
  },
  'WISH-KEY': {
    means: 'The wish is not signed with a key that people.yml has for this person.',
    next: 'Use your own key file, or have the key enrolled and deployed.',
    status: 401,
  },
  'WISH-CLOCK': {
    means: 'The wish was signed too long ago, or the clock of the machine is wrong.',
    next: 'Set the clock of your machine and sign anew.',
    status: 400,
  },
  'WISH-RUN': {
    means: 'There is no such run.',
    next: 'Look at the runs that are open: `npm run dr -- runs --url … --as … --key …`.',
    status: 404,
  },
} as const satisfies Catalogue;

type WishCode = keyof typeof wishCodes;

export class WishRefused extends DrillbookError {
  readonly status: number;

  constructor(code: WishCode, what: string, why = '') {
    super({ code, what, why, next: wishCodes[code].next });
    this.status = wishCodes[code].status;
  }
}
