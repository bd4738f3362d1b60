/** Requests over real HTTP, as a client of the arrays sends them. */
import { Buffer } from 'node:buffer';
import { MAIN } from './centres.ts';

interface More {
  /** Value of Remote-Authorization. */
  readonly remote?: string;
  readonly body?: unknown;
}

/** Rejects unless the array accepts it; reads the whole answer. */
type Send = (method: string, path: string, more: More) => Promise<unknown>;

async function accepted(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init.method} ${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function login(url: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
  const { token } = await accepted(`${url}/ConfigurationManager/v1/objects/sessions`, {
    method: 'POST',
    headers: { authorization },
  });
  return `Session ${String(token)}`;
}

/** Opens a session on both arrays: requests go to main, with the other one's token as `remote`. */
export async function twoSessions(
  urls: Readonly<Record<string, string>>,
): Promise<{ main: Send; remote: string }> {
  const [main = '', dr = ''] = [urls['main'], urls['dr']];
  const [authorization, remote] = [await login(main), await login(dr)];
  const base = `${main}/ConfigurationManager/v1/objects/storages/${MAIN}`;
  const send: Send = async (method, path, { remote: second, body }) => {
    const headers = {
      authorization,
      ...(second === undefined ? {} : { 'remote-authorization': second }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return await accepted(`${base}/${path}`, init);
  };
  return { main: send, remote };
}
