import { contentsOf } from '../../../lib/twin/array/data/contents.ts';
import { topologySchema } from '../../../lib/twin/topology.ts';
import { type ArrayClient, login, topology, twoArrays, WAIT } from '../array-support.ts';
import { binding } from './rooms.ts';

const GIB = 2_097_152;

async function bench(options: Parameters<typeof twoArrays>[0] = {}) {
  const arrays = twoArrays(options);
  return { ...arrays, client: await login(arrays.main) };
}

/** Carries a change out; how its job ended, and its error. */
async function end(client: ArrayClient, how: readonly [string, string, unknown?]) {
  const { body } = await client.done(...how);
  return [body.state, body.error?.errorCode ?? body.error?.cause];
}

describe('reading', () => {
  it('shows one LDEV with its paths', async () => {
    const { client } = await bench();
    expect((await client.get('ldevs/1000')).body).toMatchObject({
      ldevId: 1000,
      label: 'PVOL-1',
      emulationType: 'OPEN-V-CVS',
      blockCapacity: 10 * GIB,
      byteFormatCapacity: '10.00 G',
      attributes: ['CVS', 'HDP'],
      status: 'NML',
      poolId: 0,
      numOfUsedBlock: 0,
      numOfPorts: 1,
      ports: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR', lun: 0 }],
      resourceGroupId: 0,
      virtualLdevId: 65_534,
    });
    expect((await client.get('ldevs/5')).body).toEqual({ ldevId: 5, emulationType: 'NOT DEFINED' });
    expect((await client.get('ldevs/65280')).status).toBe(400);
    expect((await client.get('ldevs/abc')).status).toBe(400);
  });

  it('lists a window of slots, empty ones included', async () => {
    const { client } = await bench();
    const { data } = (await client.get('ldevs?headLdevId=999&count=3')).body;
    expect(data.map((one: { emulationType: string }) => one.emulationType)).toEqual([
      'NOT DEFINED',
      'OPEN-V-CVS',
      'OPEN-V-CVS',
    ]);
    expect((await client.get('ldevs')).body.data).toHaveLength(100);
    expect((await client.get('ldevs?headLdevId=65279&count=50')).body.data).toHaveLength(1);
  });

  it.each([
    ['ldevOption=defined&count=3', [1000, 1001, 1002]],
    ['ldevOption=dpVolume&headLdevId=1002', [1002, 1003]],
    ['ldevOption=luMapped&count=1', [1000]],
    ['ldevOption=luUnmapped', []],
    ['ldevOption=externalVolume', []],
    ['ldevOption=undefined&headLdevId=1003&count=2', [1004, 1005]],
    ['poolId=0', [1000, 1001, 1002, 1003]],
    ['poolId=1', []],
    ['journalId=7', [1000]],
  ])('filters by %s', async (query, ids) => {
    const { client } = await bench({ rooms: () => [binding] });
    const { data } = (await client.get(`ldevs?${query}`)).body;
    expect(data.map(({ ldevId }: { ldevId: number }) => ldevId)).toEqual(ids);
  });

  it.each([
    'count=0',
    'count=16385',
    'count=x',
    'ldevOption=all',
    'detailInfoType=all',
    'poolId=x',
  ])('refuses %s', async (query) => {
    const { client } = await bench();
    expect((await client.get(`ldevs?${query}`)).status).toBe(400);
  });

  it('says so when no LDEV number is that high', async () => {
    const { client } = await bench();
    const { body } = await client.get('ldevs?headLdevId=65280');
    expect(body.messageId).toBe('KART40044-E');
  });

  it('is quick on a full array', async () => {
    const [main] = topology.arrays;
    const paths = [{ portId: 'CL1-A', hostGroupNumber: 1 }];
    const ranges = [{ firstLdevId: 10_000, count: 10_000, sizeGiB: 1, label: 'V', paths }];
    const { client } = await bench({
      topology: topologySchema.parse({
        seed: 'x',
        arrays: [{ ...main, ranges }, topology.arrays[1]],
      }),
    });
    const before = process.hrtime.bigint();
    const seen = new Set<number>();
    for (let head = 0; head < 65_280; head += 16_384) {
      const { data } = (await client.get(`ldevs?headLdevId=${head}&count=16384`)).body;
      for (const { ldevId, label } of data) if (label?.startsWith('V-')) seen.add(ldevId);
    }
    expect(seen.size).toBe(10_000);
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(2000);
    expect((await client.get('ldevs/19999')).body).toMatchObject({
      label: 'V-10000',
      ports: [{ lun: 10_003 }],
    });
  });
});

describe('creating', () => {
  it('takes the lowest free number and answers it last', async () => {
    const { client } = await bench();
    const wish = { byteFormatCapacity: '5G', poolId: 0, isParallelExecutionEnabled: true };
    const { body } = await client.done('POST', 'ldevs', wish);
    expect(body.affectedResources[0].split('/').at(-1)).toBe('0');
    const made = (await client.get('ldevs/0')).body;
    expect(made).toMatchObject({ blockCapacity: 5 * GIB, label: '', numOfPorts: 0 });
    expect(made).not.toHaveProperty('ports');
  });

  it('takes numbers of a range and a number by name', async () => {
    const { client } = await bench();
    const ranged = { blockCapacity: GIB, poolId: 0, startLdevId: 999, endLdevId: 1001 };
    expect(await end(client, ['POST', 'ldevs', ranged])).toEqual(['Succeeded', undefined]);
    expect((await client.get('ldevs/999')).body.blockCapacity).toBe(GIB);
    expect(await end(client, ['POST', 'ldevs', ranged])).toEqual([
      'Failed',
      { SSB1: '2E11', SSB2: '2209' },
    ]);
    const named = { byteFormatCapacity: '1.5T', poolId: 0, ldevId: 1000 };
    expect(await end(client, ['POST', 'ldevs', named])).toEqual([
      'Failed',
      { SSB1: '2E22', SSB2: '0001' },
    ]);
    await client.done('POST', 'ldevs', { ...named, ldevId: 500 });
    expect((await client.get('ldevs/500')).body.blockCapacity).toBe(1536 * GIB);
  });

  it('makes volumes of Thin Image in no pool', async () => {
    const { client } = await bench();
    await client.done('POST', 'ldevs', { byteFormatCapacity: '1G', poolId: -1 });
    const made = (await client.get('ldevs/0')).body;
    expect(made.attributes).toEqual(['CVS', 'VVOL']);
    expect(made).not.toHaveProperty('poolId');
  });

  it('marks volumes that share their data reduction', async () => {
    const { client } = await bench();
    const shared = { dataReductionMode: 'compression', isDataReductionSharedVolumeEnabled: true };
    await client.done('POST', 'ldevs', { byteFormatCapacity: '1G', poolId: 0, ...shared });
    expect((await client.get('ldevs/0')).body.attributes).toEqual(['CVS', 'HDP', 'DRS']);
  });

  it('is refused by pools that are not there or not for it', async () => {
    const { client } = await bench();
    const wish = (poolId: number) => ({ byteFormatCapacity: '1G', poolId });
    expect(await end(client, ['POST', 'ldevs', wish(9)])).toEqual([
      'Failed',
      { errorCode: 'EX_ENOOBJ' },
    ]);
    expect(await end(client, ['POST', 'ldevs', wish(1)])).toEqual([
      'Failed',
      { errorCode: 'EX_CMDRJE' },
    ]);
  });

  it.each([
    [{ poolId: 0 }],
    [{ poolId: 0, byteFormatCapacity: '1G', blockCapacity: GIB }],
    [{ poolId: 0, byteFormatCapacity: 'much' }],
    [{ poolId: 0, byteFormatCapacity: '300000T' }],
    [{ poolId: 0, byteFormatCapacity: '1G', label: 'x' }],
    [{ poolId: 0, byteFormatCapacity: '1G', startLdevId: 4 }],
    [{ poolId: 0, byteFormatCapacity: '1G', startLdevId: 4, endLdevId: 3 }],
    [{ poolId: 0, byteFormatCapacity: '1G', ldevId: 4, startLdevId: 4, endLdevId: 5 }],
    [{ poolId: 0, byteFormatCapacity: '1G', ldevId: 65_280 }],
    [{ byteFormatCapacity: '1G' }],
  ])('refuses %j', async (body) => {
    const { client, effects } = await bench();
    expect((await client.send('POST', 'ldevs', body)).status).toBe(400);
    expect(effects).toEqual([]);
  });
});

describe('changing', () => {
  const invoke = (action: string) => `ldevs/1000/actions/${action}/invoke`;

  it('labels with up to 32 characters', async () => {
    const { client } = await bench();
    await client.done('PATCH', 'ldevs/1000', { label: 'y'.repeat(32) });
    expect((await client.get('ldevs/1000')).body.label).toBe('y'.repeat(32));
    const long = { label: 'y'.repeat(33) };
    expect((await client.send('PATCH', 'ldevs/1000', long)).status).toBe(400);
    expect((await client.send('PATCH', 'ldevs/77', { label: 'y' })).body.messageId).toBe(
      'KART30013-E',
    );
  });

  it('turns data reduction on', async () => {
    const { client } = await bench();
    await client.done('PATCH', 'ldevs/1000', { dataReductionMode: 'compression' });
    expect((await client.get('ldevs/1000')).body).toMatchObject({
      dataReductionMode: 'compression',
      dataReductionStatus: 'ENABLED',
    });
  });

  it('expands by an amount', async () => {
    const { client } = await bench();
    const more = { parameters: { additionalByteFormatCapacity: '2G' } };
    await client.done('PUT', invoke('expand'), more);
    await client.done('PUT', invoke('expand'), { parameters: { additionalBlockCapacity: 1 } });
    expect((await client.get('ldevs/1000')).body.blockCapacity).toBe(12 * GIB + 1);
    expect((await client.send('PUT', invoke('expand'), { parameters: {} })).status).toBe(400);
    expect((await client.send('PUT', 'ldevs/7/actions/expand/invoke', more)).status).toBe(404);
  });

  it('reserves a virtual number for GAD, once', async () => {
    const { client } = await bench();
    const reserve = { parameters: { virtualLdevId: 65_535 } };
    const assign = ['POST', invoke('assign-virtual-ldevid'), reserve] as const;
    expect(await end(client, assign)).toEqual(['Succeeded', undefined]);
    expect((await client.get('ldevs/1000')).body.virtualLdevId).toBe(65_535);
    expect(await end(client, assign)).toEqual(['Failed', { SSB1: '2E21', SSB2: '9305' }]);
    const unassign = (virtualLdevId: number) =>
      end(client, ['POST', invoke('unassign-virtual-ldevid'), { parameters: { virtualLdevId } }]);
    expect((await unassign(1000))[0]).toBe('Failed');
    expect((await unassign(65_535))[0]).toBe('Succeeded');
    expect((await client.get('ldevs/1000')).body.virtualLdevId).toBe(65_534);
  });

  it('sets quality of service one attribute at a time', async () => {
    const { client } = await bench();
    const set = (parameters: object) =>
      client.send('POST', invoke('set-qos'), { parameters }, WAIT);
    expect((await set({ upperIops: 500 })).body.state).toBe('Succeeded');
    expect((await set({ responsePriority: 3 })).body.state).toBe('Succeeded');
    expect((await set({ upperIops: 500, lowerIops: 5 })).status).toBe(400);
    expect((await set({ fast: 1 })).status).toBe(400);
    const { body } = await client.get('ldevs/1000?detailInfoType=qos');
    expect(body).toEqual({ ldevId: 1000, qos: { upperIops: 500, responsePriority: 3 } });
  });

  it('discards zero pages', async () => {
    const { client } = await bench();
    expect(await end(client, ['PUT', invoke('discard-zero-page')])).toEqual([
      'Succeeded',
      undefined,
    ]);
  });
});

describe('deleting', () => {
  it('is refused while there is a path, and undefines the number after it', async () => {
    const { client } = await bench();
    expect((await end(client, ['DELETE', 'ldevs/1001']))[0]).toBe('Failed');
    await client.done('DELETE', 'luns/CL1-A,1,1');
    expect((await end(client, ['DELETE', 'ldevs/1001']))[0]).toBe('Succeeded');
    expect((await client.get('ldevs/1001')).body.emulationType).toBe('NOT DEFINED');
    expect((await client.send('DELETE', 'ldevs/1001')).status).toBe(404);
  });

  it('forgets what was on it', async () => {
    const { client, main, clock, writers } = await bench();
    await client.done('DELETE', 'luns/CL1-A,1,1');
    main.port.write(1001);
    expect((await client.get('ldevs/1001')).body.numOfUsedBlock).toBe(10 * GIB);
    await client.done('DELETE', 'ldevs/1001');
    await client.done('POST', 'ldevs', { byteFormatCapacity: '1G', poolId: 0, ldevId: 1001 });
    const held = main.parts.histories.get(1001) ?? [];
    expect(contentsOf(held, writers, clock.now()).drillWrites).toBe(0);
  });
});

describe('an LDEV that a room binds', () => {
  it('shows it, and is neither deleted nor expanded nor renumbered', async () => {
    const { client, main } = await bench({ rooms: () => [binding] });
    const before = (await client.get('ldevs/1000')).body;
    expect(before).toMatchObject({
      attributes: ['CVS', 'HDP', 'HORC'],
      journalId: 7,
      numOfUsedBlock: 10 * GIB,
    });
    await client.done('DELETE', 'luns/CL1-A,1,0');
    const more = { parameters: { additionalByteFormatCapacity: '2G' } };
    const id = { parameters: { virtualLdevId: 65_535 } };
    const hows: readonly [string, string, unknown?][] = [
      ['DELETE', 'ldevs/1000'],
      ['POST', 'ldevs/1000/actions/expand/invoke', more],
      ['POST', 'ldevs/1000/actions/assign-virtual-ldevid/invoke', id],
    ];
    for (const how of hows) {
      const { body } = await client.done(...how);
      expect([body.state, body.error.cause]).toEqual([
        'Failed',
        expect.stringContaining('P-VOL of pair ONE'),
      ]);
    }
    expect((await client.get('ldevs/1000')).body.blockCapacity).toBe(10 * GIB);
    expect(() => main.port.write(1000)).toThrow('P-VOL of a pair that is restored');
    expect(() => main.port.expand(1000, 20)).toThrow('P-VOL of pair ONE');
    expect(() => main.port.remove(1000)).toThrow('P-VOL of pair ONE');
  });
});
