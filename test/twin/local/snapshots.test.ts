/** Thin Image over REST: every cell of its table, what snapshots hold, and what is refused. */
import { cut, HOST, TORN } from '../../../lib/twin/array/data/history.ts';
import { type TiOperation, type TiState, tiTable } from '../../../lib/twin/array/local/tables.ts';
import { historyOf } from '../../../lib/twin/array/parts.ts';
import { type LocalBench, localBench, mainWrites, refusedWrite } from './support.ts';

const [PVOL, SVOL] = [2003, 3003];
const WISH = { snapshotGroupName: 'SG', snapshotPoolId: 1, pvolLdevId: PVOL, svolLdevId: SVOL };
const FIRST = `snapshots/${PVOL},0`;
const plain = () => localBench({ mirrored: false, paired: false });

const create = (bench: LocalBench, more: object = {}) =>
  bench.order('POST', 'snapshots', { ...WISH, ...more });
const act = (bench: LocalBench, name: string, body?: unknown, id = FIRST) =>
  bench.order('POST', `${id}/actions/${name}/invoke`, body);

const held = ({ dr, clock }: LocalBench, ldevId: number) => {
  dr.settle(clock.now());
  return historyOf(dr.parts, ldevId, clock.now());
};
const status = async ({ client }: LocalBench, id = FIRST): Promise<string> => {
  const answer = await client.get(id);
  return answer.status === 200 ? answer.body.status : String(answer.status);
};

/** How a pair with the clone attribute, which all operations fit, gets into each state. */
const roads: Readonly<Record<TiState, (bench: LocalBench) => Promise<void>>> = {
  PAIR: async (bench) => {
    await create(bench, { isClone: true });
  },
  PSUP: async (bench) => {
    await roads.PAIR(bench);
    await act(bench, 'split');
  },
  PSUS: async (bench) => {
    await roads.PSUP(bench);
    bench.clock.advance(1500);
  },
  RCPY: async (bench) => {
    await roads.PSUS(bench);
    await act(bench, 'restore');
  },
  CPYP: async (bench) => {
    await roads.PAIR(bench);
    await act(bench, 'clone');
  },
  SMPP: async (bench) => {
    await roads.PSUS(bench);
    await bench.order('DELETE', FIRST);
  },
};

const ASSIGN = { parameters: { svolLdevId: 3002 } };
const ask: Readonly<Record<TiOperation, readonly [string, string, unknown]>> = {
  split: ['POST', `${FIRST}/actions/split/invoke`, undefined],
  resync: ['POST', `${FIRST}/actions/resync/invoke`, undefined],
  restore: ['POST', `${FIRST}/actions/restore/invoke`, undefined],
  clone: ['PUT', `${FIRST}/actions/clone/invoke`, { parameters: { copySpeed: 'Faster' } }],
  assign: ['POST', `${FIRST}/actions/assign-volume/invoke`, ASSIGN],
  unassign: ['POST', `${FIRST}/actions/unassign-volume/invoke`, undefined],
  delete: ['DELETE', FIRST, undefined],
};
const becomes: Readonly<Partial<Record<TiOperation, string>>> = {
  split: 'PSUP',
  resync: 'PAIR',
  restore: 'RCPY',
  clone: 'CPYP',
  delete: 'SMPP',
};

const states = Object.keys(tiTable) as TiState[];
const cells = states.flatMap((state) =>
  (Object.keys(ask) as TiOperation[]).map(
    (name) => [state, name, tiTable[state][name].does] as const,
  ),
);

it.each(cells)('%s, %s: %s', async (state, operation, does) => {
  const bench = await plain();
  await roads[state](bench);
  const before = await status(bench);
  expect(before).toBe(tiTable[state].shows.status);
  if (operation === 'assign' && does === 'act') await act(bench, 'unassign-volume');
  const [method, path, body] = ask[operation];
  const job = await bench.order(method, path, body);
  expect(job.state).toBe(does === 'reject' ? 'Failed' : 'Succeeded');
  const acts = does.startsWith('act');
  expect(await status(bench)).toBe(acts ? (becomes[operation] ?? before) : before);
});

it.each(states)('in %s hosts may do what the table says', async (state) => {
  const bench = await plain();
  await roads[state](bench);
  const may = [PVOL, SVOL].map((ldevId) => refusedWrite(bench, ldevId) === undefined);
  expect(may).toEqual(tiTable[state].shows.hosts.map((access) => access === 'rw'));
});

describe('a snapshot', () => {
  it('is made, read, written to and deleted as the driver for OpenStack does it', async () => {
    const bench = await plain();
    const wish = { autoSplit: true, canCascade: true, isDataReductionForceCopy: true };
    const at = bench.clock.now();
    const { body } = await create(bench, wish);
    expect(body.affectedResources[0].split('/').at(-1)).toBe(`${PVOL},0`);
    bench.clock.advance(1500);
    const [pair] = (await bench.client.get(`snapshots?svolLdevId=${SVOL}`)).body.data;
    expect(pair).toEqual({
      snapshotGroupName: 'SG',
      primaryOrSecondary: 'S-VOL',
      status: 'PSUS',
      pvolLdevId: PVOL,
      muNumber: 0,
      svolLdevId: SVOL,
      snapshotPoolId: 1,
      concordanceRate: 100,
      isConsistencyGroup: false,
      isWrittenInSvol: false,
      isClone: false,
      canCascade: true,
      splitTime: new Date(at).toISOString().slice(0, 19),
      snapshotId: `${PVOL},0`,
      pvolProcessingStatus: 'N',
      snapshotDataReadOnly: false,
    });
    expect(held(bench, SVOL)).toEqual(cut(mainWrites(PVOL, bench.since), at));
    bench.dr.port.write(SVOL);
    expect((await bench.client.get(FIRST)).body.isWrittenInSvol).toBe(true);
    const ldev = (await bench.client.get(`ldevs/${SVOL}`)).body;
    expect(ldev).toMatchObject({ snapshotPoolId: 1, attributes: expect.arrayContaining(['HTI']) });

    expect((await act(bench, 'unassign-volume')).state).toBe('Succeeded');
    expect((await bench.order('DELETE', FIRST)).state).toBe('Succeeded');
    bench.clock.advance(1500);
    expect((await bench.client.get(`snapshots?svolLdevId=${SVOL}`)).body).toEqual({ data: [] });
    const after = (await bench.client.get(`ldevs/${SVOL}`)).body;
    expect(after.attributes).not.toContain('HTI');
    expect(after).not.toHaveProperty('snapshotPoolId');
    expect(held(bench, SVOL)).toEqual([]);
  });

  it('follows its P-VOL until it is split, and again after a resync', async () => {
    const bench = await plain();
    await create(bench);
    bench.clock.advance(5000);
    expect(held(bench, SVOL)).toEqual(held(bench, PVOL));
    await act(bench, 'split');
    bench.clock.advance(5000);
    expect(held(bench, SVOL)).not.toEqual(held(bench, PVOL));
    await act(bench, 'resync');
    expect((await bench.client.get(FIRST)).body).not.toHaveProperty('splitTime');
    expect(held(bench, SVOL)).toEqual(held(bench, PVOL));
  });

  it('without S-VOL keeps its data for the volume that is assigned later', async () => {
    const bench = await plain();
    const at = bench.clock.now();
    await create(bench, { svolLdevId: undefined, autoSplit: true, muNumber: 1023 });
    const id = `snapshots/${PVOL},1023`;
    expect((await bench.client.get(id)).body).not.toHaveProperty('svolLdevId');
    bench.clock.advance(60_000);
    const gone = await act(bench, 'unassign-volume', undefined, id);
    expect(gone.body.error.errorCode).toEqual({ errorCode: 'EX_ENOOBJ' });
    const wish = { parameters: { svolLdevId: SVOL } };
    expect((await act(bench, 'assign-volume', wish, id)).state).toBe('Succeeded');
    expect(held(bench, SVOL)).toEqual(cut(mainWrites(PVOL, bench.since), at));
    expect((await act(bench, 'assign-volume', ASSIGN, id)).cause).toContain('is assigned');
  });

  it.each([
    [{}, 'PAIR'],
    [{ parameters: { autoSplit: true } }, 'PSUS'],
  ])('is restored with %j: the P-VOL holds it, the pair ends in %s', async (body, end) => {
    const bench = await plain();
    await create(bench, { autoSplit: true });
    const at = bench.clock.now();
    bench.clock.advance(60_000);
    bench.dr.port.write(PVOL);
    await act(bench, 'restore', body);
    bench.clock.advance(8000);
    expect(await status(bench)).toBe(end);
    expect(held(bench, PVOL)[0]).toMatchObject({ writer: 'main', until: at });
    expect(held(bench, PVOL).some(({ writer }) => writer === HOST)).toBe(false);
  });

  it('of a snapshot is made when that one may cascade', async () => {
    const bench = await plain();
    await create(bench, { autoSplit: true });
    bench.clock.advance(1500);
    const next = { pvolLdevId: SVOL, svolLdevId: 3002, autoSplit: true };
    expect((await create(bench, next)).cause).toContain('cannot cascade');
    await act(bench, 'unassign-volume');
    await create(bench, { svolLdevId: 3001, canCascade: true, autoSplit: true });
    bench.clock.advance(1500);
    expect((await create(bench, { ...next, pvolLdevId: 3001 })).state).toBe('Succeeded');
    expect(held(bench, 3002)).toEqual(held(bench, 3001));
  });
});

describe('a clone', () => {
  const CLONE = { isClone: true, clonesAutomation: true, copySpeed: 'medium' };

  it('deletes its pair when it is done and leaves an ordinary volume', async () => {
    const bench = await plain();
    const at = bench.clock.now();
    await create(bench, CLONE);
    expect(await status(bench)).toBe('CPYP');
    expect((await bench.client.get(FIRST)).body.concordanceRate).toBe(0);
    bench.clock.advance(8000);
    expect(await status(bench)).toBe('SMPP');
    bench.clock.advance(1500);
    expect(await status(bench)).toBe('404');
    expect((await bench.client.get('snapshot-groups')).body).toEqual({ data: [] });
    expect(held(bench, SVOL)).toEqual(cut(mainWrites(PVOL, bench.since), at));
    expect(refusedWrite(bench, SVOL)).toBeUndefined();
    expect((await bench.client.get(`ldevs/${SVOL}`)).body.attributes).not.toContain('HTI');
  });

  it('given up halfway is torn', async () => {
    const bench = await plain();
    await create(bench, CLONE);
    await bench.order('DELETE', FIRST);
    bench.clock.advance(1500);
    expect(await status(bench)).toBe('404');
    expect(held(bench, SVOL).at(-1)?.writer).toBe(TORN);
  });

  it('is not made of a pair without the clone attribute', async () => {
    const bench = await plain();
    await create(bench);
    expect((await act(bench, 'clone')).state).toBe('Failed');
  });
});

describe('snapshot groups', () => {
  const add = (bench: LocalBench, i: number, isConsistencyGroup: boolean) =>
    create(bench, { pvolLdevId: 2000 + i, svolLdevId: 3000 + i, isConsistencyGroup });
  const instants = (bench: LocalBench) =>
    [3000, 3001, 3002].map((ldevId) => held(bench, ldevId)[0]?.until);

  it.each([
    ['with consistency group at one instant', true, [0, 0, 0]],
    ['without it one after the other', false, [0, 700, 1400]],
  ] as const)('split %s', async (_, consistent, later) => {
    const bench = await plain();
    for (const i of [0, 1, 2]) await add(bench, i, consistent);
    const at = bench.clock.now();
    expect((await act(bench, 'split', undefined, 'snapshot-groups/SG')).state).toBe('Succeeded');
    bench.clock.advance(10_000);
    const { body } = await bench.client.get('snapshot-groups/SG');
    expect(body.snapshots.map((pair: { status: string }) => pair.status)).toEqual(
      Array(3).fill('PSUS'),
    );
    expect(instants(bench)).toEqual(later.map((ms) => at + ms));
  });

  it('are listed, resynchronised, restored and deleted as a whole', async () => {
    const bench = await plain();
    for (const i of [0, 1]) await add(bench, i, false);
    expect((await bench.client.get('snapshot-groups')).body).toEqual({
      data: [{ snapshotGroupName: 'SG', snapshotGroupId: 'SG' }],
    });
    const all = async () =>
      (await bench.client.get('snapshot-groups/SG')).body.snapshots.map(
        (pair: { status: string }) => pair.status,
      );
    await act(bench, 'split', undefined, 'snapshot-groups/SG');
    bench.clock.advance(10_000);
    await act(bench, 'restore', undefined, 'snapshot-groups/SG');
    expect(await all()).toEqual(['RCPY', 'RCPY']);
    bench.clock.advance(10_000);
    await act(bench, 'resync', undefined, 'snapshot-groups/SG');
    expect(await all()).toEqual(['PAIR', 'PAIR']);
    await bench.order('DELETE', 'snapshot-groups/SG');
    bench.clock.advance(1500);
    expect((await bench.client.get('snapshot-groups/SG')).status).toBe(404);
  });

  it('have a consistency group for all pairs or for none, and each P-VOL once', async () => {
    const bench = await plain();
    await add(bench, 0, true);
    expect((await add(bench, 1, false)).cause).toContain('consistency group');
    const again = { pvolLdevId: 2000, svolLdevId: 3001, isConsistencyGroup: true };
    expect((await create(bench, again)).cause).toContain('already');
  });
});

describe('refused', () => {
  it.each([
    ['a clone without S-VOL', { isClone: true, svolLdevId: undefined }],
    ['a clone that cannot cascade', { isClone: true, canCascade: false }],
    ['automation without clone', { clonesAutomation: true }],
    ['a clone that is split', { isClone: true, autoSplit: true }],
    ['another copy speed', { copySpeed: 'fast' }],
    ['a mirror unit of 1024', { muNumber: 1024 }],
    ['no pool', { snapshotPoolId: undefined }],
    ['an unknown word', { retention: 1 }],
  ])('with 400: %s', async (_, more) => {
    const { client } = await plain();
    expect((await client.send('POST', 'snapshots', { ...WISH, ...more })).status).toBe(400);
  });

  it.each([
    ['an unknown pool', { snapshotPoolId: 9 }, 'Pool 9'],
    ['a P-VOL that is not defined', { pvolLdevId: 2999 }, 'not defined'],
    ['an S-VOL that is bound', { svolLdevId: 3000 }, 'S-VOL of pair D-01'],
    ['a used mirror unit', { pvolLdevId: 2002, muNumber: 5 }, 'MU number 5'],
  ])('by the array: %s', async (_, more, cause) => {
    const bench = await localBench();
    await create(bench, { pvolLdevId: 2002, svolLdevId: undefined, muNumber: 5 });
    expect((await create(bench, more)).cause).toContain(cause);
  });

  it('names the code that drivers know for a wrong pool', async () => {
    const bench = await plain();
    const { body } = await create(bench, { snapshotPoolId: 9 });
    expect(body.error.errorCode).toEqual({ SSB1: '2E30', SSB2: '600E' });
  });

  it('storing while the P-VOL is filled by remote copy, restoring onto its S-VOL ever', async () => {
    const bench = await localBench({ paired: false });
    await create(bench, { autoSplit: true });
    bench.clock.advance(1500);
    for (const mirror of ['PAIR', 'PSUS', 'SSWS']) {
      bench.mirror.status = mirror;
      expect((await act(bench, 'restore')).cause).toContain('remote mirror');
    }
    bench.mirror.status = 'COPY';
    const more = { svolLdevId: 3002, autoSplit: true };
    expect((await create(bench, more)).cause).toContain('COPY');
    await act(bench, 'resync');
    expect((await act(bench, 'split')).cause).toContain('COPY');
    bench.mirror.role = 'P-VOL';
    bench.mirror.status = 'PAIR';
    await act(bench, 'split');
    bench.clock.advance(1500);
    expect((await act(bench, 'restore')).cause).toContain('P-VOL of a remote mirror');
  });

  it.each([
    ['restore', { parameters: { autoSplit: 1 } }],
    ['assign-volume', {}],
    ['split', { parameters: { quickMode: true } }],
    ['clone', { parameters: { copySpeed: 'fast' } }],
  ])('with 400, whatever the state: %s with %j', async (name, body) => {
    const bench = await plain();
    await create(bench, { autoSplit: true });
    const { status } = await bench.client.send('POST', `${FIRST}/actions/${name}/invoke`, body);
    expect(status).toBe(400);
  });

  it('ids and queries that name nothing', async () => {
    const { client } = await plain();
    const gone = await client.send('DELETE', FIRST);
    expect([gone.status, gone.body.messageId]).toEqual([404, 'KART30013-E']);
    expect(gone.body.errorCode).toEqual({ errorCode: 'EX_ENOOBJ' });
    expect((await client.get('snapshots')).status).toBe(400);
    expect((await client.get('snapshots/2003')).status).toBe(400);
    expect((await client.get('snapshots?pvolLdevId=x')).status).toBe(400);
    expect((await client.get('snapshots?pvolLdevId=2003')).body).toEqual({ data: [] });
    expect((await client.get('snapshot-groups/NONE')).status).toBe(404);
  });

  it('templates in the wrong state, with 412', async () => {
    const bench = await plain();
    await create(bench);
    expect((await bench.client.get(`${FIRST}/actions/split`)).status).toBe(200);
    expect((await bench.client.get(`${FIRST}/actions/restore`)).status).toBe(412);
  });
});

it('lists pairs by P-VOL in the order of mirror units, and by group', async () => {
  const bench = await plain();
  await create(bench, { muNumber: 3 });
  await create(bench, { svolLdevId: 3001, snapshotGroupName: 'OTHER' });
  const units = async (query: string) =>
    (await bench.client.get(`snapshots?${query}`)).body.data.map(
      (pair: { muNumber: number; primaryOrSecondary: string }) =>
        `${pair.primaryOrSecondary} ${pair.muNumber}`,
    );
  expect(await units(`pvolLdevId=${PVOL}`)).toEqual(['P-VOL 0', 'P-VOL 3']);
  expect(await units(`pvolLdevId=${PVOL}&muNumber=3`)).toEqual(['P-VOL 3']);
  expect(await units('snapshotGroupName=OTHER')).toEqual(['P-VOL 0']);
  expect(await units(`svolLdevId=3001&pvolLdevId=2000`)).toEqual([]);
});

it('survives a restart in the middle of a clone', async () => {
  const bench = await plain();
  await create(bench, { isClone: true, clonesAutomation: true });
  const saved = JSON.parse(JSON.stringify(bench.dr.snapshot()));
  bench.clock.advance(60_000);
  expect(await status(bench)).toBe('404');
  bench.dr.restore(saved);
  expect(await status(bench)).toBe('404');
  expect(held(bench, SVOL)).toHaveLength(1);
});
