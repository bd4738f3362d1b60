/**
 * `configuration/apply`: makes at DR what is only at main, and what differs the same, as far as calls
 * can. What is only at DR stays, unless the runbook names it.
 */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import { configurationKinds } from '../../mapping.ts';
import { lists } from '../../openstack/configuration/answers.ts';
import { idKey, normalOf } from '../../openstack/configuration/normal.ts';
import { asItIs } from '../../openstack/configuration/translate.ts';
import { lineOf } from '../../openstack/configuration/words.ts';
import type { Verdict } from '../../run/verdict.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { Facts, Guard } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { boundSite } from '../replicas.ts';
import { objectKey } from '../servers/made.ts';
import { isListed, listed } from './needs.ts';
import { type SeenCloud, seeCloudConfiguration } from './see.ts';
import { type Work, type Works, worksOf } from './works.ts';

const input = z.strictObject({
  site: z.string(),
  kinds: z.array(z.enum(configurationKinds)).min(1),
  delete: z.array(z.string()).default([]),
});
type Input = z.infer<typeof input>;

export const configurationApply: Action<Input, SeenCloud> = {
  name: 'configuration/apply',
  input,
  title: { ko: '컨트롤러 구성 반영', en: 'Apply the configuration' },
  withinMs: 30 * 60_000,
  pollMs: 5_000,
  facts: ['configuration'],
  guarded: ['named-exactly'],
  preexisting: 'accept',
  plan: (given, context) => {
    const site = siteOf(context.config, context.service.replication.to);
    if (given.site !== site.id) {
      const why = `${context.service.id} is replicated to ${site.id}.`;
      throw new ActionError('ACT-PLAN', `Configuration of ${given.site}.`, why);
    }
    assertNamed(given, configurationOf(context.facts));
    const { works } = worksIn(context.facts, given, context);
    return works.map((work) => callOf(work, { site, facts: context.facts }));
  },
  observe: (view, { site }, read) => see(view, site, read),
  situation: async (view, read) => {
    const site = view.calls[0]?.site;
    const seen = site === undefined ? undefined : await see(view, site, read);
    if (seen === undefined) return [];
    if (!seen.ok) return [`Configuration of ${site}: unknown (${seen.why}).`];
    const { items } = normalOf(seen.value, asItIs);
    return [`Configuration of ${site}: ${items.length} objects were read.`];
  },
  judge: (seen, given, view) => ({ verdicts: judged(seen, given, view) }),
};

const see = (view: StepView, id: string, read: Parameters<typeof seeCloudConfiguration>[0]) => {
  const { mapping } = configurationOf(view.plan.facts);
  return seeCloudConfiguration(read, boundSite(boundOf(view.plan.facts), id), mapping);
};

export function configurationOf(facts: Facts): NonNullable<Bound['configuration']> {
  const found = boundOf(facts).configuration;
  if (found !== undefined) return found;
  throw new ActionError('ACT-PLAN', 'No configuration.', 'The facts of the plan have none.');
}

const worksIn = (
  facts: Facts,
  given: Input,
  { run, step }: Pick<PlanContext, 'run' | 'step'>,
): Works =>
  worksOf(
    configurationOf(facts),
    { kinds: given.kinds, remove: given.delete },
    { step, keyOf: (callId) => objectKey(run, callId) },
  );

/** Only what is at DR alone can be asked to go. */
function assertNamed(given: Input, { differences }: NonNullable<Bound['configuration']>): void {
  const extra = differences.filter(({ sign }) => sign === 'extra');
  const names = extra.map(({ kind, name }) => `${kind}/${name}`);
  const stray = given.delete.find((one) => !names.includes(one));
  if (stray === undefined) return;
  const why = `Only at DR: ${names.join(', ') || 'nothing'}.`;
  throw new ActionError('ACT-PLAN', `${stray} cannot be deleted.`, why);
}

function callOf(work: Work, { site, facts }: { site: Site; facts: Facts }): DraftCall {
  const { piece, difference, name, holes, after, key } = work;
  const line = lineOf(difference);
  const about = piece.about === undefined ? '' : `: ${piece.about}`;
  const creates = listings[`${piece.api} ${piece.path}`];
  return {
    name,
    site: site.id,
    target: `${piece.api}:${site.cloud}`,
    method: piece.method,
    path: piece.path,
    ...(piece.body === undefined ? {} : { body: piece.body }),
    after,
    guards: guardsOf(work, { site, facts }),
    holes,
    ...(piece.verb === 'create' && creates !== undefined
      ? { creates: { ...creates, key, keyField: '/description', id: '/id' } }
      : {}),
    words: { ko: `${site.name.ko}: ${line.ko}${about}`, en: `${site.name.en}: ${line.en}${about}` },
  };
}

/** Where what a POST made is listed. The others have names that cannot stand twice. */
const listings: Readonly<Record<string, { listPath: string; list: string }>> = Object.fromEntries(
  [lists.projects, lists.networks, lists.subnets, lists.routers, lists.securityGroups].map(
    ({ api, path, list }) => [`${api} ${path}`, { listPath: path, list: `/${list}` }],
  ),
);

/** Nobody made, renamed or removed one of this name since people looked. */
function guardsOf(
  { piece, difference }: Work,
  { site, facts }: { site: Site; facts: Facts },
): Guard[] {
  const { kind, value } = difference;
  if ((piece.verb !== 'create' && piece.verb !== 'delete') || !isListed(kind)) return [];
  const { api, path, list } = lists[listed[kind]];
  const name = String(value['name']);
  const ids = configurationOf(facts).namesakes[`${kind} ${name}`] ?? [];
  const target = `${api}:${site.cloud}`;
  return [
    { id: 'named-exactly', target, path, predicate: 'named-exactly', args: { list, name, ids } },
  ];
}

function judged(seen: SeenCloud, given: Input, view: StepView): Record<string, Verdict> {
  const { run, facts } = view.plan;
  const { works, left } = worksIn(facts, given, { run, step: view.step.id });
  const open = left.map(({ difference, why }) => `${lineOf(difference).en}: ${why}`);
  if (view.calls.length === 0) {
    const verdict: Verdict = { state: 'preexisting', reason: 'There is nothing to do.' };
    return { [view.step.id]: { ...verdict, reading: { left: open } } };
  }
  const values = seen.ok
    ? new Map(
        normalOf(seen.value, asItIs).items.map((item) => [idKey(item.kind, item.name), item.value]),
      )
    : undefined;
  const effectOf = ({ piece, difference: { kind, name } }: Work): Effect => {
    if (!seen.ok || values === undefined) return { seen: 'unknown', why: seen.ok ? '' : seen.why };
    const there = piece.isThere(values.get(idKey(kind, name)));
    return there ? { seen: 'there' } : { seen: 'absent', why: 'It is not so yet.' };
  };
  return Object.fromEntries(
    works.flatMap((work) => {
      const call = view.calls.find(({ id }) => id === `${view.step.id}.${work.name}`);
      if (call === undefined) return [];
      const case_ = { call, mine: view.mine[call.id], now: view.now, effect: effectOf(work) };
      return [[call.id, judgeCall({ ...case_, before: 'It was so already.' })]];
    }),
  );
}
