/** Raw HTTP for the contract tests: what is sent stands in the test, what comes back is all kept. */
import { valueAt } from '../../lib/actions/check/compare.ts';
import type { Http } from '../../lib/http.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, the text when it is none, undefined when there was no body. */
  readonly body: unknown;
}

export interface Say {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it stands instead of `body`. */
  readonly text?: string;
}

/** `METHOD address`, relative to `base` unless it is a whole one. */
export async function exchange(
  http: Http,
  { base, line }: { readonly base: string; readonly line: string },
  { body, headers = {}, text }: Say = {},
): Promise<Answer> {
  const space = line.indexOf(' ');
  const path = line.slice(space + 1);
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await http({
    method: line.slice(0, space),
    url: path.startsWith('http') ? path : `${base}${path}`,
    headers: {
      accept: 'application/json',
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
    timeoutMs: 90_000,
  });
  return { status: answer.status, headers: answer.headers, body: parsed(answer.body) };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value at a JSON pointer in an answer's body. */
export const at = (answer: Answer, pointer: string): unknown => valueAt(answer.body, pointer);

/** The text at a JSON pointer; throws, with the answer, when there is none. */
export function textAt(answer: Answer, pointer: string): string {
  const value = at(answer, pointer);
  if (typeof value === 'string') return value;
  throw new Error(`nothing at ${pointer} in ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** The list at a JSON pointer; throws when there is none. */
export function listAt(answer: Answer, pointer: string): unknown[] {
  const value = at(answer, pointer);
  if (Array.isArray(value)) return value;
  throw new Error(`no list at ${pointer} in ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** Names of the fields of an object, sorted: what must be there and nothing else. */
export const fields = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value).sort() : [];

/** Cinder's and Nova's envelope: `{<key>: {code, message}}` and nothing besides. */
export const fault = (key: string, code: number, message: unknown = expect.any(String)) => ({
  [key]: { code, message },
});

/** Keystone's envelope, which the token check before every other service uses as well. */
export const unauthorized = {
  error: {
    code: 401,
    message: 'The request you have made requires authentication.',
    title: 'Unauthorized',
  },
};

/** The answer of a router that knows no such path or method. */
export const notRouted = {
  message: expect.stringContaining('The resource could not be found.'),
  code: '404 Not Found',
  title: 'Not Found',
};

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A project or user id of Keystone. */
export const HEX_ID = /^[0-9a-f]{32}$/;
export const REQUEST_ID = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Cinder's times: UTC without saying so. */
export const ZONELESS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;
export const ZULU = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
