/** The yearly drill by a real switch: there and back, one number, one pack, and the pack verifies. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { sealIfLast } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { moved } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

function seal(run: string) {
  const { worker, store, blobs, config, keys, folder } = bank;
  const privateKey = readFileSync(join(folder.keys, 'evidence.pem'), 'utf8');
  return sealIfLast({
    ...{ run, store, blobs, config, ledger: worker.ledger, signer: fileSigner(privateKey) },
    ...{ folder: join(folder.root, 'packs'), gatewayKeys: keys.gateways },
    planeKeys: {},
  });
}

test('the drill stays open until the business is home', async () => {
  bank = await openBank({ sparing: true });
  const out = await moved(bank, 'drill-switch', 'loans');
  expect(out.result?.result).toBe('passed');
  expect(await seal(out.run)).toBeUndefined();
  // Two days of business at DR.
  bank.clock.advance(48 * 3_600_000);
  const other = await moved(bank, 'switchover', 'internet-banking');
  expect(other.drill).not.toBe(out.drill);
  const home = await moved(bank, 'failback', 'loans');
  expect([home.result?.result, home.drill]).toEqual(['passed', out.drill]);
  const pack = await seal(home.run);
  expect(pack?.result).toBe('passed');
  const key = readFileSync(join(bank.folder.keys, 'evidence.pub.pem'), 'utf8');
  const { checks } = await verifyPack(pack?.path ?? '', { publicKeyPem: key });
  expect(checks.filter(({ ok, name }) => !ok && name !== 'statements')).toEqual([]);
  const head = JSON.parse(readFileSync(join(pack?.path ?? '', 'head.json'), 'utf8'));
  expect(head.runs.map(({ run }: { run: string }) => run)).toEqual([out.run, home.run]);
}, 60_000);
