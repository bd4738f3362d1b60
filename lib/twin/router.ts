/** The addresses of the twin in one process: who answers where, with every request seen settled. */
import type { Http } from '../http.ts';
import type { Insides } from './insides.ts';

/** In-process address of an array (by id) or a cloud (by name). */
export function originOf(kind: 'array' | 'cloud', name: string): string {
  return `http://${kind}.${name}.twin`;
}

/** In-process address of the forward proxy into the drill networks. */
export const PROBE_ORIGIN = 'http://probe.twin';
/** The same for where the first service is at home. */
export const HOME_PROBE_ORIGIN = 'http://home.probe.twin';

/** What gets a network port of its own. */
export interface TwinDoor {
  readonly kind: 'array' | 'cloud';
  readonly name: string;
  readonly origin: string;
  readonly handler: Http;
}

/** `look` notes what time has brought; it is called before and after each request. */
export function routerOf(inside: Insides, look: () => void) {
  const watched =
    (handler: Http): Http =>
    async (request) => {
      look();
      const answer = await handler(request);
      look();
      return answer;
    };
  const doors: TwinDoor[] = [
    ...[...inside.arrays].map(([name, { handle }]): TwinDoor => {
      return { kind: 'array', name, origin: originOf('array', name), handler: watched(handle) };
    }),
    ...[...inside.clouds].map(([name, { cloud }]): TwinDoor => {
      const handler = watched(silenced(inside, name, cloud.handle));
      return { kind: 'cloud', name, origin: originOf('cloud', name), handler };
    }),
  ];
  const byOrigin = new Map(doors.map((door) => [door.origin, door.handler]));
  const probe = watched(probeOf(inside, 'to'));
  const homeProbe = watched(probeOf(inside, 'from'));
  const proxies = new Map([
    [PROBE_ORIGIN, probe],
    [HOME_PROBE_ORIGIN, homeProbe],
  ]);
  const http: Http = async (request) => {
    const proxy = proxies.get(new URL(request.proxy ?? request.url).origin);
    if (request.proxy !== undefined && proxy !== undefined) return await proxy(request);
    const handler = byOrigin.get(new URL(request.url).origin);
    if (handler === undefined) throw new Error(`nobody listens at ${request.url}`);
    return await handler(request);
  };
  return { doors: doors as readonly TwinDoor[], http, probe, homeProbe };
}

/** A cloud whose sites are all dead does not answer. */
function silenced(inside: Insides, name: string, handler: Http): Http {
  return async (request) => {
    if (inside.faults.darkClouds().has(name)) throw new Error(`the site of cloud ${name} is dead`);
    return await handler(request);
  };
}

/** Into the networks of one cloud: drill networks are where the first service is copied to. */
function probeOf(inside: Insides, end: 'from' | 'to'): Http {
  const site = inside.units[0]?.[end];
  const found = [...inside.clouds].find(([, { arrays }]) => arrays.includes(site ?? ''));
  if (found === undefined) return () => Promise.reject(new Error('no drill network'));
  const [name, { cloud }] = found;
  return silenced(inside, name, cloud.probe);
}
