/**
 * The way of an order that takes two people: one proposes, each of two signs with an own key after
 * reading what will change, one has it carried out. Proposal and signatures are files.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type * as z from 'zod';
import { wordsFor } from '../../approval/words.ts';
import { canonical } from '../../canonical.ts';
import { GatewayError } from '../errors.ts';
import { enrolledAs, readKeyFile } from '../key-file.ts';
import {
  type Order,
  orderHash,
  orderSchema,
  orderSignatureSchema,
  type SignedOrder,
  signersOf,
  signOrder,
} from '../orders.ts';
import { openBook } from '../server/book.ts';
import { openDisk } from '../server/disk.ts';
import { answerTo, carryOut, layOrder } from '../server/orders.ts';
import { type GatewayFolder, loadGatewayFolder } from '../server/settings.ts';
import { officersOf, type Trust } from '../trust.ts';
import { readArgs, type Terminal } from './command.ts';
import { readBook } from './kept.ts';

export const signHelp = `  sign <folder> <proposal> --as <person> --key <file> [--passphrase-file <file>]
       [--confirm <words>]
      shows what changes and its word code; asks for the four words, then writes a signature beside
      the proposal
  apply <folder> <proposal> --signature <file> --signature <file>
      has it carried out: by the gateway if it runs, else right here`;

/** Writes a proposal and says what to do with it. */
export async function propose(order: Order, out: string, terminal: Terminal): Promise<void> {
  await writeFile(out, `${canonical(order)}\n`, { mode: 0o600 });
  terminal.out(
    `${out}: proposal ${orderHash(order).slice(0, 8)}, word code "${wordsFor(order).en}".`,
  );
  terminal.out('Two different people sign it now, then it is applied.');
}

/** One person's signature. `linesOf` says in words what the order changes. */
export async function signProposal(
  args: readonly string[],
  terminal: Terminal,
  linesOf: (order: Order, trust: Trust) => readonly string[],
): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>', '<proposal>'],
    options: {
      as: { type: 'string', default: '' },
      key: { type: 'string', default: '' },
      'passphrase-file': { type: 'string' },
      confirm: { type: 'string' },
    },
  });
  const [folder = '', file = ''] = words;
  const order = await readJson(file, orderSchema);
  const trust = await trustIn(folder);
  const lock = options['passphrase-file'];
  const passphrase = lock === undefined ? undefined : (await readFile(lock, 'utf8')).trim();
  const own = await readKeyFile(options.key, passphrase);
  const officer = officersOf(trust).find(({ id }) => id === options.as);
  const key = enrolledAs(own, officer?.keys ?? []);
  if (key === undefined) {
    const why = `This key is not one with which ${options.as || 'nobody'} may give orders here.`;
    throw new GatewayError('GW-ORDER-PEOPLE', 'Nothing was signed.', { why });
  }
  const code = wordsFor(order);
  terminal.out([...linesOf(order, trust), `word code: ${code.en} / ${code.ko}`].join('\n'));
  const typed = options.confirm ?? (await terminal.ask?.('Type the four words to sign: ')) ?? '';
  if (![code.en, code.ko].includes(typed.trim().normalize('NFC'))) {
    throw new GatewayError('GW-CONFIRM', 'Nothing was signed.');
  }
  const signature = signOrder(order, { person: options.as, key: key.id, ...own });
  const out = `${file}.${options.as}.sig`;
  await writeFile(out, `${canonical(signature)}\n`, { mode: 0o600 });
  terminal.out(`${out}: signed by ${options.as}.`);
}

/** Carries it out: by the process that serves, or here while nobody does. */
export async function applyProposal(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>', '<proposal>'],
    options: { signature: { type: 'string', multiple: true, default: [] } },
  });
  const [folder = '', file = ''] = words;
  const order = await readJson(file, orderSchema);
  const signatures = await Promise.all(
    options.signature.map((name) => readJson(name, orderSignatureSchema)),
  );
  const signed = { order, signatures };
  signersOf(signed, await trustIn(folder));
  const loaded = await loadGatewayFolder(folder);
  const free = await whileFree(loaded.settings.listen, () => applyHere(loaded, signed, terminal));
  if (!free) await applyThere(folder, signed, terminal);
  terminal.out('Done.');
}

async function applyHere(
  loaded: GatewayFolder,
  signed: SignedOrder,
  { clock, random, out }: Terminal,
): Promise<void> {
  const { home = '', settings } = loaded;
  const deps = { clock, random, say: out };
  const disk = await openDisk({ folder: join(home, 'disk'), site: settings.site, ...deps });
  try {
    const book = openBook(disk);
    const folder = { ...loaded, trust: book.memory.trust?.trust ?? loaded.trust };
    await carryOut({ book, folder, ...deps }, signed);
  } finally {
    await disk.close();
  }
}

const WAIT_MS = 250;
const WAITS = 80;

async function applyThere(folder: string, signed: SignedOrder, { clock }: Terminal): Promise<void> {
  await layOrder(folder, signed);
  for (let i = 0; i < WAITS; i++) {
    const answer = await answerTo(folder, orderHash(signed.order));
    if (answer?.done === true) return;
    if (answer !== undefined) throw new GatewayError('GW-ORDER', answer.said);
    await clock.sleep(WAIT_MS);
  }
  const why = 'The gateway that runs did not take it; it may stand still.';
  throw new GatewayError('GW-ORDER', 'Whether it is carried out is not known.', { why });
}

/**
 * Does `work` while holding the port that is the gateway's lock; false when a gateway holds it. An
 * address that this machine has not serves nobody here.
 */
export async function whileFree(
  { host, port }: { readonly host: string; readonly port: number },
  work: () => Promise<void>,
): Promise<boolean> {
  const lock = createServer();
  const free = await new Promise<boolean>((resolve, reject) => {
    lock.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EADDRNOTAVAIL') resolve(true);
      else reject(error);
    });
    lock.listen({ host, port, exclusive: true }, () => resolve(true));
  });
  if (!free) return false;
  try {
    await work();
    return true;
  } finally {
    lock.close();
  }
}

/** What the gateway trusts by its disk; before its first start, by the file. */
export async function trustIn(folder: string): Promise<Trust> {
  const kept = await readBook(folder).then(
    ({ book }) => book.memory.trust?.trust,
    () => undefined,
  );
  return kept ?? (await loadGatewayFolder(folder)).trust;
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new GatewayError('GW-ORDER', `${file} is not what this command reads.`, { cause });
  }
}
