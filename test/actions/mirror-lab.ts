/**
 * Two halves of a copy group as a test says they are, without arrays: what an action reads of them, and
 * what it makes of that.
 */
import type { Action, Mine, PlanContext, Reader, StepView } from '../../lib/actions/action.ts';
import { actions } from '../../lib/actions/index.ts';
import type { Verdict } from '../../lib/run/verdict.ts';
import type { Bound } from '../../lib/runbook/bound.ts';
import {
  type Facts,
  factsSchema,
  type Plan,
  type PlanCall,
  type PlanStep,
} from '../../lib/runbook/plan.ts';
import { serviceOf } from '../support/proof.ts';
import { config } from './lab.ts';

export const SID = { main: '900000040014', dr: '900000040015' } as const;
type SiteName = keyof typeof SID;
export const service = serviceOf(config, 'loans');
const volumes = service.servers.flatMap((server) => server.volumes);
const group = service.replication.group;
const ldevs = { main: (i: number) => 1200 + i, dr: (i: number) => 2200 + i };

export interface MirrorLab {
  /** `P PAIR`, or one for each pair; undefined: the array does not answer. */
  sides: Record<SiteName, string | readonly string[] | undefined>;
  journals: Record<SiteName, { status: string; marker: string; left: number }>;
  /** Host groups through which paths lead to every LDEV of a site. */
  hosts: Record<SiteName, readonly string[]>;
  links: string;
  fence: string;
  read: Reader;
}

export function mirrorLab(change: Partial<MirrorLab> = {}): MirrorLab {
  const lab: MirrorLab = {
    sides: { main: 'P PAIR', dr: 'S PAIR' },
    journals: {
      main: { status: 'PJNN', marker: '0a', left: 0 },
      dr: { status: 'SJNN', marker: '0a', left: 0 },
    },
    hosts: { main: [], dr: [] },
    links: 'NML',
    fence: 'ASYNC',
    ...change,
    read: async (site, _target, path) => {
      const body = answer(lab, site === 'main' ? 'main' : 'dr', path);
      if (body === undefined) return { ok: false, why: 'no answer' };
      return { ok: true, status: 200, body, receipt: { body: '' } as never };
    },
  };
  return lab;
}

function answer(lab: MirrorLab, site: SiteName, path: string): unknown {
  const states = lab.sides[site];
  if (states === undefined) return undefined;
  if (path.includes('/journals?')) return { data: [journalOf(lab, site)] };
  if (path.endsWith('/remotepath-groups')) {
    const other = site === 'main' ? SID.dr : SID.main;
    return { data: [{ remoteStorageDeviceId: other, cuStatus: lab.links }] };
  }
  const ldev = /\/ldevs\/(\d+)$/.exec(path)?.[1];
  if (ldev !== undefined) {
    const ports = lab.hosts[site].map((hostGroupName, lun) => {
      return { portId: 'CL3-A', hostGroupNumber: 1, hostGroupName, lun };
    });
    return { ldevId: Number(ldev), numOfPorts: ports.length, ports };
  }
  const each = typeof states === 'string' ? volumes.map(() => states) : states;
  const copyPairs = each.map((state, i) => {
    const [role, status, mode] = state.split(' ');
    const own = role === 'P' ? 'pvol' : 'svol';
    return {
      ...{ copyPairName: `p${i}`, fenceLevel: lab.fence },
      ...{ [`${own}LdevId`]: ldevs[site](i), [`${own}Status`]: status },
      ...(mode === undefined ? {} : { [`${own}IOMode`]: mode }),
    };
  });
  return { copyGroupName: group, localDeviceGroupName: 'x', copyPairs };
}

const journalOf = ({ journals }: MirrorLab, site: SiteName) => ({
  ...{ journalId: site === 'main' ? 12 : 52, muNumber: 1, usageRate: 0 },
  journalStatus: journals[site].status,
  ...{ qMarker: journals[site].marker, qCount: journals[site].left, numOfActivePaths: 0 },
});

/** Facts in which main was primary when the plan was made. */
export function mirrorFacts(change: Partial<Bound> = {}, type = 'UR'): Facts {
  const journal = (journalId: number) => (type === 'UR' ? { journalId } : {});
  const bound: Bound = {
    sites: {
      main: { storageDeviceId: SID.main, api: 'cm', cloud: 'main' },
      dr: { storageDeviceId: SID.dr, api: 'cm', cloud: 'dr' },
    },
    drillable: {},
    replication: {
      ...{ type, group, muNumber: 1 },
      primary: { site: 'main', deviceGroup: `${group}P_`, ...journal(12) },
      secondary: { site: 'dr', deviceGroup: `${group}S_`, ...journal(52) },
      pairs: volumes.map((_, i) => ({ name: `p${i}`, pvol: ldevs.main(i), svol: ldevs.dr(i) })),
    },
    hashes: { service: 'x', policy: 'x' },
    people: [],
    ...change,
  };
  return factsSchema.parse({ bound, classed: {} });
}

export const actionOf = (name: string): Action => {
  const found = actions.get(name);
  if (found === undefined) throw new Error(`no action ${name}`);
  return found;
};

const context = (facts: Facts, more: Partial<PlanContext>): PlanContext => ({
  ...{ run: 'r-0123456789', step: 'it', phase: 'forward', service, config, facts, calls: [] },
  ...more,
});

export interface Probe {
  readonly calls: readonly PlanCall[];
  judge(
    lab: Pick<MirrorLab, 'read'>,
    seat?: Partial<StepView>,
  ): Promise<Readonly<Record<string, Verdict>>>;
}

/** A step `it` planned on these facts, and judged as often as wanted. */
export function probe(
  name: string,
  given: object,
  { facts = mirrorFacts(), ...more }: Partial<PlanContext> = {},
): Probe {
  const action = actionOf(name);
  const input = action.input.parse(given);
  const calls = action.plan(input, context(facts, more)).map((draft): PlanCall => {
    const { name: own, after = [], guards = [], holes = [], peerGuards = [], ...rest } = draft;
    const grant = { site: draft.site === 'main' ? 'dr' : 'main', guards: [...peerGuards] };
    return {
      ...{ ...rest, id: `it.${own}`, step: 'it', phase: 'forward', class: 'takeover', sends: 1 },
      ...{ after: [...after], guards: [...guards], holes: [...holes] },
      grant: { ...grant, session: true },
    };
  });
  const { title } = action;
  const step: PlanStep = {
    ...{ id: 'it', uses: name, title, phase: 'forward', input: {}, needs: [], withinMs: 60_000 },
    ...(more.undoes === undefined ? {} : { undoes: more.undoes }),
  };
  const plan: Plan = {
    ...{ v: 1, run: 'r-0123456789', drillType: 'planned-switch', unit: group, class: 'takeover' },
    runbook: { id: 'probe', title, sha256: 'x' },
    service: { id: service.id, name: service.name, tier: service.tier },
    approval: { people: 2, role: 'dr-approver', expiresMs: 1, runWithinMs: 1 },
    ...{ sites: ['main', 'dr'], facts, factsHash: 'x', steps: [step], calls: [...calls] },
  };
  return {
    calls,
    judge: async (lab, seat = {}) => {
      const view: StepView = {
        ...{ plan, step, calls, mine: {}, people: [], startedAt: 0, now: 0 },
        ...{ marks: {}, readings: {} },
        ...seat,
      };
      return action.judge(await action.observe(view, input, lab.read), input, view).verdicts;
    },
  };
}

export const answered: Mine = { attempt: 1, state: 'answered', status: 202, at: 0 };
