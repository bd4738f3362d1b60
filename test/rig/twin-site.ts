/** The rig's DR site once more, simulated: the same names, back end, types, flavors and quotas. */
import { manualClock } from '../../lib/clock.ts';
import { serveHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { createCloud } from '../../lib/twin/openstack/cloud.ts';
import { cloudSchema } from '../../lib/twin/openstack/seed.ts';
import { fakeArray } from '../twin/openstack/support.ts';
import type { CloudUnderTest } from './shell.ts';

const ZONE = 'dr-az';
const BACKEND = 'cinder-dr@file';
const TARGET = 'main';

const seed = cloudSchema.parse({
  name: 'dr',
  projects: [{ id: 'e30bbacca83d4cdfb9051f5859bd7237', name: 'drillbook' }],
  users: [
    {
      id: 'bfde9ee2e56d4d8d88327b54bd54c491',
      name: 'drillbook',
      password: 'secret',
      roles: { drillbook: ['admin', 'member'] },
    },
  ],
  backends: [
    {
      host: BACKEND,
      arrayId: 'dr',
      zone: ZONE,
      capacityGiB: 1_000_000,
      replicates: { backendId: TARGET, arrayId: 'main' },
    },
  ],
  // The first is the default.
  volumeTypes: [
    { name: 'plain', extraSpecs: { volume_backend_name: 'file' } },
    {
      name: 'replicated',
      extraSpecs: { volume_backend_name: 'file', replication_enabled: '<is> True' },
    },
    { name: 'hbsd', extraSpecs: { volume_backend_name: 'hbsd' } },
    { name: '__DEFAULT__', description: 'Default Volume Type' },
    { name: 'nowhere', extraSpecs: { volume_backend_name: 'nowhere' } },
  ],
  flavors: [
    { id: '0d5c1f5e-6f0b-4c0e-9d0e-3a1f0c4e7a11', name: 'c4.m16', vcpus: 4, ramMiB: 16_384 },
  ],
  hosts: [{ name: 'compute-dr', zone: ZONE, site: 'dr' }],
  quotas: { volumes: 500, snapshots: 500, backups: 500, gigabytes: 500_000 },
});

/** How far its clock moves with every request: its tasks end because clients ask. */
const STEP_MS = 100;

export async function serveTwinSite(): Promise<CloudUnderTest & { close(): Promise<void> }> {
  const clock = manualClock();
  let url = '';
  const cloud = createCloud(seed, {
    arrays: { dr: fakeArray().port, main: fakeArray().port },
    clock,
    random: seededRandom('clients'),
    baseUrl: () => url,
    onEffect: () => undefined,
    changed: () => undefined,
  });
  const served = await serveHttp(
    async (request) => {
      clock.advance(STEP_MS);
      return await cloud.handle(request);
    },
    { host: '127.0.0.1', port: 0 },
  );
  url = served.url;
  return {
    authUrl: `${url}/identity/v3`,
    username: 'drillbook',
    password: 'secret',
    project: 'drillbook',
    names: { backend: BACKEND, target: TARGET },
    close: served.close,
  };
}
