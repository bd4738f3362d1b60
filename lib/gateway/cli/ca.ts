/**
 * `gateway ca`: a certificate authority for mutual TLS between control plane and gateways, with Node
 * alone. Its folder belongs on a machine that is neither; whoever has `ca.key.pem` can let anybody in.
 */
import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { iso } from '../../clock.ts';
import { type Holder, type Identity, issue, makeAuthority } from '../../x509/authority.ts';
import { type Use, uses, type Validity } from '../../x509/certificate.ts';
import { GatewayError } from '../errors.ts';
import { expiryWords, lifeOf } from '../tls/files.ts';
import { type Command, type ExitCode, readArgs, type Terminal } from './command.ts';

const DAY_MS = 86_400_000;
/** Clocks that are a little behind still believe a new certificate. */
const BEFORE_MS = 3_600_000;

const help = `  new <folder> [--name <text>] [--days 3650]
      a new authority: ca.pem, and ca.key.pem with mode 0600
  issue <folder> <name> [--host <name or address>]… [--days 365]
      <name>.pem and <name>.key.pem; with --host for a door, without for a client only.
      <name> is gateway-<site> for a gateway and the id in trust.yml for a control plane
  renew <folder> <name>
      the same again with a new key and as long a time
  show <folder>
      what is there, for whom, and until when

Copy <name>.pem, <name>.key.pem and ca.pem to their places; a running gateway takes them within a
minute, or at once with SIGHUP.`;

type Act = (args: readonly string[], terminal: Terminal) => Promise<void>;
const acts: Readonly<Record<string, Act>> = { new: makeNew, issue: issueOne, renew, show };

export const ca: Command = {
  name: 'ca',
  usage: 'new|issue|renew|show <folder> …',
  about: 'makes the certificates for TLS between control plane and gateways',
  help,
  run: async ([act = '', ...rest], terminal): Promise<ExitCode> => {
    const known = acts[act];
    if (known === undefined) throw new GatewayError('GW-USAGE', `There is no \`ca ${act}\`.`);
    await known(rest, terminal);
    return 0;
  },
};

async function makeNew(args: readonly string[], { clock, random, out }: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>'],
    options: {
      name: { type: 'string', default: 'Drillbook CA' },
      days: { type: 'string', default: '3650' },
    },
  });
  const folder = words[0] ?? '';
  const time = lasting(options.days, clock.now());
  const made = makeAuthority({ name: options.name, ...time }, random);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await keep(folder, { name: 'ca', identity: made });
  out(`${join(folder, 'ca.pem')}: ${options.name}, until ${iso(time.until)}`);
}

async function issueOne(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>', '<name>'],
    options: {
      host: { type: 'string', multiple: true, default: [] },
      days: { type: 'string', default: '365' },
    },
  });
  const [folder = '', name = ''] = words;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || name === 'ca') {
    const what = `${name} is no name: lower-case letters, digits and hyphens.`;
    throw new GatewayError('GW-USAGE', what);
  }
  const hosts = options.host;
  // A gateway calls its peer too: what opens a door may also knock on one.
  const wanted: Use[] = hosts.length === 0 ? ['client'] : ['server', 'client'];
  const time = lasting(options.days, terminal.clock.now());
  await give(folder, { holder: { name, hosts, uses: wanted, ...time }, terminal });
}

async function renew(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = readArgs(args, { words: ['<folder>', '<name>'], options: {} });
  const [folder = '', name = ''] = words;
  const old = await read(join(folder, `${name}.pem`));
  const { from, until } = lifeOf(old);
  const now = terminal.clock.now();
  const time = { from: now - BEFORE_MS, until: now - BEFORE_MS + (until - from) };
  const holder = { name, ...holderOf(new X509Certificate(old)), ...time };
  await give(folder, { holder, terminal, again: true });
}

function holderOf(cert: X509Certificate): Pick<Holder, 'hosts' | 'uses'> {
  const names = (cert.subjectAltName ?? '').split(', ').filter((one) => one !== '');
  const wanted = Object.keys(uses) as Use[];
  return {
    hosts: names.map((one) => one.replace(/^(DNS|IP Address):/, '').toLowerCase()),
    uses: wanted.filter((use) => cert.keyUsage?.includes(uses[use])),
  };
}

async function show(args: readonly string[], { clock, out }: Terminal): Promise<void> {
  const { words } = readArgs(args, { words: ['<folder>'], options: {} });
  const folder = words[0] ?? '';
  const files = (await readdir(folder)).filter((file) => /(?<!\.key)\.pem$/.test(file));
  for (const file of files.sort()) {
    const pem = await read(join(folder, file));
    const { name, until } = lifeOf(pem);
    const { hosts } = holderOf(new X509Certificate(pem));
    const where = hosts.length === 0 ? '' : `, ${hosts.join(' ')}`;
    out(`${file}: ${name}${where}, until ${iso(until)}`);
    const warning = expiryWords(pem, clock.now());
    if (warning !== undefined) out(`  ${warning}`);
  }
}

async function give(
  folder: string,
  {
    holder,
    terminal,
    again = false,
  }: {
    readonly holder: Holder & Validity;
    readonly terminal: Terminal;
    readonly again?: boolean;
  },
): Promise<void> {
  const authority = {
    cert: await read(join(folder, 'ca.pem')),
    key: await read(join(folder, 'ca.key.pem')),
  };
  const identity = issue(authority, holder, terminal.random);
  await keep(folder, { name: holder.name, identity, again });
  const file = join(folder, `${holder.name}.pem`);
  terminal.out(`${file}: ${holder.uses.join(' and ')}, until ${iso(holder.until)}`);
}

/** Key first: a certificate without its key could only be thrown away. */
async function keep(
  folder: string,
  {
    name,
    identity,
    again = false,
  }: {
    readonly name: string;
    readonly identity: Identity;
    readonly again?: boolean;
  },
): Promise<void> {
  const [key, cert] = [join(folder, `${name}.key.pem`), join(folder, `${name}.pem`)];
  try {
    if (!again) await writeFile(cert, '', { flag: 'wx' });
    await replace(key, identity.key, 0o600);
    await replace(cert, identity.cert, 0o644);
  } catch (cause) {
    const why = `${cause instanceof Error ? cause.message : String(cause)}. \`ca renew\` replaces.`;
    throw new GatewayError('GW-TLS', `${cert} could not be written.`, { why, cause });
  }
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new GatewayError('GW-TLS', `${file} cannot be read.`, { cause });
  }
}

function lasting(days: string, now: number): Validity {
  const count = /^[1-9]\d{0,4}$/.test(days) ? Number(days) : Number.NaN;
  if (Number.isNaN(count))
    throw new GatewayError('GW-USAGE', `--days ${days} is no number of days.`);
  const from = now - BEFORE_MS;
  return { from, until: from + count * DAY_MS };
}
