/** `network/assert-isolated`: nothing that the drill servers do can leave the drill network. */
import * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import { evaluateGuard } from '../../runbook/guards.ts';
import type { Guard } from '../../runbook/plan.ts';
import type { Action, Reading, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { networkGuards } from '../guards.ts';
import { boundSite } from '../replicas.ts';
import { portNames } from '../servers/made.ts';

const input = z.strictObject({ network: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  readonly found: readonly { readonly guard: Guard; readonly reading: Reading }[];
}

export const networkAssertIsolated: Action<Input, Observed> = {
  name: 'network/assert-isolated',
  input,
  title: { ko: '훈련망 격리 확인', en: 'The drill network is isolated' },
  withinMs: 2 * 60_000,
  pollMs: 5_000,
  facts: ['network'],
  guarded: ['network-closed', 'segment-alone', 'only-own-ports'],
  preexisting: 'accept',
  repeatable: true,
  plan: ({ network }, { facts, service, config }) => {
    const { id } = siteOf(config, service.replication.to);
    if (network !== service.drill.network) {
      const why = `The drill network of ${service.id} is ${service.drill.network}.`;
      throw new ActionError('ACT-PLAN', `Network ${network}.`, why);
    }
    if (boundOf(facts).drillable[id]?.networks.includes(network)) return [];
    const why = `The gateway at ${id} does not list it as drillable.`;
    throw new ActionError('ACT-PLAN', `Network ${network}.`, why);
  },
  observe: async (view, { network }, read) => {
    const { site, guards } = guardsOf(view, network);
    const found = await Promise.all(
      guards.map(async (guard) => ({ guard, reading: await read(site, guard.target, guard.path) })),
    );
    return { found };
  },
  judge: ({ found }, _input, view) => {
    const unread = found.flatMap(({ guard, reading }) =>
      reading.ok ? [] : [`${guard.path}: ${reading.why}`],
    );
    if (unread.length > 0) {
      return { verdicts: { [view.step.id]: { state: 'pending', reason: unread.join('; ') } } };
    }
    const findings = found.flatMap(({ guard, reading }) =>
      reading.ok ? [{ guard, ...evaluateGuard(guard, reading) }] : [],
    );
    const open = findings.filter((finding) => !finding.holds);
    const reading = Object.fromEntries(findings.map((one) => [one.guard.predicate, one.reading]));
    if (open.length === 0) return { verdicts: { [view.step.id]: { state: 'done', reading } } };
    const words = open.map((one) => `${one.guard.predicate} ${JSON.stringify(one.reading)}`);
    const reason = `The drill network is not isolated: ${words.join('; ')}.`;
    return { verdicts: { [view.step.id]: { state: 'refuse', reason, reading } } };
  },
};

/** The very conditions that guard each start of a server. */
function guardsOf(view: StepView, network: string): { site: string; guards: Guard[] } {
  const bound = boundOf(view.plan.facts);
  const id = Object.keys(bound.drillable).find((site) =>
    bound.drillable[site]?.networks.includes(network),
  );
  const site = boundSite(bound, id ?? '');
  return { site: site.id, guards: networkGuards(site, network, portNames(view.plan.calls)) };
}
