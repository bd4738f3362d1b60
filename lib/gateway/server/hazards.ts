/** Hazards that a gateway keeps away by itself, whatever conditions the plan carries. */
import { sha256 } from '../../canonical.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { isReplicated, isRestore } from '../../vsp/never.ts';
import { pairableSchema } from '../../vsp/protection.ts';
import { cloneGroupSchema } from '../../vsp/schema.ts';
import { GatewayError } from '../errors.ts';
import type { Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { parsed } from './holes.ts';

/**
 * A local copy is never put back over a volume of remote copy. Its sources are read from the array, not
 * from the plan. Rejects with GW-HAZARD when one of them is replicated or cannot be read.
 */
export async function assertNoRestore(parts: Parts, put: Put): Promise<void> {
  const { call, looks } = put;
  if (!call.target.startsWith('array:') || !isRestore(call.path)) return;
  const target = parts.targets.find(call.target);
  const see = async (path: string) => {
    const { status, body } = await target.get(path);
    return { path, status, answerHash: sha256(body), body: status === 200 ? parsed(body) : null };
  };
  const [head = ''] = call.path.split('/actions/');
  const group = await see(head.replace('/local-clone-copypairs/', '/local-clone-copygroups/'));
  const found = cloneGroupSchema.safeParse(group.body);
  const sources = found.success ? found.data.copyPairs.map(({ pvolLdevId }) => pvolLdevId) : [];
  const [objects = ''] = call.path.split('/local-clone-');
  const seen = await Promise.all(
    sources.map(async (ldev) => {
      const { body, ...look } = await see(`${objects}/ldevs/${ldev}`);
      const volume = pairableSchema.safeParse(body);
      const attributes = volume.success ? (volume.data.attributes ?? null) : null;
      const holds = volume.success && !isReplicated(volume.data);
      looks.push({ id: `source-unreplicated-${ldev}`, ...look, holds, reading: { attributes } });
      return holds ? [] : [`LDEV ${ldev} is ${attributes?.join(', ') ?? 'unknown'}`];
    }),
  );
  const bad = sources.length === 0 ? ['Its sources cannot be read'] : seen.flat();
  if (bad.length === 0) return;
  const why = `${bad.join('; ')}. ${hazardText(10)}`;
  throw new GatewayError('GW-HAZARD', `${call.id} puts a copy back over its source.`, { why });
}
