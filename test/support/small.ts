/**
 * The whole engine with pretend gateways and pretend actions: for what only the engine decides, and
 * for thousands of calls. A volume is `available` once a call made it so, `maintenance` before.
 */
import { generateKeyPairSync } from 'node:crypto';
import * as z from 'zod';
import type { Action } from '../../lib/actions/action.ts';
import { judgeCall } from '../../lib/actions/judging.ts';
import { canonical, hashOf, sha256 } from '../../lib/canonical.ts';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { Gateway, KeyRecord, PutCall, Receipt } from '../../lib/gateway/protocol.ts';
import { seededRandom } from '../../lib/random.ts';
import { advance } from '../../lib/run/advance.ts';
import type { Engine } from '../../lib/run/engine.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Head, headSchema } from '../../lib/run/head.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { readJournal } from '../../lib/run/journal.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { config } from '../actions/lab.ts';

export const RUN = 'r-0000000001';
const PEOPLE = { requester: 'p-3ce3094d', first: 'p-f054e0b8', second: 'p-2bc318aa' };

export interface Small {
  readonly clock: ManualClock;
  readonly engine: Engine;
  /** Status by volume id. */
  readonly volumes: Map<string, string>;
  /** `callId` of every call that was sent, in order. */
  readonly sent: string[];
  /** Changes what a site does with a call: answer a status, or `lost`. */
  answers: (callId: string) => number | 'lost';
  /** What `test/check` finds; true is well. */
  checks: (name: string) => boolean;
  ask(ask: Ask, person?: string): Promise<void>;
  /** Lets the run go on until it waits for people, or ended. */
  go(limit?: number): Promise<Head>;
  /** Opens, approves and goes on. */
  start(runbook: string): Promise<Head>;
  events(): Promise<JournalEvent[]>;
  plan(): Promise<Plan>;
}

export function openSmall(volumeIds: readonly string[]): Small {
  const clock = manualClock();
  const store = memoryStore();
  const blobs = memoryBlobs();
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  let source = '';
  let deliveries = 0;
  const volumes = new Map(volumeIds.map((id) => [id, 'maintenance']));
  const sent: string[] = [];
  const site = (id: string) => pretendGateway({ id, small: () => small, volumeIds });
  const engine: Engine = {
    store,
    blobs,
    gateways: new Map(['main', 'dr'].map((id) => [id, site(id)])),
    actions: pretendActions(() => small),
    clock,
    random: seededRandom('small'),
    directory: {
      lookup: async (person) => standingOf(person),
      recheck: async (person) => standingOf(person),
    },
    ledger: {
      openDrill: async () => ({ drill: 'DR-2026-001', hash: '0'.repeat(64) }),
      closeRun: async () => undefined,
    },
    witness: { keyId: 'control-plane', privateKey },
    config: async () => config,
    runbook: async () => ({ file: 'small.yml', text: source }),
  };
  const small: Small = {
    clock,
    engine,
    volumes,
    sent,
    answers: () => 202,
    checks: () => true,
    ask: async (ask, person = PEOPLE.requester) => {
      const body = JSON.stringify({ v: 1, origin: { via: 'cli' }, ask });
      const delivery = `d-${++deliveries}`;
      await store.putInbox({ run: RUN, delivery, at: clock.now() + deliveries, person, body });
    },
    go: async (limit = Number.MAX_SAFE_INTEGER) => {
      for (let i = 0; i < 100_000; i++) {
        const { pace, shown } = await advance(engine, RUN, clock.now() + 60_000);
        if (pace.next === 'end' || (pace.next === 'wait' && pace.ms > limit)) break;
        if (pace.next !== 'wait') continue;
        const { state = '' } = shown?.head ?? {};
        if (['awaiting-approval', 'paused', 'held'].includes(state)) break;
        clock.advance(Math.min(pace.ms, 600_000));
      }
      const item = await store.head(RUN);
      return headSchema.parse(JSON.parse(item?.json ?? '{}'));
    },
    start: async (runbook) => {
      source = runbook;
      await small.ask({ verb: 'open', runbook: 'small', service: 'payments' });
      const { planHash = '' } = await small.go();
      await small.ask({ verb: 'approve', planHash }, PEOPLE.first);
      await small.ask({ verb: 'approve', planHash }, PEOPLE.second);
      return small.go();
    },
    events: async () => (await readJournal(store, RUN)).events,
    plan: async () => {
      const { events } = await readJournal(store, RUN);
      const { evidence = [] } = events.find(({ type }) => type === 'plan.resolved') ?? {};
      const blob = evidence.find(({ label }) => label === 'plan')?.sha256 ?? '';
      return JSON.parse((await blobs.get(blob)).toString('utf8'));
    },
  };
  return small;
}

function standingOf(person: string) {
  const roles = config.people.find(({ id }) => id === person)?.roles ?? [];
  return { state: 'known', roles, flags: [], sharedChannel: false } as const;
}

interface Pretending {
  readonly id: string;
  readonly small: () => Small;
  readonly volumeIds: readonly string[];
}

function pretendGateway({ id, small, volumeIds }: Pretending): Gateway {
  let plan: Plan | undefined;
  let counter = 0;
  const calls = new Map<string, Plan['calls'][number]>();
  const records = new Map<string, { record: KeyRecord; receipt?: Receipt }>();
  const receiptOf = (about: Partial<Receipt>, body: unknown): Receipt => ({
    v: 1,
    gateway: id,
    incarnation: 'i',
    counter: ++counter,
    kind: 'read',
    target: '',
    method: 'GET',
    path: '',
    requestHash: '',
    status: 200,
    answerHash: sha256(canonical(body)),
    sentAt: small().clock.now(),
    receivedAt: small().clock.now(),
    simulated: true,
    guards: [],
    body: canonical(body),
    signature: '',
    ...about,
  });
  const send = (key: string, { callId, attempt, epoch, planHash }: PutCall): KeyRecord => {
    const call = calls.get(callId);
    if (call === undefined) throw new Error(`no call ${callId}`);
    const record = { key, planHash, callId, attempt, epoch, state: 'accepted' } as const;
    small().sent.push(callId);
    const answer = small().answers(callId);
    const { target, method, path } = call;
    const status = answer === 'lost' ? 500 : answer;
    if (status < 300) {
      const body = call.body as { 'os-reset_status': { status: string } };
      small().volumes.set(path.split('/')[2] ?? '', body['os-reset_status'].status);
    }
    const receipt = receiptOf({ kind: 'call', key, callId, target, method, path, status }, {});
    records.set(key, answer === 'lost' ? { record } : { record, receipt });
    return record;
  };
  return {
    site: id,
    register: async (body) => {
      plan = body.plan;
      for (const call of plan.calls) calls.set(call.id, call);
      return { planHash: hashOf(plan), class: plan.class };
    },
    approve: async () => ({ covered: plan?.class ?? 'none' }),
    skip: async ({ step }) => ({ step }),
    announce: async ({ unit, epoch, run }) => ({ unit, epoch, run }),
    journal: async ({ from, lines }) => ({ have: from - 1 + lines.length, wants: [] }),
    put: async (key, body) => records.get(key)?.record ?? send(key, body),
    ask: async (key) => {
      const known = records.get(key);
      if (known === undefined) return { state: 'void', counter };
      const state = known.receipt === undefined ? 'lost' : 'answered';
      return { state, counter, ...known };
    },
    read: async (target, path) => {
      const status = small().volumes.get(path.split('/')[2] ?? '') ?? 'unknown';
      return receiptOf({ target, path }, { status });
    },
    health: async () => ({
      site: id,
      version: 1,
      incarnation: 'i',
      counter,
      nowMs: small().clock.now(),
      keyId: id,
      drillable: {
        copyGroups: [],
        ldevs: [],
        networks: [],
        volumes: id === 'dr' ? [...volumeIds] : [],
      },
      targets: [],
    }),
  };
}

const text = (name: string) => ({ ko: name, en: name });
const input = z.strictObject({
  volume: z.string(),
  /** Calls of other steps that come before. */
  after: z.array(z.string()).optional(),
});

/** Makes a volume `to`; done once it is so. */
function setVolume(small: () => Small, name: string, to: string): Action<z.infer<typeof input>> {
  return {
    name,
    input,
    title: text(name),
    withinMs: 600_000,
    pollMs: 1_000,
    facts: [],
    preexisting: 'accept',
    plan: ({ volume, after }) => [
      {
        name: 'set',
        site: 'dr',
        target: 'cinder:dr',
        method: 'POST',
        path: `/volumes/${volume}/action`,
        body: { 'os-reset_status': { status: to } },
        words: text(`${volume} ${to}`),
        ...(after === undefined ? {} : { after }),
      },
    ],
    observe: async (_view, { volume }, read) => read('dr', 'cinder:dr', `/volumes/${volume}`),
    judge: (_observed, { volume }, view) => {
      const seen = small().volumes.get(volume) === to ? 'there' : 'absent';
      const verdicts = view.calls.map(({ id }) => [
        id,
        judgeCall({ mine: view.mine[id], now: view.now, effect: { seen } }),
      ]);
      return { verdicts: Object.fromEntries(verdicts) };
    },
  };
}

const checkInput = z.strictObject({ name: z.string() });

/** Changes nothing; refuses what the test says is not well. */
function check(small: () => Small): Action<z.infer<typeof checkInput>> {
  return {
    name: 'check/all',
    input: checkInput,
    title: text('check'),
    withinMs: 60_000,
    pollMs: 1_000,
    facts: [],
    preexisting: 'accept',
    repeatable: true,
    plan: () => [],
    observe: async () => undefined,
    judge: (_observed, { name }, view) => ({
      verdicts: {
        [view.step.id]: small().checks(name)
          ? { state: 'done' }
          : { state: 'refuse', reason: `${name} is not well` },
      },
    }),
  };
}

/** Under the names of shipped actions, because what takes back what is known by name. */
function pretendActions(small: () => Small): ReadonlyMap<string, Action> {
  const all: readonly Action[] = [
    setVolume(small, 'servers/boot', 'available'),
    setVolume(small, 'servers/delete', 'maintenance'),
    check(small),
  ];
  return new Map(all.map((action) => [action.name, action]));
}

/** A runbook with these steps; `always` leaves nothing that lint would miss. */
export const runbookOf = (steps: string, always = ''): string => `runbook: small
title: { ko: 작은, en: Small }
drillType: isolated-copy
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 2h, runWithin: 8h }
params: { list: [] }
steps:
${steps}${always === '' ? '' : `always:\n${always}`}`;
