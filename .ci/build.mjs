/**
 * `npm run build`: one bundle per function of serverless.yml, with what stands beside it in dist/,
 * and the gateway's program, dist/gateway.mjs.
 * With `--quick` sizes and import times are not measured.
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, dist, gatewayOptions, root } from './bundling.mjs';
import { functionsOf } from './functions.mjs';
import { measureAll, table } from './measure.mjs';

const FONTS = ['Pretendard-Regular.ttf', 'Pretendard-Bold.ttf'];

/** What a bundle reads from `assets/` next to itself: the shell verifier, the template, two fonts. */
function copyAssets() {
  const assets = path.join(root, 'lib/evidence/assets');
  if (existsSync(assets)) cpSync(assets, path.join(dist, 'assets'), { recursive: true });
  const pretendard = path.dirname(
    createRequire(import.meta.url).resolve('pretendard/package.json'),
  );
  const fonts = path.join(dist, 'assets/fonts');
  mkdirSync(fonts, { recursive: true });
  for (const font of FONTS) {
    cpSync(path.join(pretendard, 'dist/public/static/alternative', font), path.join(fonts, font));
  }
  cpSync(path.join(pretendard, 'dist/LICENSE.txt'), path.join(fonts, 'LICENSE.txt'));
}

/** The door reads no YAML: its part of the configuration is checked and packed here. */
async function writeDoorConfig() {
  const { packDoorConfig } = await import('./door-config.ts');
  const packed = await packDoorConfig(path.join(root, 'config'), path.join(root, 'runbooks'));
  writeFileSync(path.join(dist, 'config.json'), JSON.stringify(packed));
}

const functions = functionsOf();
rmSync(dist, { recursive: true, force: true });
for (const { source, bundle } of functions) {
  await build(bundleOptions({ entryPoints: [source] }, bundle));
}
await build(gatewayOptions());
copyAssets();
await writeDoorConfig();
if (!process.argv.includes('--quick')) process.stdout.write(table(await measureAll(functions)));
