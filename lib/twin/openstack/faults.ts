/** Switches a fault of the cloud; most of them are only looked up where they bite. */
import { cinderDied } from './block/health.ts';
import { followGuests } from './compute/guests.ts';
import { followHosts } from './compute/hosts.ts';
import { attachRouters } from './network/faults.ts';
import type { CloudContext, CloudFault } from './state.ts';

export function switchFault(context: CloudContext, name: CloudFault, on: boolean): void {
  const { state } = context;
  state.faults = state.faults.filter((one) => one !== name);
  if (name === 'token-revoked') {
    // All at once, and no service has them in its cache: a new login helps.
    if (on) state.identity.tokens = [];
    return;
  }
  if (on) state.faults.push(name);
  if (name === 'router-attached') attachRouters(context, on);
  if (name === 'cinder-down') cinderDied(context, on);
  if (name === 'compute-down') {
    followHosts(context, context.clock.now());
    followGuests(context);
  }
}
