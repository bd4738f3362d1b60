/** `os-extend`. A frozen back end accepts it, and the scheduler lets it come to nothing. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty } from '../wire.ts';
import { bodyOf } from './bodies.ts';
import { takesWork, volumeService } from './health.ts';
import { leaveMessage } from './messages.ts';
import { spend } from './quotas.ts';
import { invalidInput, invalidVolume } from './refusals.ts';
import type { Volume } from './state.ts';
import { begin } from './tasks.ts';

const IN_USE_SINCE = 42;

const size = z.union([
  z.int().min(1),
  z
    .string()
    .regex(/^[1-9]\d*$/)
    .transform(Number),
]);
const schema = z.strictObject({ 'os-extend': z.strictObject({ new_size: size }) });

export function extend(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const { new_size: sizeGiB } = bodyOf(ask, schema)['os-extend'];
  if (sizeGiB <= volume.sizeGiB) {
    const sizes = `(current: ${volume.sizeGiB}, extended: ${sizeGiB}).`;
    throw invalidInput(`New size for extend must be greater than current size. ${sizes}`);
  }
  const inUse = ask.minor >= IN_USE_SINCE && volume.status === 'in-use';
  const expected = inUse ? 'in-use' : 'available';
  if (volume.status !== expected) {
    // The braces and quotes are Cinder's own.
    const rule = `status must be '{'status': '${expected}'}' to extend, currently ${volume.status}.`;
    throw invalidVolume(`Volume ${volume.id} ${rule}`);
  }
  spend(context, volume.projectId, { sizeGiB: sizeGiB - volume.sizeGiB });
  const service = volumeService(context, volume.host);
  if (service === undefined || !takesWork(service, context.clock.now())) {
    const { requestId } = ask;
    leaveMessage(context, 'noBackendToExtend', { ...volume, type: 'VOLUME', requestId });
    return empty(202);
  }
  begin(volume, 'extend', { at: context.clock.now(), sizeGiB, backTo: volume.status });
  volume.status = 'extending';
  return empty(202);
}
