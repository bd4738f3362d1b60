/**
 * `servers/delete`: takes back what a step of this run made, in mirror order: servers, their ports,
 * then the volumes are parked again. Production is shut down first, so that its guests write what
 * they still hold. Nothing else is named by any call. The calls wait for no other by `after`: a boot
 * that stopped half-way leaves gaps.
 */
import * as z from 'zod';
import { novaPaths, powerBodies, resetStatusBody } from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { volumeGuard } from '../guards.ts';
import { boundSite } from '../replicas.ts';
import { judgeDelete } from './judge-delete.ts';
import { makesPort, makesServer, networkMade, resetOf, serverName } from './made.ts';
import { type CloudSeen, seeCloud, volumesIn } from './seen.ts';
import { situationOfServers } from './situation.ts';

const input = z.strictObject({});
type Input = z.infer<typeof input>;

export const serversDelete: Action<Input, CloudSeen> = {
  name: 'servers/delete',
  input,
  title: { ko: '기동한 서버 삭제와 볼륨 보관', en: 'Delete the servers made, park their volumes' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  // What it needs to know stands in the calls that it takes back.
  facts: [],
  guarded: ['volume-status'],
  preexisting: 'accept',
  plan: (_input, context) => {
    const made = context.calls.filter((call) => call.step === context.undoes);
    if (made.length === 0) {
      const why = 'Write `undoes:` with the id of a step that makes servers.';
      throw new ActionError('ACT-PLAN', `Step ${context.step} deletes nothing.`, why);
    }
    return made.flatMap((call) => mirrorOf(call, context));
  },
  observe: (view, _input, read) =>
    seeCloud(read, view, {
      site: view.calls[0]?.site ?? '',
      network: networkMade(view.plan.calls.filter((call) => call.step === view.step.undoes)),
      volumes: volumesIn(view.calls),
    }),
  situation: situationOfServers,
  judge: (seen, _input, view) => ({ verdicts: judgeDelete(seen, view) }),
};

/** The call that takes another back, named after it. */
function mirrorOf(call: PlanCall, context: PlanContext): DraftCall[] {
  const name = call.id.slice(call.id.indexOf('.') + 1);
  const base = { site: call.site, target: call.target };
  if (makesServer(call)) {
    const server = serverName(call);
    const holes = [{ name: 'server', call: call.id, pointer: '/server/id' }];
    const stop: DraftCall = {
      ...{ ...base, holes },
      name: name.replace(/^start-/, 'stop-'),
      method: 'POST',
      path: novaPaths.action('{{server}}'),
      body: powerBodies.stop,
      words: { ko: `이번 실행이 만든 ${server} 정지`, en: `Shut down ${server} made by this run` },
    };
    return [
      ...(call.class === 'copy' ? [] : [stop]),
      {
        ...{ ...base, holes },
        name: name.replace(/^start-/, 'delete-'),
        method: 'DELETE',
        path: novaPaths.server('{{server}}'),
        words: { ko: `이번 실행이 만든 ${server} 삭제`, en: `Delete ${server} made by this run` },
      },
    ];
  }
  if (makesPort(call)) {
    return [
      {
        ...base,
        name: name.replace(/^port-/, 'delete-port-'),
        method: 'DELETE',
        path: '/v2.0/ports/{{port}}',
        holes: [{ name: 'port', call: call.id, pointer: '/port/id' }],
        words: { ko: '이번 실행이 만든 포트 삭제', en: 'Delete a port made by this run' },
      },
    ];
  }
  const reset = resetOf(call);
  if (reset === undefined) return [];
  const site = boundSite(boundOf(context.facts), call.site);
  return [
    {
      ...base,
      name: name.replace(/^unpark-/, 'park-'),
      method: 'POST',
      path: call.path,
      body: resetStatusBody('maintenance'),
      guards: [volumeGuard(site, reset.volume, 'available')],
      words: {
        ko: `볼륨 ${reset.volume} 다시 보관`,
        en: `Park volume ${reset.volume} again`,
      },
    },
  ];
}
