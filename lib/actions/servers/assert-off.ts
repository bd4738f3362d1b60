/**
 * `servers/assert-off`: before a site is given up, what it still says of itself. People have said that
 * nothing there can write; a site whose array answers and whose servers run says that it can. Silence
 * proves nothing and holds nothing up.
 */
import * as z from 'zod';
import { serverSchema } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { type Server, serversSchema } from '../../openstack/schema.ts';
import { powerOf, statusText } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { reads } from '../../vsp/paths.ts';
import { remotePathsSchema } from '../../vsp/schema.ts';
import type { Action } from '../action.ts';
import { onArray, onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { asking, type Rest, restOf } from './writing.ts';

const input = z.strictObject({
  site: z.string(),
  servers: z.array(serverSchema).min(1),
  /** Whoever answers there is too much: the policy gives a site up only when nothing of it does. */
  silent: z.boolean().default(false),
});
type Input = z.infer<typeof input>;

interface Observed {
  readonly servers: Seen<readonly Server[]>;
  /** Whether the array there answers at all. */
  readonly array: Seen<unknown>;
}

export const serversAssertOff: Action<Input, Observed> = {
  name: 'servers/assert-off',
  input,
  title: { ko: '업무 서버가 쓰고 있지 않은지 확인', en: 'No server of the service runs there' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  repeatable: true,
  marks: ({ servers }) => asking(servers),
  plan: () => [],
  observe: async ({ plan }, { site: id }, read) => {
    const site = boundSite(boundOf(plan.facts), id);
    const [cloud, array] = await Promise.all([
      see(read, onCloud(site, 'nova', novaPaths.servers), serversSchema),
      see(read, onArray(id, site.array, reads.remotePaths), remotePathsSchema),
    ]);
    return { servers: cloud.ok ? { ok: true, value: cloud.value.servers } : cloud, array };
  },
  judge: (seen, given, view) => ({
    verdicts: { [view.step.id]: verdictOf(seen, given, restOf(given.servers, view)) },
  }),
};

/** `rest`: an earlier run had stopped them, as far as we know; what is seen to run says otherwise. */
function verdictOf(
  { servers, array }: Observed,
  { site, servers: own, silent }: Input,
  rest: Rest | undefined,
): Verdict {
  const known = rest === undefined ? {} : { rest: { ...rest } };
  const talking = [servers.ok ? 'its cloud' : '', array.ok ? 'its array' : ''].filter(Boolean);
  if (silent && talking.length > 0) {
    const reason = `${site} answers: ${talking.join(' and ')}. It is given up only when it is silent.`;
    return { state: 'pending', reason, reading: known };
  }
  if (!servers.ok) return { state: 'done', reading: { unknown: servers.why, ...known } };
  const names = own.map(({ name }) => name);
  const running = servers.value.filter(
    (server) => names.includes(server.name) && powerOf(server) === 'on',
  );
  const said = running.map((server) => `${server.name} ${statusText(server)}`);
  const reading = {
    ...{ running: said, array: array.ok ? 'answers' : array.why },
    ...(said.length === 0 ? known : {}),
  };
  if (said.length === 0 || !array.ok) return { state: 'done', reading };
  const reason = `${site} answers, and so does its array: ${said.join('; ')}. ${hazardText(2)}`;
  return { state: 'refuse', reason, reading };
}
