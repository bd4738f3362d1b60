/** Packs the Slack door's part of the configuration: checked here, so that the door parses no YAML. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { loadConfig } from '../lib/load-config.ts';
import { textSchema } from '../lib/runbook/plan.ts';
import { type DoorConfig, doorConfig } from '../lib/slack/door-config.ts';
import { readYaml } from '../lib/yaml.ts';

const headline = z.object({ runbook: z.string(), title: textSchema });

/** What `dist/config.json` holds. Throws SourceError with file, line and column for bad files. */
export async function packDoorConfig(
  configFolder: string,
  runbookFolder: string,
): Promise<{ allowedRegions: string[]; door: DoorConfig }> {
  const config = await loadConfig(configFolder);
  const names = (await readdir(runbookFolder)).filter((name) => name.endsWith('.yml')).sort();
  const runbooks = await Promise.all(
    names.map(async (name) => {
      const file = path.join(runbookFolder, name);
      const { value } = readYaml({ file, text: await readFile(file, 'utf8') });
      const { runbook, title } = headline.parse(value);
      return { id: runbook, title };
    }),
  );
  return { allowedRegions: config.policy.allowedRegions, door: doorConfig(config, runbooks) };
}
