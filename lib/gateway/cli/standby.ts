/** `gateway standby`: a second host that follows this gateway's disk, and takes over as another. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GatewayError } from '../errors.ts';
import { systemFiles, writeWhole } from '../server/disk/files.ts';
import { STANDBY, shipDisk } from '../server/disk/ship.ts';
import { openDisk } from '../server/disk.ts';
import { loadGatewayFolder } from '../server/settings.ts';
import { type Command, readArgs, type Terminal } from './command.ts';
import { whileFree } from './two-people.ts';
import { repeat } from './upkeep.ts';

const help = `  export <folder> --to <folder>
      copies the disk and trust.yml once
  ship <folder> --to <folder> [--every <seconds>]
      goes on copying what is new; the other folder may be a mounted share, or use rsync --append
  take-over <folder>
      on the standby, with the other gateway stopped: makes this copy refuse everything until two
      people arm it as a new incarnation (\`gateway arm propose\`, \`sign\`, \`apply\`)

gateway.yml, clouds.yaml and key.pem are not copied: a standby has its own.`;

type Act = (args: readonly string[], terminal: Terminal) => Promise<void>;
const acts: Readonly<Record<string, Act>> = { export: exportOnce, ship, 'take-over': takeOver };

export const standby: Command = {
  name: 'standby',
  usage: 'export|ship|take-over <folder> …',
  about: 'a cold standby: ships the disk, and takes over as a new incarnation',
  help,
  run: async ([act = '', ...rest], terminal) => {
    const known = acts[act];
    if (known === undefined) throw new GatewayError('GW-USAGE', `There is no \`standby ${act}\`.`);
    await known(rest, terminal);
    return 0;
  },
};

async function exportOnce(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>'],
    options: { to: { type: 'string', default: '' } },
  });
  const bytes = await copy(words[0] ?? '', options.to);
  terminal.out(`${options.to}: ${bytes} bytes were new.`);
}

async function ship(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>'],
    options: {
      to: { type: 'string', default: '' },
      every: { type: 'string', default: '1' },
    },
  });
  const { clock, stop } = terminal;
  const everyMs = Number(options.every) * 1000;
  if (!(everyMs >= 100)) throw new GatewayError('GW-USAGE', '--every takes seconds, 0.1 or more.');
  const once = async () => {
    const bytes = await copy(words[0] ?? '', options.to);
    if (bytes > 0) terminal.out(`${bytes} bytes`);
  };
  await once();
  await repeat(once, { clock, stop, everyMs });
}

async function copy(from: string, to: string): Promise<number> {
  if (from === '' || to === '') throw new GatewayError('GW-USAGE', '--to names the other folder.');
  const trust = await readFile(join(from, 'trust.yml'));
  const bytes = await shipDisk({
    files: systemFiles,
    from: resolve(from, 'disk'),
    to: resolve(to, 'disk'),
  });
  // Read before the log: a start brings the file up to its log, and never the other way.
  await writeWhole(systemFiles, join(to, 'trust.yml'), trust);
  return bytes;
}

/** The copy may lack what the other gateway did last: it is treated as one that has forgotten. */
async function takeOver(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = readArgs(args, { words: ['<folder>'], options: {} });
  const path = words[0] ?? '';
  const { settings } = await loadGatewayFolder(path);
  const free = await whileFree(settings.listen, () => forget(path, settings.site, terminal));
  if (free) return;
  throw new GatewayError('GW-STANDBY', `A gateway serves from ${path}.`);
}

async function forget(path: string, site: string, terminal: Terminal): Promise<void> {
  const { clock, random, out } = terminal;
  const folder = join(path, 'disk');
  const disk = await openDisk({ folder, site, clock, random, say: out });
  try {
    const seen = { incarnation: disk.incarnation, counter: disk.count() + 1 };
    await disk.append({ type: 'amnesia', at: clock.now(), seen, by: STANDBY });
    out(
      `${disk.count()} lines of incarnation ${disk.incarnation} are here; what came later is not.`,
    );
    out('Nothing is sent from here until two people arm it: `gateway arm propose`.');
  } finally {
    await disk.close();
  }
}
