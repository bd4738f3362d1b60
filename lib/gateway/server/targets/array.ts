/**
 * An array behind its Configuration Manager: one kept-alive session for all that is read, because all
 * users of an array share 64 of them; and a short one for changes, because a lock that leaked in a
 * kept-alive session never runs out. Basic credentials go out at login only.
 */
import * as z from 'zod';
import type { Http, HttpResponse } from '../../../http.ts';
import { hazardText } from '../../../vsp/hazards.ts';
import { GatewayError } from '../../errors.ts';
import type { ArraySettings } from '../settings.ts';
import { type Logins, loginError } from './logins.ts';
import { keptSession, type Session, shortSession } from './session.ts';
import { ask, type Dialect, type Line, loginAnswer, sessionTarget } from './target.ts';

const loginSchema = z.looseObject({ token: z.string(), sessionId: z.int() });
type Login = z.infer<typeof loginSchema>;
type Account = Pick<ArraySettings, 'user' | 'password'>;

/** Idle seconds after which the array ends a session: the longest it allows, and one change long. */
const KEPT_SECONDS = 300;
const SHORT_SECONDS = 90;
const JSON_TYPE = { accept: 'application/json', 'content-type': 'application/json' };

export function arrayTarget(
  array: ArraySettings,
  { http, logins }: { readonly http: Http; readonly logins: Logins },
): Line {
  const name = `array:${array.storageDeviceId}`;
  const objects =
    array.api === 'cm' ? `/v1/objects/storages/${array.storageDeviceId}` : '/v1/objects';
  const sessions = `${array.url}${objects}/sessions`;
  const headers = ({ token }: Login) => ({ authorization: `Session ${token}` });

  const login = (as: Account, aliveTime: number) =>
    logins(`User ${as.user} at ${name}`, () => knock(as, aliveTime));

  async function knock(as: Account, aliveTime: number): Promise<Login> {
    const basic = Buffer.from(`${as.user}:${as.password}`).toString('base64');
    const answer = await ask(http, name, {
      method: 'POST',
      url: sessions,
      headers: { ...JSON_TYPE, authorization: `Basic ${basic}` },
      body: JSON.stringify({ aliveTime }),
    });
    if (answer.status === 200) return loginAnswer(name, asWritten(array, answer).body, loginSchema);
    const full = answer.status === 503 ? { why: 'All its 64 sessions may be in use.' } : {};
    throw loginError(name, answer.status, full);
  }

  const logout = (open: Login) =>
    ask(http, name, {
      method: 'DELETE',
      url: `${sessions}/${open.sessionId}`,
      headers: headers(open),
    });
  const dialect = (session: Session<Login>): Dialect<Login> => ({
    name,
    session,
    headers,
    url: (_login, path) => `${array.url}${path}`,
    // The job ends when the array accepted the change and is not held up by long copies.
    changeHeaders: { 'job-mode-wait-configuration-change': 'NoWait' },
    provePath: ({ sessionId }) => `${objects}/sessions/${sessionId}`,
  });

  const reading = keptSession(() => login(array.viewer ?? array, KEPT_SECONDS));
  const changing = shortSession(() => login(array, SHORT_SECONDS), logout);
  const { get: read } = sessionTarget(dialect(reading), http);
  const change = sessionTarget(dialect(changing.session), http);
  return {
    get: async (path) => asWritten(array, await read(path)),
    begin: () => ({ prove: change.prove, send: change.send, leave: changing.hold() }),
    close: async () => {
      const open = await reading.current();
      if (open === undefined) return;
      reading.drop(open);
      await logout(open);
    },
  };
}

/**
 * The answer as it is. Throws GW-HAZARD (hazard 15) when a simulator gives it where gateway.yml names a
 * real array, or the other way round. For logins and reads: after a change it would be too late. What is
 * no JSON comes from something else on the way and says nothing of the array.
 */
function asWritten(
  { storageDeviceId, simulated }: ArraySettings,
  answer: HttpResponse,
): HttpResponse {
  const wanted = simulated === true;
  const found = answer.headers['x-simulator'] === 'true';
  const isArray = answer.status === 200 && answer.body.trimStart().startsWith('{');
  if (!isArray || found === wanted) return answer;
  const is = (one: boolean) => (one ? 'a simulated array' : 'a real array');
  const what = `At array:${storageDeviceId} ${is(found)} answers, gateway.yml names ${is(wanted)}.`;
  throw new GatewayError('GW-HAZARD', what, { why: hazardText(15) });
}
