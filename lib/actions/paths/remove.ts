/**
 * `paths/remove`: takes the hosts' LU paths away from the volumes of a service at a site, so that nobody
 * can write there any more. Each path goes only while the server that uses its volume is SHUTOFF.
 */
import * as z from 'zod';
import { novaPaths } from '../../openstack/paths.ts';
import { oneServerSchema } from '../../openstack/schema.ts';
import { powerOf, statusText } from '../../openstack/servers.ts';
import { type BoundPath, boundOf } from '../../runbook/bound.ts';
import type { Guard, PlanCall } from '../../runbook/plan.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import type { Action, DraftCall, PlanContext, Reader, StepView } from '../action.ts';
import { siteOf } from '../facts.ts';
import { type Effect, maySent } from '../judging.ts';
import { arrayTarget, onCloud, see } from '../reads.ts';
import { boundSite, fencedOf, pathsOf, serversOf, twinsOf } from '../replicas.ts';
import { situationOfSides, wholeMirror } from '../replication/sides.ts';
import { serverGuard } from '../servers/guards.ts';
import { judgePaths, type PathsJudged, pathsMark, seePathsOf } from './judge.ts';
import { lunId } from './seen.ts';

const input = z.strictObject({ group: z.string(), site: z.string() });
type Input = z.infer<typeof input>;

interface Observed extends PathsJudged {
  /** Servers that may still write, by id: what they are. */
  readonly running: ReadonlyMap<string, string>;
}

export const pathsRemove: Action<Input, Observed> = {
  name: 'paths/remove',
  input,
  title: { ko: '호스트 경로 제거', en: 'Remove the host paths' },
  withinMs: 20 * 60_000,
  pollMs: 3_000,
  // What an earlier run removed stands in this plan too: this one removes only the rest.
  facts: ['mirror', 'twins', 'servers', 'paths', 'fenced'],
  guarded: ['server-stopped', 'path-of-ldev'],
  preexisting: 'accept',
  marks: (given) => ({ name: pathsMark(given), undone: false }),
  plan: ({ group, site }, context) => {
    const { facts, undoes } = context;
    wholeMirror(group, context);
    // As an undo it takes away again what its step gave back.
    const paths = undoes === undefined ? pathsOf(facts, site) : fencedOf(facts, site);
    return paths.map((path) => removeCall(path, site, context));
  },
  observe: async (view, { site }, read) => {
    const [seen, running] = await Promise.all([
      seePathsOf(read, view, site),
      seeRunning(read, view, site),
    ]);
    return { ...seen, running };
  },
  situation: situationOfSides,
  judge: (observed, { site }, view) => ({
    verdicts: judgePaths(
      view,
      (call, path) => {
        const paths = observed.paths.get(path.ldev);
        if (paths?.ok !== true) return { seen: 'unknown', why: paths?.why ?? 'LDEV not read' };
        if (!paths.value.includes(lunId(path))) return { seen: 'there' };
        return present(call, { path, site, observed, sent: maySent(view.mine[call.id]) });
      },
      observed.jobs,
    ),
  }),
};

function removeCall(path: BoundPath, siteId: string, context: PlanContext): DraftCall {
  const site = siteOf(context.config, siteId);
  const { ldev, port, hostGroup, lun } = path;
  const id = lunId(path);
  const server = serverOf(ldev, siteId, context);
  const stillThat: Guard = {
    id: `path-of-ldev-${ldev}`,
    target: arrayTarget(site.array),
    path: objectsPath(site.array, reads.lun(id)),
    predicate: 'path-of-ldev',
    args: { ldev },
  };
  return {
    name: `remove-${ldev}-${port}-${hostGroup}-${lun}`,
    site: site.id,
    target: arrayTarget(site.array),
    method: 'DELETE',
    path: objectsPath(site.array, reads.lun(id)),
    guards: [
      stillThat,
      ...(server === undefined ? [] : [serverGuard(site, server, 'server-stopped')]),
    ],
    words: {
      ko: `${site.name.ko}에서 LDEV ${ldev}의 호스트 경로 ${id} 제거`,
      en: `Remove host path ${id} of LDEV ${ldev} at ${site.name.en}`,
    },
  };
}

/** The server of the service that uses an LDEV at a site, by id; it alone writes through its paths. */
function serverOf(ldev: number, site: string, context: PlanContext): string | undefined {
  const { service, facts } = context;
  const home = service.replication.from === site;
  const twin = twinsOf(facts).find((one) => (home ? one.mainLdev : one.drLdev) === ldev);
  const spec = service.servers.find(
    ({ volumes }) => twin !== undefined && volumes.includes(twin.main),
  );
  return serversOf(facts, site).find(({ name }) => name === spec?.name)?.id;
}

/** The servers that guards of these calls ask about, each asked once. */
async function seeRunning(
  read: Reader,
  view: StepView,
  siteId: string,
): Promise<ReadonlyMap<string, string>> {
  const site = boundSite(boundOf(view.plan.facts), siteId);
  const ids = [...new Set(view.calls.flatMap(serversIn))];
  const rows = await Promise.all(
    ids.map(async (id): Promise<[string, string][]> => {
      const place = onCloud(site, 'nova', novaPaths.server(id));
      const seen = await see(read, place, oneServerSchema);
      if (!seen.ok) return [[id, seen.why]];
      const { server } = seen.value;
      return powerOf(server) === 'off' ? [] : [[id, `${server.name} is ${statusText(server)}`]];
    }),
  );
  return new Map(rows.flat());
}

const serversIn = ({ guards }: PlanCall): string[] =>
  guards.flatMap(({ predicate, args }) =>
    predicate === 'server-stopped' && typeof args['server'] === 'string' ? [args['server']] : [],
  );

interface Present {
  readonly path: BoundPath;
  readonly site: string;
  readonly observed: Observed;
  readonly sent: boolean;
}

function present(call: PlanCall, { path, site, observed, sent }: Present): Effect {
  const why = `LU path ${lunId(path)} at ${site} is there.`;
  if (sent) return { seen: 'absent', why };
  const running = serversIn(call).flatMap((id) => observed.running.get(id) ?? []);
  return running.length === 0
    ? { seen: 'absent', why }
    : { seen: 'blocked', why: `May still write: ${running.join('; ')}.` };
}
