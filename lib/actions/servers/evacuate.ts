/**
 * `servers/evacuate`: one cloud over two sites, one site lost. Its compute hosts are forced down, so that
 * Nova does not take them for alive again by itself; then its servers go on at the other site, on the same
 * volumes. A server whose old host still ran would write twice to one volume: two people have seen
 * that nothing there writes, Nova has not heard of the host, and no path to the lost array is left.
 */
import * as z from 'zod';
import { type ServerSpec, type Site, serverSchema } from '../../config.ts';
import { evacuateBody, forcedDownBody, novaPaths } from '../../openstack/paths.ts';
import { computesSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Guard } from '../../runbook/plan.ts';
import { against } from '../../vsp/hazards.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { seeHalf } from '../gad/survive.ts';
import { assertProof } from '../proof.ts';
import { arrayTarget, onCloud, see } from '../reads.ts';
import { boundSite, survivorOf } from '../replicas.ts';
import { protectionMark } from '../replication/protection.ts';
import { type Evacuation, judgeEvacuation } from './judge-evacuate.ts';
import { seeServers } from './live.ts';

const input = z.strictObject({
  /** Whose volumes are left with one half. */
  group: z.string(),
  servers: z.array(serverSchema).min(1),
  /** The step in which one person fenced the lost site and another one watched. */
  proof: z.string(),
});
type Input = z.infer<typeof input>;

export const serversEvacuate: Action<Input, Evacuation> = {
  name: 'servers/evacuate',
  input,
  title: { ko: '남은 센터로 서버 대피', en: 'Bring the servers over to the site that is left' },
  withinMs: 30 * 60_000,
  pollMs: 5_000,
  facts: ['survivor'],
  guarded: ['gad-open', 'remote-paths-down', 'host-silent'],
  // Whoever brought them over: they run, and the run says that it was not us.
  preexisting: 'accept',
  marks: ({ group }) => ({ name: protectionMark(group), undone: false }),
  plan: ({ group, servers, proof }, context) => {
    assertProof(proof, context);
    const known = survivorOf(context.facts).group;
    if (known !== group) {
      throw new ActionError('ACT-PLAN', `Copy group ${group}.`, `The service has ${known}.`);
    }
    return [...downCalls(context), ...moveCalls(servers, context)];
  },
  observe: async (view, _input, read) => {
    const { site } = survivorOf(view.plan.facts);
    const place = onCloud(boundSite(boundOf(view.plan.facts), site), 'nova', novaPaths.computes);
    const [computes, servers, half] = await Promise.all([
      see(read, place, computesSchema),
      seeServers(read, view),
      seeHalf(view, read),
    ]);
    return { computes, servers, half };
  },
  judge: (seen, given, view) => ({ verdicts: judgeEvacuation(seen, given, view) }),
};

function downCalls(context: PlanContext): DraftCall[] {
  const { hosts } = survivorOf(context.facts);
  const site = survivingSite(context);
  return hosts.map(({ id, name }) => ({
    name: `down-${name}`,
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'PUT',
    path: novaPaths.service(id),
    body: forcedDownBody,
    guards: [...siteGuards(site, context), silentGuard(site, name)],
    words: {
      ko: `컴퓨트 호스트 ${name}을(를) 강제로 다운 처리`,
      en: `Force compute host ${name} down`,
    },
  }));
}

function moveCalls(wanted: readonly ServerSpec[], context: PlanContext): DraftCall[] {
  const { servers } = survivorOf(context.facts);
  const site = survivingSite(context);
  return wanted.flatMap(({ name }) => {
    const found = servers.find((server) => server.name === name);
    if (found?.host === undefined) return [];
    return [
      {
        name: `evacuate-${name}`,
        site: site.id,
        target: `nova:${site.cloud}`,
        method: 'POST' as const,
        path: novaPaths.action(found.id),
        body: evacuateBody,
        after: [`down-${found.host}`],
        guards: [...siteGuards(site, context), silentGuard(site, found.host)],
        words: {
          ko: `${found.host}에서 실행되던 서버 ${name}을(를) ${site.name.ko}에서 계속`,
          en: `Server ${name} of ${found.host} goes on at ${site.name.en}`,
        },
      },
    ];
  });
}

const survivingSite = ({ facts, config }: PlanContext): Site =>
  siteOf(config, survivorOf(facts).site);

/** The volumes can be written here, and no path leads to the array that was lost. */
function siteGuards({ array }: Site, { facts }: PlanContext): Guard[] {
  const { half, pairs, lost } = survivorOf(facts);
  const target = arrayTarget(array);
  return [
    {
      id: against(9, 'gad-open'),
      target,
      path: objectsPath(array, half),
      predicate: 'gad-open',
      args: { ldevs: pairs.map(({ ldev }) => ldev) },
    },
    {
      id: against(1, 'remote-paths-down'),
      target,
      path: objectsPath(array, reads.remotePaths),
      predicate: 'remote-paths-down',
      args: { storageDeviceId: lost.array },
    },
  ];
}

const silentGuard = ({ cloud }: Site, host: string): Guard => ({
  id: `host-silent-${host}`,
  target: `nova:${cloud}`,
  path: novaPaths.compute(host),
  predicate: 'host-silent',
  args: { host },
});
