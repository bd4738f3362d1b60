/** Writes down what the clients print against the rig: one file a command in `recorded`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAll } from './shell.ts';
import { runningRig } from './site.ts';

const dr = runningRig()?.sites.dr;
if (dr === undefined) throw new Error('no rig: start one with test/rig/up');
const [backend = ''] = dr.backends.file.split('#');
const into = path.join(import.meta.dirname, 'recorded');
rmSync(into, { recursive: true, force: true });
mkdirSync(into);
await runAll({ ...dr, names: { backend, target: 'main' } }, (name, seen) => {
  writeFileSync(path.join(into, `${name}.json`), `${JSON.stringify(seen, null, 2)}\n`);
  process.stdout.write(`${name}\n`);
});
