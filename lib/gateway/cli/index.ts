/** The commands of the gateway's program: one row each, in the order of the help. */
import { DrillbookError, nearest } from '../../errors.ts';
import { arm } from './arm.ts';
import { ca } from './ca.ts';
import { check } from './check.ts';
import type { Command, ExitCode, Terminal } from './command.ts';
import { continueHere } from './continue.ts';
import { exportCommand } from './export.ts';
import { failover } from './failover.ts';
import { run } from './run.ts';
import { standby } from './standby.ts';
import { trust } from './trust.ts';
import { words } from './words.ts';

const commands: readonly Command[] = [
  ...[run, check, ca, trust, arm, words],
  ...[continueHere, failover, exportCommand, standby],
];

/** Runs the command that `args` name. Never rejects for a coded error: it is told in words. */
export async function runGateway(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = onlyFolder(args) ? ['run', ...args] : args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.out(helpOf(commands.find((one) => one.name === rest[0])));
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const near = nearest(
      name,
      commands.map((one) => one.name),
    );
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    terminal.err(`There is no command ${name}.${hint}\n\n${helpOf(undefined)}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(helpOf(command));
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return told(error, { command, terminal });
  }
}

/** `gateway.ts <folder>`: the form before there were commands. A folder is known by its slash. */
const onlyFolder = (args: readonly string[]): boolean =>
  args.length === 1 && args[0] !== undefined && /^[^-].*\/|^[./]/.test(args[0]);

function helpOf(command: Command | undefined): string {
  if (command !== undefined) {
    return [`gateway ${command.name} ${command.usage}`, command.about, command.help].join('\n\n');
  }
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'gateway <command> …      the gateway of one site: the only holder of its credentials',
    commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n'),
    '`gateway <command> --help` says more. Exit codes: 0 done, 1 it says no, 2 called wrongly.',
  ].join('\n\n');
}

function told(
  error: unknown,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): ExitCode {
  if (!(error instanceof DrillbookError)) {
    terminal.err(`gateway: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  const isUsage = error.code === 'GW-USAGE';
  const usage = isUsage ? `\nusage: gateway ${command.name} ${command.usage}` : '';
  terminal.err(`gateway: ${error.message}${usage}`);
  return isUsage ? 2 : 1;
}
