/** Receipts: what this gateway saw, signed, so that the evidence has a second witness. */
import { canonical, sha256 } from '../../canonical.ts';
import type { HttpResponse } from '../../http.ts';
import type { Grant, GuardReading, Receipt } from '../protocol.ts';
import { signReceipt } from '../receipt.ts';
import type { Parts } from './gateway.ts';

export interface Exchange {
  readonly kind: Receipt['kind'];
  readonly request: { target: string; method: string; path: string; body?: unknown };
  readonly answer: HttpResponse;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly intent?: { readonly planHash: string; readonly callId: string; readonly key: string };
  readonly guards?: readonly GuardReading[];
  readonly grant?: Grant;
  readonly givenUp?: readonly string[];
}

/**
 * Hashes the request as sent, without the headers that carry secrets. `counter` is the number of
 * lines on this gateway's disk at that moment.
 */
export function sealReceipt(
  parts: Pick<Parts, 'folder' | 'book' | 'sign'>,
  exchange: Exchange,
): Receipt {
  const { request, answer, intent } = exchange;
  const { date } = answer.headers;
  return signReceipt(
    {
      v: 1,
      gateway: parts.folder.settings.site,
      incarnation: parts.book.incarnation,
      counter: parts.book.count(),
      kind: exchange.kind,
      ...intent,
      target: request.target,
      method: request.method,
      path: request.path,
      requestHash: sha256(canonical(request)),
      status: answer.status,
      answerHash: sha256(answer.body),
      sentAt: exchange.sentAt,
      receivedAt: exchange.receivedAt,
      ...(date === undefined ? {} : { date }),
      simulated: answer.headers['x-simulator'] === 'true',
      guards: [...(exchange.guards ?? [])],
      ...(exchange.grant === undefined ? {} : { grant: exchange.grant }),
      ...(exchange.givenUp === undefined ? {} : { givenUp: [...exchange.givenUp] }),
      body: answer.body,
    },
    parts.folder.key.privateKey,
    parts.sign,
  );
}
