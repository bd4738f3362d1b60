/** The array as the cloud of its site uses it. */
import { topologySchema } from '../../../lib/twin/topology.ts';
import { login, topology, twoArrays } from '../array-support.ts';

const GIB = 2_097_152;

const written = topologySchema.parse({
  ...topology,
  writers: [{ name: 'PAY01', array: 'main', ldevs: [1000, 1001], recordsPerSecond: 10 }],
});

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
    main.port.quiesce(1000, true);
    clock.advance(60_000);
    expect(main.port.contents(1000).heartbeat).toBe(5);
    expect(main.port.contents(1001).heartbeat).toBe(5);
    main.port.quiesce(1000, false);
    clock.advance(2000);
    expect(main.port.contents(1000).heartbeat).toBe(7);
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
