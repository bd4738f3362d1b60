/** Everything that is looked at, in the order in which it is told. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Http, networkHttp } from '../../../http.ts';
import { loadGatewayFolder } from '../../server/settings.ts';
import { openTargets } from '../../server/targets/index.ts';
import type { Terminal } from '../command.ts';
import { checkDisk } from './disk.ts';
import { type Finding, found } from './finding.ts';
import { checkCertificate, checkLog, checkModes, checkTasks, checkTrust, tlsOf } from './folder.ts';
import { checkHost, type HostFacts } from './host.ts';
import { checkChanges, checkOthers, checkTargets } from './reach.ts';
import { checkArrayRights, checkCloudRights } from './rights.ts';

export interface Checked {
  readonly site: string;
  readonly findings: readonly Finding[];
}

/** Rejects when the configuration cannot be read: there is nothing to check then. */
export async function checkGateway(options: {
  readonly path: string;
  readonly host: HostFacts;
  readonly terminal: Pick<Terminal, 'clock' | 'random'>;
  /** To arrays and clouds, and to peers and the control plane. */
  readonly http?: Http;
}): Promise<Checked> {
  const { path, host, terminal, http = networkHttp() } = options;
  const { clock, random } = terminal;
  const folder = await loadGatewayFolder(path);
  const { settings, cloud } = folder;
  const disk = join(path, 'disk');
  const tls = await tlsOf(path, folder).catch(() => undefined);
  const peerHttp = options.http ?? networkHttp({ tls: () => tls });
  const targets = openTargets(folder, { http, clock });
  const nova = targets.find(`nova:${settings.cloud}`);
  const arrays = settings.arrays.map(({ storageDeviceId }) => storageDeviceId);
  try {
    const findings = [
      await checkModes(path),
      checkTrust(folder),
      checkTasks(folder),
      await found('certificate', () => checkCertificate(path, folder, clock.now())),
      await found('disk', async () => {
        await mkdir(disk, { recursive: true, mode: 0o700 });
        return checkDisk(disk, random);
      }),
      await found('log', () => checkLog(path, folder)),
      await checkTargets(settings, targets, clock),
      await checkChanges(settings, targets, { http, clock }),
      await checkOthers(settings, { http, peerHttp, clock }),
      ...(await Promise.all(
        settings.arrays.map((array) =>
          checkArrayRights(array, targets.find(`array:${array.storageDeviceId}`)),
        ),
      )),
      await checkCloudRights({ name: settings.cloud, login: cloud }, http),
      await checkHost(host, { arrays, nova }),
    ];
    return { site: settings.site, findings: findings.flat() };
  } finally {
    await targets.close();
  }
}
