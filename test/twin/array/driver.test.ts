/** A volume's life as the Hitachi driver for OpenStack leads it, call by call. */
import { type ArrayClient, login, twoArrays } from '../array-support.ts';

const IQN = 'iqn.1993-08.org.debian:01:abc';
const TARGET = 'HBSD-10.0.0.5';
const PORTS = ['CL2-A', 'CL4-A'];

/** What the driver takes as success, and what it makes of the answer. */
async function add(client: ArrayClient, type: string, body: object): Promise<string> {
  const { status, body: job } = await client.done('POST', type, body);
  expect([status, job.status, job.state]).toEqual([202, 'Completed', 'Succeeded']);
  return job.affectedResources[0].split('/').at(-1);
}

async function invoke(client: ArrayClient, method: string, path: string, body?: object) {
  const { status, body: job } = await client.done(method, path, body);
  expect([status, job.status, job.state]).toEqual([202, 'Completed', 'Succeeded']);
}

async function create(client: ArrayClient, gib: number, label: string): Promise<number> {
  const wish = { byteFormatCapacity: `${gib}G`, poolId: 0, isParallelExecutionEnabled: true };
  const ldev = Number(await add(client, 'ldevs', wish));
  await invoke(client, 'PUT', `ldevs/${ldev}`, { label });
  return ldev;
}

/** The number of the target on a port; made when the host is in none. */
async function target(client: ArrayClient, portId: string): Promise<number> {
  const found = await client.get(`host-iscsis?portId=${portId}&hostGroupName=${TARGET}`);
  if (found.body.data.length > 0) return found.body.data[0].hostGroupNumber;
  const wish = { portId, hostGroupName: TARGET, iscsiName: `${IQN}.hbsd-target` };
  const gid = Number((await add(client, 'host-groups', wish)).split(',').at(-1));
  const modes = { hostMode: 'LINUX/IRIX', hostModeOptions: [83, 91] };
  await invoke(client, 'PUT', `host-groups/${portId},${gid}`, modes);
  await add(client, 'host-iscsis', { iscsiName: IQN, portId, hostGroupNumber: gid });
  return gid;
}

async function attach(client: ArrayClient, ldevId: number): Promise<number[]> {
  const luns: number[] = [];
  for (const portId of PORTS) {
    const hostGroupNumber = await target(client, portId);
    const same = luns[0] === undefined ? {} : { lun: luns[0] };
    const id = await add(client, 'luns', { portId, hostGroupNumber, ldevId, ...same });
    luns.push(Number(id.split(',').at(-1)));
  }
  return luns;
}

async function detach(client: ArrayClient, ldevId: number) {
  for (const { portId, hostGroupNumber, lun } of (await client.get(`ldevs/${ldevId}`)).body.ports) {
    await invoke(client, 'DELETE', `luns/${portId},${hostGroupNumber},${lun}`);
    const left = await client.get(`luns?portId=${portId}&hostGroupNumber=${hostGroupNumber}`);
    if (left.body.data.length > 0) continue;
    await invoke(client, 'DELETE', `host-groups/${portId},${hostGroupNumber}`);
  }
}

it('creates, extends, attaches, detaches, renames and deletes', async () => {
  const { main } = twoArrays();
  const client = await login(main, 'cinder');
  const ports = await client.get('ports?portType=ISCSI&portAttributes=TAR');
  expect(ports.body.data.map(({ portId }: { portId: string }) => portId)).toEqual(PORTS);
  const first = await create(client, 2, 'first');
  const more = { parameters: { additionalByteFormatCapacity: '2G' } };
  await invoke(client, 'PUT', `ldevs/${first}/actions/expand/invoke`, more);
  const second = await create(client, 2, 'second');
  expect(await attach(client, first)).toEqual([0, 0]);
  expect(await attach(client, second)).toEqual([1, 1]);
  await detach(client, first);
  expect((await client.get(`host-groups?portId=CL2-A`)).body.data).toHaveLength(2);
  await detach(client, second);
  expect((await client.get(`host-groups?portId=CL2-A`)).body.data).toHaveLength(1);
  expect((await client.get(`ldevs/${first}`)).body).toMatchObject({
    label: 'first',
    numOfPorts: 0,
    blockCapacity: 4 * 2_097_152,
    attributes: ['CVS', 'HDP'],
  });
  for (const ldev of [first, second]) {
    await invoke(client, 'DELETE', `ldevs/${ldev}`);
    expect((await client.get(`ldevs/${ldev}`)).body.emulationType).toBe('NOT DEFINED');
  }
});

it('makes fifty volumes at once, each with a number of its own', async () => {
  const { main } = twoArrays();
  const client = await login(main, 'cinder');
  const names = Array.from({ length: 50 }, (_, i) => `volume-${i}`);
  const ldevs = await Promise.all(names.map((name) => create(client, 1, name)));
  expect(new Set(ldevs).size).toBe(50);
  const { data } = (await client.get('ldevs?headLdevId=0&ldevOption=dpVolume&count=16384')).body;
  const labels = data.map(({ label }: { label: string }) => label);
  expect(names.filter((name) => !labels.includes(name))).toEqual([]);
});

it('goes on after an outage with a new session', async () => {
  const { main } = twoArrays();
  const client = await login(main, 'cinder');
  main.parts.faults.add('management-cut');
  await expect(create(client, 1, 'one')).rejects.toThrow('connection was closed');
  main.parts.faults.delete('management-cut');
  main.parts.faults.add('sessions-lost');
  expect((await client.get(`sessions/${client.sessionId}`)).status).toBe(401);
  const again = await login(main, 'cinder');
  expect(await create(again, 1, 'one')).toBe(0);
});
