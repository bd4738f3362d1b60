/** Runs the command list against a cloud with the real `openstack` and `cinder` clients. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, commands, type Names } from './commands.ts';
import { type Observed, observed, type Printed, printedOf } from './fields.ts';

/** How the clients log in, and what the cloud calls its own. */
export interface CloudUnderTest {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
  readonly names: Names;
}

export interface Seen extends Observed {
  readonly command: string;
}

const PYTHON = '/usr/bin/python3';
const CLIENTS = path.join(import.meta.dirname, 'lib', 'clients.py');

/** Debian's packages of both clients are here. */
export const clientsInstalled = (): boolean =>
  ['/usr/bin/openstack', '/usr/bin/cinder', PYTHON].every((file) => existsSync(file));

/** Polls of one `until` before it is given up; each takes at least a log-in. */
const MOST_POLLS = 150;

/** Runs all commands in order; `each` gets what was printed, by the name of its recording. */
export async function runAll(
  cloud: CloudUnderTest,
  each: (name: string, seen: Seen) => void,
): Promise<void> {
  const shell = openShell(cloud);
  const known: Record<string, string> = { ...cloud.names, run: String(process.pid) };
  try {
    for (const command of commands) {
      const words = command.words
        .split(' ')
        .map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? name));
      const printed = await (command.until === undefined
        ? shell.run(words)
        : settled(shell, words, command.until));
      remember(command, printed, known);
      if (command.name === undefined) continue;
      each(command.name, { command: command.words, ...observed(printed) });
    }
  } finally {
    shell.close();
  }
}

function remember({ keep, words }: Command, printed: Printed, known: Record<string, string>) {
  if (keep === undefined) return;
  const [name = '', field = ''] = keep.split('=');
  const value = printedOf(printed.stdout) as Record<string, unknown> | undefined;
  if (value?.[field] === undefined) throw new Error(`${words}: ${printed.stderr}`);
  known[name] = String(value[field]);
}

interface Shell {
  run(words: readonly string[]): Promise<Printed>;
  close(): void;
}

async function settled(shell: Shell, words: readonly string[], until: string): Promise<Printed> {
  const [field = '', wanted] = until.split('=');
  for (let polls = 1; ; polls++) {
    const printed = await shell.run(words);
    const value = printedOf(printed.stdout) as Record<string, unknown> | undefined;
    if (wanted === undefined ? printed.code !== 0 : String(value?.[field]) === wanted) {
      return printed;
    }
    if (polls === MOST_POLLS) {
      throw new Error(`${words.join(' ')}: never ${until}: ${printed.stderr}${printed.stdout}`);
    }
  }
}

function openShell({ authUrl, username, password, project }: CloudUnderTest): Shell {
  const child = spawn(PYTHON, ['-B', CLIENTS], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      LANG: 'C.UTF-8',
      PYTHONWARNINGS: 'ignore',
      OS_AUTH_URL: authUrl,
      OS_USERNAME: username,
      OS_PASSWORD: password,
      OS_PROJECT_NAME: project,
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_REGION_NAME: 'RegionOne',
      OS_IDENTITY_API_VERSION: '3',
      OS_VOLUME_API_VERSION: '3.59',
      OS_COMPUTE_API_VERSION: '2.79',
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = lines.next();
  return {
    async run(words) {
      await ready;
      child.stdin.write(`${JSON.stringify({ words })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the clients ended');
      return JSON.parse(value) as Printed;
    },
    close() {
      child.stdin.end();
    },
  };
}
