/** What arrays refuse, and how, although the request itself is well formed. */
import { cloneRoom } from '../../../lib/twin/array/local/clones.ts';
import { snapshotRoom } from '../../../lib/twin/array/local/snapshots.ts';
import { login } from '../array-support.ts';
import {
  act,
  DR,
  groupId,
  journal,
  plan,
  type Rig,
  remoteOf,
  rig,
  state,
  states,
} from './support.ts';

const UR = { replicationType: 'UR' };
const PAIR = {
  copyGroupName: 'CG',
  copyPairName: 'n0',
  replicationType: 'UR',
  remoteStorageDeviceId: DR,
  pvolLdevId: 1005,
  svolLdevId: 2005,
  isNewGroupCreation: false,
};
const create = (r: Rig, body: object) =>
  r.admin.main.done('POST', 'remote-mirror-copypairs', body, remoteOf(r, 'main'));
const group = (form: 'full' | 'local', site: 'main' | 'dr' = 'main') =>
  `remote-mirror-copygroups/${groupId(site, form)}`;

describe('an array that does not answer', () => {
  it.each([30_000, 90_000])('is waited for, %i ms, before that is said', async (ms) => {
    const topology = plan();
    const r = await rig({ ...topology, pace: { ...topology.pace, peerSilentMs: ms } });
    r.dr.parts.faults.add('management-cut');
    const waited = async (ask: () => Promise<{ status: number }>) => {
      const from = r.clock.now();
      return [(await ask()).status, r.clock.now() - from];
    };
    const remote = remoteOf(r, 'main');
    expect(await waited(() => r.admin.main.get(group('full'), remote))).toEqual([500, ms]);
    expect(await waited(() => act(r, ['main', 'split'], UR))).toEqual([500, ms]);
    expect(await waited(() => create(r, PAIR))).toEqual([500, ms]);
    expect(r.fabric.group('CG')?.state.pairs).toHaveLength(3);
    expect(r.fabric.group('CG')?.state.pairs[0]).toMatchObject({ p: 'PAIR', s: 'PAIR' });
    expect(await waited(() => r.admin.main.get(group('local')))).toEqual([200, 0]);
  });

  it('is not waited for by a caller whose own array dies meanwhile', async () => {
    const r = await rig();
    r.dr.parts.faults.add('management-cut');
    const asked = r.admin.main.get(group('full'), remoteOf(r, 'main'));
    r.main.parts.faults.add('array-dead');
    await expect(asked).rejects.toThrow('closed before an answer');
    r.main.parts.faults.delete('array-dead');
    const held = r.admin.main.done('PATCH', 'ldevs/1000', { label: 'x' });
    r.main.parts.faults.add('array-dead');
    await expect(held).rejects.toThrow('closed before an answer');
  });
});

it('an array that was never introduced, or has been forgotten, is not found', async () => {
  const r = await rig();
  const remote = remoteOf(r, 'main');
  await r.admin.main.done('DELETE', `remote-storages/${DR}`, {}, remote);
  expect((await r.admin.main.get(group('full'), remote)).status).toBe(404);
  expect((await create(r, PAIR)).status).toBe(404);
  expect((await r.admin.main.get(group('local'))).status).toBe(200);
});

it('a pair is not made over a lock that somebody holds at the other array', async () => {
  const r = await rig();
  const lock = '/v1/services/resource-group-service/actions/lock/invoke';
  const wait = { parameters: { waitTime: 0 } };
  const other = await login(r.dr);
  await other.done('POST', lock, wait);
  const { body } = await create(r, PAIR);
  expect(body.error).toMatchObject({
    messageId: 'KART40052-E',
    errorCode: { SSB1: '2E11', SSB2: '2205' },
    errorSource: expect.stringMatching(/^\/ConfigurationManager\/v1\//),
  });
  const own = { ...remoteOf(r, 'main'), 'remote-authorization': other.token };
  const mine = await r.admin.main.done('POST', 'remote-mirror-copypairs', PAIR, own);
  expect(mine.body.state).toBe('Succeeded');
});

describe('a pair is refused', () => {
  it('with the consistency group of another copy group', async () => {
    const r = await rig(plan({ consistencyGroupId: 5 }));
    for (const site of ['main', 'dr'] as const) {
      await r.admin[site].done('POST', 'journals', { journalId: 2, ldevIds: [901] });
    }
    const journals = { pvolJournalId: 2, svolJournalId: 2 };
    const wish = { ...PAIR, ...journals, copyGroupName: 'CG2', isNewGroupCreation: true };
    const taken = await create(r, { ...wish, consistencyGroupId: 5 });
    expect(taken.body.error.cause).toContain('Consistency group 5');
    expect((await create(r, { ...wish, consistencyGroupId: 6 })).body.state).toBe('Succeeded');
    r.pass(70);
    await act(r, ['main', 'split'], UR);
    r.pass(5);
    const moved = await act(r, ['main', 'resync'], { ...UR, consistencyGroupId: 6 });
    expect(moved.body.error.cause).toContain('Consistency group 6');
  });

  it('with an S-VOL that is blocked', async () => {
    const r = await rig();
    const svol = r.dr.parts.ldevs.find(2005);
    if (svol !== undefined) svol.status = 'BLK';
    expect((await create(r, PAIR)).body.error.cause).toContain('S-VOL is blocked');
  });

  it.each([
    ['main', 1005],
    ['dr', 2005],
  ] as const)('with a volume at %s that a local copy overwrites', async (site, svolLdevId) => {
    const topology = plan();
    const r = await rig(topology, undefined, () => [cloneRoom([], topology.pace)]);
    const copy = { copyGroupName: 'SI', copyPairName: 'c0', replicationType: 'SI' };
    const lies = { pvolLdevId: svolLdevId - 1, svolLdevId, isNewGroupCreation: true };
    const made = await r.admin[site].done('POST', 'local-clone-copypairs', { ...copy, ...lies });
    expect(made.body.state).toBe('Succeeded');
    r.pass(60);
    r[site].settle(r.clock.now());
    expect((await create(r, PAIR)).body.error.cause).toContain('S-VOL of a pair in PAIR');
    const split = 'local-clone-copygroups/SI,SIP_,SIS_/actions/split/invoke';
    await r.admin[site].done('POST', split, {});
    r.pass(30);
    r[site].settle(r.clock.now());
    expect((await create(r, PAIR)).body.state).toBe('Succeeded');
  });
});

describe('a resync', () => {
  it('of what is PAIR already succeeds without its attributes', async () => {
    const r = await rig(plan({ type: 'TC', fenceLevel: 'NEVER' }));
    const wish = { replicationType: 'TC', fenceLevel: 'DATA' };
    const fence = async () => (await r.admin.main.get(group('local'))).body.copyPairs[0].fenceLevel;
    expect((await act(r, ['main', 'resync'], wish)).body.state).toBe('Succeeded');
    expect(await fence()).toBe('NEVER');
    await act(r, ['main', 'split'], { replicationType: 'TC' });
    await act(r, ['main', 'resync'], wish);
    expect(await fence()).toBe('DATA');
  });

  it('back along a cascade that is none fails, and copies nothing', async () => {
    const r = await rig();
    await act(r, ['main', 'split'], UR);
    r.pass(5);
    const failback = { ...UR, doFailback: true, failbackMuNumber: 2 };
    expect((await act(r, ['main', 'resync'], failback)).body.state).toBe('Failed');
    expect((await act(r, ['main', 'resync'], { ...UR, failbackMuNumber: 2 })).status).toBe(400);
    expect(await state(r)).toBe('PSUS/SSUS');
  });
});

describe('deletion by the local id', () => {
  it('at DR ends the S-VOLs; the P-VOLs are suspended and must be deleted, too', async () => {
    const r = await rig();
    await r.admin.dr.done('DELETE', group('local', 'dr'));
    expect(new Set(await states(r))).toEqual(new Set(['PSUS/SMPL']));
    expect((await create(r, { ...PAIR, svolLdevId: 2000 })).body.state).toBe('Succeeded');
    expect((await create(r, { ...PAIR, pvolLdevId: 1000 })).body.state).toBe('Failed');
  });

  it('at main leaves the S-VOLs suspended; both together leave nothing', async () => {
    const r = await rig();
    await r.admin.main.done('DELETE', group('local'));
    expect(new Set(await states(r))).toEqual(new Set(['SMPL/PSUE']));
    await r.admin.dr.done('DELETE', group('local', 'dr'));
    expect(await states(r)).toEqual([]);
    expect(await journal(r, 'dr')).toMatchObject({ journalStatus: 'SMPL' });
  });
});

it('a journal is not made of nothing, nor of one volume twice', async () => {
  const r = await rig();
  const make = (body: object) => r.admin.main.done('POST', 'journals', { journalId: 7, ...body });
  expect((await make({ startLdevId: 902, endLdevId: 901 })).status).toBe(400);
  expect((await make({ ldevIds: [901, 901] })).body.state).toBe('Failed');
  expect((await make({ startLdevId: 901, endLdevId: 902 })).body.state).toBe('Succeeded');
});

it('a volume of a journal is not snapped', async () => {
  const topology = plan();
  const r = await rig(topology, undefined, () => [snapshotRoom(topology.pace)]);
  const wish = { snapshotGroupName: 'SNAP', snapshotPoolId: 0 };
  const snap = (pvolLdevId: number) =>
    r.admin.main.done('POST', 'snapshots', { ...wish, pvolLdevId });
  expect((await snap(900)).body.error.cause).toContain('in a journal');
  expect((await snap(1005)).body.state).toBe('Succeeded');
});

it('names that only the language knows are no views and no actions', async () => {
  const r = await rig();
  expect((await r.admin.main.get('journals?journalInfo=constructor')).status).toBe(400);
  expect((await r.admin.main.get('ldevs/1000/actions/constructor')).status).toBe(404);
  const invoke = 'ldevs/1000/actions/constructor/invoke';
  expect((await r.admin.main.send('POST', invoke, {})).status).toBe(404);
});

it('a path group does not need more paths than it has, nor take one twice', async () => {
  const r = await rig();
  const path = { parameters: { localPortId: 'CL1-B', remotePortId: 'CL1-B' } };
  const group = 'remotepath-groups/40015,R9,0';
  const need = (minNumOfPaths: number) => r.admin.main.done('PATCH', group, { minNumOfPaths });
  expect((await need(3)).body.state).toBe('Failed');
  expect((await need(2)).body.state).toBe('Succeeded');
  expect((await r.admin.main.send('PATCH', group, {})).status).toBe(400);
  expect((await r.admin.main.send('PATCH', 'journals/1', {})).status).toBe(400);
  const add = 'remotepath-groups/40015,R9,0/actions/add-remotepath/invoke';
  expect((await r.admin.main.done('POST', add, path)).body.state).toBe('Failed');
});
