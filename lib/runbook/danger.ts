/**
 * The danger of one call: the table beside each client, then the objects it touches. Computed by
 * compile with the list a gateway publishes, and by the gateway with its own.
 */
import * as z from 'zod';
import { classifyConfigurationCall } from '../openstack/configuration/danger.ts';
import { type CloudApi, classifyCloudCall } from '../openstack/danger.ts';
import { classifyArrayCall } from '../vsp/danger.ts';
import { type Bound, boundOf } from './bound.ts';
import type { DangerClass, Facts, Hole } from './plan.ts';
import { argumentFaults, type SiteTask, TASK_RUN } from './tasks.ts';

export interface CallShape {
  readonly target: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly holes: readonly Hole[];
}

export interface DangerContext {
  readonly facts: Facts;
  /** What may be touched in a drill at the call's site. */
  readonly drillable: Drillable;
  /** Site tasks of the call's site. */
  readonly tasks?: readonly SiteTask[];
}

interface Drillable {
  readonly copyGroups: readonly string[];
  readonly ldevs: readonly number[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

/**
 * `copy` only while every group, LDEV, volume and network that the call names, or that a bound fact
 * joins to it, is drillable; one outside makes it `data`. Undefined: in no table, so refused.
 */
export function classOf(call: CallShape, context: DangerContext): DangerClass | undefined {
  const [kind, name = ''] = call.target.split(':');
  const { method, path, body } = call;
  if (kind === 'array') {
    const found = classifyArrayCall({ storageDeviceId: name, method, path, body });
    if (found?.class !== 'copy') return found?.class;
    return copyGroupIsDrillable(name, found.id, context) ? 'copy' : 'data';
  }
  const configuring = classifyConfigurationCall({
    api: kind ?? '',
    method,
    path,
    body,
    holes: call.holes,
  });
  if (kind === 'task') {
    const task = context.tasks?.find((one) => one.name === name);
    return task === undefined ? undefined : taskClass(call, task);
  }
  if (kind !== 'cinder' && kind !== 'nova' && kind !== 'neutron') return configuring;
  const api: CloudApi = kind;
  const found = classifyCloudCall({ api, method, path, body, holes: call.holes });
  if (found === undefined) return configuring;
  if (found.class !== 'copy') return found.class;
  const { volumes, networks } = context.drillable;
  const ldevs = ldevsOf(found.volumes, context.facts);
  const inside =
    ldevs !== undefined &&
    found.volumes.every((id) => volumes.includes(id)) &&
    ldevs.every((ldev) => context.drillable.ldevs.includes(ldev)) &&
    found.networks.every((id) => networks.includes(id));
  return inside ? 'copy' : 'data';
}

const runSchema = z.strictObject({ args: z.record(z.string(), z.unknown()) });

/** As dangerous as the owner of the gateway wrote, and only in the form that was declared. */
function taskClass(call: CallShape, task: SiteTask): DangerClass | undefined {
  const run = runSchema.safeParse(call.body);
  const isRun = call.method === 'POST' && call.path === TASK_RUN && call.holes.length === 0;
  if (!isRun || !run.success) return undefined;
  return argumentFaults(task, run.data.args).length === 0 ? task.class : undefined;
}

/** The group must be known by facts on this very array: else nobody knows what it overwrites. */
function copyGroupIsDrillable(
  storageDeviceId: string,
  id: string | undefined,
  { facts, drillable }: DangerContext,
): boolean {
  const bound = boundIn(facts);
  const clone = bound?.clone;
  if (bound === undefined || clone === undefined || clone.id !== id) return false;
  if (bound.sites[clone.site]?.storageDeviceId !== storageDeviceId) return false;
  const overwritten = clone.pairs.map((pair) => pair.svol);
  const joined = (bound.volumes ?? []).filter((volume) => overwritten.includes(volume.copyLdev));
  return (
    clone.id.split(',')[0] === clone.group &&
    drillable.copyGroups.includes(clone.group) &&
    overwritten.length > 0 &&
    overwritten.every((ldev) => drillable.ldevs.includes(ldev)) &&
    joined.every((volume) => drillable.volumes.includes(volume.copyVolume))
  );
}

/** Nobody's: a volume whose LDEV was not asked for is on no list. */
const NO_LDEV = -1;

/** LDEVs under the volumes, by every fact that joins one; undefined when facts have no shape. */
function ldevsOf(volumes: readonly string[], facts: Facts): number[] | undefined {
  if (Object.keys(facts.bound).length === 0) return [];
  const bound = boundIn(facts);
  if (bound === undefined) return undefined;
  const chained = (bound.volumes ?? []).flatMap((volume) => [
    ...(volumes.includes(volume.copyVolume) ? [volume.copyLdev] : []),
    ...(volumes.includes(volume.drVolume) ? [volume.drLdev] : []),
    ...(volumes.includes(volume.main) ? [volume.mainLdev] : []),
  ]);
  const twinned = (bound.twins ?? []).flatMap((twin) => [
    ...(volumes.includes(twin.dr) ? [twin.drLdev] : []),
    ...(volumes.includes(twin.main) ? [twin.mainLdev ?? NO_LDEV] : []),
  ]);
  return [...chained, ...twinned];
}

/** Facts of another shape are no facts. */
function boundIn(facts: Facts): Bound | undefined {
  try {
    return boundOf(facts);
  } catch (error) {
    if (error instanceof z.ZodError) return undefined;
    throw error;
  }
}
