/**
 * The restored controller of this machine: a dump of main's rows, where their S-VOLs lie, and the site
 * task that is shipped as an example, with a loader that speaks to the twin.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Config } from '../config.ts';
import { twinMap } from '../twin/map.ts';
import type { Scenario } from '../twin/scenario.ts';
import type { LocalFolder } from './folder.ts';

const PROGRAMS = ['restore-controller', 'load-into-twin'];
const COLUMNS = ['id', 'display_name', 'size', 'bootable', 'host', 'status', 'provider_location'];

interface Twin {
  readonly config: Config;
  readonly scenario: Scenario;
  /** Its control door. */
  readonly door: string;
}

/** Into the folders of all gateways that such a service is copied to. */
export function installController(folder: LocalFolder, { config, scenario, door }: Twin): void {
  for (const { id, cloud } of config.sites) {
    const names = config.services
      .filter(({ atDr, replication }) => atDr === 'restored' && replication.to === id)
      .map((service) => service.id);
    if (names.length === 0) continue;
    const home = folder.gateway(id);
    const services = twinMap(config, scenario).services.filter((one) => names.includes(one.id));
    const rows = services.flatMap(({ from, volumes }) =>
      volumes.map(({ mainVolumeId, name, sizeGiB, bootable, pvol }) => [
        mainVolumeId,
        name,
        sizeGiB,
        Number(bootable),
        `cinder-${from}@hbsd#pool0`,
        'in-use',
        pvol,
      ]),
    );
    const places = services.flatMap(({ id: service, volumes }) =>
      volumes.map(({ mainVolumeId, svol }) => [service, mainVolumeId, svol]),
    );
    const lines = (table: readonly unknown[][]) =>
      table.map((row) => `${row.join('\t')}\n`).join('');
    writeFileSync(join(home, 'rows.tsv'), lines([COLUMNS, ...rows]), { mode: 0o600 });
    writeFileSync(join(home, 'locations.txt'), lines(places), { mode: 0o600 });
    layPrograms(home, folder.config, `${process.execPath} tasks/load-into-twin ${door} ${cloud}`);
    allow(join(home, 'gateway.yml'), `cinder-${id}@hbsd#pool0`, names);
  }
}

function layPrograms(home: string, config: string, loader: string): void {
  mkdirSync(join(home, 'tasks'), { recursive: true, mode: 0o700 });
  for (const name of PROGRAMS) {
    copyFileSync(join(config, 'tasks', name), join(home, 'tasks', name));
    chmodSync(join(home, 'tasks', name), 0o755);
  }
  writeFileSync(join(home, 'tasks', 'load-rows'), `#!/bin/sh\nexec ${loader}\n`, { mode: 0o755 });
}

/** Once: a gateway that has the task keeps it as it is. */
function allow(file: string, host: string, services: readonly string[]): void {
  const text = parseDocument(readFileSync(file, 'utf8'));
  const known = text.toJS() as { tasks?: readonly { name: string }[] };
  if (known.tasks?.some(({ name }) => name === 'restore-controller')) return;
  const run = ['tasks/restore-controller', 'rows.tsv', 'locations.txt', host, 'tasks/load-rows'];
  const args = { service: { type: 'string', enum: [...services] } };
  const task = { name: 'restore-controller', run, args, class: 'data', within: '1m' };
  text.setIn(['tasks'], [...(known.tasks ?? []), task]);
  writeFileSync(file, text.toString(), { mode: 0o600 });
}
