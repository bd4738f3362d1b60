/** `npm run dr -- --url <address> --as <person> --key <file> …`: a person at a deployment in AWS. */
import * as z from 'zod';
import { systemClock } from '../clock.ts';
import { type Http, networkHttp } from '../http.ts';
import { systemRandom } from '../random.ts';
import { type Head, headSchema } from '../run/head.ts';
import type { Ask } from '../run/inbox.ts';
import { askOfStatement, signWish, type WishOf } from '../run/wishes.ts';
import { signApproval } from './approve.ts';
import { LocalError } from './folder.ts';
import { ownKey, type Signing } from './sign.ts';
import { signSkip } from './skip.ts';

export interface Remote extends Omit<Signing, 'heads'> {
  readonly url: string;
  readonly verb: string;
  readonly words: readonly string[];
  readonly reason: string | undefined;
  readonly undo: boolean;
  /** The network, unless somebody stands in for it. */
  readonly http?: Http | undefined;
}

const refusalSchema = z.object({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  next: z.string(),
});
const answerSchema = z.object({
  now: z.int().optional(),
  runs: z.array(headSchema).optional(),
  event: z.string().optional(),
  refusal: z.object({ ko: refusalSchema, en: refusalSchema }).optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** What is told, and whether it was refused. Throws LOCAL-USAGE and what signing throws. */
export async function actRemotely(how: Remote): Promise<{ text: string; refused: boolean }> {
  const seen = await wish(how, undefined);
  if (seen.refusal !== undefined) return told(seen);
  const heads = seen.runs ?? [];
  if (how.verb === 'runs') return { text: heads.map(lineOf).join('\n'), refused: false };
  const now = seen.now ?? systemClock().now();
  return told(await wish(how, await orderOf(how, { heads, now })));
}

async function orderOf(
  how: Remote,
  { heads, now }: { readonly heads: readonly Head[]; readonly now: number },
): Promise<{ run: string; ask: Ask }> {
  const { verb, words, reason } = how;
  if (verb === 'approve' && heads.some(({ approval }) => approval?.statement !== undefined)) {
    const signed = await signApproval({ ...how, heads, run: words[0] });
    return { run: runOf(heads, words[0]), ask: askOfStatement({ verb }, signed) };
  }
  const signsSkips = heads.some(({ skipping }) => skipping !== undefined);
  if ((verb === 'skip' || verb === 'confirm-skip') && signsSkips) {
    const signed = await signSkip({ ...how, heads, verb, now });
    const why = reason === undefined ? {} : { reason };
    return { run: signed.statement.run, ask: askOfStatement({ verb, ...why }, signed) };
  }
  return plainOrder(how, heads);
}

/** Orders that sign nothing but themselves. */
function plainOrder(how: Remote, heads: readonly Head[]): { run: string; ask: Ask } {
  const { verb, words, reason = '', undo } = how;
  const [named, ...rest] = words[0]?.startsWith('r-') ? words : [undefined, ...words];
  const run = runOf(heads, named);
  const [step = ''] = rest;
  const planHash = heads.find((head) => head.run === run)?.planHash ?? '';
  const asks: Readonly<Record<string, Ask>> = {
    deny: { verb: 'deny', planHash, reason },
    withdraw: { verb: 'withdraw', planHash, reason },
    pause: { verb: 'pause', reason },
    resume: { verb: 'resume', reason },
    retry: { verb: 'retry', reason },
    skip: { verb: 'skip', step, reason },
    'confirm-skip': { verb: 'confirm-skip', step },
    'decline-skip': { verb: 'decline-skip', step, reason },
    abort: { verb: 'abort', reason, mode: undo ? 'undo' : 'keep' },
    note: { verb: 'note', text: reason },
    declare: { verb: 'declare', text: reason },
  };
  const ask = asks[verb];
  if (ask !== undefined) return { run, ask };
  const why = `With --url: runs, approve, ${Object.keys(asks).join(', ')}.`;
  throw new LocalError('LOCAL-USAGE', `"${verb}" is not for a deployment.`, { why });
}

/** The run named, or the only one that is open. */
function runOf(heads: readonly Head[], named: string | undefined): string {
  const open = heads.filter(({ state }) => state !== 'ended').map(({ run }) => run);
  const [only] = open;
  if (named !== undefined) return named;
  if (only !== undefined && open.length === 1) return only;
  const why = open.length === 0 ? 'No run is open.' : `Open are ${open.join(', ')}.`;
  throw new LocalError('LOCAL-USAGE', 'Name a run.', { why });
}

async function wish(how: Remote, order: WishOf['order'] | undefined): Promise<Answer> {
  const { person, key, privateKey } = await ownKey(how);
  const at = systemClock().now();
  const stamp = { v: 1, kind: 'wish', person, at, nonce: systemRandom(16) } as const;
  const signed = signWish(order === undefined ? stamp : { ...stamp, order }, { key, privateKey });
  const url = `${how.url.replace(/\/$/, '')}/wishes`;
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', url, headers, body: JSON.stringify(signed) };
  try {
    const answer = await (how.http ?? networkHttp())(request);
    return answerSchema.parse(JSON.parse(answer.body));
  } catch (cause) {
    throw new LocalError('LOCAL-NOTHING-RUNS', `No Drillbook answers at ${how.url}.`, { cause });
  }
}

function told({ refusal, event }: Answer): { text: string; refused: boolean } {
  if (refusal !== undefined) {
    const lines = [refusal.ko, refusal.en].map(({ code, what, why, next }) =>
      [`${code}:`, what, why, next].filter((part) => part !== '').join(' '),
    );
    return { text: lines.join('\n'), refused: true };
  }
  return { text: event ?? 'Handed in; the engine has not taken it yet.', refused: false };
}

const lineOf = ({ run, drill, service, runbook, state }: Head): string =>
  [run, drill, service.id, runbook.id, state].join('  ');
