/** What may happen to centres: requests of clients, failures, hosts that write, time. */
import * as fc from 'fast-check';
import { TwinError } from '../../../lib/twin/errors.ts';
import type { Fault } from '../../../lib/twin/scenario.ts';
import { COPIES, FIRST, type Kind, SERIALS, SITES, type Site, SNAPS, SPARE } from './plans.ts';
import { type Asked, arrayAt, ask, type Rig, sitesOf } from './rig.ts';

export type Step =
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'restart' }
  | {
      readonly does: 'act';
      readonly at: Site;
      readonly group: string;
      /** Left out = the whole group. */
      readonly pair?: string;
      /** With NotSpecified ids. */
      readonly local: boolean;
      readonly action: 'split' | 'resync' | 'takeover' | 'delete';
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  | {
      readonly does: 'create';
      readonly at: Site;
      readonly to: Site;
      readonly group: string;
      readonly volume: number;
      readonly fresh: boolean;
      readonly more: Readonly<Record<string, unknown>>;
    }
  | { readonly does: 'request'; readonly asked: Asked }
  | {
      readonly does: 'fault';
      readonly name: Fault['name'];
      readonly on: boolean;
      readonly site?: Site;
      readonly between?: readonly [Site, Site];
    }
  | { readonly does: 'write'; readonly at: Site; readonly ldevId: number }
  | { readonly does: 'quiet'; readonly at: Site; readonly on: boolean };

/** Whether a request was accepted and carried out; undefined for what is no request. */
export type Outcome = 'done' | 'refused' | 'silent' | undefined;

export async function run(rig: Rig, step: Step): Promise<Outcome> {
  switch (step.does) {
    case 'pass':
      rig.clock.advance(step.ms);
      return undefined;
    case 'restart':
      return undefined;
    case 'fault': {
      const { does: _, on, name, site, between } = step;
      const where = {
        ...(site === undefined ? {} : { site }),
        ...(between === undefined ? {} : { between: [between[0], between[1]] as [Site, Site] }),
      };
      return tried(() => rig.inside.faults.turn({ name, ...where }, { on, now: rig.clock.now() }));
    }
    case 'write':
      return tried(() => arrayAt(rig, step.at).port.write(step.ldevId));
    case 'quiet': {
      const { port } = arrayAt(rig, step.at);
      port.addPath(FIRST[step.at], 'compute');
      port.use(FIRST[step.at], { guest: 'guest', host: step.on ? null : 'compute' });
      return undefined;
    }
    case 'act':
    case 'create':
    case 'request':
      return await sent(rig, step);
  }
}

/** A fault that finds nothing to strike and a write to a closed volume are refused. */
function tried(act: () => void): Outcome {
  try {
    act();
    return 'done';
  } catch (error) {
    if (error instanceof TwinError) return 'refused';
    throw error;
  }
}

async function sent(rig: Rig, step: Extract<Step, { does: 'act' | 'create' | 'request' }>) {
  const asked =
    step.does === 'request'
      ? step.asked
      : step.does === 'act'
        ? actRequest(rig, step)
        : createRequest(step);
  const answer = await ask(rig, asked);
  if (answer === undefined) return 'silent';
  if (answer.headers['x-simulator'] !== 'true') throw new Error('an answer is not marked');
  if (answer.status !== 202) return 'refused';
  if (answer.body.status !== 'Completed') throw new Error(`a job without end: ${answer.text}`);
  return answer.body.state === 'Succeeded' ? 'done' : 'refused';
}

function actRequest(rig: Rig, step: Extract<Step, { does: 'act' }>): Asked {
  const { at, group, pair, local, action, parameters } = step;
  const devices = rig.inside.fabric.group(group)?.state.deviceGroups ?? {};
  const peer = sitesOf(rig).find((site) => site !== at && devices[site] !== undefined);
  const far: string[] =
    local || peer === undefined
      ? ['NotSpecified', 'NotSpecified']
      : [SERIALS[peer], devices[peer] ?? ''];
  const id = [far[0], group, devices[at] ?? 'none', far[1], ...(pair === undefined ? [] : [pair])];
  const objects = pair === undefined ? 'remote-mirror-copygroups' : 'remote-mirror-copypairs';
  const base = `${objects}/${id.join(',')}`;
  const remote = local ? undefined : peer;
  if (action === 'delete') return { site: at, method: 'DELETE', path: base, remote };
  const path = `${base}/actions/${action}/invoke`;
  return { site: at, method: 'POST', path, body: { parameters }, remote };
}

function createRequest(step: Extract<Step, { does: 'create' }>): Asked {
  const { at, to, group, volume, fresh, more } = step;
  const journals = fresh && more['replicationType'] === 'UR';
  const body = {
    copyGroupName: group,
    copyPairName: `p${volume}`,
    remoteStorageDeviceId: SERIALS[to],
    pvolLdevId: FIRST[at] + volume,
    svolLdevId: FIRST[to] + volume,
    isNewGroupCreation: fresh,
    ...(journals ? { pvolJournalId: 2, svolJournalId: 2 } : {}),
    ...more,
  };
  return { site: at, method: 'POST', path: 'remote-mirror-copypairs', body, remote: to };
}

const typeName = (kind: Kind): readonly string[] =>
  kind === 'three' ? ['TC', 'UR'] : [kind.slice(0, 3).replace('-', '')];

/** Splits, resyncs and takeovers with every option there is, fitting or not. */
function actArbitrary(kind: Kind, sites: readonly Site[]): fc.Arbitrary<Step> {
  const replicationType = fc.constantFrom(...typeName(kind));
  const one = (more: object) => replicationType.map((type) => ({ replicationType: type, ...more }));
  const split = fc.oneof(
    one({}),
    one({ svolAccessMode: 'rw' }),
    one({ svolAccessMode: 'r' }),
    one({ doPvolWriteProtect: true }),
    one({ doDataSuspend: true }),
    { weight: 2, arbitrary: one({ svolOperationMode: 'SSWS' }) },
  );
  const resync = fc.oneof(
    { weight: 2, arbitrary: one({}) },
    { weight: 2, arbitrary: one({ doSwapSvol: true }) },
    one({ fenceLevel: 'NEVER' }),
    one({ consistencyGroupId: 9 }),
  );
  const takeover = fc.constantFrom({ mode: 'auto' }, { mode: 'forceSplit' });
  const what = fc.oneof(
    {
      weight: 4,
      arbitrary: split.map((parameters) => ({ action: 'split' as const, parameters })),
    },
    {
      weight: 5,
      arbitrary: resync.map((parameters) => ({ action: 'resync' as const, parameters })),
    },
    {
      weight: 3,
      arbitrary: takeover.map((parameters) => ({ action: 'takeover' as const, parameters })),
    },
    { weight: 1, arbitrary: fc.constant({ action: 'delete' as const, parameters: {} }) },
  );
  const groups = kind === 'three' ? ['CG', 'CF', 'CD', 'CN'] : ['CG', 'CG', 'CG', 'CN'];
  const where = fc.record({
    at: fc.constantFrom(...sites),
    group: fc.constantFrom(...groups),
    local: fc.constantFrom(false, false, true),
    pair: fc.option(fc.constantFrom('p0', 'p1', 'p3'), { nil: undefined, freq: 5 }),
  });
  return fc.tuple(where, what).map(([{ pair, ...place }, how]) => ({
    does: 'act' as const,
    ...place,
    ...(pair === undefined ? {} : { pair }),
    ...how,
  }));
}

function createArbitrary(kind: Kind, sites: readonly Site[]): fc.Arbitrary<Step> {
  const more = fc
    .record({
      replicationType: fc.constantFrom(...typeName(kind)),
      doInitialCopy: fc.constantFrom(true, true, false),
    })
    .map((wish) => (kind === 'GAD' ? { ...wish, quorumDiskId: 1 } : wish));
  return fc
    .record({
      at: fc.constantFrom(...sites),
      to: fc.constantFrom(...sites),
      group: fc.constantFrom('CG', 'CN'),
      volume: fc.nat({ max: 3 }),
      fresh: fc.boolean(),
      more,
    })
    .map((wish) => ({ does: 'create' as const, ...wish }));
}

const at = (site: Site, method: string, path: string, body?: unknown): Step => ({
  does: 'request',
  asked: { site, method, path, ...(body === undefined ? {} : { body }) },
});

/** Copies inside DR, of the volumes that main is mirrored to. */
function localArbitrary(): fc.Arbitrary<Step> {
  const quickMode = fc.boolean();
  const group = 'local-clone-copygroups/SI,SIP_,SIS_';
  const action = fc
    .tuple(fc.constantFrom('split', 'resync', 'restore'), quickMode)
    .map(([name, quick]) =>
      at('dr', 'POST', `${group}/actions/${name}/invoke`, { parameters: { quickMode: quick } }),
    );
  const create = fc.tuple(fc.nat({ max: 3 }), fc.boolean()).map(([i, fresh]) =>
    at('dr', 'POST', 'local-clone-copypairs', {
      copyGroupName: 'SI',
      copyPairName: `p${i}`,
      replicationType: 'SI',
      pvolLdevId: FIRST.dr + i,
      svolLdevId: COPIES + i,
      isNewGroupCreation: fresh,
    }),
  );
  const snapshot = fc
    .tuple(fc.nat({ max: 1 }), fc.constantFrom('autoSplit', 'isClone'))
    .map(([i, mode]) =>
      at('dr', 'POST', 'snapshots', {
        snapshotGroupName: 'TI',
        snapshotPoolId: 1,
        pvolLdevId: FIRST.dr + i,
        svolLdevId: SNAPS + i,
        [mode]: true,
        ...(mode === 'isClone' ? { clonesAutomation: true } : {}),
      }),
    );
  const onSnapshot = fc
    .tuple(fc.nat({ max: 1 }), fc.constantFrom('split', 'resync', 'restore', 'delete'))
    .map(([i, name]) => {
      const path = `snapshots/${FIRST.dr + i},0`;
      return name === 'delete'
        ? at('dr', 'DELETE', path)
        : at('dr', 'POST', `${path}/actions/${name}/invoke`, {});
    });
  return fc.oneof(
    { weight: 4, arbitrary: action },
    { weight: 1, arbitrary: fc.constant(at('dr', 'DELETE', group)) },
    { weight: 2, arbitrary: create },
    { weight: 2, arbitrary: snapshot },
    { weight: 3, arbitrary: onSnapshot },
  );
}

/** Attempts on LDEVs and journals, most of which pairs forbid. */
function deviceArbitrary(sites: readonly Site[]): fc.Arbitrary<Step> {
  const site = fc.constantFrom(...sites);
  const more = { parameters: { additionalByteFormatCapacity: '1G' } };
  const ldev = fc
    .tuple(site, fc.constantFrom<Site | number>('main', 'dr', COPIES, SNAPS, SPARE, 901))
    .map(([where, first]): readonly [Site, number] => [
      where,
      typeof first === 'number' ? first : FIRST[where],
    ]);
  const reserve = { parameters: { virtualLdevId: 65_535 } };
  return fc.oneof(
    ldev.map(([where, id]) => at(where, 'POST', `ldevs/${id}/actions/expand/invoke`, more)),
    ldev.map(([where, id]) => at(where, 'DELETE', `ldevs/${id}`)),
    ldev.map(([where, id]) => at(where, 'PATCH', `ldevs/${id}`, { label: 'random' })),
    ldev.map(([where, id]) =>
      at(where, 'POST', `ldevs/${id}/actions/assign-virtual-ldevid/invoke`, reserve),
    ),
    fc
      .tuple(site, fc.constantFrom(0, 30, 600), fc.constantFrom(0, 2, 60))
      .map(([where, watch, minutes]) =>
        at(where, 'PATCH', 'journals/1', {
          dataOverflowWatchInSeconds: watch,
          mirrorUnit: { muNumber: 1, pathBlockadeWatchInMinutes: minutes },
        }),
      ),
    site.map((where) => at(where, 'DELETE', 'journals/1')),
  );
}

function failureArbitrary(kind: Kind, sites: readonly Site[]): fc.Arbitrary<Step> {
  const on = fc.boolean();
  const site = fc.constantFrom(...sites);
  const way = fc.constantFrom(...waysOf(sites));
  const fault = (name: Fault['name'], turned: boolean, where: object = {}): Step => ({
    does: 'fault',
    name,
    on: turned,
    ...where,
  });
  const atSite = fc
    .tuple(fc.constantFrom<Fault['name']>('array-dead', 'site-dead', 'management-cut'), site, on)
    .map(([name, where, turned]) => fault(name, turned, { site: where }));
  const atLink = fc
    .tuple(fc.constantFrom<Fault['name']>('link-cut', 'link-slow', 'path-one-way'), way, on)
    .map(([name, between, turned]) => fault(name, turned, { between }));
  const own = fc
    .tuple(fc.constantFrom<Fault['name']>(...(kind === 'UR' ? HELD : ['quorum-lost' as const])), on)
    .map(([name, turned]) => fault(name, turned));
  return fc.oneof({ weight: 2, arbitrary: atSite }, { weight: 3, arbitrary: atLink }, own);
}

/** Transfers and restores of a mirror that stand still. */
const HELD: readonly Fault['name'][] = ['backlog', 'link-down'];

const waysOf = (sites: readonly Site[]) =>
  sites.flatMap((from) => sites.flatMap((to) => (to === from ? [] : [[from, to] as const])));

function timeArbitrary(): fc.Arbitrary<Step> {
  const ms = fc.oneof(
    fc.integer({ min: 1, max: 600 }),
    { weight: 3, arbitrary: fc.integer({ min: 1000, max: 40_000 }) },
    // Long enough for a slow link to fill a journal, short enough to see it fill.
    { weight: 2, arbitrary: fc.integer({ min: 40_000, max: 160_000 }) },
    fc.integer({ min: 200_000, max: 900_000 }),
    fc.integer({ min: 3_600_000, max: 20_000_000 }),
  );
  return ms.map((passed) => ({ does: 'pass', ms: passed }) as const);
}

/** Random lives of the centres of one kind; every second step or so time passes. */
export function stepsArbitrary(kind: Kind, maxLength: number): fc.Arbitrary<Step[]> {
  const sites = kind === 'three' ? SITES : (['main', 'dr'] as const);
  const hosts = fc
    .tuple(fc.constantFrom(...sites), fc.nat({ max: 3 }))
    .map(([where, i]): Step => ({ does: 'write', at: where, ldevId: FIRST[where] + i }));
  const quiet = fc
    .tuple(fc.constantFrom(...sites), fc.boolean())
    .map(([where, on]): Step => ({ does: 'quiet', at: where, on }));
  const step = fc.oneof(
    { weight: 7, arbitrary: timeArbitrary() },
    { weight: 8, arbitrary: actArbitrary(kind, sites) },
    { weight: 2, arbitrary: createArbitrary(kind, sites) },
    { weight: 3, arbitrary: localArbitrary() },
    { weight: 1, arbitrary: deviceArbitrary(sites) },
    { weight: 4, arbitrary: failureArbitrary(kind, sites) },
    { weight: 1, arbitrary: hosts },
    { weight: 1, arbitrary: quiet },
    { weight: 1, arbitrary: fc.constant<Step>({ does: 'restart' }) },
  );
  return fc.array(step, { minLength: 1, maxLength, size: 'max' });
}
