/** Volumes that a restore makes, found by the key they are named with. */
import type { ServerSpec } from '../../config.ts';
import { cinderPaths } from '../../openstack/paths.ts';
import { type Volume, volumesSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Reader, StepView } from '../action.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';

export const restoreName = ({ name }: Pick<ServerSpec, 'name'>, i: number): string =>
  `restore-${name}-${i + 1}`;

export type VolumesSeen = Seen<readonly Volume[]>;

export async function seeVolumes(read: Reader, view: StepView): Promise<VolumesSeen> {
  const site = boundSite(boundOf(view.plan.facts), view.calls[0]?.site ?? '');
  const seen = await see(read, onCloud(site, 'cinder', cinderPaths.volumes), volumesSchema);
  return seen.ok ? { ok: true, value: seen.value.volumes } : seen;
}

/** Cinder's restore of a backup onto a new volume. */
export const restores = (call: PlanCall): boolean => /^\/backups\/[^/]+\/restore$/.test(call.path);

/** The restore whose volume a call works on. */
export function madeFor(call: PlanCall, { plan }: StepView): PlanCall | undefined {
  const [hole] = call.holes;
  return restores(call) ? call : plan.calls.find((one) => one.id === hole?.call);
}

export const withKey = (volumes: readonly Volume[], made: PlanCall | undefined): Volume[] =>
  volumes.filter(({ name }) => name === made?.creates?.key);
