/** What all seeds share, made once in a process: configuration, keys, folders of the gateways. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../lib/config.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import { type GatewayFolder, loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { runbookShelf, titlesOf } from '../../lib/load-runbooks.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { portsFrom } from '../../lib/local/ports.ts';
import { copyConfig, provision } from '../../lib/local/provision.ts';
import { type DoorConfig, doorConfig } from '../../lib/slack/door-config.ts';
import { parseScenario, type Scenario } from '../../lib/twin/scenario.ts';
import { HOME_PROBE_ORIGIN, originOf, PROBE_ORIGIN } from '../../lib/twin/world.ts';
import { CONTROL_PLANE, type WorkerKeys } from '../../lib/worker.ts';
import { knownKeys, ownKeys } from './keys.ts';

export interface Foundation {
  readonly config: Config;
  readonly scenario: Scenario;
  readonly keys: WorkerKeys;
  readonly gateways: ReadonlyMap<string, GatewayFolder>;
  readonly door: DoorConfig;
  runbook(id: string): Promise<{ readonly file: string; readonly text: string }>;
}

let made: Promise<Foundation> | undefined;

export function foundation(): Promise<Foundation> {
  made ??= make();
  return made;
}

async function make(): Promise<Foundation> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'drillbook-sim-'));
  try {
    const folder = openFolder(join(root, 'state'), { fresh: false });
    cpSync('runbooks', join(root, 'runbooks'), { recursive: true });
    writeFileSync(join(root, 'runbooks', 'drill-undo.yml'), drillUndo());
    for (const id of ['switchover', 'failover']) withoutTask(join(root, 'runbooks', `${id}.yml`));
    copyConfig('config', folder, portsFrom(4700));
    const config = withOwnKeys(withAmbition(await loadConfig(folder.config)));
    const file = join(folder.config, 'twin.yml');
    const scenario = parseScenario({ file, text: readFileSync(file, 'utf8') });
    const inProcess = {
      array: (site: string) => originOf('array', site),
      cloud: (cloud: string) => originOf('cloud', cloud),
      probe: PROBE_ORIGIN,
      homeProbe: HOME_PROBE_ORIGIN,
    };
    provision(folder, config, loginsOf(config, scenario, inProcess));
    const gateways = new Map<string, GatewayFolder>();
    for (const { id } of config.sites) {
      gateways.set(id, withKnownKeys(await loadGatewayFolder(folder.gateway(id)), id));
    }
    const shelf = runbookShelf(join(root, 'runbooks'));
    const sources = new Map<string, { file: string; text: string }>();
    for (const id of await shelf.ids()) sources.set(id, await shelf.source(id));
    return {
      config,
      scenario,
      keys: {
        controlPlane: knownKeys(CONTROL_PLANE).privateKey,
        evidence: knownKeys('evidence').privateKey,
        gateways: Object.fromEntries(config.sites.map(({ id }) => [id, knownKeys(id).publicKey])),
      },
      gateways,
      door: doorConfig(config, await titlesOf(join(root, 'runbooks'))),
      runbook: async (id) => {
        const found = sources.get(id);
        if (found === undefined) throw new Error(`there is no runbook ${id}`);
        return found;
      },
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The same folder with keys that do not differ from process to process. */
function withKnownKeys(folder: GatewayFolder, site: string): GatewayFolder {
  const { trust } = folder;
  const { privateKey } = knownKeys(site);
  return {
    ...folder,
    key: { ...folder.key, privateKey, keyId: fingerprint(privateKey) },
    trust: {
      ...trust,
      controlPlanes: trust.controlPlanes.map((one) => ({
        ...one,
        publicKey: knownKeys(one.id).publicKey,
      })),
      peers: trust.peers.map((one) => ({ ...one, publicKey: knownKeys(one.site).publicKey })),
    },
  };
}

/** Who asks for drills here holds the role that approves: only the rule stands in the way. */
const withAmbition = (config: Config): Config => ({
  ...config,
  people: config.people.map((person) =>
    person.handle === 'kim' ? { ...person, roles: [...person.roles, 'dr-approver'] } : person,
  ),
});

/** Who may act has a key of their own: `ownKeys` of the handle. */
const withOwnKeys = (config: Config): Config => ({
  ...config,
  people: config.people.map((person) => {
    if (person.flags.length > 0) return person;
    const { publicKey } = ownKeys(person.handle);
    return { ...person, keys: [{ id: fingerprint(publicKey), publicKey }] };
  }),
});

/** A site task is a process of the machine and lives in its time: nobody can kill it by a seed. */
function withoutTask(file: string): void {
  const blocks = readFileSync(file, 'utf8').split(/\n(?= {2}- id: )/);
  const isKept = (block: string) => !/^ {2}- id: (network|name)\n/.test(block);
  writeFileSync(file, blocks.filter(isKept).join('\n'));
}

/** The drill on copies as somebody may write it who wants to take back step by step. */
function drillUndo(): string {
  const group = `"\${{ service.drill.group }}"`;
  const split = `with: { group: ${group}, atTime: true }\n`;
  return readFileSync('runbooks/drill-copy.yml', 'utf8')
    .replace('runbook: drill-copy\n', 'runbook: drill-undo\n')
    .replace(split, `${split}    undo: { uses: clone/resync, with: { group: ${group} } }\n`)
    .replace('  - id: boot\n', '  - id: boot\n    undo: { uses: servers/delete }\n')
    .replace('  - id: verify\n', '  - id: verify\n    on-failure: undo\n');
}
