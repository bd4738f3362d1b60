/** The twin as a process of its own: `local.ts twin <state folder> <port base>`. */

import { join } from 'node:path';
import { type ClockSettings, scaledClock } from '../lib/clock.ts';
import { loadConfig } from '../lib/load-config.ts';
import { portsFrom, twinPorts } from '../lib/local/ports.ts';
import { scenarioIn } from '../lib/local/scenario.ts';
import { systemRandom } from '../lib/random.ts';
import { serveTwin } from '../lib/twin/serve.ts';
import { buildWorld } from '../lib/twin/world.ts';

async function main([role, state, base]: readonly string[]): Promise<void> {
  if (role !== 'twin' || state === undefined || base === undefined) {
    throw new Error('usage: local.ts twin <state folder> <port base>');
  }
  const settings = JSON.parse(process.env['DRILLBOOK_CLOCK'] ?? 'null') as ClockSettings | null;
  if (settings === null) throw new Error('DRILLBOOK_CLOCK is not set');
  const config = await loadConfig(join(state, 'config'));
  const world = buildWorld(config, scenarioIn(state, config), {
    clock: scaledClock(settings),
    random: systemRandom,
    folder: join(state, 'twin'),
  });
  const ports = twinPorts(config, portsFrom(Number(base)));
  const { urls } = await serveTwin(world, { ports });
  process.stdout.write(`twin listens, its control door at ${urls.control}\n`);
  process.once('SIGTERM', () => process.exit(0));
  process.once('disconnect', () => process.exit(0));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
