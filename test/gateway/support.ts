/** A gateway in process, before a scripted array and cloud that count what they accept. */
import { generateKeyPairSync } from 'node:crypto';
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { type Clock, type ManualClock, manualClock } from '../../lib/clock.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { callKey, fingerprint } from '../../lib/gateway/keys.ts';
import { mailboxHttp } from '../../lib/gateway/outbound/client.ts';
import { mailboxDoor } from '../../lib/gateway/outbound/door.ts';
import { pollMail } from '../../lib/gateway/outbound/poller.ts';
import type { Gateway, PutCall, Statement } from '../../lib/gateway/protocol.ts';
import type { Disk } from '../../lib/gateway/server/disk.ts';
import { type Entry, entrySchema } from '../../lib/gateway/server/entries.ts';
import { createGateway, type RunningGateway } from '../../lib/gateway/server/gateway.ts';
import type { GatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Http } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { memoryMailbox } from '../../lib/store/memory.ts';
import type { Blobs } from '../../lib/store/store.ts';
import { drillPlan, ids } from './plan.ts';
import { type ScriptedSite, scriptedSite } from './scripted.ts';

export interface Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export const newPair = (curve = 'P-256'): Pair =>
  generateKeyPairSync('ec', {
    namedCurve: curve,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

const control = newPair();
const own = newPair();
export const secrets = ['array-Pass!word', 'cloud-Pass!word'] as const;
export const keys = { control, own };
export const URL_OF_GATEWAY = 'http://127.0.0.1:4720';

export function gatewayFolder(change: Partial<GatewayFolder['settings']> = {}): GatewayFolder {
  return {
    settings: {
      site: 'dr',
      listen: { host: '127.0.0.1', port: 4720 },
      arrays: [
        {
          storageDeviceId: ids.array,
          url: 'http://array.dr/ConfigurationManager',
          api: 'cm',
          simulated: true,
          user: 'drill',
          password: secrets[0],
        },
      ],
      cloud: 'dr',
      drillable: {
        copyGroups: ['PAY01-DRILL'],
        ldevs: [1301],
        volumes: [ids.copyVolume],
        networks: [ids.network],
      },
      probes: { proxy: 'http://127.0.0.1:4799', urls: ['http://10.90.1.11:8080/health'] },
      ...change,
    },
    cloud: {
      auth: {
        auth_url: 'http://cloud.dr/identity',
        username: 'drill',
        password: secrets[1],
        project_name: 'drill',
        user_domain_name: 'Default',
        project_domain_name: 'Default',
      },
    },
    trust: {
      people: [
        { id: 'p-00000001', roles: ['dr-approver'] },
        { id: 'p-00000002', roles: ['dr-approver'] },
        { id: 'p-00000003', roles: ['operator'] },
      ],
      controlPlanes: [{ id: 'control', publicKey: control.publicKey }],
      peers: [],
    },
    key: { privateKey: own.privateKey, keyId: fingerprint(own.publicKey) },
  };
}

/** A disk whose lines survive the gateway; `dieAt` = the write that never comes back. */
export interface TestDisk {
  readonly lines: string[];
  /** Resolves when a write never came back. */
  readonly died: Promise<string>;
  open(options?: { dieAt?: number; dieAfter?: number; fails?: boolean }): Disk;
}

export function testDisk(lines: string[] = []): TestDisk {
  let die: (how: string) => void = () => {};
  const died = new Promise<string>((resolve) => {
    die = resolve;
  });
  const dying = (): Promise<void> => {
    die('died');
    return new Promise(() => {});
  };
  return {
    lines,
    died,
    open: ({ dieAt, dieAfter, fails } = {}) => {
      let writes = 0;
      return {
        incarnation: 'i-1',
        entries: lines.map((line): Entry => entrySchema.parse(JSON.parse(line))),
        count: () => lines.length,
        append: async (entry) => {
          writes++;
          if (fails) throw new Error('no space left on device');
          if (dieAt !== undefined && writes >= dieAt) return dying();
          lines.push(JSON.stringify(entrySchema.parse(entry)));
          if (dieAfter !== undefined && writes >= dieAfter) return dying();
        },
        close: async () => {},
      };
    },
  };
}

export interface House {
  readonly clock: ManualClock;
  readonly site: ScriptedSite;
  readonly disk: TestDisk;
  readonly plan: Plan;
  readonly planHash: string;
  readonly said: string[];
  gateway: Gateway;
  running: RunningGateway;
  /** What a wire tap saw, newest last; `tap` may change or drop messages. */
  tap: (http: Http) => Http;
  /** Stops nothing politely: the old process is forgotten, a new one opens the same disk. */
  restart(options?: Parameters<TestDisk['open']>[0]): void;
  register(): Promise<void>;
  /** Registers and approves by two people. */
  approve(change?: Partial<Statement>, people?: readonly string[]): Promise<void>;
  body(callId: string, change?: Partial<PutCall>): PutCall;
  put(callId: string, change?: Partial<PutCall>): ReturnType<Gateway['put']>;
  /** Puts and waits for the answer. */
  done(callId: string, change?: Partial<PutCall>): Promise<Awaited<ReturnType<Gateway['ask']>>>;
  keyOf(callId: string, attempt?: number): string;
}

export interface HouseOptions {
  readonly plan?: Plan;
  readonly folder?: GatewayFolder;
  readonly disk?: TestDisk;
  readonly blobs?: Blobs;
}

let carried = false;

/** From here on the messages of this file's houses go through a mailbox that the gateway empties. */
export function useMailbox(): void {
  carried = true;
}

/** How messages get to the gateway: straight, or through the door it polls, in a time of its own. */
function way(handle: Http): Http {
  if (!carried) return handle;
  const clock = manualClock();
  const random = seededRandom('mailbox');
  const mailbox = memoryMailbox();
  const stop = new AbortController();
  const door = mailboxDoor({ mailbox, keyOf: () => own.publicKey, clock });
  const site = 'dr';
  const signer = { keyId: fingerprint(own.publicKey), privateKey: own.privateKey };
  const at = { url: 'https://mail.example', site, signer, stop: stop.signal };
  void pollMail({ ...at, handle, http: door, clock, random, say: () => {} });
  return async (request) => {
    try {
      return await mailboxHttp({ mailbox, site, clock, random })(request);
    } finally {
      stop.abort();
    }
  };
}

/** Opens a house whose clock has moved past the second in which the gateway started. */
export function openHouse(options: HouseOptions = {}): House {
  const clock = manualClock();
  const random = seededRandom('gateway tests');
  const site = scriptedSite(clock);
  const disk = options.disk ?? testDisk();
  const plan = options.plan ?? drillPlan();
  const folder = options.folder ?? gatewayFolder();
  const planHash = hashOf(plan);
  const said: string[] = [];
  const start = (how: Parameters<TestDisk['open']>[0]) => {
    const deps = { clock, random, http: site.http, say: (text: string) => said.push(text) };
    const { blobs } = options;
    const more = blobs === undefined ? {} : { blobs };
    const running = createGateway({ folder, disk: disk.open(how), ...deps, ...more });
    clock.advance(1000);
    return running;
  };
  const keyOf = (callId: string, attempt = 1) => callKey({ run: plan.run, callId, attempt });
  const house: House = {
    ...{ clock, site, disk, plan, planHash, said, keyOf },
    running: start({}),
    gateway: gatewayClient({
      site: 'dr',
      url: URL_OF_GATEWAY,
      http: (request) => house.tap(way((inner) => house.running.handle(inner)))(request),
      signer: { keyId: 'control', privateKey: control.privateKey },
      gatewayKey: own.publicKey,
      clock,
      random,
    }),
    tap: (http) => http,
    restart: (how) => {
      house.running = start(how);
    },
    register: async () => {
      await house.gateway.register({ plan, runbook: 'runbook: x', config: {} });
    },
    approve: async (change = {}, people = ['p-00000001', 'p-00000002']) => {
      await house.register();
      await house.gateway.approve({ planHash, statements: statementsOf(house, change, people) });
    },
    body: (callId, change = {}) => ({
      ...{ planHash, callId, attempt: 1, epoch: 1, putBy: clock.now() + 30_000 },
      ...change,
    }),
    put: (callId, change = {}) =>
      house.gateway.put(keyOf(callId, change.attempt), house.body(callId, change)),
    done: async (callId, change = {}) => {
      await house.put(callId, change);
      await house.running.settled();
      return house.gateway.ask(keyOf(callId, change.attempt));
    },
  };
  return house;
}

export function statementsOf(
  { plan, planHash, clock }: { plan: Plan; planHash: string; clock: Clock },
  change: Partial<Statement> = {},
  people: readonly string[] = ['p-00000001', 'p-00000002'],
) {
  return people.map((person) =>
    signStatement(
      {
        v: 1,
        run: plan.run,
        planHash,
        factsHash: plan.factsHash,
        decision: 'approve',
        person,
        role: 'dr-approver',
        class: 'copy',
        gateways: ['main', 'dr'],
        notAfter: clock.now() + 3_600_000,
        nonce: `n-${person}`,
        ...change,
      },
      { keyId: 'control', privateKey: control.privateKey },
    ),
  );
}

/** The code a promise was refused with; fails the test when it was not refused. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'was not refused',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
  return outcome;
}
