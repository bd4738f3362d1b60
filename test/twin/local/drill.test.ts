/** Drill copies below a real remote mirror: one instant while replication goes on. */
import { manualClock } from '../../../lib/clock.ts';
import { seededRandom } from '../../../lib/random.ts';
import { createWriters } from '../../../lib/twin/array/data/writers.ts';
import { cloneRoom } from '../../../lib/twin/array/local/clones.ts';
import { createFabric, type Fabric } from '../../../lib/twin/array/remote/fabric.ts';
import { fail, hold } from '../../../lib/twin/array/remote/strikes.ts';
import { topologySchema } from '../../../lib/twin/topology.ts';
import { login, topology, twoArrays } from '../array-support.ts';
import { states } from './support.ts';

const JOURNAL = 4000;
const PVOLS = [1000, 1001, 1002];
const CG = 'local-clone-copygroups/PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_';
const split = `${CG}/actions/split/invoke`;
const SPLIT = { parameters: { quickMode: true } };

const plan = topologySchema.parse({
  ...topology,
  arrays: topology.arrays.map((array, i) => ({
    ...array,
    ldevs: [...array.ldevs, { ldevId: JOURNAL, sizeGiB: 24 }],
    journals: [{ journalId: 10 + i, ldevIds: [JOURNAL] }],
  })),
  links: [
    { from: 'main', to: 'dr' },
    { from: 'dr', to: 'main' },
  ],
  groups: [
    {
      name: 'PAY01',
      type: 'UR',
      from: 'main',
      to: 'dr',
      muNumber: 1,
      consistencyGroupId: 10,
      journals: { from: 10, to: 11 },
      pairs: PVOLS.map((pvol, i) => ({ name: `PAY01-0${i + 1}`, pvol, svol: pvol + 1000 })),
    },
  ],
  clones: [
    {
      array: 'dr',
      name: 'PAY01-DRILL',
      consistencyGroupId: 100,
      pairs: PVOLS.map((pvol, i) => ({
        name: `D-0${i + 1}`,
        pvol: pvol + 1000,
        svol: pvol + 2000,
      })),
    },
  ],
  writers: [{ name: 'payments', array: 'main', ldevs: PVOLS, recordsPerSecond: 120 }],
});

async function drill() {
  const clock = manualClock();
  const writers = createWriters(plan.writers, clock.now() - 86_400_000);
  const fabric = createFabric(plan, { clock, random: seededRandom('drill'), writers });
  const { main, dr } = twoArrays({
    clock,
    topology: plan,
    writers,
    rooms: (id) => [
      fabric.room(id),
      cloneRoom(
        plan.clones.filter(({ array }) => array === id),
        plan.pace,
      ),
    ],
  });
  const client = await login(dr);
  const contents = (array: typeof dr, first: number) =>
    PVOLS.map((pvol) => array.port.contents(pvol - 1000 + first));
  return { clock, fabric, client, main, dr, contents };
}

function mirror(fabric: Fabric) {
  const group = fabric.group('PAY01');
  if (group === undefined) throw new Error('no group');
  return group;
}

it('a consistency group holds the instant of the order, while main writes on', async () => {
  const { clock, client, main, dr, contents } = await drill();
  const written = contents(main, 1000);
  expect((await client.send('PUT', split, SPLIT)).status).toBe(202);
  expect(await states(client, CG)).toEqual(['PAIR/PAIR']);
  clock.advance(1500);
  expect(await states(client, CG)).toEqual(['PSUS/SSUS']);
  expect(contents(dr, 3000)).toEqual(written);
  clock.advance(240_000);
  expect(contents(dr, 3000)).toEqual(written);
  const before = written[0]?.heartbeat ?? 0;
  expect(contents(dr, 2000)[0]?.heartbeat).toBeGreaterThan(before + 200);
});

it('the split waits as long as the restore backlog lasts', async () => {
  const { clock, client, fabric, main, dr, contents } = await drill();
  hold(mirror(fabric), { flow: 'restore', on: true }, clock.now());
  clock.advance(200_000);
  await client.get(CG);
  const written = contents(main, 1000);
  await client.send('PUT', split, SPLIT);
  clock.advance(60_000);
  expect(await states(client, CG)).toEqual(['PAIR/PAIR']);
  hold(mirror(fabric), { flow: 'restore', on: false }, clock.now());
  clock.advance(200_000);
  expect(await states(client, CG)).toEqual(['PSUS/SSUS']);
  expect(contents(dr, 3000)).toEqual(written);
});

it('when the mirror fails meanwhile, the copies hold what had arrived', async () => {
  const { clock, client, fabric, dr, contents } = await drill();
  hold(mirror(fabric), { flow: 'transfer', on: true }, clock.now());
  clock.advance(30_000);
  await client.send('PUT', split, SPLIT);
  clock.advance(30_000);
  expect(await states(client, CG)).toEqual(['PAIR/PAIR']);
  fail(mirror(fabric), clock.now());
  clock.advance(1000);
  expect(await states(client, CG)).toEqual(['PSUS/SSUS']);
  expect(contents(dr, 3000)).toEqual(contents(dr, 2000));
});

it('a restore onto S-VOLs is refused while the mirror runs', async () => {
  const { clock, client } = await drill();
  await client.send('PUT', split, SPLIT);
  clock.advance(20_000);
  const job = await client.done('PUT', `${CG}/actions/restore/invoke`, {});
  expect(job.body).toMatchObject({ state: 'Failed' });
  expect(job.body.error.cause).toContain('S-VOL of a remote mirror in PAIR');
});

it('S-VOLs of the mirror and paired copies take no writes', async () => {
  const { dr } = await drill();
  expect(() => dr.port.write(2000)).toThrow('TW-NOT-WRITABLE');
  expect(() => dr.port.write(3000)).toThrow('TW-NOT-WRITABLE');
});
