/** `gateway check`: whether everything is as a gateway needs it, before it is needed. */

import type { Finding } from './check/finding.ts';
import { readHost } from './check/host.ts';
import { checkGateway } from './check/index.ts';
import { type Command, readArgs } from './command.ts';

const help = `  --json   one JSON object instead of words

It reads and changes nothing at the site: configuration and file modes, trust, certificates, disk,
whether arrays, cloud, peers and mailbox answer, their clocks, what its users may do, and whether the
machine stands on what it protects. Exit code 1 if anything must be mended.`;

export const check: Command = {
  name: 'check',
  usage: '<folder> [--json]',
  about: 'tests configuration, certificates, reachability, clocks and rights',
  help,
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: { json: { type: 'boolean', default: false } },
    });
    const host = await readHost('/sys');
    const checked = await checkGateway({ path: words[0] ?? '', host, terminal });
    const ok = checked.findings.every(({ level }) => level !== 'mend');
    if (options.json) terminal.out(JSON.stringify({ ok, ...checked }));
    else for (const finding of checked.findings) terminal.out(wordsOf(finding));
    return ok ? 0 : 1;
  },
};

function wordsOf({ about, level, what, code, why, next }: Finding): string {
  const line = `${level.padEnd(4)}  ${about}: ${what}`;
  return code === undefined ? line : `${line}\n      ${code}: ${why}\n      ${next}`;
}
