import { act, DR, groupId, MAIN, plan, remoteOf, rig, state } from './support.ts';

const objects = 'remote-mirror-copygroups';

describe('reading', () => {
  it('shows the same pair under two ids, from both sides', async () => {
    const r = await rig();
    const fromMain = await r.admin.main.get(`${objects}/${groupId('main')}`, remoteOf(r, 'main'));
    const fromDr = await r.admin.dr.get(`${objects}/${groupId('dr')}`, remoteOf(r, 'dr'));
    expect(fromMain.status).toBe(200);
    expect(fromMain.body).toMatchObject({
      remoteMirrorCopyGroupId: `${DR},CG,CGP_,CGS_`,
      remoteStorageDeviceId: DR,
      localDeviceGroupName: 'CGP_',
      remoteDeviceGroupName: 'CGS_',
      muNumber: 1,
    });
    expect(fromMain.body.copyPairs[0]).toEqual({
      remoteMirrorCopyPairId: `${DR},CG,CGP_,CGS_,p0`,
      copyGroupName: 'CG',
      copyPairName: 'p0',
      replicationType: 'UR',
      fenceLevel: 'ASYNC',
      copyProgressRate: 100,
      pvolLdevId: 1000,
      pvolStorageDeviceId: MAIN,
      pvolStatus: 'PAIR',
      pvolJournalId: 1,
      pvolDifferenceDataManagement: 'S',
      pvolProcessingStatus: 'N',
      svolLdevId: 2000,
      svolStorageDeviceId: DR,
      svolStatus: 'PAIR',
      svolJournalId: 1,
      svolDifferenceDataManagement: 'S',
      svolProcessingStatus: 'N',
    });
    expect(fromDr.body.remoteMirrorCopyGroupId).toBe(`${MAIN},CG,CGS_,CGP_`);
    const shape = (body: typeof fromDr.body) =>
      body.copyPairs.map(({ remoteMirrorCopyPairId: _, ...rest }: Record<string, unknown>) => rest);
    expect(shape(fromDr.body)).toEqual(shape(fromMain.body));
  });

  it('leaves out with NotSpecified all that belongs to the other array', async () => {
    const r = await rig();
    const { body } = await r.admin.dr.get(`${objects}/${groupId('dr', 'local')}`);
    expect(body.copyPairs[0]).toMatchObject({ svolLdevId: 2000, svolStatus: 'PAIR' });
    expect(Object.keys(body.copyPairs[0]).some((key) => key.startsWith('pvol'))).toBe(false);
  });

  it('asks for a session of the other array, and only with full ids', async () => {
    const r = await rig();
    const path = `${objects}/${groupId('main')}`;
    const codes = [
      await r.admin.main.get(path),
      await r.admin.main.get(path, { 'remote-authorization': r.admin.main.token }),
      await r.admin.main.get(path, { 'remote-authorization': 'Session nonsense' }),
      await r.admin.main.get(path, remoteOf(r, 'main')),
      await r.admin.main.get(`${objects}/${groupId('main', 'local')}`, remoteOf(r, 'main')),
      await r.admin.main.get(`${objects}/${groupId('main', 'local')}`),
      await r.admin.main.get(`${objects}/NotSpecified,CG,CGP_,CGS_`),
      await r.admin.main.get(`${objects}/${DR},CG,CGP_`),
      await r.admin.main.get(`${objects}/${DR},XX,CGP_,CGS_`, remoteOf(r, 'main')),
      await r.admin.main.get(`${objects}/${DR},CG,CGS_,CGP_`, remoteOf(r, 'main')),
      await r.admin.main.get(`${objects}/999999999999,CG,CGP_,CGS_`, remoteOf(r, 'main')),
    ];
    expect(codes.map(({ status }) => status)).toEqual([
      401, 401, 401, 200, 400, 200, 400, 400, 404, 404, 404,
    ]);
  });

  it('fails with 500 when the other array does not answer; the local form goes on', async () => {
    const r = await rig();
    r.dr.parts.faults.add('management-cut');
    const full = await r.admin.main.get(`${objects}/${groupId('main')}`, remoteOf(r, 'main'));
    expect(full.status).toBe(500);
    const split = await act(r, ['main', 'split'], { replicationType: 'UR' });
    expect(split.status).toBe(500);
    const local = await r.admin.main.get(`${objects}/${groupId('main', 'local')}`);
    expect(local.body.copyPairs[0].pvolStatus).toBe('PAIR');
  });

  it('lists groups by the other array, with pairs when asked', async () => {
    const r = await rig();
    const list = (query: string) => r.admin.main.get(`${objects}${query}`, remoteOf(r, 'main'));
    expect((await list('')).status).toBe(400);
    expect((await list(`?remoteStorageDeviceId=${DR}&detailInfoType=x`)).status).toBe(400);
    const plain = await list(`?remoteStorageDeviceId=${DR}`);
    expect(plain.body.data).toHaveLength(1);
    expect(plain.body.data[0].copyPairs).toBeUndefined();
    const full = await list(`?remoteStorageDeviceId=${DR}&detailInfoType=pair`);
    expect(full.body.data[0].copyPairs).toHaveLength(3);
  });

  it('shows pairs one by one, and halves by LDEV without groups', async () => {
    const r = await rig();
    const pairs = 'remote-mirror-copypairs';
    const one = await r.admin.main.get(
      `${pairs}/${groupId('main', 'full', 'p1')}`,
      remoteOf(r, 'main'),
    );
    expect(one.body).toMatchObject({ copyPairName: 'p1', pvolLdevId: 1001 });
    const none = await r.admin.main.get(
      `${pairs}/${groupId('main', 'full', 'x')}`,
      remoteOf(r, 'main'),
    );
    expect(none.status).toBe(404);
    const list = await r.admin.dr.get(`${pairs}?remoteMirrorCopyGroupId=${groupId('dr', 'local')}`);
    expect(list.body.data).toHaveLength(3);
    const low = await r.admin.dr.get('remote-copypairs?replicationType=UR&headLdevId=2000&count=2');
    expect(low.body.data).toEqual(
      [2000, 2001].map((ldevId) => ({
        replicationType: 'UR',
        ldevId,
        remoteSerialNumber: 40014,
        remoteStorageTypeId: 'R9',
        remoteLdevId: ldevId - 1000,
        primaryOrSecondary: 'S-VOL',
        muNumber: 1,
        status: 'PAIR',
        serialNumber: 40015,
        storageTypeId: 'R9',
        isMainframe: false,
      })),
    );
    const much = await r.admin.dr.get('remote-copypairs?replicationType=UR&count=501');
    expect(much.status).toBe(400);
    expect((await r.admin.dr.get('remote-copypairs')).status).toBe(400);
  });

  it('tells what an action takes, or 412 in the wrong state', async () => {
    const r = await rig();
    const at = (site: 'main' | 'dr', action: string) =>
      r.admin[site].get(`${objects}/${groupId(site)}/actions/${action}`, remoteOf(r, site));
    expect((await at('main', 'split')).body.parameters).toHaveProperty('svolAccessMode', null);
    expect((await at('dr', 'resync')).status).toBe(412);
    expect((await at('main', 'takeover')).status).toBe(412);
  });
});

describe('bodies', () => {
  it.each([
    ['split', {}],
    ['split', { replicationType: 'SI' }],
    ['split', { replicationType: 'UR', mode: 'x' }],
    ['split', { replicationType: 'UR', svolOperationMode: 'SSWS', svolAccessMode: 'rw' }],
    ['resync', { replicationType: 'UR', copyPace: 16 }],
    ['takeover', { mode: 'swap' }],
    ['takeover', { replicationType: 'UR' }],
  ] as const)('%s refuses %j', async (action, parameters) => {
    const r = await rig();
    expect((await act(r, ['main', action], parameters)).status).toBe(400);
    expect(r.effects).toHaveLength(0);
  });

  it('of another type are jobs that fail, with both codes of the storage system', async () => {
    const r = await rig();
    const { status, body } = await act(r, ['main', 'split'], { replicationType: 'TC' });
    expect([status, body.state]).toEqual([202, 'Failed']);
    expect(body.error.messageId).toBe('KART30000-E');
    expect(body.error.errorCode).toHaveProperty('SSB1');
    expect(await state(r)).toBe('PAIR/PAIR');
  });

  it('with attributes of another type fail', async () => {
    const gad = await rig(plan({ type: 'GAD' }));
    const wish = { replicationType: 'GAD', doDataSuspend: true };
    expect((await act(gad, ['main', 'split'], wish)).body.state).toBe('Failed');
    expect((await act(gad, ['dr', 'takeover'], { mode: 'auto' })).body.state).toBe('Failed');
    const ur = await rig();
    const protect = { replicationType: 'UR', doPvolWriteProtect: true };
    expect((await act(ur, ['main', 'split'], protect)).body.state).toBe('Failed');
  });
});

describe('LDEVs of pairs', () => {
  it('carry the words of their pairs and are neither deleted nor written', async () => {
    const r = await rig();
    const of = async (id: number) => (await r.admin.dr.get(`ldevs/${id}`)).body.attributes;
    expect(await of(2000)).toEqual(expect.arrayContaining(['HORC']));
    expect(await of(2005)).not.toContain('HORC');
    expect(await of(900)).toContain('JNL');
    expect(() => r.dr.port.write(2000)).toThrow(/S-VOL of pair p0 in PAIR/);
    expect(() => r.dr.port.remove(2000)).toThrow(/S-VOL of pair p0/);
    r.main.port.write(1000);
  });
});
