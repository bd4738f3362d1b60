/**
 * A payments service on two arrays and a cloud, as plain data that a test changes: what the readers
 * of gateways would see, without gateways. Every LDEV, pair and volume follows from the config.
 */
import { readFileSync } from 'node:fs';
import type { Mark, Mine, PersonAnswer, Reader, StepView } from '../../lib/actions/action.ts';
import { readFacts } from '../../lib/actions/facts.ts';
import { actions } from '../../lib/actions/index.ts';
import { hashOf } from '../../lib/canonical.ts';
import type { Config, Service } from '../../lib/config.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Facts, Plan } from '../../lib/runbook/plan.ts';

export const config: Config = await loadConfig('config');

export const uuid = (name: string): string => {
  const hex = hashOf(name);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
};

export interface LabPair {
  name: string;
  pvol: number;
  svol: number;
  copy: number;
  main: string;
  drVolume: string;
  copyVolume: string;
}

export interface Lab {
  service: Service;
  api: 'cm' | 'embedded';
  pairs: LabPair[];
  /** States of the halves and of the drill copies. */
  pvolStatus: string;
  svolStatus: string;
  copyStatus: [string, string];
  copyProgress: number;
  copyGroupOf: (pair: LabPair) => number | null;
  masterMarker: string;
  restoreMarker: string;
  usageRate: number;
  restoreStatus: string;
  /** Paths to every copy LDEV. */
  paths: number;
  volumes: Map<string, { status: string; attachments: { server_id: string }[] }>;
  servers: { id: string; name: string; status: string; metadata: Record<string, string> }[];
  ports: {
    id: string;
    name: string;
    network_id: string;
    device_owner: string;
    device_id: string;
  }[];
  network: { shared: boolean; external: boolean; segment: number | null; otherOnSegment: boolean };
  probes: Map<string, { status: number; body: unknown }>;
  jobs: Map<number, unknown>;
  /** `site target` that does not answer. */
  silent: Set<string>;
  reads: string[];
  read: Reader;
  facts(families?: readonly string[]): Promise<Facts>;
  plan(runbook?: string, run?: string): Promise<Plan>;
}

const SID = { main: '900000040014', dr: '900000040015' } as const;

export function openLab(serviceId = 'payments'): Lab {
  const service = config.services.find((one) => one.id === serviceId) as Service;
  const mains = service.servers.flatMap((server) => server.volumes);
  const pairs = mains.map((main, i) => ({
    name: `${service.replication.group}-${String(i + 1).padStart(2, '0')}`,
    pvol: 1000 + i,
    svol: 2000 + i,
    copy: 3000 + i,
    main,
    drVolume: uuid(`dr ${main}`),
    copyVolume: uuid(`copy ${main}`),
  }));
  const lab: Lab = {
    service,
    api: 'cm',
    pairs,
    pvolStatus: 'PAIR',
    svolStatus: 'PAIR',
    copyStatus: ['PAIR', 'PAIR'],
    copyProgress: 100,
    copyGroupOf: () => 7,
    masterMarker: '1000',
    restoreMarker: '0fff',
    usageRate: 3,
    restoreStatus: 'SJNN',
    paths: 1,
    volumes: new Map(
      pairs.flatMap((pair) =>
        [pair.drVolume, pair.copyVolume].map((id) => [
          id,
          { status: 'maintenance', attachments: [] },
        ]),
      ),
    ),
    servers: [],
    ports: [
      {
        id: uuid('dhcp'),
        name: '',
        network_id: service.drill.network,
        device_owner: 'network:dhcp',
        device_id: 'x',
      },
    ],
    network: { shared: false, external: false, segment: 1201, otherOnSegment: false },
    probes: new Map(),
    jobs: new Map(),
    silent: new Set(),
    reads: [],
    read: async (site, target, path) => {
      lab.reads.push(`${site} ${target} ${path}`);
      if (lab.silent.has(`${site} ${target}`)) return { ok: false, why: 'no answer' };
      const answer = answerTo(lab, { site, target, path });
      const receipt = { body: '' } as never;
      return { ok: true, status: answer.status, body: answer.body, receipt };
    },
    facts: async (families = ['replication', 'clone', 'volumes', 'network', 'flavors']) =>
      readFacts({
        service,
        config: configOf(lab),
        read: lab.read,
        drillable: drillableOf(lab),
        families,
      }),
    plan: async (runbook = 'drill-copy', run = 'r-0123456789') => {
      const file = `runbooks/${runbook}.yml`;
      const source = readFileSync(file, 'utf8');
      return compile({
        run,
        runbook: loadRunbook({ file, text: source }, actions),
        source,
        service,
        config: configOf(lab),
        facts: await lab.facts(),
        actions,
      });
    },
  };
  return lab;
}

export const configOf = (lab: Lab): Config => ({
  ...config,
  sites: config.sites.map((site) => ({ ...site, array: { ...site.array, api: lab.api } })),
});

export const drillableOf = (lab: Lab) => ({
  main: { copyGroups: [], ldevs: [], volumes: [], networks: [] },
  dr: {
    copyGroups: [lab.service.drill.group],
    ldevs: lab.pairs.map((pair) => pair.copy),
    volumes: lab.pairs.map((pair) => pair.copyVolume),
    networks: [lab.service.drill.network],
  },
});

interface Ask {
  readonly site: string;
  readonly target: string;
  readonly path: string;
}
const ok = (body: unknown) => ({ status: 200, body });
const none = { status: 404, body: { message: 'no such thing' } };

function answerTo(lab: Lab, ask: Ask): { status: number; body: unknown } {
  const kind = ask.target.split(':')[0];
  if (kind === 'probe') return lab.probes.get(ask.path) ?? { status: 502, body: '' };
  if (kind === 'array') return arrayAnswer(lab, ask);
  return cloudAnswer(lab, ask.path);
}

function arrayAnswer(lab: Lab, { site, path }: Ask): { status: number; body: unknown } {
  const { group } = lab.service.replication;
  const drill = lab.service.drill.group;
  const prefix =
    lab.api === 'cm' ? `/v1/objects/storages/${SID[site as 'main' | 'dr']}/` : '/v1/objects/';
  if (!path.startsWith(prefix)) return none;
  const rest = path.slice(prefix.length);
  if (rest === 'journals?journalInfo=basic') return ok({ data: [journalOf(lab, site)] });
  const job = /^jobs\/(\d+)$/.exec(rest);
  if (job) return lab.jobs.has(Number(job[1])) ? ok(lab.jobs.get(Number(job[1]))) : none;
  const ldev = /^ldevs\/(\d+)$/.exec(rest);
  if (ldev) return ldevAnswer(lab, Number(ldev[1]));
  if (
    site === 'main' &&
    rest === `remote-mirror-copygroups/NotSpecified,${group},${group}P_,NotSpecified`
  ) {
    return ok(halfOf(lab, 'P'));
  }
  if (
    site === 'dr' &&
    rest === `remote-mirror-copygroups/NotSpecified,${group},${group}S_,NotSpecified`
  ) {
    return ok(halfOf(lab, 'S'));
  }
  const devices = { pvolDeviceGroupName: `${drill}P_`, svolDeviceGroupName: `${drill}S_` };
  if (rest === 'local-clone-copygroups')
    return ok({ data: [{ copyGroupName: drill, ...devices }] });
  if (rest === `local-clone-copygroups/${drill},${drill}P_,${drill}S_`) {
    return ok({
      copyGroupName: drill,
      ...devices,
      copyPairs: lab.pairs.map((pair) => clonePair(lab, pair)),
    });
  }
  return none;
}

function journalOf(lab: Lab, site: string) {
  const main = site === 'main';
  return {
    journalId: main ? 1 : 2,
    muNumber: 1,
    journalStatus: main ? 'PJNN' : lab.restoreStatus,
    usageRate: lab.usageRate,
    qMarker: main ? lab.masterMarker : lab.restoreMarker,
    qCount: 4,
  };
}

function halfOf(lab: Lab, side: 'P' | 'S') {
  const { group } = lab.service.replication;
  return {
    copyGroupName: group,
    localDeviceGroupName: `${group}${side}_`,
    muNumber: 1,
    copyPairs: lab.pairs.map((pair) => ({
      copyPairName: pair.name,
      replicationType: 'UR',
      consistencyGroupId: 5,
      ...(side === 'P'
        ? { pvolLdevId: pair.pvol, pvolStatus: lab.pvolStatus, pvolJournalId: 1 }
        : { svolLdevId: pair.svol, svolStatus: lab.svolStatus, svolJournalId: 2 }),
    })),
  };
}

const clonePair = (lab: Lab, pair: LabPair) => ({
  copyPairName: `copy-${pair.name}`,
  pvolLdevId: pair.svol,
  svolLdevId: pair.copy,
  pvolMuNumber: 0,
  pvolStatus: lab.copyStatus[0],
  svolStatus: lab.copyStatus[1],
  copyProgressRate: lab.copyProgress,
  consistencyGroupId: lab.copyGroupOf(pair),
});

function ldevAnswer(lab: Lab, id: number) {
  const labels = new Map(
    lab.pairs.flatMap((pair): [number, string][] => [
      [pair.pvol, pair.main],
      [pair.svol, pair.drVolume],
      [pair.copy, pair.copyVolume],
    ]),
  );
  const label = labels.get(id)?.replaceAll('-', '');
  if (label === undefined) return ok({ ldevId: id, emulationType: 'NOT DEFINED' });
  const numOfPorts = id >= 3000 ? lab.paths : 1;
  return ok({ ldevId: id, label, blockCapacity: 100 * 2_097_152, numOfPorts });
}

function cloudAnswer(lab: Lab, path: string): { status: number; body: unknown } {
  const { network } = lab.service.drill;
  const volume = /^\/volumes\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (volume !== undefined) {
    const found = lab.volumes.get(volume);
    return found === undefined ? none : ok({ volume: { id: volume, size: 100, ...found } });
  }
  const own = {
    id: network,
    shared: lab.network.shared,
    'router:external': lab.network.external,
    'provider:network_type': 'vlan',
    'provider:physical_network': 'drill',
    'provider:segmentation_id': lab.network.segment,
  };
  const other = {
    ...own,
    id: uuid('other'),
    'provider:segmentation_id': lab.network.otherOnSegment ? lab.network.segment : 9,
  };
  if (path === `/v2.0/networks/${network}`) return ok({ network: own });
  if (path === '/v2.0/networks') return ok({ networks: [own, other] });
  if (path === `/v2.0/ports?network_id=${network}`) return ok({ ports: lab.ports });
  if (path === '/servers/detail') return ok({ servers: lab.servers });
  if (path === '/flavors/detail') {
    return ok({
      flavors: ['c8.m32', 'c4.m16'].map((name) => ({ id: `f-${name.replace('.', '-')}`, name })),
    });
  }
  return none;
}

export interface Seat {
  readonly mine?: Record<string, Partial<Mine>>;
  readonly now?: number;
  readonly startedAt?: number;
  readonly readings?: Record<string, unknown>;
  readonly marks?: Record<string, Mark>;
  readonly people?: PersonAnswer[];
}

export const START = Date.UTC(2026, 10, 22, 1, 0, 0);

/** Observes and judges one step of a plan as the engine would. */
export async function look(lab: Lab, plan: Plan, stepId: string, seat: Seat = {}) {
  const step = plan.steps.find((one) => one.id === stepId);
  const action = actions.get(step?.uses ?? '');
  if (step === undefined || action === undefined) throw new Error(`no step ${stepId}`);
  const view: StepView = {
    plan,
    step,
    calls: plan.calls.filter((call) => call.step === stepId),
    mine: Object.fromEntries(
      plan.calls.map((call) => [
        call.id,
        { attempt: 0, state: 'none', ...seat.mine?.[call.id] } satisfies Mine,
      ]),
    ),
    people: seat.people ?? [],
    startedAt: seat.startedAt ?? START,
    now: seat.now ?? START,
    marks: seat.marks ?? {},
    readings: seat.readings ?? {},
  };
  const input = action.input.parse(step.input);
  return action.judge(await action.observe(view, input, lab.read), input, view);
}

/** The verdict of one call, or of a step without calls. */
export async function verdict(lab: Lab, plan: Plan, key: string, seat: Seat = {}) {
  const judgement = await look(lab, plan, key.split('.')[0] ?? key, seat);
  return judgement.verdicts[key];
}

export const sent = (at = START): Partial<Mine> => ({
  attempt: 1,
  state: 'answered',
  at,
  status: 202,
});
export const lost = (at = START): Partial<Mine> => ({ attempt: 1, state: 'lost', at });
