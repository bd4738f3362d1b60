/** `gateway trust`: whom the gateway believes, and how two people change that. */
import { readFile } from 'node:fs/promises';
import { wordsFor } from '../../approval/words.ts';
import { iso } from '../../clock.ts';
import { GatewayError } from '../errors.ts';
import type { Order } from '../orders.ts';
import { assertChangeable } from '../server/orders.ts';
import { linesOf, parseTrust, type Trust, trustDiff, trustHash } from '../trust.ts';
import { type Command, readArgs, type Terminal } from './command.ts';
import { readBook } from './kept.ts';
import { applyProposal, propose, signHelp, signProposal } from './two-people.ts';

const help = `  show <folder> [--kept]
      people, roles and keys in force, and who changed them last; --kept prints the file as it is
      on the gateway's disk
  propose <folder> <new trust.yml> [--out <file>]
      a proposal: what the gateway trusts now, and what it shall trust
${signHelp}

Example: gateway trust propose /etc/drillbook/gateway trust-new.yml --out proposal.json`;

type Act = (args: readonly string[], terminal: Terminal) => Promise<void>;
const acts: Readonly<Record<string, Act>> = {
  show,
  propose: proposeTrust,
  sign: (args, terminal) => signProposal(args, terminal, wordsOfOrder),
  apply: applyProposal,
};

export const trust: Command = {
  name: 'trust',
  usage: 'show|propose|sign|apply <folder> …',
  about: 'shows whom the gateway believes; two people change it',
  help,
  run: async ([act = '', ...rest], terminal) => {
    const known = acts[act];
    if (known === undefined) throw new GatewayError('GW-USAGE', `There is no \`trust ${act}\`.`);
    await known(rest, terminal);
    return 0;
  },
};

async function show(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>'],
    options: { kept: { type: 'boolean', default: false } },
  });
  const kept = await keptTrust(words[0] ?? '');
  if (options.kept) return terminal.out(kept.text.trimEnd());
  const by = kept.people.length === 0 ? 'as it was first found' : `by ${kept.people.join(' and ')}`;
  const code = wordsFor({ trust: kept.hash });
  terminal.out(linesOf(kept.trust).join('\n'));
  terminal.out(`in force since ${iso(kept.at)}, ${by}; ${code.en} / ${code.ko}`);
}

async function proposeTrust(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>', '<new trust.yml>'],
    options: { out: { type: 'string', default: 'trust-proposal.json' } },
  });
  const [folder = '', file = ''] = words;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GatewayError('GW-ORDER', `${file} cannot be read.`, { cause });
  });
  const next = parseTrust({ file, text });
  assertChangeable(next);
  const { hash: from, trust: now, site } = await keptTrust(folder);
  const changes = trustDiff(now, next);
  if (changes.length === 0) throw new GatewayError('GW-ORDER', 'It says what is in force already.');
  terminal.out(changes.join('\n'));
  const order: Order = { v: 1, kind: 'trust', site, from, to: trustHash(next), text };
  await propose(order, options.out, terminal);
}

/** What will change, line by line, seen from the trust in force. */
function wordsOfOrder(order: Order, now: Trust): string[] {
  if (order.kind !== 'trust') throw new GatewayError('GW-ORDER', 'It is no change of trust.yml.');
  return [
    `trust.yml of the gateway of ${order.site} changes:`,
    ...trustDiff(now, parseTrust({ file: 'the proposal', text: order.text })),
  ];
}

async function keptTrust(folder: string) {
  const { book, site } = await readBook(folder);
  const kept = book.memory.trust;
  if (kept !== undefined) return { ...kept, site };
  throw new GatewayError('GW-ORDER', 'The gateway has not enrolled its trust.yml yet.', {
    why: 'It does so when it is started for the first time.',
  });
}
