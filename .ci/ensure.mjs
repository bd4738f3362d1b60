/**
 * Runs before every npm script: the right Node, the dependencies of the lock file, then the command
 * given as arguments. Plain JavaScript and `node:` imports only, because nothing is installed yet.
 *
 *   node .ci/ensure.mjs node --import tsx handlers/cli.ts drill --seed 7
 *   node .ci/ensure.mjs --stamp        after npm has installed: remember which lock file it was
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stamp = path.join(root, 'node_modules', '.drillbook-lock');

/** One line a person can act on, then the end. */
function stop(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(
    `Drillbook needs Node 20.19 or newer, this is ${process.versions.node}: ` +
      'install Node 24 from https://nodejs.org and run the same command again.',
  );
}

function lockHash() {
  try {
    return createHash('sha256')
      .update(readFileSync(path.join(root, 'package-lock.json')))
      .digest('hex');
  } catch {
    return stop(`package-lock.json is missing in ${root}: restore it with git, then run again.`);
  }
}

function installed(hash) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash;
}

/** npm as the user started it, so that version and settings stay the same. */
function npm(args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return spawnSync(process.execPath, [own, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function install(hash) {
  process.stderr.write('Installing the dependencies, once: about half a minute …\n');
  const result = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (result.status === 0) return writeStamp(hash);
  const said = `${result.stderr ?? ''}\n${result.error?.message ?? ''}`
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('A complete log'));
  stop(
    `npm ci failed (${said.slice(0, 2).join(' ') || `exit ${result.status}`}): ` +
      'check network, registry and free space, then run the same command again.',
  );
}

function writeStamp(hash) {
  try {
    writeFileSync(stamp, hash);
  } catch (error) {
    stop(`Cannot write ${stamp} (${error.code}): make the folder writable, then run again.`);
  }
}

/**
 * Runs the command in our place: same terminal, its exit code is ours. A terminal sends Ctrl-C to
 * the child itself, so SIGINT is passed on only where there is none.
 */
function run([command, ...args]) {
  const file = command === 'node' ? process.execPath : command;
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const child = spawn(file, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...quiet },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => stop(`Cannot start ${command} (${error.code}): is it installed?`));
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
  });
}

requireNode();
const hash = lockHash();
const args = process.argv.slice(2);
if (args[0] === '--stamp') writeStamp(hash);
else {
  if (!installed(hash)) install(hash);
  if (args.length > 0) run(args);
}
