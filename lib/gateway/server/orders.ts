/**
 * Carries out what two people ordered at the gateway. A running gateway finds the orders in its
 * folder: who can write there has the gateway in hand, and still cannot sign for two people.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DrillbookError } from '../../errors.ts';
import { GatewayError } from '../errors.ts';
import { orderHash, type SignedOrder, signedOrderSchema, signersOf } from '../orders.ts';
import { officersOf, parseTrust, type Trust, trustHash } from '../trust.ts';
import type { Parts } from './gateway.ts';
import { writeTrust } from './trust.ts';

type Desk = Pick<Parts, 'book' | 'clock' | 'say' | 'folder'>;

/** Throws GW-ORDER or GW-ORDER-PEOPLE; the same order twice is fine while it is in force. */
export async function carryOut(desk: Desk, signed: SignedOrder): Promise<void> {
  const { book, clock, folder, say } = desk;
  const { order } = signed;
  const hash = orderHash(order);
  if (book.memory.orders.has(hash)) {
    if (order.kind === 'arm' || order.to === book.memory.trust?.hash) return;
    refuse('It was carried out before, and something else is in force since: change its text.');
  }
  if (order.site !== folder.settings.site) refuse(`It is for the gateway of ${order.site}.`);
  const people = signersOf(signed, folder.trust);
  const at = clock.now();
  if (order.kind === 'trust') {
    const { to, text } = order;
    const from = book.memory.trust?.hash;
    if (order.from !== from) refuse('It was made for another trust.yml than the one in force.');
    const next = parseTrust({ file: 'the proposal', text });
    if (trustHash(next) !== to) refuse('Its text is not what its hash says.');
    assertChangeable(next);
    await book.write({ type: 'trust', at, hash: to, text, replaces: from, order: hash, people });
    if (folder.home !== undefined) await writeTrust(folder.home, text).catch(later(say));
    say(`trust.yml was changed by ${people.join(' and ')} (${to.slice(0, 8)}).`);
    return;
  }
  const { ends, begins, has, seen } = order;
  if (ends !== book.incarnation) refuse('It is about another incarnation than this one.');
  const told = book.memory.amnesia?.seen;
  if (told !== undefined && JSON.stringify(told) !== JSON.stringify(seen)) {
    refuse('More was seen of this gateway than the people who signed knew.');
  }
  const forgot = seen === undefined ? {} : { seen };
  await book.write({ type: 'armed', at, ends, has, ...forgot, begins, order: hash, people });
  say(`Armed again by ${people.join(' and ')} as ${begins}; ${ends} is void.`);
}

/** It is in force by the disk: the next start brings the file to it. */
const later =
  (say: Desk['say']) =>
  (error: unknown): void =>
    say(`GW-TRUST: trust.yml could not be written and is behind: ${String(error)}`);

/** A trust that nobody could change any more is not taken. */
export function assertChangeable(next: Trust): void {
  if (officersOf(next).length >= 2) return;
  refuse('Nobody could change it any more: fewer than two people have the role and a key.');
}

function refuse(why: string): never {
  throw new GatewayError('GW-ORDER', 'The order is not carried out.', { why });
}

const answerSchema = z.strictObject({ done: z.boolean(), said: z.string() });
export type OrderAnswer = z.infer<typeof answerSchema>;

const trayOf = (home: string): string => join(home, 'orders');

/** Lays an order before a gateway that runs. */
export async function layOrder(home: string, signed: SignedOrder): Promise<void> {
  const name = orderHash(signed.order);
  await mkdir(trayOf(home), { recursive: true, mode: 0o700 });
  const file = join(trayOf(home), `${name}.json`);
  // What was said to it before is no answer to this.
  await rm(join(trayOf(home), `${name}.answer`), { force: true });
  await writeFile(`${file}.new`, JSON.stringify(signed), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** What the running gateway said to it; undefined until it did. */
export async function answerTo(home: string, hash: string): Promise<OrderAnswer | undefined> {
  const text = await readFile(join(trayOf(home), `${hash}.answer`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : answerSchema.parse(JSON.parse(text));
}

/** Carries out the orders that lie in the folder and leaves an answer beside each. Never rejects. */
export async function takeOrders(desk: Desk): Promise<void> {
  const { home } = desk.folder;
  if (home === undefined) return;
  const names = await readdir(trayOf(home)).catch(() => []);
  for (const name of names.filter((one) => /^[0-9a-f]{64}\.json$/.test(one))) {
    const place = join(trayOf(home), name.replace(/\.json$/, ''));
    try {
      const answer = await answerOf(desk, await readFile(`${place}.json`, 'utf8'));
      await writeFile(`${place}.answer`, JSON.stringify(answer), { mode: 0o600 });
      await rename(`${place}.json`, `${place}.taken`);
    } catch (error) {
      desk.say(`${place}: ${String(error)}`);
    }
  }
}

async function answerOf(desk: Desk, text: string): Promise<OrderAnswer> {
  try {
    await carryOut(desk, signedOrderSchema.parse(JSON.parse(text)));
    return { done: true, said: '' };
  } catch (error) {
    const said = error instanceof DrillbookError ? error.message : `GW-ORDER: ${String(error)}`;
    desk.say(said);
    return { done: false, said };
  }
}
