/** The functions of serverless.yml: name, source and bundle. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { dist, root } from './bundling.mjs';

/** Ends the process with one line when a function has no source. */
export function functionsOf(file = path.join(root, 'serverless.yml')) {
  const { functions } = parse(readFileSync(file, 'utf8'), { logLevel: 'error' });
  const found = Object.entries(functions).map(([name, { handler }]) => {
    const module = path.basename(handler).split('.')[0];
    return {
      name,
      source: path.join(root, 'handlers', `${module}.ts`),
      bundle: path.join(dist, `${module}.mjs`),
    };
  });
  const missing = found.filter(({ source }) => !existsSync(source));
  if (missing.length === 0) return found;
  const names = missing.map(({ source }) => path.relative(root, source)).join(', ');
  process.stderr.write(`serverless.yml names functions without a source: ${names}\n`);
  return process.exit(1);
}
