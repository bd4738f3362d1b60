/**
 * Sessions of this site's arrays for one call of another gateway: opened with a user of the least
 * role, ended when the grant has run out. The array ends them by itself as well.
 */
import * as z from 'zod';
import type { Clock } from '../../../clock.ts';
import type { Http } from '../../../http.ts';
import { hazardText } from '../../../vsp/hazards.ts';
import { GatewayError } from '../../errors.ts';
import type { ArraySettings, Settings } from '../settings.ts';
import { loginError, openLogins } from './logins.ts';
import { ask, loginAnswer } from './target.ts';

/** Idle seconds after which the array ends the session: the least that remote copy works with. */
const ALIVE_SECONDS = 60;
/** Lent at once by one array: all that use it share 64 sessions. */
const LENT_MAX = 8;
const JSON_TYPE = { accept: 'application/json', 'content-type': 'application/json' };
const loginSchema = z.looseObject({ token: z.string(), sessionId: z.int() });

export interface Lender {
  /** The token of a new session of this array. Rejects with GW-LEND or GW-TARGET-LOGIN. */
  lend(storageDeviceId: string, forMs: number): Promise<string>;
  /** Ends those whose time is over. */
  tidy(): Promise<void>;
  /** Ends what is still open. */
  close(): Promise<void>;
}

interface Open {
  readonly array: string;
  readonly until: number;
  end(): Promise<void>;
}

export function openLender(
  { arrays }: Pick<Settings, 'arrays'>,
  { http, clock }: { readonly http: Http; readonly clock: Clock },
): Lender {
  let open: Open[] = [];
  const logins = openLogins(clock);

  async function end(which: (one: Open) => boolean): Promise<void> {
    const over = open.filter(which);
    open = open.filter((one) => !over.includes(one));
    await Promise.all(over.map((one) => one.end()));
  }

  return {
    lend: async (storageDeviceId, forMs) => {
      const array = arrays.find((one) => one.storageDeviceId === storageDeviceId);
      if (array?.lend === undefined) {
        const why =
          array === undefined
            ? `It is not of this site. ${hazardText(13)}`
            : 'It has no `lend` user.';
        throw new GatewayError('GW-LEND', `No session of array ${storageDeviceId}.`, { why });
      }
      const now = clock.now();
      const lent = open.filter((one) => one.array === storageDeviceId && one.until >= now);
      if (lent.length >= LENT_MAX) {
        const why = `${lent.length} are lent already; each is ended when its grant is over.`;
        throw new GatewayError('GW-LEND', `No session of array ${storageDeviceId}.`, { why });
      }
      const { lend } = array;
      const account = `User ${lend.user} at array:${storageDeviceId}`;
      const login = logins(account, () => logIn(array, lend, http));
      const mine: Open = {
        array: storageDeviceId,
        until: now + forMs,
        end: async () => {
          const given = await login.catch(() => undefined);
          if (given === undefined) return;
          const headers = { ...JSON_TYPE, authorization: `Session ${given.token}` };
          const { url } = given;
          await ask(http, storageDeviceId, { method: 'DELETE', url, headers }).catch(runsOut);
        },
      };
      // It counts from here on: many may ask at the same moment.
      open.push(mine);
      try {
        return (await login).token;
      } catch (error) {
        open = open.filter((one) => one !== mine);
        throw error;
      }
    },
    tidy: () => end(({ until }) => until < clock.now()),
    close: () => end(() => true),
  };
}

async function logIn(
  array: ArraySettings,
  { user, password }: NonNullable<ArraySettings['lend']>,
  http: Http,
): Promise<{ token: string; url: string }> {
  const name = `array:${array.storageDeviceId}`;
  const objects =
    array.api === 'cm' ? `/v1/objects/storages/${array.storageDeviceId}` : '/v1/objects';
  const sessions = `${array.url}${objects}/sessions`;
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  const answer = await ask(http, name, {
    method: 'POST',
    url: sessions,
    headers: { ...JSON_TYPE, authorization: `Basic ${basic}` },
    body: JSON.stringify({ aliveTime: ALIVE_SECONDS }),
  });
  if (answer.status !== 200) {
    throw loginError(name, answer.status, { code: 'GW-LEND' });
  }
  const { token, sessionId } = loginAnswer(name, answer.body, loginSchema);
  return { token, url: `${sessions}/${sessionId}` };
}

/** An array that cannot be reached ends the session when nobody uses it. */
const runsOut = (): void => {};
