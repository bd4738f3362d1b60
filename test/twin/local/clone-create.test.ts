/** Creating ShadowImage pairs: attributes, limits, refusals, and how pairs are read. */
import { CG, GROUP, type LocalBench, localBench, pairId, states } from './support.ts';

const PAIRS = 'local-clone-copypairs';
const WISH = {
  copyGroupName: 'NEW',
  copyPairName: 'N-1',
  replicationType: 'SI',
  pvolLdevId: 2003,
  svolLdevId: 3003,
  isNewGroupCreation: true,
};
const NEW = 'local-clone-copygroups/NEW,NEWP_,NEWS_';

const create = (bench: LocalBench, more: object = {}) =>
  bench.order('POST', PAIRS, { ...WISH, ...more });

/** A further volume like the others, mapped to the host group of the pairs. */
function addLdev({ dr }: LocalBench, ldevId: number, more: object = {}): void {
  const like = dr.parts.ldevs.find(3003);
  dr.parts.ldevs.add({ ldevId, blocks: like?.blocks ?? 0, ...more });
  const group = dr.parts.mapping.group('CL1-A', 1);
  if (group !== undefined) dr.parts.mapping.map(group, ldevId % 2000, ldevId);
}

describe('a new pair', () => {
  it('copies everything, then is PAIR; its job waits for that unless told not to', async () => {
    const bench = await localBench();
    const { body } = await bench.client.send('POST', PAIRS, WISH);
    expect(await states(bench.client, NEW)).toEqual(['COPY/COPY']);
    expect((await bench.client.get(`jobs/${body.jobId}`)).body.state).toBe('Queued');
    bench.clock.advance(60_000);
    const job = (await bench.client.get(`jobs/${body.jobId}`)).body;
    expect(job.state).toBe('Succeeded');
    expect(job.affectedResources[0].split('/').at(-1)).toBe('NEW,NEWP_,NEWS_,N-1');
    expect(await states(bench.client, NEW)).toEqual(['PAIR/PAIR']);
    const ldev = (await bench.client.get('ldevs/3003')).body;
    expect(ldev.attributes).toContain('MRCF');
  });

  it('joins a group that exists, with its mirror unit and consistency group', async () => {
    const bench = await localBench();
    const wish = { copyGroupName: GROUP, copyPairName: 'D-04', isNewGroupCreation: false };
    expect((await create(bench, wish)).state).toBe('Succeeded');
    const pair = (await bench.client.get(pairId('D-04'))).body;
    expect(pair).toMatchObject({ pvolMuNumber: 0, consistencyGroupId: 7, copyMode: 'NotSnapshot' });
  });

  it('takes names, mirror unit and consistency group from the request', async () => {
    const bench = await localBench();
    await create(bench, {
      pvolDeviceGroupName: 'P',
      svolDeviceGroupName: 'S',
      pvolMuNumber: 2,
      isConsistencyGroup: true,
      consistencyGroupId: 33,
      copyPace: 15,
    });
    const list = (await bench.client.get('local-clone-copygroups')).body.data;
    expect(list.at(-1)).toEqual({
      copyGroupName: 'NEW',
      pvolDeviceGroupName: 'P',
      svolDeviceGroupName: 'S',
      localCloneCopygroupId: 'NEW,P,S',
    });
    const pair = (await bench.client.get(`${PAIRS}/NEW,P,S,N-1`)).body;
    expect(pair).toMatchObject({ pvolMuNumber: 2, consistencyGroupId: 33 });
    expect((await bench.client.get(NEW)).status).toBe(404);
  });

  it.each([
    ['quick: usable at once', true, 0],
    ['steady: when it has been copied', false, 60_000],
  ])('splits by itself, %s', async (_, quickMode, after) => {
    const bench = await localBench();
    await create(bench, { autoSplit: true, quickMode });
    bench.clock.advance(after);
    expect(await states(bench.client, NEW)).toEqual(['PSUS/SSUS']);
    bench.clock.advance(60_000);
    expect(await states(bench.client, NEW)).toEqual(['PSUS/SSUS']);
  });
});

it.each([
  ['both autoSplit and a consistency group', { autoSplit: true, isConsistencyGroup: true }],
  ['quickMode without autoSplit', { quickMode: true }],
  ['a consistency group number alone', { consistencyGroupId: 3 }],
  ['a mirror unit in an old group', { isNewGroupCreation: false, pvolMuNumber: 1 }],
  ['a mirror unit of 3', { pvolMuNumber: 3 }],
  ['a name of 30 characters', { copyGroupName: 'x'.repeat(30) }],
  ['a name with a space', { copyPairName: 'a b' }],
  ['no replication type', { replicationType: undefined }],
  ['a copy pace of 16', { copyPace: 16 }],
  ['a word the server does not know', { copyMode: 'NotSynchronized' }],
])('400: %s', async (_, more) => {
  const { client } = await localBench();
  expect((await client.send('POST', PAIRS, { ...WISH, ...more })).status).toBe(400);
});

it('names that exist are 409, a group that does not is 404', async () => {
  const { client } = await localBench();
  const status = async (more: object) =>
    (await client.send('POST', PAIRS, { ...WISH, ...more })).status;
  expect(await status({ copyGroupName: GROUP })).toBe(409);
  const old = { copyGroupName: GROUP, isNewGroupCreation: false };
  expect(await status({ ...old, copyPairName: 'D-01' })).toBe(409);
  expect(await status({ isNewGroupCreation: false })).toBe(404);
});

describe('the job fails', () => {
  it.each([
    ['an LDEV that is not defined', { svolLdevId: 3999 }, 'not defined'],
    ['one LDEV twice', { svolLdevId: 2003 }, 'the same LDEV'],
    ['an S-VOL that is bound', { svolLdevId: 3000 }, 'S-VOL of pair D-01'],
    ['a P-VOL that is a copy', { pvolLdevId: 3000 }, 'is the S-VOL of D-01'],
    ['another size', { svolLdevId: 3010 }, 'blocks'],
    ['no LU path', { svolLdevId: 3011 }, 'no LU path'],
    ['data reduction', { svolLdevId: 3012 }, 'isDataReductionForceCopy'],
    ['a blocked volume', { svolLdevId: 3013 }, 'BLK'],
    ['a command device', { svolLdevId: 3014 }, 'CMD'],
    ['a used mirror unit', { pvolLdevId: 2000, pvolMuNumber: 0 }, 'MU number 0'],
    ['equal device groups', { pvolDeviceGroupName: 'X', svolDeviceGroupName: 'X' }, 'same name'],
    [
      'a used consistency group',
      { isConsistencyGroup: true, consistencyGroupId: 7 },
      `belongs to ${GROUP}`,
    ],
    [
      'other device groups than the old ones',
      { copyGroupName: GROUP, isNewGroupCreation: false, pvolDeviceGroupName: 'X' },
      'The device groups of',
    ],
    [
      'another consistency group than the old one',
      { copyGroupName: GROUP, isNewGroupCreation: false, isConsistencyGroup: false },
      'The consistency group of',
    ],
  ])('for %s', async (_, more, cause) => {
    const bench = await localBench();
    addLdev(bench, 3010, { blocks: 2_097_152 });
    addLdev(bench, 3012, { dataReductionMode: 'compression' });
    addLdev(bench, 3013, { status: 'BLK' });
    addLdev(bench, 3014, { attributes: ['CVS', 'CMD'] });
    bench.dr.parts.ldevs.add({
      ldevId: 3011,
      blocks: bench.dr.parts.ldevs.find(3003)?.blocks ?? 0,
    });
    const job = await create(bench, more);
    expect(job.state).toBe('Failed');
    expect(job.cause).toContain(cause);
    expect((await bench.client.get(CG)).body.copyPairs).toHaveLength(3);
    expect((await bench.client.get('local-clone-copygroups')).body.data).toHaveLength(1);
  });

  it('for the fourth copy of a P-VOL', async () => {
    const bench = await localBench();
    const add = (i: number) => {
      addLdev(bench, 3020 + i);
      const names = { copyGroupName: `N${i}`, copyPairName: `N-${i}` };
      return create(bench, { ...names, pvolLdevId: 2000, svolLdevId: 3020 + i });
    };
    expect((await add(1)).state).toBe('Succeeded');
    expect((await add(2)).state).toBe('Succeeded');
    const units = [1, 2].map(async (i) => {
      const { body } = await bench.client.get(pairId(`N-${i}`, `N${i}`));
      return body.pvolMuNumber;
    });
    expect(await Promise.all(units)).toEqual([1, 2]);
    expect((await add(3)).cause).toContain('3 pairs');
  });

  it('for the fourth consistency group on one journal', async () => {
    const bench = await localBench();
    const add = (i: number) => {
      addLdev(bench, 3020 + i);
      const names = { copyGroupName: `N${i}`, copyPairName: `N-${i}`, isConsistencyGroup: true };
      return create(bench, { ...names, pvolLdevId: 2000 + i, svolLdevId: 3020 + i });
    };
    expect((await add(1)).state).toBe('Succeeded');
    expect((await add(2)).state).toBe('Succeeded');
    expect((await add(3)).cause).toContain('Journal 50');
    bench.mirror.ldevs = [];
    expect((await add(3)).state).toBe('Succeeded');
  });
});

describe('reading', () => {
  it('lists pairs of one group, refreshed or not', async () => {
    const { client } = await localBench();
    const id = `${GROUP},${GROUP}P_,${GROUP}S_`;
    for (const query of [id, `${id}&refresh=true`, encodeURIComponent(id)]) {
      const { body } = await client.get(`${PAIRS}?localCloneCopyGroupId=${query}`);
      expect(body.data.map((pair: { copyPairName: string }) => pair.copyPairName)).toEqual([
        'D-01',
        'D-02',
        'D-03',
      ]);
    }
    expect((await client.get(PAIRS)).status).toBe(400);
    expect((await client.get(`${PAIRS}?localCloneCopyGroupId=${id}&refresh=no`)).status).toBe(400);
    expect((await client.get(`${PAIRS}?localCloneCopyGroupId=A,B,C`)).status).toBe(404);
  });

  it('knows objects by their whole id only', async () => {
    const { client } = await localBench();
    expect((await client.get(`local-clone-copygroups/${GROUP}`)).status).toBe(400);
    expect((await client.get(`local-clone-copygroups/${GROUP},A,B`)).status).toBe(404);
    expect((await client.get(pairId('D-09'))).status).toBe(404);
  });
});

describe('what binding forbids', () => {
  it('deleting and expanding the volumes', async () => {
    const bench = await localBench({ mirrored: false });
    expect((await bench.order('DELETE', 'ldevs/3000')).state).toBe('Failed');
    const more = { parameters: { additionalByteFormatCapacity: '1G' } };
    expect((await bench.order('POST', 'ldevs/2000/actions/expand/invoke', more)).state).toBe(
      'Failed',
    );
  });

  it('everything to users without the role', async () => {
    const { client } = await localBench({ user: 'reader' });
    expect((await client.get(CG)).status).toBe(200);
    expect((await client.send('POST', `${CG}/actions/split/invoke`, {})).status).toBe(403);
    expect((await client.send('POST', PAIRS, WISH)).status).toBe(403);
    const copier = await localBench({ user: 'copier' });
    expect((await copier.client.send('POST', PAIRS, WISH)).status).toBe(403);
    expect((await copier.client.send('POST', `${CG}/actions/split/invoke`, {})).status).toBe(202);
  });

  it.each([
    ['split', { parameters: { forceSplit: true } }],
    ['split', { parameters: { quick: true } }],
    ['resync', { parameters: { quickMode: 'yes' } }],
    ['restore', { parameters: { copyPace: 0 } }],
  ])('%s with %j', async (name, body) => {
    const { client } = await localBench();
    expect((await client.send('POST', `${CG}/actions/${name}/invoke`, body)).status).toBe(400);
  });
});
