/** `gateway arm`: a gateway that lost its memory is used again, as a new incarnation, by two people. */
import { GatewayError } from '../errors.ts';
import type { Order } from '../orders.ts';
import { amnesiaOf } from '../server/arming.ts';
import { type Command, readArgs, type Terminal } from './command.ts';
import { readBook } from './kept.ts';
import { applyProposal, propose, signHelp, signProposal } from './two-people.ts';

const help = `  show <folder>
      whether the gateway is armed, and if not what it forgot
  propose <folder> [--out <file>]
      a proposal: this incarnation ends, another begins
${signHelp}

What the ended incarnation was given stays unsent for ever, and runs approved before are refused:
their calls may have been sent. Look at both sites before you sign, then ask for a new run.`;

type Act = (args: readonly string[], terminal: Terminal) => Promise<void>;
const acts: Readonly<Record<string, Act>> = {
  show,
  propose: proposeArming,
  sign: (args, terminal) => signProposal(args, terminal, wordsOfOrder),
  apply: applyProposal,
};

export const arm: Command = {
  name: 'arm',
  usage: 'show|propose|sign|apply <folder> …',
  about: 'arms a gateway again that lost its memory; takes two people',
  help,
  run: async ([act = '', ...rest], terminal) => {
    const known = acts[act];
    if (known === undefined) throw new GatewayError('GW-USAGE', `There is no \`arm ${act}\`.`);
    await known(rest, terminal);
    return 0;
  },
};

async function show(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = readArgs(args, { words: ['<folder>'], options: {} });
  const { book } = await readBook(words[0] ?? '');
  const forgot = amnesiaOf(book);
  terminal.out(`incarnation ${book.incarnation}, ${book.count()} lines`);
  terminal.out(forgot === undefined ? 'armed' : `NOT armed: ${forgot}`);
}

async function proposeArming(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, options } = readArgs(args, {
    words: ['<folder>'],
    options: { out: { type: 'string', default: 'arm-proposal.json' } },
  });
  const { book, site } = await readBook(words[0] ?? '');
  const seen = book.memory.amnesia?.seen;
  const order: Order = {
    ...{ v: 1, kind: 'arm', site, ends: book.incarnation, has: book.count() },
    ...(seen === undefined ? {} : { seen }),
    begins: terminal.random(16),
  };
  terminal.out(wordsOfOrder(order).join('\n'));
  await propose(order, options.out, terminal);
}

function wordsOfOrder(order: Order): string[] {
  if (order.kind !== 'arm') throw new GatewayError('GW-ORDER', 'It is no proposal to arm.');
  const { site, ends, has, seen, begins } = order;
  return [
    `The gateway of ${site} ends incarnation ${ends} with ${has} lines and begins ${begins}.`,
    ...(seen === undefined
      ? ['Nobody told that more was seen of it.']
      : [
          `Seen by others: line ${seen.counter} of ${seen.incarnation}. What lies between is forgotten.`,
        ]),
    'Calls of runs approved before may have been sent; they are refused from now on.',
  ];
}
