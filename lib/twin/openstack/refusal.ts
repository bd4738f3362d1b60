/** A request that ends here: deep code throws the answer, the routes hand it out. */
import type { HttpResponse } from '../../http.ts';
import type { Route } from './wire.ts';

/** Thrown before anything was changed; carries the whole answer. */
export class Refusal extends Error {
  readonly answer: HttpResponse;

  constructor(answer: HttpResponse) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** The same routes, with thrown refusals turned into answers. */
export function guarded(routes: readonly Route[]): readonly Route[] {
  return routes.map(([method, pattern, handler]) => [
    method,
    pattern,
    (ask, params) => {
      try {
        return handler(ask, params);
      } catch (error) {
        if (error instanceof Refusal) return error.answer;
        throw error;
      }
    },
  ]);
}
