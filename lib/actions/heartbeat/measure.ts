/**
 * `heartbeat/measure`: which heartbeats a site shows. At the site that was left, before it stops: the
 * last one that was acknowledged, if it still answers. At the site that goes on, after the servers
 * have started: the last one that was on the disks when they began. What was lost follows from these
 * (docs/heartbeat.md); a site that is silent is no reason to stop.
 */
import * as z from 'zod';
import { type CheckSpec, checkSchema } from '../../config.ts';
import type { Verdict } from '../../run/verdict.ts';
import { durationSchema } from '../../runbook/schema.ts';
import type { Action, Reader } from '../action.ts';
import { see } from '../reads.ts';

const input = z.strictObject({
  site: z.string(),
  /** `last`: what the site writes now. `first`: what its servers found when they started. */
  beat: z.enum(['last', 'first']),
  /** The checks of the service: the address is where one compares `/heartbeat`. */
  checks: z.array(checkSchema).min(1),
  within: durationSchema.optional(),
});
type Input = z.infer<typeof input>;

const beatSchema = z.object({ heartbeat: z.int().nonnegative(), at: z.iso.datetime() });
type Beat = z.infer<typeof beatSchema>;
const answerSchema = z.looseObject({ last: beatSchema.optional(), found: beatSchema.optional() });

/** One look at one address. */
type Look = { readonly beat: Beat } | { readonly why: string };

export const heartbeatMeasure: Action<Input, readonly Look[]> = {
  name: 'heartbeat/measure',
  input,
  title: { ko: '하트비트 측정', en: 'Measure the heartbeat' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: (_view, { site, beat, checks }, read) =>
    Promise.all(addressesIn(checks).map((url) => look(read, { site, url, beat }))),
  judge: (looks, { site, beat }, view) => ({
    verdicts: {
      [view.step.id]: verdictOf(looks, { site, beat, left: view.startedAt + LIMIT_MS - view.now }),
    },
  }),
};

/** Servers that have just started are given this long; then what is not known is said. */
const LIMIT_MS = 60_000;

const addressesIn = (checks: readonly CheckSpec[]): string[] => [
  ...new Set(
    checks.flatMap((check) =>
      check.kind === 'http-json' && check.pointer === '/heartbeat' ? check.urls : [],
    ),
  ),
];

async function look(
  read: Reader,
  {
    site,
    url,
    beat,
  }: { readonly site: string; readonly url: string; readonly beat: Input['beat'] },
): Promise<Look> {
  const seen = await see(read, { site, target: 'probe', path: url }, answerSchema);
  if (!seen.ok) return { why: seen.why };
  const found = beat === 'last' ? seen.value.last : seen.value.found;
  return found === undefined
    ? { why: `${url} at ${site} shows no such heartbeat` }
    : { beat: found };
}

function verdictOf(
  looks: readonly Look[],
  at: Pick<Input, 'site' | 'beat'> & { readonly left: number },
): Verdict {
  const { site, beat, left } = at;
  const beats = looks.flatMap((one) => ('beat' in one ? [one.beat] : []));
  const silent = looks.flatMap((one) => ('why' in one ? [one.why] : []));
  const why =
    looks.length === 0 ? 'No check of the service compares /heartbeat.' : silent.join('; ');
  const isWhole = looks.length > 0 && silent.length === 0;
  if (!isWhole && beat === 'first' && left > 0) return { state: 'pending', reason: why };
  const sorted = beats.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const [oldest] = sorted;
  const newest = sorted.at(-1);
  if (!isWhole || oldest === undefined || newest === undefined) {
    return { state: 'done', reading: { site, beat, unknown: why } };
  }
  // The worst group counts; how far the others are ahead of it is the skew.
  const shown = beat === 'last' ? newest : oldest;
  const skewMs = Date.parse(newest.at) - Date.parse(oldest.at);
  return {
    state: 'done',
    reading: { site, beat, heartbeat: shown.heartbeat, at: shown.at, skewMs },
  };
}
