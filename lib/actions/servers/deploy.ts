/**
 * `servers/deploy`: servers that keep nothing, made from images at the DR site, as many as asked
 * for. Image and flavor are bound by id before anybody approves. Taken back by `servers/delete`.
 */
import * as z from 'zod';
import { type Site, type StatelessSpec, statelessSchema } from '../../config.ts';
import { novaPaths, statelessBody } from '../../openstack/paths.ts';
import { type Server, serversSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Guard, PlanCall } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { standing } from './judge-boot.ts';
import { objectKey, serverName } from './made.ts';
import { withKey } from './seen.ts';
import { situationOfServers } from './situation.ts';

const input = z.strictObject({ servers: z.array(statelessSchema).min(1) });
type Input = z.infer<typeof input>;

export const serversDeploy: Action<Input, Seen<readonly Server[]>> = {
  name: 'servers/deploy',
  input,
  title: { ko: '이미지로 서버 배포', en: 'Deploy servers from images' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['flavors', 'images'],
  guarded: ['server-name-free'],
  preexisting: 'refuse',
  plan: ({ servers }, context) => {
    const site = siteOf(context.config, context.service.replication.to);
    const names = servers.flatMap(namesOf);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new ActionError('ACT-PLAN', `Server ${twice}.`, 'Two lines of the step make it.');
    }
    return servers.flatMap((spec) =>
      namesOf(spec).map((name) => deployCall(name, spec, { site, context })),
    );
  },
  observe: async (view, _input, read) => {
    const site = boundSite(boundOf(view.plan.facts), view.calls[0]?.site ?? '');
    const seen = await see(read, onCloud(site, 'nova', novaPaths.servers), serversSchema);
    return seen.ok ? { ok: true, value: seen.value.servers } : seen;
  },
  situation: situationOfServers,
  judge: (seen, _input, view) => ({
    verdicts: Object.fromEntries(
      view.calls.map((call) => {
        const mine = view.mine[call.id];
        return [call.id, judgeCall({ call, mine, now: view.now, effect: effectOf(call, seen) })];
      }),
    ),
  }),
};

/** One is called as it is written, several are numbered. */
const namesOf = ({ name, count }: StatelessSpec): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}-${i + 1}`);

function deployCall(
  name: string,
  spec: StatelessSpec,
  { site, context }: { readonly site: Site; readonly context: PlanContext },
): DraftCall {
  const { images, flavors } = boundOf(context.facts);
  const image = images?.[spec.image];
  const flavor = flavors?.[spec.flavor];
  if (image === undefined || flavor === undefined) {
    const what = image === undefined ? `Image ${spec.image}` : `Flavor ${spec.flavor}`;
    const why = 'Only what services.yml names under `stateless` is looked up before the plan.';
    throw new ActionError('ACT-PLAN', `${what} of ${name}.`, why);
  }
  const { network, userData } = spec;
  const key = objectKey(context.run, `${context.step}.start-${name}`);
  return {
    name: `start-${name}`,
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'POST',
    path: novaPaths.create,
    body: statelessBody({ ...{ name, flavor, image, network, key }, userData }),
    guards: [nameFreeGuard(site, name)],
    creates: {
      key,
      listPath: novaPaths.servers,
      list: '/servers',
      keyField: '/metadata/drillbook-key',
      id: '/id',
    },
    words: {
      ko: `${site.name.ko}에 이미지 ${spec.image}(으)로 ${name} 배포`,
      en: `Deploy ${name} at ${site.name.en} from image ${spec.image}`,
    },
  };
}

const nameFreeGuard = (site: Site, name: string): Guard => ({
  id: `server-name-free-${name}`,
  target: `nova:${site.cloud}`,
  path: novaPaths.servers,
  predicate: 'server-name-free',
  args: { name },
});

/** A server of that name that this run did not make was deployed before: one more is one too many. */
function effectOf(call: PlanCall, seen: Seen<readonly Server[]>): Effect {
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const name = serverName(call);
  const own = withKey(seen.value, call.creates?.key ?? '');
  const found = standing(name, own);
  if (found !== undefined) return found;
  const other = seen.value.find((server) => server.name === name);
  if (other === undefined) return { seen: 'absent', why: `There is no ${name}.` };
  return { seen: 'broken', why: `There is a server ${name} already, ${other.id}.` };
}
