import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asset } from '../../lib/evidence/assets.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import {
  changesAt,
  doubleIntents,
  planOf,
  repeated,
  residue,
  suspended,
} from '../support/proof.ts';

const DRILLS: readonly [string, string][] = [
  ['payments', 'cm'],
  ['internet-banking', 'cm'],
  ['loans', 'cm'],
  ['loans', 'embedded'],
];

/** A pack has 550 signatures, each a process of openssl: one drill's are enough. */
const FOR_THE_SHELL = 'loans cm';

describe.each(DRILLS)('a drill of %s over the %s form of the arrays', (service, api) => {
  let bank: Bank;
  let run: string;
  let head: Head;
  /** What the oracle said of the copies once they were split, before a server could write. */
  const instants = new Set<number | false>();
  let resyncUnderPath = 0;

  beforeAll(async () => {
    const edit = {
      'config/sites.yml': (text: string) => text.replaceAll('api: cm', `api: ${api}`),
    };
    const onEvent = ({ type, data }: { type: string; data: unknown }) => {
      if (type !== 'step.finished' || !JSON.stringify(data).includes('"isolated"')) return;
      instants.add(bank.world.oracle.copiesEqualOneInstant(service));
    };
    bank = await openBank({ edit, onEvent });
    run = await bank.ask(`drill ${service}`);
    head = await bank.drive(run, (now) => {
      resyncUnderPath = Math.max(resyncUnderPath, bank.world.oracle.resyncUnderPath());
      return now.state === 'paused';
    });
  });
  afterAll(() => bank.close());

  it('passes, and says so once (rule 7)', async () => {
    expect(head.result).toMatchObject({ result: 'passed', reasons: [] });
    const ends = (await bank.events(run)).filter(({ type }) => type === 'run.ended');
    expect(ends).toHaveLength(1);
  });

  it('sends every call at most once, and all of its plan (rule 3)', async () => {
    const plan = await planOf(bank, run);
    expect(repeated(bank)).toEqual([]);
    expect(await doubleIntents(bank, run)).toEqual([]);
    expect(changesAt(bank, 'dr')).toHaveLength(plan.calls.length);
  });

  it('changes nothing at main and never disturbs replication (rules 4 and 5)', () => {
    expect(changesAt(bank, 'main')).toEqual([]);
    expect(suspended(bank)).toEqual([]);
    expect(bank.world.samples.length).toBeGreaterThan(3);
  });

  it('resynchronises no copy under a mounted path', () => {
    expect(resyncUnderPath).toBe(0);
  });

  it('leaves no server, port, open volume, path or split copy behind', async () => {
    expect(await residue(bank, run)).toEqual([]);
  });

  it('starts the servers in their order, each tier after the one before is up', async () => {
    const servers = bank.config.services.find(({ id }) => id === service)?.servers ?? [];
    const events = await bank.events(run);
    const sent = events.flatMap((event) =>
      event.type === 'intent' && event.data.call.startsWith('boot.start-')
        ? [event.data.call.replace('boot.start-', '')]
        : [],
    );
    const order = sent.map((name) => servers.find((server) => server.name === name)?.order ?? 0);
    expect(sent).toHaveLength(servers.length);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('counts T2 before T3 before T4', () => {
    const { t2 = 0, t3 = 0, t4 = 0 } = head.clocks;
    expect(t2).toBeGreaterThan(0);
    expect(t3).toBeGreaterThan(t2);
    expect(t4).toBeGreaterThanOrEqual(t3);
  });

  it('gives its claims back, so that the next drill can begin', async () => {
    expect(await bank.store.holder(`service:${service}`)).toBeUndefined();
    const { unit } = await planOf(bank, run);
    expect(await bank.store.holder(`unit:${unit}`)).toBeUndefined();
  });

  it('ends in a pack that our verifier accepts, and verify.sh that of one (rule 8)', async () => {
    const { store, blobs, keys, config, worker, folder } = bank;
    const signer = fileSigner(keys.evidence);
    const order = { run, store, blobs, config, signer, folder: folder.packs };
    const pack = await sealRun({ ...order, gatewayKeys: keys.gateways, ledger: worker.ledger });
    expect(pack.result).toBe('passed');
    const publicKeyPem = await signer.publicKeyPem();
    const verdict = await verifyPack(pack.path, { publicKeyPem, gatewayKeys: keys.gateways });
    expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
    if (`${service} ${api}` !== FOR_THE_SHELL) return;
    const script = join(folder.packs, 'outside-verify.sh');
    const key = join(folder.packs, 'outside.pem');
    writeFileSync(script, asset('verify.sh'));
    writeFileSync(key, createPublicKey(publicKeyPem).export({ type: 'spki', format: 'pem' }));
    expect(execFileSync('sh', [script, pack.path, key], { encoding: 'utf8' })).toMatch(/\S/);
  });

  it('drilled copies of one single instant', () => {
    expect([...instants]).toEqual([expect.any(Number)]);
  });
});
