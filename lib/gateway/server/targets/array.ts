/**
 * An array behind its Configuration Manager: one kept-alive session, because all users of an array
 * share 64 of them. Basic credentials go out at login only.
 */
import * as z from 'zod';
import type { Http } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { ArraySettings } from '../settings.ts';
import { keptSession } from './session.ts';
import { ask, loginAnswer, sessionTarget, type Target } from './target.ts';

const loginSchema = z.looseObject({ token: z.string(), sessionId: z.int() });
type Login = z.infer<typeof loginSchema>;

/** Idle seconds after which the array ends the session; the longest it allows. */
const ALIVE_SECONDS = 300;

export function arrayTarget(array: ArraySettings, http: Http): Target {
  const name = `array:${array.storageDeviceId}`;
  const objects =
    array.api === 'cm' ? `/v1/objects/storages/${array.storageDeviceId}` : '/v1/objects';
  const sessions = `${array.url}${objects}/sessions`;

  async function login(): Promise<Login> {
    const basic = Buffer.from(`${array.user}:${array.password}`).toString('base64');
    const answer = await ask(http, name, {
      method: 'POST',
      url: sessions,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Basic ${basic}`,
      },
      body: JSON.stringify({ aliveTime: ALIVE_SECONDS }),
    });
    if (answer.status === 200) return loginAnswer(name, answer.body, loginSchema);
    const why = answer.status === 503 ? 'All its 64 sessions may be in use.' : undefined;
    const what = `${name} answers ${answer.status} to the login.`;
    throw new GatewayError('GW-TARGET-LOGIN', what, why === undefined ? {} : { why });
  }

  const session = keptSession(login);
  const headers = ({ token }: Login) => ({ authorization: `Session ${token}` });
  return {
    ...sessionTarget<Login>(
      {
        name,
        session,
        headers,
        url: (_login, path) => `${array.url}${path}`,
        // The job ends when the array accepted the change and is not held up by long copies.
        changeHeaders: { 'job-mode-wait-configuration-change': 'NoWait' },
        provePath: ({ sessionId }) => `${objects}/sessions/${sessionId}`,
      },
      http,
    ),
    close: async () => {
      const open = await session.current();
      if (open === undefined) return;
      session.drop(open);
      const url = `${sessions}/${open.sessionId}`;
      await ask(http, name, { method: 'DELETE', url, headers: headers(open) });
    },
  };
}
