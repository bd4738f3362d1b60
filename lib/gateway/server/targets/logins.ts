/**
 * A password that was turned down is not tried again at once: arrays and clouds lock an account after
 * a few wrong ones, and then nobody gets in any more. The rest doubles with each refusal; it is
 * forgotten when the gateway starts anew, which is what people do after they mended the password.
 */
import { type Clock, iso } from '../../../clock.ts';
import { type GatewayCode, GatewayError } from '../../errors.ts';

const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;
const TURNED_DOWN: readonly number[] = [401, 403];

/** The target looked at user and password and said no. */
export class LoginRefused extends GatewayError {}

/** Rejects as the login does, or with GW-LOGIN-REST while the account rests. */
export type Logins = <T>(account: string, login: () => Promise<T>) => Promise<T>;

export function openLogins(clock: Clock): Logins {
  const refused = new Map<string, { readonly times: number; readonly until: number }>();
  return async (account, login) => {
    const { times, until } = refused.get(account) ?? { times: 0, until: 0 };
    if (clock.now() < until) {
      const why = `The password was turned down ${times} times; the next try is at ${iso(until)}.`;
      throw new GatewayError('GW-LOGIN-REST', `${account} rests.`, { why });
    }
    // One tries after a rest, whoever else wants to get in.
    if (times > 0) refused.set(account, { times, until: clock.now() + restOf(times) });
    try {
      const open = await login();
      refused.delete(account);
      return open;
    } catch (error) {
      if (error instanceof LoginRefused) {
        refused.set(account, { times: times + 1, until: clock.now() + restOf(times + 1) });
      }
      throw error;
    }
  };
}

const restOf = (times: number): number =>
  Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (times - 1));

/** The error for an answer to a login that let nobody in. */
export function loginError(
  name: string,
  status: number,
  { code = 'GW-TARGET-LOGIN', ...more }: { code?: GatewayCode; why?: string } = {},
): GatewayError {
  const what = `${name} answers ${status} to the login.`;
  const Refused = TURNED_DOWN.includes(status) ? LoginRefused : GatewayError;
  return new Refused(code, what, more);
}
