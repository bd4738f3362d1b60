import { cloneCell, cloneTable } from '../../lib/twin/array/clone-table.ts';
import { bench, clones, login, SPLIT, states } from './array-support.ts';

const PAY = 'PAY01-DRILL';

async function splitAll(group = PAY) {
  const { world, clock } = bench();
  const client = await login(world, 'dr');
  const { status } = await client.send('PUT', clones(group, 'split'), { body: SPLIT });
  expect(status).toBe(202);
  return { world, clock, client };
}

const progress = async (client: Awaited<ReturnType<typeof login>>): Promise<number[]> =>
  (await client.get(clones(PAY))).body.copyPairs.map(
    (pair: { copyProgressRate: number }) => pair.copyProgressRate,
  );

describe('the table of pair states', () => {
  it('has one cell for each state and operation', () => {
    const keys = cloneTable.map(([state, operation]) => `${state} ${operation}`);
    expect(new Set(keys).size).toBe(7 * 4);
    expect(keys).toHaveLength(7 * 4);
  });

  it.each([
    ['PAIR', 'split', 'act'],
    ['PSUS', 'split', 'no-op'],
    ['PSUS(SP)', 'resync', 'reject'],
    ['PSUS', 'resync', 'act'],
    ['PAIR', 'resync', 'no-op'],
    ['PAIR', 'restore', 'reject'],
    ['SMPL', 'split', 'reject'],
  ] as const)('%s, %s: %s', (state, operation, cell) => {
    expect(cloneCell(state, operation)).toBe(cell);
  });
});

describe('a split in a consistency group', () => {
  it('waits for what main wrote before the order, then splits all pairs together', async () => {
    const { world, clock, client } = await splitAll();
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    clock.advance(1500);
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
    expect(world.oracle.copiesEqualOneInstant(PAY)).toEqual(expect.any(Number));
  });

  it('holds the instant of the order, heartbeat and all, while main writes on', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    const service = world.map.services[0];
    if (service === undefined) throw new Error('no service');
    const written = service.volumes.map(({ pvol }) => world.oracle.contents('main', pvol));
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    clock.advance(5000);
    const at5s = service.volumes.map(({ copyLdev }) => world.oracle.contents('dr', copyLdev));
    expect(at5s).toEqual(written);
    clock.advance(3_600_000);
    const later = service.volumes.map(({ copyLdev }) => world.oracle.contents('dr', copyLdev));
    expect(later).toEqual(written);
    const svol = world.oracle.contents('dr', service.volumes[0]?.svol ?? 0);
    expect(svol.heartbeat).toBe((written[0]?.heartbeat ?? 0) + 3604);
  });

  it('copies in the background after a quick split, and refuses resync until then', async () => {
    const { clock, client } = await splitAll();
    clock.advance(1000);
    expect(Math.min(...(await progress(client)))).toBeLessThan(100);
    const early = await client.send('PUT', clones(PAY, 'resync'), { body: {} });
    clock.advance(2000);
    const job = await client.get(`/v1/objects/jobs/${early.body.jobId}`);
    expect(job.body).toMatchObject({ status: 'Completed', state: 'Failed' });
    expect(job.body.error.cause).toContain('PSUS(SP)');
    clock.advance(8000);
    expect(new Set(await progress(client))).toEqual(new Set([100]));
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
  });

  it('without quick mode copies first and is PSUS only then', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    await client.send('PUT', clones(PAY, 'split'), { body: {} });
    clock.advance(2000);
    expect(await states(client, PAY)).toEqual(['COPY/COPY']);
    clock.advance(9000);
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
  });

  it('waits as long as the restore backlog lasts', async () => {
    const { world, clock } = bench();
    world.fault('backlog', true, { service: 'payments' });
    clock.advance(600_000);
    const client = await login(world, 'dr');
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    clock.advance(60_000);
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    world.fault('backlog', false, { service: 'payments' });
    clock.advance(1000);
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    clock.advance(200_000);
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
    expect(world.oracle.copiesEqualOneInstant(PAY)).toEqual(expect.any(Number));
  });

  it('takes what has arrived when the mirror fails while it waits', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    world.fault('link-down', true);
    clock.advance(30_000);
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    clock.advance(30_000);
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    world.fault('replication-suspended', true);
    clock.advance(1000);
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
    expect(world.oracle.copiesEqualOneInstant(PAY)).toEqual(expect.any(Number));
  });

  it('is accepted again as a no-op that keeps the first instant', async () => {
    const { world, clock, client } = await splitAll();
    clock.advance(20_000);
    const first = world.oracle.copiesEqualOneInstant(PAY);
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    clock.advance(20_000);
    expect(world.oracle.copiesEqualOneInstant(PAY)).toBe(first);
    expect(world.effects).toHaveLength(2);
  });
});

it('without consistency group pairs split at several instants, as the oracle says', async () => {
  const { world, clock } = bench();
  const client = await login(world, 'dr');
  world.fault('no-consistency-group', true);
  const { body } = await client.get(clones(PAY));
  expect(body.copyPairs[0]).not.toHaveProperty('consistencyGroupId');
  await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
  clock.advance(20_000);
  expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
  expect(world.oracle.copiesEqualOneInstant(PAY)).toBe(false);
});

describe('resync', () => {
  it('gives drill writes up and passes through COPY to PAIR, pair by pair', async () => {
    const { world, clock, client } = await splitAll();
    clock.advance(20_000);
    const copy = world.map.services[0]?.volumes[0]?.copyLdev ?? 0;
    const port = world.ports.get('dr');
    port?.write(copy);
    expect(world.oracle.contents('dr', copy).drillWrites).toBe(1);
    await client.send('PUT', clones(PAY, 'resync'), { body: {} });
    expect(await states(client, PAY)).toEqual(['COPY/COPY']);
    expect(() => port?.write(copy)).toThrow(/TW-NOT-WRITABLE/);
    clock.advance(14_000);
    expect(await states(client, PAY)).toEqual(['COPY/COPY', 'PAIR/PAIR']);
    expect(world.oracle.copiesEqualOneInstant(PAY)).toBe(false);
    clock.advance(10_000);
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    expect(world.oracle.contents('dr', copy).drillWrites).toBe(0);
    expect(world.oracle.resyncUnderPath()).toBe(0);
  });

  it('under a host path is counted', async () => {
    const { world, clock, client } = await splitAll();
    clock.advance(20_000);
    const copy = world.map.services[0]?.volumes[3]?.copyLdev ?? 0;
    const port = world.ports.get('dr');
    port?.addPath(copy, 'compute-1');
    expect((await client.get(`/v1/objects/ldevs/${copy}`)).body.numOfPorts).toBe(2);
    await client.send('PUT', clones(PAY, 'resync'), { body: {} });
    expect(world.oracle.resyncUnderPath()).toBe(1);
    port?.removePath(copy, 'compute-1');
    expect((await client.get(`/v1/objects/ldevs/${copy}`)).body.numOfPorts).toBe(1);
  });
});

it('an S-VOL of the mirror and a paired copy take no writes', () => {
  const { world } = bench();
  const port = world.ports.get('dr');
  const volume = world.map.services[0]?.volumes[0];
  expect(() => port?.write(volume?.svol ?? 0)).toThrow(/TW-NOT-WRITABLE/);
  expect(() => port?.write(volume?.copyLdev ?? 0)).toThrow(/TW-NOT-WRITABLE/);
});

it('restore is refused while the remote mirror runs', async () => {
  const { world, clock, client } = await splitAll();
  clock.advance(20_000);
  const asked = await client.send('PUT', clones(PAY, 'restore'), { body: {} });
  clock.advance(2000);
  const job = await client.get(`/v1/objects/jobs/${asked.body.jobId}`);
  expect(job.body.state).toBe('Failed');
  expect(job.body.error.cause).toContain('remote mirror');
  expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
  expect(world.samples.every(({ svolStatus }) => svolStatus === 'PAIR')).toBe(true);
});

it('deleting pairs is refused, whatever their state', async () => {
  const { client, clock } = await splitAll();
  clock.advance(20_000);
  expect((await client.send('DELETE', clones(PAY))).status).toBe(412);
  expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
});
