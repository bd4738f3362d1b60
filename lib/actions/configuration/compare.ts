/** `configuration/compare`: what differs between two controllers and is not meant to. */
import * as z from 'zod';
import { canonical } from '../../canonical.ts';
import { type ConfigurationKind, configurationKinds } from '../../mapping.ts';
import { differencesOf } from '../../openstack/configuration/compare.ts';
import type { Difference } from '../../openstack/configuration/difference.ts';
import { kindWords, lineOf } from '../../openstack/configuration/words.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, Check, Judgement } from '../action.ts';
import { boundSite } from '../replicas.ts';
import { configurationOf } from './apply.ts';
import { type SeenCloud, seeCloudConfiguration } from './see.ts';

const input = z.strictObject({
  from: z.string(),
  to: z.string(),
  kinds: z
    .array(z.enum(configurationKinds))
    .min(1)
    .default([...configurationKinds]),
  /** What a difference does: stop the run, or be written down. */
  different: z.enum(['refuse', 'record']).default('refuse'),
});
type Input = z.infer<typeof input>;

interface Observed {
  readonly main: SeenCloud;
  readonly dr: SeenCloud;
}

/** Lines in the verdict; the whole list is the document. */
const LINES_MAX = 50;

export const configurationCompare: Action<Input, Observed> = {
  name: 'configuration/compare',
  input,
  title: { ko: '컨트롤러 구성 비교', en: 'Compare the configurations' },
  withinMs: 10 * 60_000,
  pollMs: 10_000,
  facts: ['mapping'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async ({ plan }, { from, to }, read) => {
    const { mapping } = configurationOf(plan.facts);
    const bound = boundOf(plan.facts);
    const [main, dr] = await Promise.all([
      seeCloudConfiguration(read, boundSite(bound, from), mapping),
      seeCloudConfiguration(read, boundSite(bound, to), mapping),
    ]);
    return { main, dr };
  },
  judge: ({ main, dr }, { kinds, different }, view) => {
    if (!main.ok || !dr.ok) {
      const reason = [main, dr].flatMap((seen) => (seen.ok ? [] : [seen.why])).join('; ');
      return { verdicts: { [view.step.id]: { state: 'pending', reason } } };
    }
    const { mapping } = configurationOf(view.plan.facts);
    const all = differencesOf({ main: main.value, dr: dr.value }, mapping);
    const found = all.filter(({ kind }) => kinds.includes(kind));
    return judged(found, { kinds, different }, view.step.id);
  },
};

function judged(
  found: readonly Difference[],
  { kinds, different }: Pick<Input, 'kinds' | 'different'>,
  step: string,
): Judgement {
  const lines = found.map(lineOf);
  const shown = {
    ko: lines.slice(0, LINES_MAX).map(({ ko }) => ko),
    en: lines.slice(0, LINES_MAX).map(({ en }) => en),
  };
  const reading = { differences: found.length, ...shown };
  const refused = found.length > 0 && different === 'refuse';
  return {
    verdicts: {
      [step]: refused
        ? { state: 'refuse', reason: `The controllers differ: ${shown.en.join('; ')}.`, reading }
        : { state: 'done', reading },
    },
    // What is only written down fails nothing.
    ...(different === 'record' ? {} : { checks: kinds.map((kind) => checkOf(kind, found)) }),
    documents: [{ label: 'configuration-differences', text: canonical({ v: 1, lines, found }) }],
  };
}

function checkOf(kind: ConfigurationKind, found: readonly Difference[]): Check {
  const own = found.filter((one) => one.kind === kind);
  const count = (sign: Difference['sign']) => own.filter((one) => one.sign === sign).length;
  const actual = `${count('add')} missing, ${count('change')} different, ${count('extra')} only at DR`;
  return {
    check: `configuration-${kindWords[kind].en.replaceAll(' ', '-')}`,
    kind: 'configuration',
    expected: 'the same',
    actual: own.length === 0 ? 'the same' : actual,
    verdict: own.length === 0 ? 'passed' : 'failed',
  };
}
