/** A payments service that moves between two sites, as facts and observations a test writes down. */
import type { Mine, StepView } from '../../lib/actions/action.ts';
import { actions } from '../../lib/actions/index.ts';
import type { Service } from '../../lib/config.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Facts, Plan } from '../../lib/runbook/plan.ts';
import { config, START, uuid } from './lab.ts';

export const service = config.services.find(({ id }) => id === 'payments') as Service;
export const NETWORKS = service.networks as { main: string; dr: string };

const mains = service.servers.flatMap(({ volumes }) => volumes);
export const twinOf = (main: string): string => uuid(`dr ${main}`);
export const serverId = (site: string, name: string): string => uuid(`${site} ${name}`);
export const portId = (site: string, name: string): string => uuid(`port ${site} ${name}`);

const nothing = { copyGroups: [], ldevs: [], volumes: [], networks: [] };
const half = (site: 'main' | 'dr', primary: 'main' | 'dr') => ({
  ...{ site, deviceGroup: site === 'main' ? 'PAY01P_' : 'PAY01S_' },
  journalId: site === primary ? 1 : 2,
});
const serversAt = (site: string) =>
  service.servers.map(({ name }) => ({
    ...{ name, id: serverId(site, name), ports: [portId(site, name)] },
  }));

interface Wish {
  /** Where the service runs, and which side is primary. */
  readonly at?: 'main' | 'dr';
  readonly bound?: object;
  /** What the gateway of DR publishes as drillable. */
  readonly drillable?: object;
}

export function factsOf({ at = 'main', bound = {}, drillable = {} }: Wish = {}): Facts {
  const other = at === 'main' ? 'dr' : 'main';
  const [p, s] = at === 'main' ? [1000, 2000] : [2000, 1000];
  const site = (storageDeviceId: string, cloud: string) => ({ storageDeviceId, api: 'cm', cloud });
  return {
    bound: {
      sites: { main: site('900000040014', 'main'), dr: site('900000040015', 'dr') },
      drillable: { main: nothing, dr: { ...nothing, ...drillable } },
      replication: {
        ...{ type: 'UR', group: 'PAY01', primary: half(at, at), secondary: half(other, at) },
        ...{ consistencyGroupId: 5, muNumber: 1 },
        pairs: mains.map((_, i) => ({ name: `p-${i}`, pvol: p + i, svol: s + i })),
      },
      twins: mains.map((main, i) => ({
        ...{ main, mainLdev: 1000 + i, dr: twinOf(main), drLdev: 2000 + i, sizeGiB: 100 },
      })),
      servers: { main: serversAt('main'), dr: at === 'dr' ? serversAt('dr') : [] },
      flavors: { 'c8.m32': 'f-8', 'c4.m16': 'f-4' },
      hashes: { service: 'a', policy: 'b' },
      people: [],
      ...bound,
    },
    classed: { replication: 'replicating' },
  } as Facts;
}

const head = `runbook: move
title: { ko: 이동, en: Move }
drillType: planned-switch
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 60m, runWithin: 8h }
steps:
`;

/** A plan of these steps, written as in a runbook file. */
export function planOf(steps: string, facts: Facts = factsOf(), run = 'r-0123456789'): Plan {
  const text = `${head}${steps}`;
  const runbook = loadRunbook({ file: 'runbooks/move.yml', text }, actions);
  return compile({ run, runbook, source: text, service, config, facts, actions });
}

export interface At {
  readonly mine?: Record<string, Partial<Mine>>;
  readonly now?: number;
}

/** A step as the engine shows it to its action. */
export function viewOf(plan: Plan, stepId: string, { mine = {}, now = START }: At = {}): StepView {
  const step = plan.steps.find(({ id }) => id === stepId);
  if (step === undefined) throw new Error(`no step ${stepId}`);
  const known = plan.calls.map((call): [string, Mine] => [
    call.id,
    { attempt: 0, state: 'none', ...mine[call.id] },
  ]);
  return {
    ...{ plan, step, calls: plan.calls.filter((call) => call.step === stepId) },
    ...{ mine: Object.fromEntries(known), people: [], startedAt: START, now },
    ...{ marks: {}, readings: {} },
  };
}
