/**
 * `volumes/manage`: the DR Cinder takes LDEVs over that it did not make: copies of the S-VOLs, or the
 * S-VOLs themselves once their pairs are cut. Cinder says yes to everything and its driver refuses
 * later without a word, so the gateway sees first that the LDEV is one the driver adopts.
 */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import { cinderPaths, manageBody } from '../../openstack/paths.ts';
import { type Volume, volumesSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite, takeoverOf } from '../replicas.ts';
import { objectKey } from '../servers/made.ts';
import { situationOfServers } from '../servers/situation.ts';
import { manageName } from './managed.ts';
import { assertWay, dissolves, endsCopy, ldevGuard, secondariesOf, siteTaken } from './way.ts';

const input = z.strictObject({
  /** Where the DR Cinder has the array: `<host>@<backend>#<pool>`. */
  host: z.string().regex(/^[^\s@#]+@[^\s@#]+#\S+$/, 'as cinder-volume@backend#pool'),
});
type Input = z.infer<typeof input>;

type Observed = Seen<readonly Volume[]>;

export const volumesManage: Action<Input, Observed> = {
  name: 'volumes/manage',
  input,
  title: { ko: 'DR Cinder에 볼륨 등록', en: 'Have the DR Cinder manage the volumes' },
  withinMs: 30 * 60_000,
  pollMs: 5_000,
  facts: ['takeover', 'secondaries'],
  guarded: ['ldev-adoptable'],
  preexisting: 'refuse',
  plan: ({ host }, context) => {
    assertWay(context, ['copy', 'cut']);
    const { service } = context;
    const first = new Set(service.servers.map(({ volumes }) => volumes[0]));
    return rowsOf(context).map((row) =>
      manageCall({ ...row, host, bootable: first.has(row.main) }, context),
    );
  },
  observe: async (view, _input, read) => {
    const { facts } = view.plan;
    const site = boundSite(boundOf(facts), takeoverOf(facts).site);
    const seen = await see(read, onCloud(site, 'cinder', cinderPaths.volumes), volumesSchema);
    return seen.ok ? { ok: true, value: seen.value.volumes } : seen;
  },
  situation: situationOfServers,
  judge: (observed, _input, view) => ({ verdicts: judged(observed, view) }),
};

interface Row {
  readonly main: string;
  readonly ldev: number;
  readonly blocks: number;
  /** What must have been done to the LDEV before. */
  readonly after: readonly string[];
}

/** The copies that an earlier step makes, or the S-VOLs that one frees. Throws ACT-PLAN without one. */
function rowsOf({ service, facts, calls, step }: PlanContext): Row[] {
  const isCopy = service.atDr === 'copy';
  const freed = calls.filter((call) => (isCopy ? endsCopy(call) : dissolves(call)));
  if (freed.length === 0) {
    const why = `No ${isCopy ? 'volumes/clone' : 'volumes/cut'} step before it frees them.`;
    throw new ActionError('ACT-PLAN', `Step ${step} has no volumes to manage.`, why);
  }
  const after = calls.filter((call) => freed.some((one) => one.step === call.step));
  const { spares = [] } = boundOf(facts);
  return secondariesOf(facts).map(({ main, ldev, blocks }, i) => ({
    main,
    ldev: isCopy ? (spares[i] ?? ldev) : ldev,
    blocks,
    after: after.filter((call) => freed.includes(call) || unmaps(call, ldev)).map(({ id }) => id),
  }));
}

const unmaps = ({ id }: PlanCall, ldev: number): boolean => id.includes(`.unmap-${ldev}-`);

interface Managing extends Row {
  readonly host: string;
  readonly bootable: boolean;
}

function manageCall(managing: Managing, context: PlanContext): DraftCall {
  const { main, ldev, blocks, after, host, bootable } = managing;
  const site: Site = siteTaken(context);
  const name = manageName(main);
  const key = objectKey(context.run, `${context.step}.${name}`);
  return {
    name,
    site: site.id,
    target: `cinder:${site.cloud}`,
    method: 'POST',
    path: cinderPaths.manage,
    body: manageBody({ host, ldev, key, bootable }),
    after,
    guards: [ldevGuard(site, 'ldev-adoptable', { ldev, blocks })],
    creates: {
      ...{ key, listPath: cinderPaths.volumes, list: '/volumes' },
      ...{ keyField: '/name', id: '/id' },
    },
    words: {
      ko: `볼륨 ${main}: ${site.name.ko}의 Cinder(${host})에 LDEV ${ldev} 등록`,
      en: `Volume ${main}: have Cinder at ${site.name.en} (${host}) manage LDEV ${ldev}`,
    },
  };
}

function judged(observed: Observed, view: StepView) {
  return Object.fromEntries(
    view.calls.map((call) => {
      const effect = effectOf(call, observed);
      return [call.id, judgeCall({ call, mine: view.mine[call.id], now: view.now, effect })];
    }),
  );
}

function effectOf({ creates }: PlanCall, observed: Observed): Effect {
  if (!observed.ok) return { seen: 'unknown', why: observed.why };
  const found = observed.value.filter(({ name }) => name === creates?.key);
  const [volume] = found;
  if (volume === undefined) return { seen: 'absent', why: 'Cinder has no such volume.' };
  if (found.length > 1) return { seen: 'broken', why: `${found.length} volumes carry its key.` };
  const { id, status } = volume;
  const reading = { volume: id, status };
  const why = `Volume ${id} is ${status}.`;
  if (['available', 'reserved', 'attaching', 'in-use'].includes(status)) {
    return { seen: 'there', reading };
  }
  if (status === 'managing' || status === 'creating') return { seen: 'moving', why, reading };
  const rules =
    'The driver takes an unpaired pool volume without LU paths, in whole GiB, and its own host only.';
  return { seen: 'broken', why: `${why} ${rules}`, reading };
}
