/**
 * Does the tool tell good tests from bad ones? A hole is made in a test, in the copy only: with it
 * mutants live on the line that nothing asks about any more, and without it none.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutate, openWorkshop } from './workshop.ts';

const FILE = 'lib/runbook/grants.ts';
const TEST = 'test/runbook/edges.test.ts';
/** The rows of that test that say what becomes of a takeover. */
const ROWS = /^ {2}\[.*'takeover', (false|true)\],\n/gm;
const LINE = "const grave = danger === 'data' || danger === 'takeover';";

/** What lives, by the line as it stands. */
function alive(copy: string): string[] {
  const found = mutate(copy, { file: FILE, tests: [TEST], workers: 1, timeoutMs: 30_000 });
  const lines = found.source.split('\n');
  return found.mutants
    .filter(({ status }) => status !== 'Killed' && status !== 'Ignored')
    .map(({ location }) => (lines[location.start.line - 1] ?? '').trim());
}

/** What was seen, and whether it is what must be. */
export function prove(): { readonly ok: boolean; readonly seen: string } {
  const copy = openWorkshop();
  try {
    const whole = alive(copy);
    const test = readFileSync(join(copy, TEST), 'utf8');
    const rows = test.match(ROWS)?.length ?? 0;
    writeFileSync(join(copy, TEST), test.replace(ROWS, ''));
    const holed = alive(copy);
    const ok =
      rows > 0 && whole.length === 0 && holed.length > 0 && holed.every((at) => at === LINE);
    const seen = `${whole.length} live, and ${holed.length} when ${rows} rows of ${TEST} are missing`;
    return { ok, seen };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
