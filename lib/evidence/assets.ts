/**
 * Files that stand beside the code and are not code: the shell verifier, the page template, fonts.
 * A bundle carries them in `assets/` next to itself, fonts in `assets/fonts/`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./assets/', import.meta.url));

export const asset = (name: 'verify.sh' | 'report.typ'): Buffer => readFileSync(join(folder, name));

/** Pretendard, regular and bold (OFL-1.1). */
export function fonts(): Buffer[] {
  const names = ['Pretendard-Regular.ttf', 'Pretendard-Bold.ttf'];
  return names.map((name) => readFileSync(join(fontFolder(), name)));
}

function fontFolder(): string {
  const carried = join(folder, 'fonts');
  if (existsSync(carried)) return carried;
  const pretendard = createRequire(import.meta.url).resolve('pretendard/package.json');
  return join(dirname(pretendard), 'dist/public/static/alternative');
}
