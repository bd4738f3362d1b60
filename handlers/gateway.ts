/**
 * The gateway of one site, as a process: `gateway.ts <folder>`. The port is its lock: two gateways
 * never write to one disk.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { scaledClock, systemClock } from '../lib/clock.ts';
import { openDisk } from '../lib/gateway/server/disk.ts';
import { createGateway, type RunningGateway } from '../lib/gateway/server/gateway.ts';
import { loadGatewayFolder } from '../lib/gateway/server/settings.ts';
import { type Http, networkHttp, serveHttp } from '../lib/http.ts';
import { systemRandom } from '../lib/random.ts';

const clockSchema = z.strictObject({
  realStartMs: z.number(),
  virtualStartMs: z.number(),
  factor: z.number().positive(),
});

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(path: string): Promise<void> {
  const folder = await loadGatewayFolder(path);
  const { site, listen } = folder.settings;
  const settings = process.env['DRILLBOOK_CLOCK'];
  const clock =
    settings === undefined ? systemClock() : scaledClock(clockSchema.parse(JSON.parse(settings)));
  const deps = { clock, random: systemRandom, say };

  // The port first, the disk after: until it is read the answer is none that anybody believes.
  let gateway: RunningGateway | undefined;
  const handle: Http = async (request) =>
    (await gateway?.handle(request)) ?? { status: 503, headers: {}, body: '' };
  const served = await serveHttp(handle, listen);
  const disk = await openDisk({ folder: join(path, 'disk'), site, ...deps });
  gateway = createGateway({ folder, http: networkHttp(), disk, ...deps });
  process.stdout.write(`gateway ${site} listens on ${served.url}\n`);

  const stop = async () => {
    await served.close();
    await gateway?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  // Started by another process of this machine: when that is gone, nobody is left behind.
  process.once('disconnect', () => void stop());
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  say('usage: gateway.ts <folder of the gateway>');
  process.exit(2);
}
main(folder).catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? ' Another gateway may run; stop it first.' : '';
  say(`gateway: ${error.message}${taken}`);
  process.exit(1);
});
