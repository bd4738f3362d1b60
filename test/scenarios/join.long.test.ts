/** A run that a gateway finished alone comes home: joined, packed, and what the lost plane wrote a fork. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { canonical } from '../../lib/canonical.ts';
import { type JoinParts, joinBranch } from '../../lib/evidence/join.ts';
import { readLedger } from '../../lib/evidence/records.ts';
import { sealIfLast } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { exportRun } from '../../lib/gateway/alone/export.ts';
import type { InboxBody } from '../../lib/run/inbox.ts';
import { verifySh } from '../evidence/fixture.ts';
import { type Alone, finishAlone, openAlone, takeOver } from '../support/alone.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { repeated } from '../support/proof.ts';

let bank: Bank;
let alone: Alone | undefined;
let cut = false;
afterEach(async () => {
  await alone?.close();
  alone = undefined;
  cut = false;
  await bank.close();
});

/** A cable that can be cut; behind it the DR gateway in whichever process it lives now. */
const cable = { sparing: true } as const;
async function openBankOnCable(): Promise<void> {
  bank = await openBank({
    ...cable,
    wire: (http) => async (request) => {
      if (cut) throw new Error('no route to host');
      const dr = bank.config.sites.find(({ id }) => id === 'dr')?.gateway ?? '';
      return alone !== undefined && request.url.startsWith(dr)
        ? alone.handle(request)
        : http(request);
    },
  });
}

async function note(run: string, text: string): Promise<void> {
  const person = bank.config.people.find(({ handle }) => handle === 'han')?.id ?? '';
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask: { verb: 'note', text } };
  const at = bank.clock.now();
  await bank.store.putInbox({ run, person, at, delivery: text, body: canonical(body) });
}

const order = () => ({
  ...{ store: bank.store, blobs: bank.blobs, config: bank.config, gatewayKeys: bank.keys.gateways },
  ...{ folder: join(bank.folder.root, 'packs'), signer: fileSigner(bank.keys.evidence) },
  ledger: bank.worker.ledger,
});

const parts = (): JoinParts => ({
  ...{ store: bank.store, blobs: bank.blobs, gatewayKeys: bank.keys.gateways },
  ...{ tenant: bank.config.policy.tenant, clock: bank.clock },
  random: bank.worker.engine.random,
  seal: async (run) => (await sealIfLast({ run, ...order() }))?.path,
});

async function exported(at: Alone, run: string) {
  const { store, blobs } = at.plane.engine;
  const { tenant } = bank.config.policy;
  const { privateKey } = at.evidence;
  return exportRun({ run, site: 'dr', tenant, store, blobs, privateKey });
}

/** What both verifiers say against a pack. */
async function findings(pack: string): Promise<string[]> {
  const key = join(bank.folder.root, 'evidence.pub.pem');
  writeFileSync(key, await fileSigner(bank.keys.evidence).publicKeyPem());
  const { checks } = await verifyPack(pack, { publicKeyPem: readFileSync(key, 'utf8') });
  const { out } = await verifySh(pack, key);
  const shell = out.split('\n').filter((line) => line.startsWith('FAIL'));
  return [...checks.flatMap(({ ok, name }) => (ok ? [] : [name])), ...shell];
}

test('cut off in the middle, finished at the gateway, joined with what the cloud wrote after', async () => {
  await openBankOnCable();
  const run = await bank.ask('drill loans');
  await bank.drive(run, ({ steps }) => steps.some((s) => s.id === 'split' && s.state === 'done'));
  cut = true;
  const before = (await bank.events(run)).length;
  await note(run, 'written by the plane that was cut off');
  await bank.tick(run);
  alone = await openAlone(bank);
  await takeOver(bank, alone.plane, run);
  const half = await exported(alone, run);
  expect([half.ended, half.absent]).toEqual([false, []]);
  const { head } = await finishAlone(bank, alone, run);
  expect(head.result?.result).toBe('passed');

  cut = false;
  expect((await bank.drive(run)).result?.result).toBe('pre-empted');
  const lost = await bank.events(run);
  expect(lost.length).toBeGreaterThan(before);
  // What ended there is not the end: nothing is closed and no pack is made of it.
  const { tenant } = bank.config.policy;
  const records = async () =>
    (await readLedger(bank.store, tenant)).map(({ record }) => record.type);
  expect(await records()).not.toContain('run.closed');
  expect(await parts().seal(run)).toBeUndefined();

  expect((await joinBranch(parts(), half.text)).pack).toBeUndefined();
  const { text, ended } = await exported(alone, run);
  const [joined] = await Promise.all([joinBranch(parts(), text), ended]);
  expect(await joinBranch(parts(), text)).toEqual(joined);
  const pack = joined.pack ?? '';
  expect(pack).toMatch(/DR-\d{4}-001$/);
  expect((await records()).slice(2)).toEqual([
    ...['ledger.joined', 'ledger.joined', 'run.closed', 'drill.closed', 'report.generated'],
  ]);
  expect(await findings(pack)).toEqual([]);
  const fork = readFileSync(join(pack, `runs/${run}/fork-control-plane.jsonl`), 'utf8');
  expect(fork).toMatch(/written by the plane that was cut off[\s\S]*"run.pre-empted"/);
  const journal = readFileSync(join(pack, `runs/${run}/events.jsonl`), 'utf8');
  expect(journal).toMatch(/"plane.continued"[\s\S]*"run.ended"/);
  for (const language of ['ko', 'en']) {
    const report = readFileSync(join(pack, `report/report.${language}.html`), 'utf8');
    expect(report).toContain('fork-control-plane.jsonl');
  }
  expect(repeated(bank)).toEqual([]);
  // The next run here begins above the epoch that the gateway took.
  const again = await bank.ask('drill loans');
  expect((await bank.drive(again)).result?.result).toBe('passed');
});
