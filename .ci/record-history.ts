/**
 * `node --import tsx .ci/record-history.ts`, once for each release: plays runs of every kind against
 * the twin and keeps what they left behind under test/histories/<version>/, where later versions
 * must go on reading it. Nothing that is there is written again.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readLedger } from '../lib/evidence/ledger.ts';
import type { Http } from '../lib/http.ts';
import { actionIds } from '../lib/slack/buttons.ts';
import { type Bank, type BankOptions, openBank, shortTries } from '../test/support/bank.ts';
import { recordMessages } from './record-messages.ts';

const version = String(JSON.parse(readFileSync('package.json', 'utf8')).version);
const folder = path.join('test/histories', version);

interface Scene {
  readonly what: string;
  readonly bank?: BankOptions;
  /** Plays it and answers the run. */
  play(bank: Bank): Promise<string>;
}

const paused = ({ state }: { readonly state: string }) => state === 'paused';

/** Requests that `hits` are answered instead of sent on, as long as `on` says so. */
const answering =
  (hits: (method: string, url: string) => boolean, on: { left: number }, status = 503) =>
  (_: string, http: Http): Http =>
  async (request) => {
    if (on.left <= 0 || !hits(request.method, request.url)) return http(request);
    on.left--;
    return { status, headers: {}, body: '{"computeFault":{"message":"busy"}}' };
  };
const boots = (method: string, url: string) => method === 'POST' && url.endsWith('/servers');
const health = (_: string, url: string) => url.includes('10.90.3.12:8080/health');

const split = (_: string, url: string) => url.endsWith('/split/invoke');

/** The gateway dies once, when it has accepted this call and the target has not heard of it. */
function dyingAt(
  hits: (method: string, url: string) => boolean,
  kill: (site: string) => Promise<void> | undefined,
): NonNullable<BankOptions['between']> {
  let died = false;
  return (site, http) => async (request) => {
    if (died || !hits(request.method, request.url)) return http(request);
    died = true;
    await kill(site);
    return new Promise(() => undefined);
  };
}

const silenced =
  (http: Http, dead: { on: boolean }): Http =>
  async (request) => {
    if (dead.on && request.url.includes(':4720')) throw new Error('timeout');
    return http(request);
  };

/** Hours in which nobody does anything, until the run asks a person. */
async function patiently(bank: Bank, run: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    await bank.tick(run);
    if (paused(await bank.head(run))) return;
    bank.clock.advance(120_000);
  }
  throw new Error(`run ${run} asks nobody`);
}

function strike(type: string, dead: { on: boolean }): void {
  if (type === 'intent') dead.on = true;
}

async function retried(bank: Bank, run: string, mend: () => void): Promise<string> {
  await bank.drive(run, paused);
  mend();
  await bank.press('han', actionIds.retry, run, '고쳤습니다');
  await bank.drive(run);
  return run;
}

function scenes(): Record<string, Scene> {
  const busy = { left: 1 };
  const down = { left: Number.POSITIVE_INFINITY };
  const full = { left: Number.POSITIVE_INFINITY };
  const dead = { on: false };
  const holder: { bank?: Bank } = {};
  return {
    passed: {
      what: 'a drill that passed, one call refused by the cloud and sent again',
      bank: { between: answering(boots, busy) },
      play: async (bank) => {
        const run = await bank.ask('drill payments');
        await bank.drive(run);
        return run;
      },
    },
    retried: {
      what: 'a drill that paused at a check, was retried by a person, and passed',
      bank: { edit: shortTries, between: answering(health, down, 500) },
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        return retried(bank, run, () => {
          down.left = 0;
        });
      },
    },
    lost: {
      what: 'a gateway died with a call accepted: lost, shown to a person, retried, passed',
      bank: { between: dyingAt(split, (site) => holder.bank?.restartGateway(site)) },
      play: async (bank) => {
        holder.bank = bank;
        return retried(bank, await bank.ask('drill loans'), () => undefined);
      },
    },
    silent: {
      what: 'a gateway that never answered again: two aborts ended it with residue',
      bank: { wire: (http) => silenced(http, dead), onEvent: ({ type }) => strike(type, dead) },
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        await bank.drive(run, () => dead.on);
        for (const reason of ['응답이 없습니다', '수동으로 정리합니다']) {
          await patiently(bank, run);
          await bank.press('han', actionIds.abort, run, reason);
        }
        await bank.drive(run, undefined, false);
        return run;
      },
    },
    'turned-away': {
      what: 'somebody asked who may not',
      play: async (bank) => {
        await bank.type('lee', 'drill loans');
        const run = bank.lastSignal();
        await bank.drive(run, undefined, false);
        return run;
      },
    },
    aborted: {
      what: 'a drill given up after three refusals, cleaned up',
      bank: { between: answering(boots, full, 403) },
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        await bank.drive(run, paused);
        await bank.press('han', actionIds.abort, run, '그만둡니다');
        await bank.drive(run);
        return run;
      },
    },
    denied: {
      what: 'an approver said no',
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        await bank.press('lee', actionIds.deny, run, '오늘은 안 됩니다');
        await bank.drive(run, undefined, false);
        return run;
      },
    },
    expired: {
      what: 'one approval only, the time ran out',
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        await bank.press('lee', actionIds.approve, run);
        await bank.tick(run);
        bank.clock.advance(3 * 3_600_000);
        await bank.drive(run, undefined, false);
        return run;
      },
    },
    voided: {
      what: 'the runbook was changed between the approvals and the first call',
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        await bank.press('lee', actionIds.approve, run);
        await bank.tick(run);
        bank.editRunbook('drill-copy', (text) => `${text}\n# changed\n`);
        await bank.drive(run);
        return run;
      },
    },
    'copies-resync': {
      what: 'copies that somebody left split, made PAIR again by two people',
      play: async (bank) => {
        bank.world.fault('copies-left-split', true, { service: 'loans' });
        const run = await bank.ask('run copies-resync loans');
        await bank.drive(run);
        return run;
      },
    },
    approved: {
      what: 'approved by two people, delivered to both gateways, nothing sent yet',
      play: async (bank) => {
        const run = await bank.ask('drill loans');
        const started = (head: { steps: readonly { state: string }[] }) =>
          head.steps.some(({ state }) => state === 'running');
        await bank.drive(run, started);
        return run;
      },
    },
  };
}

async function record(name: string, scene: Scene): Promise<void> {
  const file = path.join(folder, `${name}.json.gz`);
  if (existsSync(file)) return;
  const bank = await openBank({ seed: name, ...scene.bank });
  try {
    const run = await scene.play(bank);
    const text = JSON.stringify(await left(bank, run, scene.what));
    // Level 9 and no name or time inside: the same run gives the same file.
    writeFileSync(file, gzipSync(text, { level: 9 }));
    const { result, state, pause } = await bank.head(run);
    const end = result?.result ?? pause?.step ?? state;
    process.stdout.write(`${name}: ${end}, ${text.length} bytes\n`);
  } finally {
    await bank.close();
  }
}

/** All that a run of this version leaves: journal, ledger, blobs, and the disks of the gateways. */
async function left(bank: Bank, run: string, what: string) {
  const lines = await bank.store.chain(`run:${run}`);
  const tenant = bank.config.policy.tenant;
  const named = lines.flatMap(({ line }) => {
    const { evidence } = JSON.parse(line) as { evidence: { sha256: string }[] };
    return evidence.map(({ sha256 }) => sha256);
  });
  const blobs: Record<string, string> = {};
  for (const hash of new Set(named)) blobs[hash] = (await bank.blobs.get(hash)).toString('utf8');
  const disks: Record<string, string> = {};
  for (const { id } of bank.config.sites) {
    disks[id] = readFileSync(path.join(bank.folder.gateway(id), 'disk/log.jsonl'), 'utf8');
  }
  const ledger = (await readLedger(bank.store, tenant)).map(({ line }) => line);
  const gatewayKeys = bank.keys.gateways;
  const journal = lines.map(({ line }) => line);
  return { version, what, run, tenant, journal, ledger, blobs, disks, gatewayKeys };
}

mkdirSync(folder, { recursive: true });
/** What the runs were made with: customers bring these files along. */
const ground = ['sites', 'services', 'people', 'policy', 'twin'].map(
  (name) => `config/${name}.yml`,
);
for (const file of [...ground, 'runbooks']) {
  cpSync(file, path.join(folder, file), { recursive: true, force: false });
}
await recordMessages(path.join(folder, 'messages.json'));
for (const [name, scene] of Object.entries(scenes())) await record(name, scene);
