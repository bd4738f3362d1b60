/** What a simulated cloud remembers; written to disk as it stands. Each service has its own part. */
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { faultTable } from '../faults/table.ts';
import type { ArrayPort } from '../seams.ts';
import { blockSchema, initialBlock } from './block/state.ts';
import { computeSchema, initialCompute } from './compute/state.ts';
import { identitySchema, initialIdentity } from './identity/state.ts';
import { imageStateSchema, initialImage } from './image/state.ts';
import { initialNetwork, networkSchema } from './network/state.ts';
import type { CloudSeed } from './seed.ts';

type CloudLine = Extract<(typeof faultTable)[number], { readonly target: 'cloud' }>;
export type CloudFault = CloudLine['name'];

/** Faults a test or a scenario can switch on by name. */
export const cloudFaults: readonly CloudFault[] = faultTable
  .filter((line): line is CloudLine => line.target === 'cloud')
  .map(({ name }) => name);

export const cloudStateSchema = z.strictObject({
  identity: identitySchema,
  block: blockSchema,
  image: imageStateSchema,
  compute: computeSchema,
  network: networkSchema,
  faults: z.array(z.enum(cloudFaults)),
});
export type CloudState = z.infer<typeof cloudStateSchema>;

/** What all services of one cloud share. `state` is replaced as a whole by a restore. */
export interface CloudContext {
  readonly seed: CloudSeed;
  /** By the `arrayId` that its back ends name. */
  readonly arrays: Readonly<Record<string, ArrayPort>>;
  readonly clock: Clock;
  /** At most 32 bytes at a time. */
  readonly random: Random;
  readonly baseUrl: () => string;
  /** Whether everything in a site has failed. */
  readonly siteDown: (site: string) => boolean;
  readonly guestsReturn: (site: string) => boolean;
  readonly tokenTtlSeconds: number;
  readonly kept: boolean;
  state: CloudState;
}

export const initialState = (seed: CloudSeed, now: number): CloudState => ({
  identity: initialIdentity(),
  block: initialBlock(seed, now),
  image: initialImage(seed, now),
  compute: initialCompute(seed, now),
  network: initialNetwork(seed, now),
  faults: [],
});

export const hasFault = ({ state }: CloudContext, name: CloudFault): boolean =>
  state.faults.includes(name);
