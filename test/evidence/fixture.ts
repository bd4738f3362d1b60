/** Small runs written by hand: real chains, real receipts, no engine. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonical, hashOf, sha256 } from '../../lib/canonical.ts';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { Config, Service } from '../../lib/config.ts';
import { createLedger, type Ledger } from '../../lib/evidence/ledger.ts';
import type { PackOrder } from '../../lib/evidence/pack.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import type { Receipt } from '../../lib/gateway/protocol.ts';
import { type Random, seededRandom } from '../../lib/random.ts';
import { type Evidence, type NewEvent, parseEvent } from '../../lib/run/events.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';

export const LONG_TITLE =
  '복제본 기반 재해복구 모의훈련 — 지급결제 계정계 야간 점검을 겸한 아주 긴 훈련 이름과 띄어쓰기';
const VOLUME = '047a8387-cdde-4d51-a301-bbfca0c5154e';

const service: Service = {
  id: 'payments',
  name: { ko: '지급결제 계정계', en: 'Payments core' },
  tier: 'platinum',
  rtoMinutes: 120,
  critical: true,
  replication: { type: 'UR', group: 'PAY01', from: 'main', to: 'dr' },
  drill: { group: 'PAY01-DRILL', network: '3ceaaf30-8142-48ea-91d9-3080f9b439fc' },
  servers: [
    {
      name: 'pay-db1',
      order: 1,
      flavor: 'c8.m32',
      nics: [{ mac: 'fa:16:3e:c4:12:1f', ip: '10.90.1.11' }],
      volumes: [VOLUME],
    },
  ],
  checks: [{ id: 'db-active', kind: 'server-active', server: 'pay-db1' }],
};

const site = (id: string, ko: string, en: string, array: string) => ({
  id,
  name: { ko, en },
  gateway: 'http://127.0.0.1:4710',
  array: { storageDeviceId: array, api: 'cm' as const },
  cloud: id,
});

export const config: Config = {
  sites: [
    site('main', '서울 주전산센터', 'Seoul main centre', '900000040014'),
    site('dr', '대전 재해복구센터', 'Daejeon DR centre', '900000040015'),
  ],
  services: [service],
  people: [
    {
      id: 'p-3ce3094d',
      handle: 'kim',
      name: { ko: '김하늘', en: 'Kim Haneul' },
      roles: ['operator'],
      language: 'ko',
      slack: [{ team: 'T0BANK', user: 'U01KIM' }],
      flags: [],
    },
  ],
  policy: {
    tenant: 'hanbit',
    company: { ko: '한빛은행', en: 'Hanbit Bank' },
    allowedRegions: ['ap-northeast-2'],
    channel: 'C0DRDRILL',
    sharedChannels: [],
    workspace: 'T0BANK',
    requesterRoles: ['operator'],
    operatorRoles: ['operator'],
    channelLanguage: 'ko',
  },
};

const runbookText = `runbook: drill-copy
title: { ko: ${LONG_TITLE}, en: Drill on copies }
steps:
  - id: split
    uses: clone/split
    with: { group: "\${{ service.drill.group }}" }
`;

export const pair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

export interface Fixture {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly ledger: Ledger;
  /** Folder of this fixture alone. */
  readonly folder: string;
  readonly publicKeyPem: string;
  readonly gatewayPrivatePem: string;
  order(run: string): PackOrder & { readonly ledger: Ledger };
}

/** Everything a test file writes lies in one folder, removed when it is done. */
const scratch = mkdtempSync(join(tmpdir(), 'drillbook-evidence-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export function fixture(seed = 'evidence'): Fixture {
  const folder = mkdtempSync(join(scratch, 'world-'));
  const store = memoryStore();
  const blobs = memoryBlobs();
  const clock = manualClock();
  const random = seededRandom(seed);
  const ledger = createLedger({ store, tenant: 'hanbit', clock, random });
  const evidence = pair();
  const gateway = pair();
  writeFileSync(join(folder, 'key.pem'), evidence.publicKey);
  const signer = fileSigner(evidence.privateKey);
  const gatewayKeys = { dr: gateway.publicKey };
  return {
    store,
    blobs,
    clock,
    random,
    ledger,
    folder,
    publicKeyPem: evidence.publicKey,
    gatewayPrivatePem: gateway.privateKey,
    order: (run) => ({
      run,
      store,
      blobs,
      signer,
      config,
      gatewayKeys,
      ledger,
      folder: join(folder, 'packs'),
    }),
  };
}

/** A receipt as a gateway signs it, kept as a blob. */
export async function receipt(world: Fixture, label: string, body: string): Promise<Evidence> {
  const signed: Omit<Receipt, 'body' | 'signature'> = {
    v: 1,
    gateway: 'dr',
    incarnation: 'i1',
    counter: 7,
    kind: 'read',
    target: 'array:900000040015',
    method: 'GET',
    path: '/v1/objects/local-clone-copygroups/PAY01-DRILL',
    requestHash: sha256('request'),
    status: 200,
    answerHash: sha256(body),
    sentAt: world.clock.now(),
    receivedAt: world.clock.now() + 20,
    simulated: true,
    guards: [],
  };
  const signature = sign('sha256', Buffer.from(canonical(signed)), world.gatewayPrivatePem);
  return keep(
    world,
    label,
    canonical({ ...signed, body, signature: signature.toString('base64') }),
  );
}

export async function keep(
  world: Fixture,
  label: string,
  text: string,
  media = 'application/json',
): Promise<Evidence> {
  const hash = await world.blobs.put(text);
  return { label, sha256: hash, bytes: Buffer.byteLength(text), media };
}

const bot = { id: 'drillbook', kind: 'system' } as const;
const person = (id: string) => ({ id, kind: 'human' }) as const;

/** Appends events to a run's journal, one second apart, chained by hand. */
export async function write(world: Fixture, run: string, events: readonly NewEvent[]) {
  for (const event of events) {
    const lines = await world.store.chain(`run:${run}`);
    const before = lines.at(-1);
    const opening = before === undefined ? await open(world, run) : undefined;
    world.clock.advance(1_000);
    const line = canonical({
      v: 1,
      run,
      seq: lines.length + 1,
      ts: new Date(world.clock.now()).toISOString(),
      id: world.random(8),
      prev: before === undefined ? (opening?.hash ?? '') : sha256(before.line),
      evidence: [],
      ...event,
    });
    parseEvent(line);
    await world.store.append(`run:${run}`, { seq: lines.length + 1, id: world.random(8), line });
  }
}

const open = (world: Fixture, run: string) =>
  world.ledger.openDrill({
    run,
    service: 'payments',
    runbook: 'drill-copy',
    requester: 'p-3ce3094d',
  });

export async function opened(world: Fixture, run: string): Promise<NewEvent> {
  const { drill } = await open(world, run);
  return {
    type: 'run.opened',
    actor: person('p-3ce3094d'),
    data: {
      drill,
      runbook: 'drill-copy',
      service: 'payments',
      requester: 'p-3ce3094d',
      via: 'slack',
      delivery: 'd41d8cd98f00b204',
    },
  };
}

export const ended = (
  result: 'passed' | 'failed' | 'aborted' | 'denied' | 'expired',
  reasons: string[] = [],
  residue: string[] = [],
): NewEvent => ({ type: 'run.ended', actor: bot, data: { result, reasons, residue } });

export function planOf(run: string): Plan {
  const step = { phase: 'forward' as const, input: {}, needs: [], withinMs: 900_000 };
  return {
    v: 1,
    run,
    drillType: 'isolated-copy',
    runbook: {
      id: 'drill-copy',
      title: { ko: LONG_TITLE, en: 'Drill on copies' },
      sha256: sha256(runbookText),
    },
    service: { id: 'payments', name: service.name, tier: 'platinum' },
    unit: 'PAY01',
    approval: { people: 2, role: 'dr-approver', expiresMs: 7_200_000, runWithinMs: 28_800_000 },
    class: 'copy',
    sites: ['dr'],
    facts: { bound: {}, classed: {} },
    factsHash: hashOf({ bound: {}, classed: {} }),
    steps: [
      {
        ...step,
        id: 'split',
        uses: 'clone/split',
        title: { ko: '복제본 분리', en: 'Split copies' },
      },
      { ...step, id: 'verify', uses: 'check/all', title: { ko: '점검', en: 'Measured checks' } },
      {
        ...step,
        id: 'database',
        uses: 'people/do',
        title: { ko: 'DB 기동', en: 'Start database' },
      },
      {
        ...step,
        id: 'resync',
        uses: 'clone/resync',
        title: { ko: '복제본 재동기화', en: 'Resync copies' },
        phase: 'always',
        undoes: 'split',
      },
    ],
    calls: [],
  };
}

/** From the opening to the asked-for approval. */
export async function planned(world: Fixture, run: string): Promise<NewEvent[]> {
  const plan = planOf(run);
  const planHash = hashOf(plan);
  const evidence = [
    await keep(world, 'plan', canonical(plan)),
    await keep(world, 'runbook', runbookText, 'application/yaml'),
    await keep(
      world,
      'configuration',
      canonical({ service, sites: config.sites, tenant: 'hanbit' }),
    ),
  ];
  const expiresAt = world.clock.now() + 7_200_000;
  return [
    await opened(world, run),
    {
      type: 'plan.resolved',
      actor: bot,
      evidence,
      data: { planHash, factsHash: plan.factsHash, calls: 0, class: 'copy' },
    },
    {
      type: 'approval.requested',
      actor: bot,
      data: { planHash, people: 2, role: 'dr-approver', expiresAt },
    },
  ];
}

export async function approved(world: Fixture, run: string): Promise<NewEvent[]> {
  const planHash = hashOf(planOf(run));
  const grant = (id: string): NewEvent => ({
    type: 'approval.granted',
    actor: person(id),
    data: { planHash, person: id, role: 'dr-approver', nonce: world.random(8), via: 'slack' },
  });
  const refusal = {
    code: 'APR-REQUESTER',
    what: 'p-3ce3094d may not approve.',
    why: 'Requester.',
    next: 'Ask another approver.',
  };
  return [
    ...(await planned(world, run)),
    {
      type: 'refused',
      actor: person('p-3ce3094d'),
      data: { person: 'p-3ce3094d', verb: 'approve', delivery: 'x', refusal },
    },
    grant('p-f054e0b8'),
    grant('p-2bc318aa'),
    { type: 'approval.complete', actor: bot, data: { planHash } },
  ];
}

const sample = (step: string): NewEvent => ({
  type: 'replication.sample',
  actor: bot,
  data: { step, states: ['PAY01 main PAIR', 'PAY01 dr PAIR'] },
});

const started = (step: string): NewEvent => ({
  type: 'step.started',
  actor: bot,
  data: { step, attempt: 1, deadline: 0 },
});

const finished = (step: string, result: 'done' | 'not-needed' = 'done'): NewEvent => ({
  type: 'step.finished',
  actor: bot,
  data: { step, result, durationMs: 1_000 },
});

/** The split, its receipt, a pause and the person's retry. */
export async function splitDone(world: Fixture): Promise<NewEvent[]> {
  const call = { step: 'split', call: 'split.group', attempt: 1, key: sha256('key') };
  const reads = [await receipt(world, 'read-dr-clone-group', '{"data":[{"pvolStatus":"PSUS"}]}')];
  const refusal = {
    code: 'RUN-LATE',
    what: 'The split took long.',
    why: 'Over limit.',
    next: 'Retry.',
  };
  return [
    sample('split'),
    started('split'),
    { type: 'intent', actor: bot, data: { ...call, putBy: 0, epoch: 1 } },
    {
      type: 'judged',
      actor: bot,
      data: {
        step: 'split',
        verdicts: { 'split.group': { state: 'pending', reading: { replication: ['main PFUL'] } } },
      },
    },
    { type: 'run.paused', actor: bot, data: { step: 'split', refusal } },
    {
      type: 'operator.retry',
      actor: person('p-27f82f94'),
      data: { step: 'split', person: 'p-27f82f94', reason: '스토리지 팀 확인 후 재시도' },
    },
    {
      type: 'outcome',
      actor: bot,
      evidence: reads,
      data: { ...call, state: 'answered', status: 200 },
    },
    sample('split'),
    finished('split'),
  ];
}

export async function passedRun(world: Fixture, run = 'r-passed'): Promise<string> {
  const checkOf = (check: string, kind: string): NewEvent => ({
    type: 'check.result',
    actor: bot,
    data: { step: 'verify', check, kind, expected: '4711', actual: '4711', verdict: 'passed' },
  });
  const work = (id: string, part: 'performed' | 'witnessed'): NewEvent => ({
    type: 'manual.step',
    actor: person(id),
    data: { step: 'database', person: id, role: 'dba', part, text: 'DB 로그 적용 완료' },
  });
  await write(world, run, [
    ...(await approved(world, run)),
    ...(await splitDone(world)),
    started('database'),
    work('p-bf0283a3', 'performed'),
    work('p-27f82f94', 'witnessed'),
    finished('database'),
    started('verify'),
    checkOf('db-active', 'server-active'),
    checkOf('one-instant', 'http-json'),
    finished('verify'),
    {
      type: 'service.confirmed',
      actor: person('p-6709b347'),
      data: { step: 'business', person: 'p-6709b347', role: 'business-owner', text: '업무 정상' },
    },
    { type: 'clock.checked', actor: bot, data: { host: 'gateway:dr', offsetMs: 1_500 } },
    started('resync'),
    finished('resync'),
    sample('resync'),
    ended('passed'),
  ]);
  return run;
}

const script = fileURLToPath(new URL('../../lib/evidence/assets/verify.sh', import.meta.url));

/** `verify.sh` as an auditor runs it: a copy from outside the pack, the key from outside. */
export async function verifySh(
  pack: string,
  key: string,
  trust?: string,
): Promise<{ code: number; out: string }> {
  const copy = join(mkdtempSync(join(scratch, 'verify-')), 'verify.sh');
  cpSync(script, copy);
  return new Promise((resolve) => {
    const args = [copy, pack, key, ...(trust === undefined ? [] : [trust])];
    execFile('sh', args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
}

/** All plain files under a folder, relative, sorted. */
export function filesUnder(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under))
    .sort()
    .flatMap((name) => {
      const path = under === '' ? name : `${under}/${name}`;
      return statSync(join(folder, path)).isDirectory() ? filesUnder(folder, path) : [path];
    });
}
