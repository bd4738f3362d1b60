import {
  DR,
  FAR,
  groupId,
  journal,
  MAIN,
  plan,
  type Rig,
  remoteOf,
  rig,
  state,
} from './support.ts';

const UR = {
  copyGroupName: 'CG',
  copyPairName: 'n0',
  replicationType: 'UR',
  remoteStorageDeviceId: DR,
  pvolLdevId: 1003,
  svolLdevId: 2003,
  isNewGroupCreation: true,
  pvolJournalId: 1,
  svolJournalId: 1,
};
const { pvolJournalId: _, svolJournalId: __, ...PLAIN } = UR;
const TC = { ...PLAIN, replicationType: 'TC' };
const GAD = { ...PLAIN, replicationType: 'GAD', quorumDiskId: 1 };
const objects = 'remote-mirror-copypairs';

const create = (r: Rig, body: object) =>
  r.admin.main.done('POST', objects, body, remoteOf(r, 'main'));
const cause = async (r: Rig, body: object): Promise<string> => {
  const sent = await create(r, body);
  expect([sent.status, sent.body.state]).toEqual([202, 'Failed']);
  return sent.body.error.cause;
};

describe('a pair', () => {
  it('copies, shows how far it is, and is PAIR with all it was told', async () => {
    const r = await rig(plan({ pairs: 0 }));
    const names = { localDeviceGroupName: 'HERE', remoteDeviceGroupName: 'THERE' };
    const sent = await create(r, { ...UR, ...names, muNumber: 3, consistencyGroupId: 9 });
    expect(sent.body.state).toBe('Succeeded');
    const id = `${DR},CG,HERE,THERE,n0`;
    expect(sent.body.affectedResources[0]).toContain(`${objects}/${id}`);
    const look = async () => (await r.admin.main.get(`${objects}/${id}`, remoteOf(r, 'main'))).body;
    r.pass(30 - 1.5);
    expect(await look()).toMatchObject({ pvolStatus: 'COPY', copyProgressRate: 50 });
    r.pass(31);
    expect(await look()).toMatchObject({ svolStatus: 'PAIR', consistencyGroupId: 9 });
    expect(await journal(r, 'main')).toMatchObject({ muNumber: 3, journalStatus: 'PJNN' });
    const far = `remote-mirror-copygroups/${MAIN},CG,THERE,HERE`;
    expect((await r.admin.dr.get(far, remoteOf(r, 'dr'))).body.muNumber).toBe(3);
  });

  it('holds the job until it is copied unless told NoWait', async () => {
    const r = await rig(plan({ pairs: 0 }));
    const before = r.clock.now();
    await r.admin.main.send('POST', objects, UR, {
      ...remoteOf(r, 'main'),
      'response-job-status': 'Completed;',
      'response-max-wait': '1800',
    });
    expect(r.clock.now() - before).toBe(60_000);
  });

  it('without initial copy is PAIR at once; a second one joins the group', async () => {
    const r = await rig(plan({ pairs: 0 }));
    await create(r, { ...UR, doInitialCopy: false });
    expect(await state(r)).toBe('PAIR/PAIR');
    const { pvolJournalId: _p, svolJournalId: _s, ...rest } = UR;
    const second = { ...rest, copyPairName: 'n1', pvolLdevId: 1004, svolLdevId: 2004 };
    await create(r, { ...second, isNewGroupCreation: false });
    expect(await state(r)).toBe('PAIR/PAIR COPY/COPY');
  });

  it('of TrueCopy and GAD', async () => {
    const tc = await rig(plan({ pairs: 0 }));
    expect((await create(tc, { ...TC, fenceLevel: 'DATA' })).body.state).toBe('Succeeded');
    const gad = await rig({ ...plan({ type: 'GAD' }), groups: [] });
    expect(await cause(gad, GAD)).toContain('reserve attribute');
    const reserve = { parameters: { virtualLdevId: 65535 } };
    const path = (action: string) => `ldevs/2003/actions/${action}/invoke`;
    await gad.admin.dr.done('PUT', path('unassign-virtual-ldevid'), {
      parameters: { virtualLdevId: 2003 },
    });
    await gad.admin.dr.done('PUT', path('assign-virtual-ldevid'), reserve);
    expect((await create(gad, GAD)).body.state).toBe('Succeeded');
    gad.pass(70);
    expect(await state(gad)).toBe('PAIR/PAIR');
  });
});

describe('attributes that do not fit are refused with 400', () => {
  it.each([
    ['no name', { ...UR, copyGroupName: undefined }],
    ['a name with a space', { ...UR, copyPairName: 'a b' }],
    ['a group name of 30', { ...UR, copyGroupName: 'g'.repeat(30) }],
    ['an unknown attribute', { ...UR, speed: 3 }],
    ['UR without journals', PLAIN],
    ['UR with a fence', { ...UR, fenceLevel: 'DATA' }],
    ['UR with a copy pace', { ...UR, copyPace: 3 }],
    ['UR with isConsistencyGroup', { ...UR, isConsistencyGroup: true }],
    ['UR with a quorum', { ...UR, quorumDiskId: 1 }],
    ['journals with a later pair', { ...UR, isNewGroupCreation: false }],
    ['TC with journals', { ...UR, replicationType: 'TC' }],
    ['TC with a mirror unit', { ...TC, muNumber: 0 }],
    ['TC with delta', { ...TC, doDeltaResyncSuspend: true }],
    ['GAD without quorum', { ...GAD, quorumDiskId: undefined }],
    ['GAD with fence DATA', { ...GAD, fenceLevel: 'DATA' }],
  ])('%s', async (_name, body) => {
    const r = await rig(plan({ pairs: 0 }));
    expect((await create(r, body)).status).toBe(400);
    expect(r.effects).toHaveLength(0);
  });

  it('credentials of the other array are asked for, and roles', async () => {
    const r = await rig(plan({ pairs: 0 }));
    expect((await r.admin.main.done('POST', objects, UR)).status).toBe(401);
    const far = { ...UR, remoteStorageDeviceId: FAR };
    expect((await create(r, far)).status).toBe(404);
  });
});

describe('volumes and paths that do not fit fail the job', () => {
  it.each([
    ['not defined', { ...UR, pvolLdevId: 5000 }, 'LDEV 5000 (P-VOL) is not defined'],
    ['not there', { ...UR, svolLdevId: 5000 }, 'LDEV 5000 (S-VOL) is not defined'],
    ['another size', { ...UR, svolLdevId: 902 }, 'differ in size'],
    ['no journal', { ...UR, svolJournalId: 5 }, 'No journal 5'],
    ['no path group', { ...UR, pathGroupId: 4 }, 'no remote path group 4'],
    ['no quorum', GAD, 'reserve'],
    ['not new', { ...PLAIN, isNewGroupCreation: false }, 'isNewGroupCreation'],
  ])('%s', async (_name, body, words) => {
    const r = await rig(plan({ pairs: 0 }));
    expect(await cause(r, body)).toContain(words);
    expect(await state(r)).toBe('SMPL/SMPL');
  });

  it('a volume without LU path', async () => {
    const r = await rig(plan({ pairs: 0 }));
    for (const id of [990]) {
      for (const array of [r.main, r.dr]) array.parts.ldevs.add({ ldevId: id, blocks: 20_971_520 });
    }
    expect(await cause(r, { ...UR, pvolLdevId: 990 })).toContain('P-VOL has no LU path');
    expect(await cause(r, { ...UR, svolLdevId: 990 })).toContain('S-VOL has no LU path');
  });

  it('data reduction without the word for it', async () => {
    const r = await rig(plan({ pairs: 0 }));
    const ldev = r.main.parts.ldevs.find(1003);
    if (ldev !== undefined) ldev.dataReductionMode = 'compression';
    expect(await cause(r, UR)).toContain('isDataReductionForceCopy');
    const forced = await create(r, { ...UR, isDataReductionForceCopy: true });
    expect(forced.body.state).toBe('Succeeded');
  });

  it('paths that are down in one direction', async () => {
    const r = await rig(plan({ pairs: 0 }));
    r.fabric.link('dr', 'main').cut(true, r.clock.now());
    expect(await cause(r, UR)).toContain('not normal');
  });

  it('what another group uses already', async () => {
    const r = await rig();
    const other = { ...UR, copyGroupName: 'B' };
    expect(await cause(r, other)).toContain('Journal 1 is used by CG');
    expect(await cause(r, { ...other, pvolLdevId: 1000 })).toContain('in use by p0');
    expect(await cause(r, UR)).toContain('isNewGroupCreation');
    const joined = { ...PLAIN, isNewGroupCreation: false };
    expect(await cause(r, { ...joined, copyPairName: 'p0' })).toContain('pair name is in use');
    expect(await cause(r, { ...joined, localDeviceGroupName: 'X' })).toContain('device groups');
    expect(await cause(r, { ...joined, replicationType: 'TC' })).toContain('of type UR');
  });
});

describe('deletion', () => {
  it('of the last pair takes the group with it', async () => {
    const r = await rig(plan({ pairs: 2 }));
    const drop = (pair: string) =>
      r.admin.main.done(
        'DELETE',
        `${objects}/${groupId('main', 'full', pair)}`,
        undefined,
        remoteOf(r, 'main'),
      );
    await drop('p0');
    expect(await state(r)).toBe('PAIR/PAIR');
    await drop('p1');
    const gone = await r.admin.main.get(
      `remote-mirror-copygroups/${groupId('main')}`,
      remoteOf(r, 'main'),
    );
    expect([gone.status, gone.body.messageId]).toEqual([404, 'KART40041-E']);
    expect((await r.admin.main.get('ldevs/1000')).body.attributes).not.toContain('HORC');
    r.dr.port.write(2000);
    expect((await r.admin.main.done('DELETE', 'journals/1')).body.state).toBe('Succeeded');
  });
});

describe('remote path groups', () => {
  it('are one direction each, and show what is down', async () => {
    const r = await rig();
    const id = 'remotepath-groups/40015,R9,0';
    const look = async () => (await r.admin.main.get(id)).body;
    expect(await look()).toMatchObject({
      remotepathGroupId: '40015,R9,0',
      remoteStorageDeviceId: DR,
      cuStatus: 'NML',
      numOfPaths: 2,
      minNumOfPaths: 1,
      roundTripTimeInMilliSeconds: 4,
    });
    r.fabric.link('dr', 'main').cut(true, r.clock.now());
    expect((await look()).cuStatus).toBe('NML');
    const back = await r.admin.dr.get('remotepath-groups');
    expect(back.body.data[0]).toMatchObject({ remotepathGroupId: '40014,R9,0' });
    expect(back.body.data[0].cuStatus).not.toBe('NML');
  });

  it('are made, changed and deleted; pairs keep the one they use', async () => {
    const r = await rig();
    const ends = async (method: string, path: string, body?: object) =>
      (await r.admin.main.done(method, `remotepath-groups${path}`, body)).body.state;
    const wish = {
      remoteSerialNumber: '40015',
      remoteStorageTypeId: 'R9',
      pathGroupId: 5,
      remotePaths: [{ localPortId: 'CL5-A', remotePortId: 'CL5-A' }],
    };
    expect(await ends('POST', '', wish)).toBe('Succeeded');
    expect(await ends('POST', '', wish)).toBe('Failed');
    expect(await ends('POST', '', { ...wish, remoteSerialNumber: '7' })).toBe('Failed');
    expect((await r.admin.main.send('POST', 'remotepath-groups', {})).status).toBe(400);
    const path = { parameters: { localPortId: 'CL6-A', remotePortId: 'CL6-A' } };
    const action = (name: string) => `/40015,R9,5/actions/${name}/invoke`;
    expect(await ends('POST', action('add-remotepath'), path)).toBe('Succeeded');
    expect(await ends('PATCH', '/40015,R9,5', { minNumOfPaths: 2 })).toBe('Succeeded');
    expect(await ends('POST', action('remove-remotepath'), path)).toBe('Failed');
    expect(await ends('DELETE', '/40015,R9,0')).toBe('Failed');
    expect(await ends('DELETE', '/40015,R9,5')).toBe('Succeeded');
    expect((await r.admin.main.get('remotepath-groups')).body.data).toHaveLength(1);
  });
});
