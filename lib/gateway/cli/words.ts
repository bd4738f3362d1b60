/** `gateway words`: the plan that this gateway holds, in words, with its word code. */
import { wordsOf } from '../../approval/words.ts';
import type { Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { Book } from '../server/book.ts';
import { type Command, readArgs } from './command.ts';
import { readBook } from './kept.ts';

export const words: Command = {
  name: 'words',
  usage: '<folder> <plan hash or run> [--lang ko|en]',
  about: 'prints a registered plan in words, and its word code',
  help: `The code stands in the approval message too, and before a person signs. If the words differ,
somebody is shown another plan than the one this gateway would carry out: do not approve.
A plan is named by the first hex digits of its hash, or by its run.`,
  run: async (args, terminal) => {
    const { words: given, options } = readArgs(args, {
      words: ['<folder>', '<plan hash or run>'],
      options: { lang: { type: 'string', default: 'en' } },
    });
    const [folder = '', name = ''] = given;
    const found = planNamed((await readBook(folder)).book, name);
    terminal.out(linesOf(found, options.lang === 'ko' ? 'ko' : 'en').join('\n'));
    return 0;
  },
};

interface Registered {
  readonly planHash: string;
  readonly plan: Plan;
}

function planNamed(book: Book, name: string): Registered {
  const all = book.plans();
  const found = all.filter(
    ({ planHash, plan }) => plan.run === name || (name.length >= 4 && planHash.startsWith(name)),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const why = found.length > 1 ? 'Several plans begin so.' : 'No such plan is registered here.';
  throw new GatewayError('GW-PLAN-UNKNOWN', `"${name}" names no one plan.`, { why });
}

function linesOf({ plan, planHash }: Registered, language: 'ko' | 'en'): string[] {
  const code = wordsOf(plan, planHash);
  return [
    `${plan.runbook.title[language]}: ${plan.service.name[language]}, run ${plan.run}`,
    `class ${plan.class}; sites ${plan.sites.join(', ')}; plan ${planHash}`,
    `approved by ${plan.approval.people} people of role ${plan.approval.role}`,
    ...plan.calls.map(
      ({ words: said, site, method, path, class: danger }, index) =>
        `${index + 1}. ${said[language]} [${site}, ${danger}] ${method} ${path}`,
    ),
    `word code: ${code.en} / ${code.ko}`,
  ];
}
