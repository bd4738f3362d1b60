/** The targets of one gateway by the names that plans use. */
import { type Clock, systemClock } from '../../../clock.ts';
import type { Http } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { GatewayFolder } from '../settings.ts';
import { secretsOf } from '../tasks/redact.ts';
import { taskTarget } from '../tasks/target.ts';
import { arrayTarget } from './array.ts';
import { careful } from './careful.ts';
import { cloudTargets } from './cloud.ts';
import { dnsTarget } from './dns.ts';
import { openLogins } from './logins.ts';
import { ask, type Target } from './target.ts';

export interface Targets {
  readonly names: readonly string[];
  /** Throws GW-TARGET for a name that is not of this site. */
  find(name: string): Target;
  /** Gives sessions back; one that cannot be reached is left to run out. */
  close(): Promise<void>;
}

/** Of its folder what is behind the targets. */
type Equipment = Pick<GatewayFolder, 'settings' | 'cloud'> & Partial<GatewayFolder>;

export function openTargets(
  folder: Equipment,
  deps: { readonly http: Http; readonly clock: Clock },
): Targets {
  const { settings, cloud } = folder;
  const { clock } = deps;
  const at = { ...deps, logins: openLogins(clock) };
  const targets = new Map<string, Target>([
    ...settings.arrays.map((array): [string, Target] => {
      const name = `array:${array.storageDeviceId}`;
      const limit = array.callsInFlight ?? CHANGES_PER_ARRAY;
      return [name, careful(arrayTarget(array, at), { name, limit, clock })];
    }),
    ...[...cloudTargets({ name: settings.cloud, login: cloud }, at)].map(
      ([name, line]): [string, Target] => [
        name,
        careful(line, { name, limit: CHANGES_PER_SERVICE, clock }),
      ],
    ),
    ['probe', probeTarget(settings.probes.proxy, deps.http)],
    ...ownTargets(folder, clock),
  ]);
  return {
    names: [...targets.keys()],
    find: (name) => {
      const target = targets.get(name);
      if (target !== undefined) return target;
      const why = `It serves ${[...targets.keys()].join(', ')}.`;
      throw new GatewayError('GW-TARGET', `There is no ${name} at ${settings.site}.`, { why });
    },
    close: async () => {
      await Promise.allSettled([...targets.values()].map((target) => target.close()));
    },
  };
}

/** What only this site has: names that are looked up, and programs. */
function ownTargets(folder: Equipment, clock: Clock): readonly (readonly [string, Target])[] {
  const { settings, tasks = [], home = '.' } = folder;
  const deps = { clock, machine: systemClock(), secrets: secretsOf(folder) };
  return [
    ...(settings.dns === undefined ? [] : [['dns', dnsTarget(settings.dns, home)] as const]),
    ...tasks.map((task) => [`task:${task.published.name}`, taskTarget(task, deps)] as const),
  ];
}

/** An array takes one change of a pair after the other; a cloud's services queue by themselves. */
const CHANGES_PER_ARRAY = 4;
const CHANGES_PER_SERVICE = 32;
const PROBE_LIMIT_MS = 10_000;

/** Web addresses inside the drill network, read as a user of the service would. */
function probeTarget(proxy: string | undefined, http: Http): Target {
  const through = proxy === undefined ? {} : { proxy };
  return {
    get: (url) =>
      ask(http, url, { method: 'GET', url, headers: {}, timeoutMs: PROBE_LIMIT_MS, ...through }),
    enter: async () => {
      throw new GatewayError('GW-TARGET', 'Probes are read and never changed.');
    },
    close: async () => {},
  };
}
