/** The DR cloud of the twin, over HTTP in this process: laid out like the real one of the rig. */
import { manualClock } from '../../lib/clock.ts';
import { serveHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { createCloud } from '../../lib/twin/openstack/cloud.ts';
import { cloudSchema } from '../../lib/twin/openstack/seed.ts';
import { fakeArray } from '../twin/openstack/support.ts';
import { type Site, TWIN_SERVICES } from './site.ts';

const PROJECT = { name: 'drillbook', id: '29112735b5e94207a60d487fdd2c91a3' };
const operator = { username: 'drillbook', password: 'the operator of the twin' };
const member = { username: 'member', password: 'a member of the twin' };
const BACKEND = 'cinder-dr@file';
const TARGET = 'main';

const seed = cloudSchema.parse({
  name: 'dr',
  projects: [PROJECT],
  users: [
    {
      name: operator.username,
      password: operator.password,
      roles: { [PROJECT.name]: ['admin', 'member'] },
    },
    { name: member.username, password: member.password, roles: { [PROJECT.name]: ['member'] } },
  ],
  backends: [
    {
      ...{ host: BACKEND, arrayId: 'dr', zone: 'dr-az' },
      replicates: { backendId: TARGET, arrayId: TARGET },
    },
  ],
  volumeTypes: [
    { name: 'plain', extraSpecs: { volume_backend_name: 'file' } },
    {
      name: 'replicated',
      extraSpecs: { volume_backend_name: 'file', replication_enabled: '<is> True' },
    },
    { name: 'hbsd', extraSpecs: { volume_backend_name: 'hbsd' } },
  ],
  flavors: [
    { id: 'f-1', name: 'c1.m2', vcpus: 1, ramMiB: 2048 },
    { id: 'f-2', name: 'c4.m16', vcpus: 4, ramMiB: 16_384 },
  ],
  hosts: [{ name: 'compute-dr', zone: 'dr-az', site: 'dr' }],
  quotas: { volumes: 500, snapshots: 500, gigabytes: 500_000, instances: 200, cores: 2000 },
});

export async function twinSite(): Promise<Site> {
  const clock = manualClock();
  let url = '';
  const [array, other] = [fakeArray(), fakeArray()];
  const cloud = createCloud(seed, {
    arrays: { dr: array.port, [TARGET]: other.port },
    clock,
    random: seededRandom('contract'),
    baseUrl: () => url,
    onEffect: () => {},
    changed: () => {},
  });
  const served = await serveHttp(cloud.handle, { host: '127.0.0.1', port: 0 });
  url = served.url;
  return {
    kind: 'twin',
    authUrl: `${url}/identity/v3`,
    operator,
    member,
    project: PROJECT,
    services: TWIN_SERVICES,
    backend: `${BACKEND}#pool0`,
    backendId: TARGET,
    // Hitachi's driver finds it by the label that it gave the LDEV.
    referenceOf: (volume) => ({ 'source-name': volume.replaceAll('-', '') }),
    tokenCacheMs: 300_000,
    hands: {
      array: async (state) => {
        array.state.answers = state === 'answers';
      },
      otherArray: async (state) => {
        other.state.answers = state === 'answers';
      },
      kill: async () => cloud.fault('cinder-down', true),
      start: async () => cloud.fault('cinder-down', false),
      restartScheduler: async () => cloud.restart('cinder-scheduler'),
      rest: async () => {},
    },
    clock,
    close: served.close,
  };
}
