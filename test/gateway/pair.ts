/** Two gateways in process that reach each other, each before an array and a cloud by script. */
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import { gatewayClient, openExchange } from '../../lib/gateway/client.ts';
import { callKey, fingerprint } from '../../lib/gateway/keys.ts';
import type { Asked, Gateway, PutCall, SignedStatement } from '../../lib/gateway/protocol.ts';
import {
  grantAnswerSchema,
  type PeerEpochs,
  peerEpochsSchema,
} from '../../lib/gateway/protocol-peers.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import { createGateway, type RunningGateway } from '../../lib/gateway/server/gateway.ts';
import type { GatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Http, HttpRequest, HttpResponse } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import type { DangerClass, Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { ids } from './plan.ts';
import { codeOf, gatewayFolder, keys, newPair, type TestDisk, testDisk } from './support.ts';

export const sites = ['main', 'dr'] as const;
export type SiteName = (typeof sites)[number];
const ports = { main: 4710, dr: 4720 };
export const arrays = { main: ids.mainArray, dr: ids.array };
const url = (site: SiteName) => `http://127.0.0.1:${ports[site]}`;
const approvers = ['p-00000001', 'p-00000002'] as const;
const personal = { 'p-00000001': newPair(), 'p-00000002': newPair() };
export const pairs = { main: newPair(), dr: keys.own };
/** What a lent session really is: must be found nowhere but at the array. */
export const LENT = 'lent-session-secret-token';

export interface PairHouse {
  readonly clock: ManualClock;
  readonly disks: Record<SiteName, TestDisk>;
  readonly said: string[];
  /** All that arrays and clouds were asked, with its headers. */
  readonly asked: { site: SiteName; request: HttpRequest }[];
  /** What gateways sent each other, answers too. */
  readonly between: { readonly path: string; readonly text: string }[];
  /** Stands between the gateways; throwing is a cut line. */
  line: (to: SiteName, http: Http) => Http;
  /** Answers a GET of an array; undefined = 200 with an empty list. */
  look: (site: SiteName, path: string) => unknown;
  running: Record<SiteName, RunningGateway>;
  gateways: Record<SiteName, Gateway>;
  restart(site: SiteName): void;
  /** Registers the plan at these sites, approved by two people who sign for this class. */
  open(plan: Plan, at?: readonly SiteName[], covered?: DangerClass): Promise<void>;
  body(plan: Plan, callId: string, change?: Partial<PutCall>): PutCall;
  put(plan: Plan, callId: string, change?: Partial<PutCall>): Promise<string>;
  asks(plan: Plan, callId: string, attempt?: number): Promise<Asked>;
  /** `METHOD path` of changes that a site's targets accepted. */
  changes(site: SiteName): string[];
  entries(site: SiteName, type: Entry['type']): Entry[];
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'x-simulator': 'true' },
  body: JSON.stringify(body),
});

function folderOf(site: SiteName, change: Partial<GatewayFolder['settings']> = {}): GatewayFolder {
  const peer: SiteName = site === 'main' ? 'dr' : 'main';
  const base = gatewayFolder();
  const [array] = base.settings.arrays;
  if (array === undefined) throw new Error('no array');
  return {
    ...base,
    settings: {
      ...base.settings,
      site,
      listen: { host: '127.0.0.1', port: ports[site] },
      arrays: [
        {
          ...array,
          storageDeviceId: arrays[site],
          url: `http://array.${site}/ConfigurationManager`,
          lend: { user: 'lent', password: 'lend-Pass!word' },
        },
      ],
      peers: [{ site: peer, url: url(peer) }],
      ...change,
    },
    trust: {
      ...base.trust,
      people: approvers.map((id) => ({
        ...{ id, roles: ['dr-approver', 'operator'] },
        keys: [{ id: `key-${id}`, publicKey: personal[id].publicKey }],
      })),
      peers: [{ site: peer, publicKey: pairs[peer].publicKey }],
    },
    key: {
      privateKey: pairs[site].privateKey,
      keyId: fingerprint(pairs[site].publicKey),
    },
  };
}

export function openPair(
  change: Partial<Record<SiteName, Partial<GatewayFolder['settings']>>> = {},
  more: Partial<Record<SiteName, Partial<GatewayFolder>>> = {},
): PairHouse {
  const clock = manualClock();
  const random = seededRandom('pair');
  const disks = { main: testDisk(), dr: testDisk() };
  let logins = 0;
  const targets =
    (site: SiteName): Http =>
    async (request) => {
      house.asked.push({ site, request });
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('/sessions')) {
        const basic = Buffer.from(request.headers['authorization']?.slice(6) ?? '', 'base64');
        const lent = basic.toString('utf8').startsWith('lent:');
        logins += 1;
        return json(200, { token: lent ? LENT : `token-${logins}`, sessionId: logins });
      }
      if (request.method === 'GET') {
        return json(200, house.look(site, pathname) ?? { data: [] });
      }
      return json(202, { jobId: 7, status: 'Initializing' });
    };
  const start = (site: SiteName): RunningGateway => {
    const peerHttp: Http = async (request) => {
      const to: SiteName = site === 'main' ? 'dr' : 'main';
      const { pathname: path } = new URL(request.url);
      house.between.push({ path, text: JSON.stringify(request) });
      const answer = await house.line(to, house.running[to].handle)(request);
      house.between.push({ path, text: JSON.stringify(answer) });
      return answer;
    };
    const deps = { clock, random, say: (text: string) => house.said.push(text) };
    const folder = { ...folderOf(site, change[site]), ...more[site] };
    return createGateway({
      folder,
      disk: disks[site].open(),
      http: targets(site),
      peerHttp,
      ...deps,
    });
  };
  const client = (site: SiteName): Gateway =>
    gatewayClient({
      site,
      url: url(site),
      http: (request) => house.running[site].handle(request),
      signer: { keyId: 'control', privateKey: keys.control.privateKey },
      gatewayKey: pairs[site].publicKey,
      clock,
      random,
    });
  const house: PairHouse = {
    clock,
    disks,
    said: [],
    asked: [],
    between: [],
    line: (_to, http) => http,
    look: () => undefined,
    running: {} as PairHouse['running'],
    gateways: { main: client('main'), dr: client('dr') },
    restart: (site) => {
      house.running[site] = start(site);
      clock.advance(1_000);
    },
    open: async (plan, at = sites, covered = plan.class) => {
      const planHash = hashOf(plan);
      const statements = signedBy(house, plan, covered);
      for (const site of at) {
        await house.gateways[site].register({ plan, runbook: 'runbook: x', config: {} });
        await house.gateways[site].approve({ planHash, statements });
      }
    },
    body: (plan, callId, more = {}) => ({
      ...{ planHash: hashOf(plan), callId, attempt: 1, epoch: 1, putBy: clock.now() + 30_000 },
      ...more,
    }),
    put: async (plan, callId, more = {}) => {
      const call = plan.calls.find(({ id }) => id === callId);
      const site: SiteName = call?.site === 'main' ? 'main' : 'dr';
      const key = callKey({ run: plan.run, callId, attempt: more.attempt ?? 1 });
      const put = house.gateways[site].put(key, house.body(plan, callId, more));
      const code = await codeOf(put.then(() => Promise.reject(new Error('accepted'))));
      await house.running[site].settled();
      return code;
    },
    asks: async (plan, callId, attempt = 1) => {
      const call = plan.calls.find(({ id }) => id === callId);
      const site: SiteName = call?.site === 'main' ? 'main' : 'dr';
      return house.gateways[site].ask(callKey({ run: plan.run, callId, attempt }));
    },
    changes: (site) =>
      house.asked
        .filter((one) => one.site === site && one.request.method !== 'GET')
        .map(({ request }) => `${request.method} ${new URL(request.url).pathname}`)
        .filter((name) => !name.includes('/sessions') && !name.includes('/auth/tokens')),
    entries: (site, type) =>
      disks[site].lines
        .map((line): Entry => JSON.parse(line))
        .filter((entry) => entry.type === type),
  };
  for (const site of sites) house.running[site] = start(site);
  clock.advance(1_000);
  return house;
}

/** Two people sign for themselves, which any class takes. */
const signedBy = (house: PairHouse, plan: Plan, covered: DangerClass): SignedStatement[] =>
  approvers.map((person) =>
    signStatement(
      {
        ...{ v: 1, run: plan.run, planHash: hashOf(plan), factsHash: plan.factsHash },
        ...{ decision: 'approve', person, role: 'dr-approver', class: covered },
        ...{ gateways: [...sites], notAfter: house.clock.now() + 3_600_000, nonce: `n-${person}` },
      },
      { keyId: `key-${person}`, privateKey: personal[person].privateKey },
    ),
  );

/** The gateway of DR asks the one of main by hand; its epochs were told before. */
export async function askMain(house: PairHouse) {
  const { publicKey, privateKey } = pairs.dr;
  const { clock, running } = house;
  const ask = openExchange({
    ...{ site: 'main', url: url('main'), http: (one) => running.main.handle(one), clock },
    ...{ signer: { keyId: fingerprint(publicKey), privateKey }, random: seededRandom('by hand') },
    gatewayKey: pairs.main.publicKey,
  });
  const method = 'POST';
  const told = { method, path: '/v1/peers/epochs', body: { epochs: [] }, schema: peerEpochsSchema };
  await ask(told);
  return {
    tell: (body: PeerEpochs) => ask({ ...told, body }),
    grant: (plan: Plan, callId: string, attempt = 1) => {
      const intent = { planHash: hashOf(plan), callId, attempt, epoch: 1 };
      const body = { ...intent, key: callKey({ run: plan.run, callId, attempt }) };
      return ask({ method, path: '/v1/grants', body, schema: grantAnswerSchema });
    },
  };
}

const words = { ko: '말', en: 'words' };
export const callAt = (site: SiteName, change: Partial<PlanCall>): PlanCall => ({
  ...{ site, target: `array:${arrays[site]}`, method: 'PUT', phase: 'forward', class: 'data' },
  ...{ after: [], guards: [], holes: [], sends: 1, words, id: 'x.y', step: 'x', path: '/' },
  ...change,
});

const objects = (site: SiteName) => `/v1/objects/storages/${arrays[site]}`;
/** The group as one array alone knows it, or with the other array named. */
export const remoteGroup = (site: SiteName, form: 'half' | 'whole', action: string): string => {
  const other = site === 'main' ? 'dr' : 'main';
  const half = `NotSpecified,PAY01,PAY01${site === 'main' ? 'P' : 'S'}_,NotSpecified`;
  const whole = `${arrays[other]},PAY01,PAY01S_,PAY01P_`;
  const id = form === 'half' ? half : whole;
  return `${objects(site)}/remote-mirror-copygroups/${id}/actions/${action}/invoke`;
};
