/** Where a new volume goes: the first back end that is well, fits the type and has the room. */
import type { CloudSeed } from '../seed.ts';
import type { CloudContext } from '../state.ts';
import { takesWork, volumeService } from './health.ts';
import type { VolumeType } from './state.ts';

type Backend = CloudSeed['backends'][number];

export const poolOf = ({ host, pool }: Backend): string => `${host}#${pool}`;

interface Wanted {
  readonly type: VolumeType | undefined;
  readonly sizeGiB: number;
  readonly zone: string | null;
}

/** `host@backend#pool`, or null when no back end is left. */
export function schedule(context: CloudContext, wanted: Wanted): string | null {
  const now = context.clock.now();
  const found = context.seed.backends.find((backend) => {
    const service = volumeService(context, backend.host);
    return (
      service !== undefined &&
      takesWork(service, now) &&
      (wanted.zone ?? backend.zone) === backend.zone &&
      service.stats.usedGiB + wanted.sizeGiB <= backend.capacityGiB &&
      suits(backend, wanted.type)
    );
  });
  return found === undefined ? null : poolOf(found);
}

/** What a volume type asks of a back end, as far as it says anything about itself. */
export function suits(backend: Backend, type: VolumeType | undefined): boolean {
  const { volume_backend_name: name, replication_enabled: replication } = type?.extraSpecs ?? {};
  if (name !== undefined && name !== backend.host.split('@')[1]) return false;
  return replication !== '<is> True' || backend.replicates !== undefined;
}
