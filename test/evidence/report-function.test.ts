/** The function that makes packs, called as the conductor's end and a person with {join} call it. */
import { createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handler } from '../../handlers/report.ts';
import { canonical, sha256 } from '../../lib/canonical.ts';
import { type Branch, writeBranch } from '../../lib/evidence/branch-file.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { readLedger } from '../../lib/evidence/records.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoStore } from '../../lib/store/dynamo.ts';
import { folderBlobs } from '../../lib/store/files.ts';
import { ended, fixture, opened, pair, write } from './fixture.ts';

const RUN = 'r-0123456789';
const root = mkdtempSync(join(tmpdir(), 'drillbook-report-'));
const before = { ...process.env };
const keys = { control: pair(), evidence: pair(), main: pair(), dr: pair() };
let database: LocalDatabase;

beforeAll(async () => {
  const folder = join(root, 'keys');
  mkdirSync(folder);
  for (const site of ['main', 'dr'] as const) {
    writeFileSync(join(folder, `gateway-${site}.pub.pem`), keys[site].publicKey);
  }
  database = await startDynalite();
  Object.assign(process.env, {
    ...{ AWS_REGION: 'ap-northeast-2', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
    ...{ DRILLBOOK_CONFIG: 'config', DRILLBOOK_KEYS: folder, DRILLBOOK_RUNBOOKS: 'runbooks' },
    ...{ DRILLBOOK_BLOBS: join(root, 'blobs'), DRILLBOOK_PACKS: join(root, 'packs') },
    ...{ DRILLBOOK_CONTROL_PLANE_KEY: keys.control.privateKey },
    ...{ DRILLBOOK_EVIDENCE_KEY: keys.evidence.privateKey, DRILLBOOK_CONDUCTOR: '' },
    DRILLBOOK_TABLE: database.address.table,
    DRILLBOOK_DYNAMO_ENDPOINT: database.address.endpoint,
  });
});
afterAll(async () => {
  process.env = before;
  await database.close();
  rmSync(root, { recursive: true });
});

test('a run is packed, and what a gateway wrote of it later joins without changing the pack', async () => {
  const { policy } = await loadConfig('config');
  const { tenant } = policy;
  const store = dynamoStore(database.address);
  const scratch = fixture('report function');
  const { clock, random } = scratch;
  const world = { ...scratch, store, ledger: createLedger({ store, tenant, clock, random }) };
  await write(world, RUN, [await opened(world, RUN), ended('aborted', ['main is lost'])]);
  const pack = await handler({ run: RUN });
  const path = ('path' in pack ? pack.path : undefined) ?? '';
  const publicKeyPem = createPublicKey(keys.evidence.privateKey)
    .export({ type: 'spki', format: 'pem' })
    .toString();
  expect((await verifyPack(path, { publicKeyPem })).ok).toBe(true);
  const signers = JSON.parse(readFileSync(join(path, 'keys/signers.json'), 'utf8'));
  expect(signers.witnesses).toEqual([{ id: 'control-plane', publicKey: expect.any(String) }]);

  const [first = ''] = (await store.chain(`run:${RUN}`)).map(({ line }) => line);
  const more = { type: 'run.ended', data: { result: 'failed', reasons: [], residue: [] } };
  const line = canonical({ ...JSON.parse(first), ...more, seq: 2, id: 'x', prev: sha256(first) });
  const branch: Branch = {
    ...{ v: 1, kind: 'branch', site: 'dr', tenant, run: RUN, journal: [first, line] },
    ...{ ledger: [], texts: [], absent: [] },
  };
  const blobs = folderBlobs(join(root, 'blobs'));
  const file = await blobs.put(writeBranch(branch, keys.dr.privateKey));
  const joined = await handler({ join: file });
  expect(joined).toMatchObject({ run: RUN, site: 'dr', lines: 2, drills: [], pack: path });
  expect(await handler({ join: file })).toEqual(joined);
  // A closed pack stays as it was, and so does the number of times that the ledger closed it.
  expect((await verifyPack(path, { publicKeyPem })).ok).toBe(true);
  const closed = (await readLedger(store, tenant)).filter(
    ({ record }) => record.type === 'drill.closed',
  );
  expect(closed).toHaveLength(1);

  const forged = await blobs.put(writeBranch(branch, keys.main.privateKey));
  await expect(handler({ join: forged })).rejects.toMatchObject({ code: 'EV-BRANCH' });
  await expect(handler({ join: 'f'.repeat(64) })).rejects.toThrow();
  await expect(handler({ join: 'short' })).rejects.toThrow();
}, 120_000);
