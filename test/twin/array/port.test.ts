/** The array as the cloud of its site uses it. */
import type { ArrayPort } from '../../../lib/twin/seams.ts';
import { topologySchema } from '../../../lib/twin/topology.ts';
import { login, topology, twoArrays } from '../array-support.ts';

const GIB = 2_097_152;

const written = topologySchema.parse({
  ...topology,
  writers: [{ name: 'PAY01', array: 'main', ldevs: [1000, 1001], recordsPerSecond: 10 }],
});

/** A guest on a host uses a volume, over a path of its own. */
function use(port: ArrayPort, ldevId: number, host: string): void {
  port.addPath(ldevId, host);
  port.use(ldevId, { guest: `guest-${ldevId}`, host });
}

describe('paths', () => {
  it('lead through a host group of the compute host, and end with it', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    main.port.addPath(1000, 'compute1');
    main.port.addPath(1000, 'compute1');
    main.port.addPath(1001, 'compute1');
    main.port.addPath(1000, 'compute2');
    expect(main.parts.mapping.hasForeignPath(1002)).toBe(false);
    expect(main.parts.mapping.hasForeignPath(1000)).toBe(true);
    const { ports } = (await client.get('ldevs/1000')).body;
    expect(ports.map(({ hostGroupName }: { hostGroupName: string }) => hostGroupName)).toEqual([
      'DRILLBOOK-PAIR',
      'HBSD-compute1',
      'HBSD-compute2',
    ]);
    main.port.removePath(1000, 'compute1');
    main.port.removePath(1000, 'compute2');
    expect((await client.get('ldevs/1000')).body.numOfPorts).toBe(1);
    expect((await client.get('ldevs/1001')).body.numOfPorts).toBe(2);
    expect(() => main.port.addPath(1, 'compute1')).toThrow('TW-LDEV-UNKNOWN');
  });
});

describe('volumes', () => {
  it('are made, found by label, expanded, relabelled, removed', () => {
    const { main } = twoArrays();
    const ldevId = main.port.create({ sizeGiB: 3, label: 'volume' });
    expect(main.port.labelled('volume')).toEqual({
      ldevId,
      label: 'volume',
      blockCapacity: 3 * GIB,
      status: 'NML',
      emulationType: 'OPEN-V-CVS',
      attributes: ['CVS', 'HDP'],
      numOfPorts: 0,
    });
    main.port.expand(ldevId, 5);
    main.port.relabel(ldevId, 'other');
    expect(main.port.facts(ldevId)).toMatchObject({ label: 'other', blockCapacity: 5 * GIB });
    expect(main.port.labelled('volume')).toBeUndefined();
    main.port.addPath(ldevId, 'compute1');
    expect(() => main.port.remove(ldevId)).toThrow('TW-LDEV-BOUND');
    main.port.removePath(ldevId, 'compute1');
    main.port.remove(ldevId);
    expect(main.port.facts(ldevId)).toBeUndefined();
  });

  it('are copied with what they hold at that instant', () => {
    const { main, clock } = twoArrays({ topology: written });
    clock.advance(10_000);
    const copy = main.port.copy(1000, { sizeGiB: 10, label: 'copy' });
    const then = main.port.contents(1000);
    clock.advance(10_000);
    expect(main.port.contents(copy)).toEqual(then);
    expect(main.port.contents(1000).heartbeat).toBe(then.heartbeat + 10);
    main.port.write(copy);
    expect(main.port.contents(copy)).toEqual({ ...then, drillWrites: 1 });
  });
});

describe('guests', () => {
  it('write one by one, unless their load is simulated', () => {
    const { main, clock } = twoArrays({ topology: written });
    for (const ldevId of [1000, 1003, 1003]) main.port.write(ldevId);
    clock.advance(1000);
    expect(main.port.contents(1003)).toEqual({ record: 0, heartbeat: 0, drillWrites: 2 });
    expect(main.port.contents(1000)).toEqual({ record: 10, heartbeat: 1, drillWrites: 0 });
  });

  it('do not write to a blocked volume or a dead array', () => {
    const { main } = twoArrays();
    const ldev = main.parts.ldevs.find(1000);
    if (ldev !== undefined) ldev.status = 'BLK';
    expect(() => main.port.write(1000)).toThrow('it is blocked');
    main.parts.faults.add('array-dead');
    expect(() => main.port.write(1001)).toThrow('the array is dead');
    expect(() => main.port.write(5)).toThrow('TW-LDEV-UNKNOWN');
  });

  it('stop, and go on, and the load of their service with them', () => {
    const { main, clock } = twoArrays({ topology: written });
    clock.advance(5000);
    for (const ldevId of [1000, 1001]) use(main.port, ldevId, 'compute1');
    main.port.use(1000, { guest: 'guest-1000', host: null });
    clock.advance(60_000);
    expect(main.port.contents(1000).heartbeat).toBe(5);
    expect(main.port.contents(1001).heartbeat).toBe(5);
    main.port.use(1001, { guest: 'guest-1001', host: null });
    use(main.port, 1000, 'compute1');
    clock.advance(60_000);
    // One of two servers is back: the application on both of them is not.
    expect(main.port.contents(1000).heartbeat).toBe(5);
    use(main.port, 1001, 'compute1');
    clock.advance(2000);
    expect(main.port.contents(1000).heartbeat).toBe(7);
  });

  it('stop when the last path from their host is removed, and go on when it is restored', async () => {
    const { main, clock } = twoArrays({ topology: written });
    const client = await login(main);
    for (const ldevId of [1000, 1001]) use(main.port, ldevId, 'compute1');
    clock.advance(5000);
    const [, path] = (await client.get('ldevs/1001')).body.ports;
    const { portId, hostGroupNumber, lun } = path;
    await client.done('DELETE', `luns/${portId},${hostGroupNumber},${lun}`);
    clock.advance(60_000);
    expect(main.port.contents(1000).heartbeat).toBe(5);
    expect(() => main.port.write(1001, 'compute1')).toThrow('no path leads there from compute1');
    main.port.write(1000, 'compute1');
    await client.done('POST', 'luns', { portId, hostGroupNumber, ldevId: 1001, lun });
    main.port.write(1001, 'compute1');
    clock.advance(2000);
    expect(main.port.contents(1000).heartbeat).toBeGreaterThan(6);
  });

  it('that a writer stands for make it run when there is one on each volume', () => {
    const [writer] = written.writers;
    const waiting = { ...written, writers: writer ? [{ ...writer, guestsOnly: true }] : [] };
    const { main, clock, writers } = twoArrays({ topology: waiting });
    clock.advance(60_000);
    use(main.port, 1000, 'compute1');
    expect([writers.runs('PAY01'), main.port.contents(1000).record]).toEqual([false, 0]);
    use(main.port, 1001, 'compute2');
    clock.advance(3000);
    expect(main.port.contents(1000)).toEqual({ record: 30, heartbeat: 3, drillWrites: 0 });
  });

  it('are known after a restart, with the paths they use', () => {
    const [before, after] = [twoArrays({ topology: written }), twoArrays({ topology: written })];
    use(before.main.port, 1000, 'compute1');
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    after.main.port.removePath(1000, 'compute1');
    expect(after.writers.runs('PAY01')).toBe(false);
    after.main.port.addPath(1000, 'compute1');
    expect(after.writers.runs('PAY01')).toBe(true);
  });

  it('find what they wrote after a restart', () => {
    const [before, after] = [twoArrays(), twoArrays()];
    before.main.port.write(1000);
    before.main.port.addPath(1001, 'compute1');
    const made = before.main.port.create({ sizeGiB: 1, label: 'new' });
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    expect(after.main.port.contents(1000).drillWrites).toBe(1);
    expect(after.main.port.facts(1001)?.numOfPorts).toBe(2);
    expect(after.main.port.labelled('new')?.ldevId).toBe(made);
  });
});
