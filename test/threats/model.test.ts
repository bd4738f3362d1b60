/** The page on threats cannot rot: each attacker is there, and each test it names exists. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const page = readFileSync('docs/threat-model.md', 'utf8');

const attackers = [
  'A stolen Slack account',
  'A stolen signing secret',
  'A stolen Lambda role',
  'A hostile AWS administrator',
  'A stolen gateway disk',
  'A hostile gateway administrator',
  'One dishonest approver',
];

const sections = page.split(/^## /m).slice(1);

test.each(attackers)('%s: what it can do, what stops it, which test shows it', (name) => {
  const section = sections.find((one) => one.startsWith(`${name}\n`)) ?? '';
  expect(section).toMatch(/\*\*Can\.\*\*/);
  expect(section).toMatch(/\*\*Cannot\.\*\*/);
  expect(section).toMatch(/`test\/[a-z/-]+\.test\.ts`/);
});

test('every test it names exists, with the words it quotes', () => {
  const flat = page.replaceAll(/\s*\n\s*/g, ' ');
  const named = [...flat.matchAll(/`(test\/[a-z/-]+\.test\.ts)`(?: \(“([^”]+)”\))?/g)];
  expect(named.length).toBeGreaterThan(15);
  for (const [, file = '', words] of named) {
    expect({ file, exists: existsSync(file) }).toEqual({ file, exists: true });
    if (words === undefined) continue;
    const text = readFileSync(file, 'utf8');
    expect({ file, words, there: text.includes(words) }).toEqual({ file, words, there: true });
  }
});
