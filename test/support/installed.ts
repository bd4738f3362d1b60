/** A house as it was installed, of which nothing runs: configuration, keys and gateway folders. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../lib/load-config.ts';
import type { LocalFolder } from '../../lib/local/folder.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { portsFrom } from '../../lib/local/ports.ts';
import { copyConfig, provision } from '../../lib/local/provision.ts';
import { parseScenario } from '../../lib/twin/scenario.ts';

export async function install(folder: LocalFolder): Promise<void> {
  copyConfig('config', folder, portsFrom(4700));
  const config = await loadConfig(folder.config);
  const twin = join(folder.config, 'twin.yml');
  const scenario = parseScenario({ file: twin, text: readFileSync(twin, 'utf8') });
  const nowhere = () => 'http://127.0.0.1:1';
  const at = { array: nowhere, cloud: nowhere, probe: nowhere(), homeProbe: nowhere() };
  provision(folder, config, loginsOf(config, scenario, at));
}
