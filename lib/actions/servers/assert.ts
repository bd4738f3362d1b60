/**
 * `servers/assert`: the servers of the service run at a site. Where they run is where the truth is
 * written: a takeover alone does not say that, for the other side may have gone on by itself.
 */
import * as z from 'zod';
import { serverSchema } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { oneServerSchema } from '../../openstack/schema.ts';
import { powerOf, statusText } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import type { Action } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { liveServers } from './live.ts';

const input = z.strictObject({ site: z.string(), servers: z.array(serverSchema).min(1) });
type Input = z.infer<typeof input>;

interface Look {
  readonly name: string;
  /** `ACTIVE`, and whether it is on. */
  readonly seen: Seen<{ readonly status: string; readonly on: boolean }>;
}

export const serversAssert: Action<Input, readonly Look[]> = {
  name: 'servers/assert',
  input,
  title: { ko: '업무 서버가 실행 중인 센터 확인', en: 'The servers of the service run here' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: ['servers', 'twins'],
  preexisting: 'accept',
  repeatable: true,
  plan: ({ site, servers }, context) => {
    const there = liveServers(context, site, servers).map(({ name }) => name);
    const absent = servers.filter(({ name }) => !there.includes(name)).map(({ name }) => name);
    if (absent.length === 0) return [];
    const what = `${absent.join(', ')} of ${context.service.id} not at ${site}.`;
    const why = 'What was written elsewhere since would be overwritten.';
    throw new ActionError('ACT-PLAN', what, `${why} ${hazardText(4)}`);
  },
  observe: ({ plan }, { site, servers }, read) =>
    Promise.all(
      liveServers(plan, site, servers).map(async ({ name, id }): Promise<Look> => {
        const place = onCloud(boundSite(boundOf(plan.facts), site), 'nova', novaPaths.server(id));
        const seen = await see(read, place, oneServerSchema);
        if (!seen.ok) return { name, seen };
        const { server } = seen.value;
        const value = { status: statusText(server), on: powerOf(server) === 'on' };
        return { name, seen: { ok: true, value } };
      }),
    ),
  judge: (looks, _input, { step }) => ({ verdicts: { [step.id]: verdictOf(looks) } }),
};

function verdictOf(looks: readonly Look[]): Verdict {
  const said = looks.map(({ name, seen }) => `${name} ${seen.ok ? seen.value.status : seen.why}`);
  const reading = { servers: said };
  if (looks.every(({ seen }) => seen.ok && seen.value.on)) return { state: 'done', reading };
  return { state: 'pending', reason: `${said.join('; ')}. ${hazardText(4)}`, reading };
}
