/** Commands as the documents show them. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Shown {
  readonly file: string;
  readonly command: string;
}

/** Every line of every `sh` block, comments and blank lines left out. */
export function shownCommands(): Shown[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
  const files = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
      block
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) => line.replace(/\s+#.*$/, '').trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((command) => ({ file, command })),
    ),
  );
}

/** The words behind `npm run dr --` in the README, in order. */
export const readmeActs = (): string[][] =>
  shownCommands()
    .filter(({ file, command }) => file === 'README.md' && command.startsWith('npm run dr -- '))
    .map(({ command }) => command.split(' ').slice(4));
