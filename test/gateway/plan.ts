/** A small drill: split, one server from the copy, and the way back. */
import { hashOf } from '../../lib/canonical.ts';
import type { Facts, Guard, Plan, PlanCall } from '../../lib/runbook/plan.ts';

export const ids = {
  array: '900000040015',
  mainArray: '900000040014',
  copyVolume: '11111111-1111-4111-8111-111111111111',
  otherVolume: '22222222-2222-4222-8222-222222222222',
  drVolume: '33333333-3333-4333-8333-333333333333',
  network: '44444444-4444-4444-8444-444444444444',
  portKey: 'drillbook-00000000000000aa',
  serverKey: 'drillbook-00000000000000bb',
} as const;

export const GROUP = 'PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_';
const objects = `/v1/objects/storages/${ids.array}`;
const words = { ko: '지급결제 계정계', en: 'words' };
const pairs = [{ name: 'pair1', pvol: 1201, svol: 1301 }];

export const facts: Facts = {
  bound: {
    sites: {
      main: { storageDeviceId: ids.mainArray, api: 'cm', cloud: 'main' },
      dr: { storageDeviceId: ids.array, api: 'cm', cloud: 'dr' },
    },
    drillable: {},
    clone: {
      site: 'dr',
      group: 'PAY01-DRILL',
      id: GROUP,
      consistencyGroupId: 5,
      muNumber: 0,
      atTime: true,
      pairs,
    },
    volumes: [
      {
        main: '55555555-5555-4555-8555-555555555555',
        mainLdev: 1101,
        drLdev: 1201,
        drVolume: ids.drVolume,
        copyLdev: 1301,
        copyVolume: ids.copyVolume,
        sizeGiB: 10,
      },
    ],
    hashes: { service: 'x', policy: 'x' },
    people: [],
  },
  classed: {},
};

const clonesAre = (predicate: string): Guard => ({
  id: predicate,
  target: `array:${ids.array}`,
  path: `${objects}/local-clone-copygroups/${GROUP}`,
  predicate,
  args: { pairs },
});

export const volumeIs = (status: string, volume: string = ids.copyVolume): Guard => ({
  id: `volume-${status}`,
  target: 'cinder:dr',
  path: `/volumes/${volume}`,
  predicate: 'volume-status',
  args: { volume, status },
});

const base = {
  site: 'dr',
  class: 'copy',
  sends: 1,
  words,
  guards: [],
  holes: [],
  after: [],
} as const;

const split: PlanCall = {
  ...base,
  ...{ id: 'split.group', step: 'split', phase: 'forward', target: `array:${ids.array}` },
  ...{ after: [], holes: [], guards: [clonesAre('clone-paired')] },
  method: 'PUT',
  path: `${objects}/local-clone-copygroups/${GROUP}/actions/split/invoke`,
  body: { parameters: { quickMode: true } },
};

const release: PlanCall = {
  ...base,
  ...{ id: 'boot.release', step: 'boot', phase: 'forward', target: 'cinder:dr', method: 'POST' },
  ...{ after: ['split.group'], holes: [], guards: [volumeIs('maintenance')] },
  path: `/volumes/${ids.copyVolume}/action`,
  body: { 'os-reset_status': { status: 'available' } },
};

const port: PlanCall = {
  ...base,
  ...{ id: 'boot.port', step: 'boot', phase: 'forward', target: 'neutron:dr', method: 'POST' },
  ...{ after: ['boot.release'], holes: [], guards: [] },
  path: '/v2.0/ports',
  body: {
    port: {
      name: ids.portKey,
      network_id: ids.network,
      mac_address: 'fa:16:3e:c4:12:1f',
      fixed_ips: [{ ip_address: '10.90.1.11' }],
      admin_state_up: true,
    },
  },
  creates: {
    key: ids.portKey,
    listPath: `/v2.0/ports?network_id=${ids.network}`,
    ...{ list: '/ports', keyField: '/name', id: '/id' },
  },
};

const server: PlanCall = {
  ...base,
  ...{ id: 'boot.server', step: 'boot', phase: 'forward', target: 'nova:dr', method: 'POST' },
  after: ['boot.port'],
  guards: [volumeIs('available')],
  holes: [{ name: 'port', call: 'boot.port', pointer: '/port/id' }],
  path: '/servers',
  body: {
    server: {
      name: 'pay-db1',
      flavorRef: 'c8.m32',
      networks: [{ port: '{{port}}' }],
      metadata: { 'drillbook-key': ids.serverKey },
      block_device_mapping_v2: [
        {
          ...{ boot_index: 0, uuid: ids.copyVolume, source_type: 'volume' },
          ...{ destination_type: 'volume', delete_on_termination: false },
        },
      ],
    },
  },
  creates: {
    key: ids.serverKey,
    listPath: '/servers/detail',
    ...{ list: '/servers', keyField: '/metadata/drillbook-key', id: '/id' },
  },
};

const remove: PlanCall = {
  ...base,
  ...{ id: 'remove.server', step: 'remove', phase: 'always', target: 'nova:dr', method: 'DELETE' },
  ...{ after: ['boot.server'], guards: [] },
  holes: [{ name: 'server', call: 'boot.server', pointer: '/server/id' }],
  path: '/servers/{{server}}',
};

const resync: PlanCall = {
  ...split,
  ...{ id: 'resync.group', step: 'resync', phase: 'always', after: ['remove.server'] },
  guards: [clonesAre('clone-split-whole')],
  path: `${objects}/local-clone-copygroups/${GROUP}/actions/resync/invoke`,
  body: { parameters: {} },
};

const foreign: PlanCall = {
  ...split,
  ...{ id: 'fence.main', step: 'split', site: 'main', after: [] },
};

export const calls = { split, release, port, server, remove, resync, foreign };

/** The plan of the whole drill, with `change` on top; the facts' hash is made to fit. */
export function drillPlan(change: Partial<Plan> = {}): Plan {
  const plan: Plan = {
    v: 1,
    run: 'r-0000000001',
    drillType: 'isolated-copy',
    runbook: { id: 'drill-copy', title: words, sha256: 'x' },
    service: { id: 'payments', name: words, tier: 'platinum' },
    unit: 'PAY01+PAY01-DRILL',
    approval: {
      ...{ people: 2, role: 'dr-approver', expiresMs: 7_200_000, runWithinMs: 28_800_000 },
    },
    class: 'copy',
    sites: ['main', 'dr'],
    facts,
    factsHash: '',
    steps: [],
    calls: [split, release, port, server, remove, resync, foreign],
    ...change,
  };
  return { ...plan, factsHash: change.factsHash ?? hashOf(plan.facts) };
}

/** The plan with one call changed. */
export const planWith = (id: string, change: Partial<PlanCall>): Plan => {
  const plan = drillPlan();
  return drillPlan({
    calls: plan.calls.map((call) => (call.id === id ? { ...call, ...change } : call)),
  });
};

/** A restore behind the split: without the split nothing but a signed skip lets it go. */
export function restorePlan() {
  const path = calls.split.path.replace('split', 'restore');
  const restore = {
    ...calls.split,
    id: 'back.restore',
    step: 'back',
    path,
    class: 'data',
  } as const;
  const after = ['split.group'];
  return drillPlan({ class: 'data', calls: [calls.split, { ...restore, after }] });
}
