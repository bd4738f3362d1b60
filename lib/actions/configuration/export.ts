/** `configuration/export`: the controller of a site in its normal form, kept as evidence of the run. */
import * as z from 'zod';
import { canonical, sha256 } from '../../canonical.ts';
import { configurationKinds } from '../../mapping.ts';
import { normalOf } from '../../openstack/configuration/normal.ts';
import { asItIs } from '../../openstack/configuration/translate.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action } from '../action.ts';
import { boundSite } from '../replicas.ts';
import { configurationOf } from './apply.ts';
import { type SeenCloud, seeCloudConfiguration } from './see.ts';

const input = z.strictObject({ site: z.string() });
type Input = z.infer<typeof input>;

export const configurationExport: Action<Input, SeenCloud> = {
  name: 'configuration/export',
  input,
  title: { ko: '컨트롤러 구성 내보내기', en: 'Export the configuration' },
  withinMs: 10 * 60_000,
  pollMs: 10_000,
  facts: ['mapping'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: ({ plan }, { site }, read) =>
    seeCloudConfiguration(
      read,
      boundSite(boundOf(plan.facts), site),
      configurationOf(plan.facts).mapping,
    ),
  judge: (seen, { site }, view) => {
    if (!seen.ok) {
      return { verdicts: { [view.step.id]: { state: 'pending', reason: `${seen.why}.` } } };
    }
    const { items } = normalOf(seen.value, asItIs);
    const text = canonical({ v: 1, site, items });
    const counts = configurationKinds.map((kind) => [
      kind,
      items.filter((item) => item.kind === kind).length,
    ]);
    const reading = { sha256: sha256(text), ...Object.fromEntries(counts) };
    return {
      verdicts: { [view.step.id]: { state: 'done', reading } },
      documents: [{ label: `configuration-${site}`, text }],
    };
  },
};
