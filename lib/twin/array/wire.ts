/** How the simulated REST server words its answers; every one of them says that it is simulated. */
import type { HttpResponse } from '../../http.ts';

/** The error object of the array's REST API. */
export interface ArrayError {
  readonly errorSource: string;
  readonly messageId: string;
  readonly message: string;
  readonly cause: string;
  readonly solution: string;
  readonly solutionType: 'RETRY' | 'SEE_ERROR_DETAIL';
  readonly errorCode: Readonly<Record<string, string>>;
}

export interface ErrorWords {
  readonly message: string;
  readonly cause?: string;
  readonly messageId?: string;
  readonly retry?: boolean;
}

export function arrayError(source: string, words: ErrorWords): ArrayError {
  return {
    errorSource: source,
    messageId: words.messageId ?? 'KART30000-E',
    message: words.message,
    cause: words.cause ?? '',
    solution: words.retry ? 'Wait a while, and then retry.' : 'Check the request and the state.',
    solutionType: words.retry ? 'RETRY' : 'SEE_ERROR_DETAIL',
    errorCode: {},
  };
}

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

export const missing = (what: string): Refusal =>
  new Refusal(404, {
    messageId: 'KART30013-E',
    message: `The specified object does not exist. (${what})`,
  });

export const bad = (message: string): Refusal => new Refusal(400, { message });

/** A JSON answer with the headers of every answer of the twin. `now` in ms. */
export function answer(status: number, value: unknown, now: number): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      date: new Date(now).toUTCString(),
      'x-simulator': 'true',
    },
    body: JSON.stringify(value),
  };
}

/** Times as the array writes them: UTC, whole seconds. */
export const arrayTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
