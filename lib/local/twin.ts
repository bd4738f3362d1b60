/** `npm run twin`: the simulated centres alone, for whoever writes software for such arrays and clouds. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Clock } from '../clock.ts';
import { nearest } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { systemRandom } from '../random.ts';
import { parseCentres } from '../twin/centres.ts';
import { type Authority, authorityFrom, makeAuthority } from '../twin/doors/authority.ts';
import { scenarioFor } from '../twin/house-scenario.ts';
import { serveTwin, type TwinPorts } from '../twin/serve.ts';
import { buildWorld, createWorld, type TwinWorld } from '../twin/world.ts';
import { LocalError, type LocalFolder, openFolder } from './folder.ts';
import type { Screen } from './progress.ts';
import { houseTime } from './time.ts';
import { linesOf, TWIN_HELP, type Welcome } from './twin-words.ts';

const SCENARIOS = 'config/twin';
const options = {
  scenario: { type: 'string', default: `${SCENARIOS}/two-centres.yml` },
  port: { type: 'string', default: '4800' },
  tls: { type: 'boolean', default: false },
  folder: { type: 'string', default: '.drillbook/twin' },
  new: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  speed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Stays up until it is stopped. Throws LOCAL-USAGE, LOCAL-PORT, and what a scenario has wrong. */
export async function runTwin(
  args: readonly string[],
  screen: Screen,
  stopped: AbortSignal,
): Promise<number> {
  const wish = parsed(args);
  if (wish.help) {
    screen.write(`${TWIN_HELP}\n`);
    return 0;
  }
  const make = await makerOf(scenarioFile(wish.scenario));
  const speed = number(wish.speed, { name: '--speed', from: 0.01, to: 100_000 });
  const port = number(wish.port, { name: '--port', from: 1024, to: 65_000 });
  const folder = openFolder(wish.folder, { fresh: wish.new, rooms: ['keys', 'twin'] });
  const time = houseTime(folder, speed);
  try {
    // Tells a later --new that this folder is one of ours.
    folder.write('seed', wish.scenario);
    const world = make({ clock: time.clock, folder: folder.twin });
    if (!wish.tls) refuseExpiry(world);
    const authority = wish.tls ? authorityIn(folder) : undefined;
    const served = await serve(world, { ports: portsOf(world, port), authority });
    const ca = authority === undefined ? undefined : join(folder.keys, 'ca.pem');
    const welcome: Welcome = { scenario: wish.scenario, urls: served.urls, ca, world };
    screen.write(`${linesOf(welcome, wish.json).join('\n')}\n`);
    await stop(stopped);
    await served.close();
    if (!wish.json) screen.write('\nStopped. Nothing is lost: the same command goes on.\n');
    return 0;
  } finally {
    time.stop();
    folder.close();
  }
}

/** The control door refuses it too: what has no certificate cannot let one expire. */
function refuseExpiry(world: TwinWorld): void {
  if (!world.faultsOn().some(({ name }) => name === 'certificate-expired')) return;
  const why = 'The fault certificate-expired is on; it needs --tls.';
  throw new LocalError('LOCAL-USAGE', 'No port here has a certificate.', { why });
}

const stop = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError('LOCAL-USAGE', 'The options are not understood.', { why, cause });
  }
}

function number(text: string, { name, from, to }: { name: string; from: number; to: number }) {
  const value = Number(text);
  if (value >= from && value <= to) return value;
  throw new LocalError('LOCAL-USAGE', `${name} ${text} cannot be.`, {
    why: `From ${from} to ${to}.`,
  });
}

/** A path, or the name of one that is shipped. */
function scenarioFile(typed: string): string {
  const named = join(SCENARIOS, `${typed}.yml`);
  const found = [typed, named].find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (found !== undefined) return found;
  const shipped = readdirSync(SCENARIOS).map((name) => basename(name, '.yml'));
  const near = nearest(basename(typed, '.yml'), shipped);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new LocalError('LOCAL-USAGE', `There is no scenario ${typed}.`, {
    why: `Shipped are ${shipped.join(', ')}.${hint}`,
  });
}

type Maker = (deps: { readonly clock: Clock; readonly folder: string }) => TwinWorld;

/** Whole centres, or what `config/twin.yml` adds to the configuration that lies beside it. */
async function makerOf(file: string): Promise<Maker> {
  const source = { file, text: readFileSync(file, 'utf8') };
  if (/^scenario:/m.test(source.text)) {
    const config = await loadConfig(dirname(file));
    const scenario = scenarioFor(config, source);
    return (deps) => buildWorld(config, scenario, { ...deps, random: systemRandom });
  }
  const centres = parseCentres(source);
  return (deps) => createWorld(centres, { ...deps, random: systemRandom });
}

/** In a row: control door, probe, arrays, clouds, the probe at home. */
function portsOf({ doors }: TwinWorld, base: number): TwinPorts {
  const numbered = doors.map(({ kind, name }, i) => ({ kind, name, port: base + 2 + i }));
  const of = (wished: string) =>
    Object.fromEntries(
      numbered.filter(({ kind }) => kind === wished).map(({ name, port }) => [name, port]),
    );
  const homeProbe = base + 2 + doors.length;
  return { control: base, probe: base + 1, homeProbe, arrays: of('array'), clouds: of('cloud') };
}

async function serve(
  world: TwinWorld,
  how: { ports: TwinPorts; authority: Authority | undefined },
) {
  try {
    return await serveTwin(world, how);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw cause;
    throw new LocalError('LOCAL-PORT', 'A port is taken.', { why: `${message}.`, cause });
  }
}

/** Made once: whoever trusts it goes on trusting it. */
function authorityIn(folder: LocalFolder): Authority {
  const [certFile, keyFile] = [join(folder.keys, 'ca.pem'), join(folder.keys, 'ca.key.pem')];
  if (!existsSync(keyFile)) {
    const made = makeAuthority(systemRandom);
    writeFileSync(certFile, made.cert);
    writeFileSync(keyFile, made.key, { mode: 0o600 });
  }
  const kept = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  return authorityFrom(kept, systemRandom);
}
