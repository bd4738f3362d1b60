/** Host groups, who is in them, LU paths, CHAP users. */
import { type ArrayClient, login, twoArrays } from '../array-support.ts';

const WWN = '0123456789abcdef';
const IQN = 'iqn.1993-08.org.debian:01:abc';

async function bench() {
  const { main } = twoArrays();
  return login(main);
}

async function end(client: ArrayClient, how: readonly [string, string, unknown?]) {
  const { body } = await client.done(...how);
  return [body.state, body.error?.errorCode ?? body.affectedResources?.[0].split('/').at(-1)];
}

const group = (portId: string, hostGroupName: string, more = {}) =>
  ['POST', 'host-groups', { portId, hostGroupName, ...more }] as const;

describe('host groups', () => {
  it('are there on every port, and in the list of it', async () => {
    const client = await bench();
    const names = async (query: string) =>
      (await client.get(`host-groups${query}`)).body.data.map(
        ({ hostGroupName }: { hostGroupName: string }) => hostGroupName,
      );
    expect(await names('')).toEqual(['1A-G00', '2A-G00', '3A-G00', '4A-G00', 'DRILLBOOK-PAIR']);
    expect(await names('?portId=CL1-A')).toEqual(['1A-G00', 'DRILLBOOK-PAIR']);
    expect(await names('?portId=CL1-A&hostGroupName=other')).toEqual([]);
  });

  it('are made with the lowest free number, changed, deleted with their paths', async () => {
    const client = await bench();
    expect(await end(client, group('CL1-A', 'HBSD-one'))).toEqual(['Succeeded', 'CL1-A,2']);
    await client.done('PATCH', 'host-groups/CL1-A,2', {
      hostMode: 'VMWARE_EX',
      hostModeOptions: [54, 63],
    });
    expect((await client.get('host-groups/CL1-A,2')).body).toEqual({
      hostGroupId: 'CL1-A,2',
      portId: 'CL1-A',
      hostGroupNumber: 2,
      hostGroupName: 'HBSD-one',
      hostMode: 'VMWARE_EX',
      hostModeOptions: [54, 63],
      resourceGroupId: 0,
    });
    await client.done('PATCH', 'host-groups/CL1-A,2', { hostMode: 'AIX', hostModeOptions: [-1] });
    expect((await client.get('host-groups/CL1-A,2')).body).not.toHaveProperty('hostModeOptions');
    await client.done('POST', 'luns', { portId: 'CL1-A', hostGroupNumber: 2, ldevId: 1000 });
    expect((await client.get('ldevs/1000')).body.numOfPorts).toBe(2);
    expect((await end(client, ['DELETE', 'host-groups/CL1-A,2']))[0]).toBe('Succeeded');
    expect((await client.get('ldevs/1000')).body.numOfPorts).toBe(1);
    expect((await client.get('host-groups/CL1-A,2')).body.messageId).toBe('KART30013-E');
  });

  it('on iSCSI ports are targets with a name', async () => {
    const client = await bench();
    await client.done(...group('CL2-A', 'HBSD-10.0.0.5', { iscsiName: `${IQN}.hbsd-target` }));
    await client.done(...group('CL2-A', 'other'));
    expect((await client.get('host-groups/CL2-A,1')).body.iscsiName).toBe(`${IQN}.hbsd-target`);
    expect((await client.get('host-groups/CL2-A,2')).body.iscsiName).toMatch(/^iqn\.1994-04\.jp\./);
    expect((await client.get('host-groups/CL2-A,0')).body.iscsiName).toMatch(/^iqn\.1994-04\.jp\./);
    await client.done('PATCH', 'host-groups/CL2-A,2', { iscsiName: 'iqn.2026.org:t' });
    expect((await client.get('host-groups/CL2-A,2')).body.iscsiName).toBe('iqn.2026.org:t');
    const wrong = await client.send(...group('CL1-A', 'x', { iscsiName: IQN }));
    expect(wrong.status).toBe(400);
  });

  it('have one name and one number each, on a port that is there', async () => {
    const client = await bench();
    expect((await end(client, group('CL1-A', 'DRILLBOOK-PAIR')))[0]).toBe('Failed');
    expect((await end(client, group('CL1-A', 'x', { hostGroupNumber: 1 })))[0]).toBe('Failed');
    expect((await end(client, group('CL3-A', 'DRILLBOOK-PAIR')))[0]).toBe('Succeeded');
    expect((await client.send(...group('CL8-A', 'x'))).status).toBe(404);
    expect((await client.send('POST', 'host-groups', { name: 'x' })).status).toBe(400);
    expect((await client.send('PATCH', 'host-groups/CL1-A,1', {})).status).toBe(400);
    const alone = { hostModeOptions: [91] };
    expect((await client.send('PATCH', 'host-groups/CL1-A,1', alone)).status).toBe(400);
  });

  it('are 255 on a port', async () => {
    const client = await bench();
    for (let n = 2; n <= 254; n++) await client.send(...group('CL1-A', `g${n}`));
    const { body } = await client.done(...group('CL1-A', 'one-more'));
    expect(body.error.message).toBe('could not find empty Host group ID for adding.');
  });
});

describe('members', () => {
  it.each([
    ['host-wwns', 'CL1-A', 1, 'hostWwn', WWN, 'hostWwnId', 'wwnNickname'],
    ['host-iscsis', 'CL2-A', 0, 'iscsiName', IQN, 'hostIscsiId', 'iscsiNickname'],
  ])('%s', async (type, portId, hostGroupNumber, field, name, idField, nickname) => {
    const client = await bench();
    const wish = { portId, hostGroupNumber, [field]: name };
    expect(await end(client, ['POST', type, wish])).toEqual([
      'Succeeded',
      `${portId},${hostGroupNumber},${name}`,
    ]);
    const by = async (query: string) =>
      (await client.get(`${type}?portId=${portId}&${query}`)).body;
    const { data } = await by(`hostGroupNumber=${hostGroupNumber}`);
    expect(data).toMatchObject([
      { [idField]: `${portId},${hostGroupNumber},${name}`, [field]: name, [nickname]: '-' },
    ]);
    expect((await by(`hostGroupName=${data[0].hostGroupName}`)).data).toEqual(data);
    expect((await by('hostGroupName=unknown')).data).toEqual([]);
    expect((await client.get(`${type}?portId=${portId}`)).status).toBe(400);
    const one = `${type}/${portId},${hostGroupNumber},${name}`;
    await client.done('PATCH', one, { [nickname]: 'compute1' });
    expect((await client.get(one)).body[nickname]).toBe('compute1');
    expect((await end(client, ['POST', type, wish]))[0]).toBe('Failed');
    expect((await end(client, ['DELETE', one]))[0]).toBe('Succeeded');
    expect((await client.get(one)).status).toBe(404);
  });

  it('belong to ports of their kind', async () => {
    const client = await bench();
    const wwn = { portId: 'CL2-A', hostGroupNumber: 0, hostWwn: WWN };
    expect((await client.send('POST', 'host-wwns', wwn)).status).toBe(404);
    const iqn = { portId: 'CL1-A', hostGroupNumber: 0, iscsiName: IQN };
    expect((await client.send('POST', 'host-iscsis', iqn)).status).toBe(404);
    const wrong = { portId: 'CL1-A', hostGroupNumber: 0, hostWwn: 'xyz' };
    expect((await client.send('POST', 'host-wwns', wrong)).status).toBe(400);
  });

  it('are 255 in a group', async () => {
    const client = await bench();
    const add = (n: number) =>
      client.done('POST', 'host-wwns', {
        portId: 'CL1-A',
        hostGroupNumber: 1,
        hostWwn: n.toString(16).padStart(16, '0'),
      });
    for (let n = 1; n <= 255; n++) await add(n);
    expect((await add(256)).body.error.errorCode).toEqual({ SSB1: 'B957', SSB2: '4184' });
  });
});

describe('CHAP users of a target', () => {
  const id = 'chap-users/CL2-A,0,INI,cinder';
  const user = { portId: 'CL2-A', hostGroupNumber: 0, chapUserName: 'cinder' };

  it('are made, given a secret that is never shown, deleted', async () => {
    const client = await bench();
    await client.done('POST', 'chap-users', user);
    const secret = { chapPassword: 'twelve-characters' };
    expect((await client.done('PATCH', id, secret)).body.state).toBe('Succeeded');
    expect((await client.done('POST', 'chap-users', user)).body.state).toBe('Failed');
    const { data } = (await client.get('chap-users?portId=CL2-A&hostGroupNumber=0')).body;
    expect(data).toEqual([
      {
        chapUserId: 'CL2-A,0,INI,cinder',
        ...user,
        hostGroupName: '2A-G00',
        wayOfChapUser: 'INI',
      },
    ]);
    expect((await client.get(id)).body).toEqual(data[0]);
    await client.done('DELETE', id);
    expect((await client.get(id)).status).toBe(404);
    expect((await client.send('PATCH', id, { chapPassword: 'short' })).status).toBe(400);
    const fibre = { ...user, portId: 'CL1-A' };
    expect((await client.send('POST', 'chap-users', fibre)).status).toBe(404);
  });
});

describe('LU paths', () => {
  it('are shown by port and host group, whichever came first, also after a restart', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    await client.done('POST', 'ldevs', { ldevId: 700, poolId: 0, byteFormatCapacity: '1G' });
    for (const portId of ['CL3-A', 'CL1-A']) {
      await client.done('POST', 'luns', { portId, hostGroupNumber: 0, ldevId: 700 });
    }
    const shown = async () =>
      (await client.get('ldevs/700')).body.ports.map(({ portId }: { portId: string }) => portId);
    expect(await shown()).toEqual(['CL1-A', 'CL3-A']);
    main.restore(JSON.parse(JSON.stringify(main.snapshot())));
    expect(await shown()).toEqual(['CL1-A', 'CL3-A']);
  });

  const lun = (more: object) => ['POST', 'luns', { hostGroupNumber: 1, ...more }] as const;

  it('take the lowest free number or the one that is asked for', async () => {
    const client = await bench();
    await client.done(...group('CL1-A', 'one'));
    const wish = (more: object) => lun({ portId: 'CL1-A', hostGroupNumber: 2, ...more });
    expect(await end(client, wish({ ldevId: 1000 }))).toEqual(['Succeeded', 'CL1-A,2,0']);
    expect(await end(client, wish({ ldevId: 1001, lun: 9 }))).toEqual(['Succeeded', 'CL1-A,2,9']);
    expect(await end(client, wish({ ldevId: 1002 }))).toEqual(['Succeeded', 'CL1-A,2,1']);
    await client.done('DELETE', 'luns/CL1-A,2,0');
    expect(await end(client, wish({ ldevId: 1003 }))).toEqual(['Succeeded', 'CL1-A,2,0']);
    const { data } = (await client.get('luns?portId=CL1-A&hostGroupNumber=2')).body;
    expect(data).toMatchObject([
      { lunId: 'CL1-A,2,0', lun: 0, ldevId: 1003, hostMode: 'LINUX/IRIX', isCommandDevice: false },
      { lunId: 'CL1-A,2,1', lun: 1, ldevId: 1002 },
      { lunId: 'CL1-A,2,9', lun: 9, ldevId: 1001 },
    ]);
    expect((await client.get('luns/CL1-A,2,9')).body.ldevId).toBe(1001);
    const basic = await client.get(
      'luns?portId=CL1-A&hostGroupNumber=2&isBasicLunInformation=True',
    );
    expect(basic.body.data[0]).toEqual({
      lunId: 'CL1-A,2,0',
      portId: 'CL1-A',
      hostGroupNumber: 2,
      lun: 0,
      ldevId: 1003,
    });
  });

  it('are refused when the LDEV is there already, or another one is', async () => {
    const client = await bench();
    expect(await end(client, lun({ portId: 'CL1-A', ldevId: 1000 }))).toEqual([
      'Failed',
      { SSB1: 'B958', SSB2: '015A' },
    ]);
    await client.done(...group('CL1-A', 'one'));
    const second = { portId: 'CL1-A', hostGroupNumber: 2, lun: 0 };
    await client.done(...lun({ ...second, ldevId: 1000 }));
    expect(await end(client, lun({ ...second, ldevId: 1001 }))).toEqual([
      'Failed',
      { SSB1: 'B958', SSB2: '0947' },
    ]);
  });

  it('go through several ports under one number', async () => {
    const client = await bench();
    await client.done(...group('CL3-A', 'one'));
    const { body } = await client.done(
      ...lun({ portIds: ['CL1-A', 'CL3-A'], hostGroupNumber: 0, ldevId: 1000 }),
    );
    expect(body.affectedResources).toEqual([
      '/ConfigurationManager/v1/objects/luns/CL1-A,0,0',
      '/ConfigurationManager/v1/objects/luns/CL3-A,0,0',
    ]);
    const next = await client.done(
      ...lun({ portIds: ['CL3-A', 'CL1-A'], hostGroupNumber: 1, ldevId: 1003 }),
    );
    expect(next.body.error.errorCode).toEqual({ SSB1: 'B958', SSB2: '015A' });
  });

  it.each([
    [400, { ldevId: 1000 }],
    [400, { portId: 'CL1-A', portIds: ['CL1-A'], ldevId: 1000 }],
    [400, { portId: 'CL1-A', ldevId: 1000, lun: 2048 }],
    [404, { portId: 'CL1-A', ldevId: 1, lun: 7 }],
    [404, { portId: 'CL1-A', hostGroupNumber: 9, ldevId: 1000 }],
    [404, { portId: 'CL9-A', ldevId: 1000 }],
  ])('%i for %j', async (status, more) => {
    const client = await bench();
    expect((await client.send(...lun(more))).status).toBe(status);
  });

  it('want to be asked for by port and group', async () => {
    const client = await bench();
    expect((await client.get('luns')).status).toBe(400);
    expect((await client.get('luns?portId=CL1-A')).status).toBe(400);
    expect((await client.get('luns?portId=CL1-A&hostGroupNumber=1')).body.data).toHaveLength(4);
    expect((await client.get('luns/CL1-A,1,99')).body.messageId).toBe('KART30013-E');
    expect((await client.send('DELETE', 'luns/CL1-A,1,99')).body.messageId).toBe('KART30013-E');
  });
});
