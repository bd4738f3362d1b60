/** What needs no replica: backups made known at DR and restored there, servers deployed from images. */
import { afterEach, expect, test } from '@jest/globals';
import type { Http, HttpRequest } from '../../lib/http.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved } from '../support/moves.ts';
import { changesAt, planOf, repeated, serviceOf } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

test('main is gone: each volume from its newest backup, and servers that keep nothing', async () => {
  let backUp: ((volume: string) => Promise<unknown>) | undefined;
  const listen = (site: string, http: Http) => (request: HttpRequest) => {
    const token = request.headers['x-auth-token'];
    const [base] = /^.*\/volume\/v3\/[^/]+/.exec(request.url) ?? [];
    if (site === 'main' && token !== undefined && base !== undefined) {
      const headers = { 'x-auth-token': token, 'content-type': 'application/json' };
      backUp = (volume_id) => {
        const body = JSON.stringify({ backup: { volume_id, force: true } });
        return http({ method: 'POST', url: `${base}/backups`, headers, body });
      };
    }
    return http(request);
  };
  bank = await openBank({ sparing: true, between: listen });
  await bank.worker.engine.gateways.get('main')?.read('cinder:main', '/volumes/detail');
  const volumes = serviceOf(bank.config, 'loans').servers.flatMap((server) => server.volumes);
  for (const volume of volumes) await backUp?.(volume);
  bank.clock.advance(600_000);
  for (const volume of volumes) await backUp?.(volume);
  bank.clock.advance(600_000);

  const known = await moved(bank, 'backup-import', 'loans');
  expect([known.result?.result, known.result?.reasons]).toEqual(['passed', []]);
  expect(changesAt(bank, 'dr').filter(({ path }) => /import_record/.test(path))).toHaveLength(6);

  await disaster(bank);
  const head = await moved(bank, 'restore-backup', 'loans');
  expect([head.result?.result, head.result?.reasons]).toEqual(['passed', []]);
  const { calls, facts } = await planOf(bank, head.run);
  const bound = facts.bound as { backups: { at: string }[] };
  const newest = new Date(bound.backups[0]?.at.concat('Z') ?? '').getTime();
  expect(bound.backups).toHaveLength(3);
  expect(bank.clock.now() - newest).toBeLessThan(1_800_000);
  expect(calls.find(({ id }) => id === 'restore.restore-loan-db1-1')?.words.en).toContain(
    bound.backups[0]?.at,
  );
  const made = changesAt(bank, 'dr').filter(({ path }) => path.endsWith('/servers'));
  expect(made).toHaveLength(2);

  const deployed = await moved(bank, 'servers-deploy', 'internet-banking');
  expect([deployed.result?.result, deployed.result?.reasons]).toEqual(['passed', []]);
  const all = changesAt(bank, 'dr').filter(({ path }) => path.endsWith('/servers'));
  expect(all).toHaveLength(4);
  expect(repeated(bank).filter((line) => line.includes(' dr '))).toEqual([]);
});
