/** How the simulated REST server words its answers; every one of them says that it is simulated. */
import * as z from 'zod';
import type { HttpResponse } from '../../http.ts';

/** Two shapes: of the storage system itself (SSB), or of its command line (`EX_ENOOBJ` …). */
type ErrorCode =
  | { readonly SSB1: string; readonly SSB2: string }
  | { readonly errorCode: string }
  | Readonly<Record<string, never>>;

/** The error object of the array's REST API. */
export interface ArrayError {
  readonly errorSource: string;
  readonly messageId: string;
  readonly message: string;
  readonly cause: string;
  readonly solution: string;
  readonly solutionType: 'RETRY' | 'SEE_ERROR_DETAIL';
  /** Only when the storage system itself refused. */
  readonly errorCode?: ErrorCode;
}

export interface ErrorWords {
  readonly message: string;
  readonly cause?: string;
  readonly messageId?: string;
  readonly retry?: boolean;
  readonly errorCode?: ErrorCode;
}

export function arrayError(source: string, words: ErrorWords): ArrayError {
  return {
    errorSource: source,
    messageId: words.messageId ?? 'KART30000-E',
    message: words.message,
    cause: words.cause ?? '',
    solution: words.retry ? 'Wait a while, and then retry.' : 'Check the request and the state.',
    solutionType: words.retry ? 'RETRY' : 'SEE_ERROR_DETAIL',
    ...(words.errorCode === undefined ? {} : { errorCode: words.errorCode }),
  };
}

/** Words of a refusal by the storage system; `code` is `SSB1-SSB2` or one of the `EX_` codes. */
export function refusedWith(code: string, message: string, cause?: string): ErrorWords {
  const [SSB1 = '', SSB2] = code.split('-');
  return {
    message,
    ...(cause === undefined ? {} : { cause }),
    errorCode: SSB2 === undefined ? { errorCode: code } : { SSB1, SSB2 },
  };
}

/** A refusal whose own code is not known to us: the command line's word for "rejected". */
export const rejected = (cause: string): ErrorWords =>
  refusedWith('EX_CMDRJE', 'The command was rejected by the storage system.', cause);

/** Thrown inside a route; becomes the answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly words: ErrorWords;

  constructor(status: number, words: ErrorWords) {
    super(words.message);
    this.name = 'Refusal';
    this.status = status;
    this.words = words;
  }
}

/**
 * The other array of a request does not answer: said only when the server has waited for it. What
 * the real server says then is not known to us.
 */
export class PeerSilent extends Refusal {
  constructor(storageDeviceId: string) {
    super(500, {
      message: `Communication with the remote storage system failed. (${storageDeviceId})`,
    });
    this.name = 'PeerSilent';
  }
}

export const missing = (what: string): Refusal =>
  new Refusal(404, {
    messageId: 'KART30013-E',
    message: `The specified object does not exist. (${what})`,
  });

export const bad = (message: string): Refusal => new Refusal(400, { message });

/** The body of a request, as it must be; 400 when it is not. A request without body sends `{}`. */
export function wished<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (!result.success) throw bad(`The body is not valid. ${z.prettifyError(result.error)}`);
  return result.data;
}

/** An answer with the headers of every answer of the twin. `shownAt`: its clock (ms). */
export function answer(status: number, value: unknown, shownAt: number): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      date: new Date(shownAt).toUTCString(),
      'x-simulator': 'true',
    },
    body: JSON.stringify(value),
  };
}

/** Times as the array writes them: UTC, whole seconds. */
export const arrayTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
