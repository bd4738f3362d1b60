/**
 * The network switch of this machine: a site task writes into a zone file which site the name of a
 * service leads to, and that gateway answers from the file when it looks the name up. Each site has its
 * own: whichever is left can switch.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Site } from '../config.ts';

const DOMAIN = 'bank.example';
const ZONE = 'zone.txt';
const PROGRAM = join('tasks', 'switch-network');

/**
 * Lays program and zone into a gateway's folder; what gateway.yml says of them. `configFolder` has the
 * programs that are shipped. Nothing at a site that no service lies at.
 */
export function installSwitch(
  home: string,
  { config, site, configFolder }: { config: Config; site: Site; configFolder: string },
) {
  const services = config.services.filter(({ replication: { from, to } }) =>
    [from, to].includes(site.id),
  );
  const program = join(configFolder, PROGRAM);
  if (services.length === 0 || !existsSync(program)) return {};
  mkdirSync(join(home, 'tasks'), { recursive: true, mode: 0o700 });
  copyFileSync(program, join(home, PROGRAM));
  chmodSync(join(home, PROGRAM), 0o755);
  const lines = services.map(
    ({ id, replication }) => `${id}.${DOMAIN}. 60 IN CNAME ${replication.from}.${DOMAIN}.\n`,
  );
  writeFileSync(join(home, ZONE), lines.join(''), { mode: 0o600 });
  const run = [PROGRAM, ZONE, DOMAIN];
  const ends = services.flatMap(({ replication }) => [replication.from, replication.to]);
  return {
    dns: { names: services.map(({ id }) => `${id}.${DOMAIN}`), zone: ZONE },
    tasks: [
      {
        name: 'switch-network',
        run,
        args: {
          service: { type: 'string', enum: services.map(({ id }) => id) },
          to: { type: 'string', enum: [...new Set(ends)] },
        },
        ...{ class: 'data', within: '1m', undo: 'switch-network' },
        observe: [...run, '--look'],
      },
    ],
  };
}
