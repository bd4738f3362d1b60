/** Finds what a fault names and switches it: a service's volumes, an array, or a cloud. */
import { nearest } from '../errors.ts';
import type { TwinArray } from './array/array.ts';
import { TwinError } from './errors.ts';
import { serviceSwitches } from './faults.ts';
import { cloudFaults } from './openstack/state.ts';
import { arrayFaults, type Fault, type SiteFault, serviceFaults } from './scenario.ts';
import type { Insides } from './world.ts';

interface When {
  readonly on: boolean;
  readonly now: number;
}

/** Throws TW-NAME-UNKNOWN, with the nearest name, when service or site is not there. */
export function strike(inside: Insides, fault: Fault, { on, now }: When): void {
  const { name } = fault;
  const ofService = serviceFaults.find((one) => one === name);
  if (ofService !== undefined) {
    const service = inside.map.services.find(({ id }) => id === (fault.service ?? id));
    const [main, dr] = [
      inside.arrays.get(service?.from ?? ''),
      inside.arrays.get(service?.to ?? ''),
    ];
    if (service === undefined || main === undefined || dr === undefined) {
      throw unknown(
        'service',
        fault.service,
        inside.map.services.map(({ id }) => id),
      );
    }
    serviceSwitches[ofService][on ? 'on' : 'off']({ service, main, dr, now });
    return;
  }
  const site = fault.site ?? inside.map.services[0]?.to ?? '';
  const [array, cloud] = [inside.arrays.get(site), inside.clouds.get(site)];
  if (array === undefined || cloud === undefined) {
    throw unknown('site', site, [...inside.arrays.keys()]);
  }
  const ofCloud = cloudFaults.find((one) => one === name);
  if (ofCloud !== undefined) cloud.fault(ofCloud, on);
  else
    strikeArray(
      array,
      arrayFaults.find((one) => one === name),
      on,
    );
}

function strikeArray({ parts }: TwinArray, name: SiteFault | undefined, on: boolean): void {
  if (name === 'array-busy') parts.faults.busy = on;
  else if (name === 'job-unknown') parts.faults.jobUnknown = on;
  else if (name === 'job-failed') parts.faults.jobFailed = on;
  else if (name === 'sessions-lost' && on) parts.sessions.closeAll();
}

export function unknown(
  kind: string,
  typed: string | undefined,
  known: readonly string[],
): TwinError {
  const near = nearest(typed ?? '', known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return new TwinError('TW-NAME-UNKNOWN', `There is no ${kind} "${typed ?? ''}".${hint}`);
}
