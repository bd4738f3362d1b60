/** What a call of these actions is about, read back from the call itself: the plan is the list. */
import * as z from 'zod';
import { volumeCalls } from '../../openstack/protection.ts';
import type { PlanCall } from '../../runbook/plan.ts';

export type About =
  | { readonly of: 'new-volume'; readonly key: string }
  | { readonly of: 'volume'; readonly volume: string; readonly wants: VolumeWish }
  | {
      readonly of: 'path';
      readonly ldev: number;
      readonly through: string;
      readonly there: boolean;
    }
  | { readonly of: 'pair' | 'clone'; readonly name: string; readonly ldevs?: Ends };

export type VolumeWish =
  | { readonly status: 'available' | 'maintenance' }
  | { readonly bootable: boolean }
  | { readonly image: Readonly<Record<string, string>> }
  | { readonly sizeGiB: number }
  | { readonly metadata: Readonly<Record<string, string | undefined>> }
  | { readonly gone: true };

/** Absent: the pair is to go. */
interface Ends {
  readonly pvol: number;
  readonly svol: number;
}

const resetSchema = z.strictObject({
  'os-reset_status': z.strictObject({ status: z.enum(['available', 'maintenance']) }),
});
const pathSchema = z.looseObject({
  portId: z.string(),
  hostGroupNumber: z.int(),
  ldevId: z.int(),
});
const pairSchema = z.looseObject({
  copyPairName: z.string(),
  pvolLdevId: z.int(),
  svolLdevId: z.int(),
});

/** Undefined for a call that none of these actions writes. */
export function aboutOf(call: PlanCall): About | undefined {
  if (call.target.startsWith('cinder:')) return aboutVolume(call);
  const [kind = '', id = ''] = call.path.split('/').slice(-(call.method === 'POST' ? 1 : 2));
  if (kind === 'luns') return aboutPath(call, id);
  const of = kinds[kind];
  if (of === undefined) return undefined;
  if (call.method === 'DELETE') return { of, name: id.split(',').at(-1) ?? '' };
  const body = pairSchema.safeParse(call.body);
  if (!body.success) return undefined;
  const { copyPairName: name, pvolLdevId: pvol, svolLdevId: svol } = body.data;
  return { of, name, ldevs: { pvol, svol } };
}

const kinds: Readonly<Record<string, 'pair' | 'clone'>> = {
  'remote-mirror-copypairs': 'pair',
  'local-clone-copypairs': 'clone',
};

function aboutVolume({ method, path, body, creates }: PlanCall): About | undefined {
  if (creates !== undefined) return { of: 'new-volume', key: creates.key };
  const volume = /^\/volumes\/([^/]+)/.exec(path)?.[1];
  if (volume === undefined) return undefined;
  const wants = method === 'DELETE' ? ({ gone: true } as const) : wishIn(body);
  return wants === undefined ? undefined : { of: 'volume', volume, wants };
}

function wishIn(body: unknown): VolumeWish | undefined {
  const { bootable, image, extend, name } = volumeCalls;
  const reset = resetSchema.safeParse(body);
  if (reset.success) return reset.data['os-reset_status'];
  const boot = bootable.safeParse(body);
  if (boot.success) return boot.data['os-set_bootable'];
  const properties = image.safeParse(body);
  if (properties.success) return { image: properties.data['os-set_image_metadata'].metadata };
  const larger = extend.safeParse(body);
  if (larger.success) return { sizeGiB: larger.data['os-extend'].new_size };
  const named = name.safeParse(body);
  return named.success ? { metadata: named.data.metadata } : undefined;
}

function aboutPath({ method, body, guards }: PlanCall, id: string): About | undefined {
  if (method === 'DELETE') {
    const ldev = guards.find(({ predicate }) => predicate === 'path-of-ldev')?.args['ldev'];
    return typeof ldev === 'number' ? { of: 'path', ldev, through: id, there: false } : undefined;
  }
  const given = pathSchema.safeParse(body);
  if (!given.success) return undefined;
  const { portId, hostGroupNumber, ldevId: ldev } = given.data;
  return { of: 'path', ldev, through: `${portId},${hostGroupNumber},`, there: true };
}
