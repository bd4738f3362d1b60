/** A first copy overwrites its target: the gateways look once more, and let it go only onto a new volume. */
import { afterEach, expect, test } from '@jest/globals';
import type { Http } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { newDisk } from '../support/grown.ts';
import { moved, ordered, putByHand } from '../support/moves.ts';
import { changesAt, planOf } from '../support/proof.ts';

type Json = Record<string, unknown>;

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const pairsMade = () => changesAt(bank, 'main').filter(({ path }) => /copypairs$/.test(path));
const foreign = { portId: 'CL3-A', hostGroupNumber: 9, hostGroupName: 'HBSD-compute', lun: 1 };

/** What somebody did to the volume between the approval and the call. */
const mischiefs: readonly (readonly [string, (ldev: Json) => Json])[] = [
  ['written to', (ldev) => ({ ...ldev, numOfUsedBlock: 84 })],
  ['paired', (ldev) => ({ ...ldev, attributes: ['CVS', 'HDP', 'MRCF'] })],
  ['mapped', (ldev) => ({ ...ldev, ports: [...(ldev['ports'] as Json[]), foreign] })],
  ["another's", (ldev) => ({ ...ldev, label: 'f'.repeat(32) })],
  ['of another size', (ldev) => ({ ...ldev, blockCapacity: 26 * 2_097_152 })],
];

test('nothing is copied onto a volume that is not new; onto a new one once, answer or not', async () => {
  let mischief: ((ldev: Json) => Json) | undefined;
  let svol = '';
  const between =
    (site: string, http: Http): Http =>
    async (request) => {
      const answer = await http(request);
      // The array did it, and nobody heard.
      if (request.method === 'POST' && request.url.endsWith('/remote-mirror-copypairs')) {
        throw new Error('connection reset');
      }
      const hit =
        site === 'dr' && request.method === 'GET' && request.url.endsWith(`/ldevs/${svol}`);
      if (mischief === undefined || !hit) return answer;
      return { ...answer, body: JSON.stringify(mischief(JSON.parse(answer.body))) };
    };
  bank = await openBank({ sparing: true, between });
  await newDisk(bank);
  await moved(bank, 'protect-volumes', 'loans');
  const run = await ordered(bank, 'protect', 'loans');
  const call = (await planOf(bank, run)).calls.find(({ id }) => id.startsWith('pair.'));
  svol = String((call?.body as { svolLdevId: number } | undefined)?.svolLdevId);
  expect([call?.class, call?.grant?.site, call?.grant?.session]).toEqual(['data', 'dr', true]);
  // Past the engine, with what has to come before it not yet done.
  expect(await putByHand(bank, run, call?.id ?? '')).toContain('GW-');
  for (const [what, change] of mischiefs) {
    mischief = change;
    const head = await bank.drive(run, paused);
    expect([what, head.pause?.step]).toEqual([what, 'pair']);
    expect(head.pause?.refusal.why).toContain(`ldev-new-${svol}`);
    expect(pairsMade()).toEqual([]);
    await bank.press('han', 'drillbook:retry', run, `${what}: looked at`);
  }
  mischief = undefined;
  expect((await bank.drive(run, paused)).result?.result).toBe('passed');
  expect(pairsMade()).toHaveLength(1);
});
