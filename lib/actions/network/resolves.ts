/** `network/resolves`: the name that users know leads to the site it should lead to. */
import * as z from 'zod';
import type { Action, StepView } from '../action.ts';
import { type Seen, see } from '../reads.ts';

const input = z.strictObject({
  name: z.string(),
  /** An address, or another name (an alias) that it must stand for. */
  to: z.string(),
  /** Whose gateway looks it up; the site that services are copied to when left out. */
  site: z.string().optional(),
});
type Input = z.infer<typeof input>;

/** A gateway says 404 where a name stands for nothing. */
const foundSchema = z.strictObject({
  name: z.string(),
  aliases: z.array(z.string()),
  addresses: z.array(z.string()),
});

const NOTHING: Pick<z.infer<typeof foundSchema>, 'aliases' | 'addresses'> = {
  aliases: [],
  addresses: [],
};

export const networkResolves: Action<Input, Seen<z.infer<typeof foundSchema>>> = {
  name: 'network/resolves',
  input,
  title: { ko: '서비스 이름이 가리키는 곳 확인', en: 'The name leads where it should' },
  withinMs: 10 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: (view, { name, site = secondOf(view) }, read) =>
    see(read, { site, target: 'dns', path: `/${name}` }, foundSchema),
  judge: (seen, { name, to }, view) => {
    const wanted = to.toLowerCase().replace(/\.$/, '');
    const { aliases, addresses } = seen.ok ? seen.value : NOTHING;
    const reading = { name, aliases, addresses };
    // One address more, and some users are still led to the other site.
    const only = addresses.length === 1 && addresses[0] === wanted;
    const verdicts = (state: 'done' | 'pending', reason?: string) => ({
      verdicts: { [view.step.id]: { state, reading, ...(reason === undefined ? {} : { reason }) } },
    });
    if (aliases.includes(wanted) || only) return verdicts('done');
    const shown = [...aliases, ...addresses].join(', ') || 'nothing';
    const why =
      seen.ok || seen.gone ? `${name} stands for ${shown}, not yet ${to}.` : `${seen.why}.`;
    return verdicts('pending', why);
  },
};

const secondOf = ({ plan }: StepView): string => plan.sites[1] ?? '';
