/** The state folder of one machine: where everything lies that must survive a restart. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Catalogue, DrillbookError } from '../errors.ts';

export const localCodes = {
  'LOCAL-FOLDER': {
    means: 'The state folder cannot be written.',
    next: 'Choose another folder (--state, of `npm run twin` --folder), or get the right to write there.',
  },
  'LOCAL-BUSY': {
    means: 'Another process works in this state folder.',
    next: 'Stop it first, or use another folder: --state, of `npm run twin` --folder.',
  },
  'LOCAL-PORT': {
    means: 'A port that is needed is taken.',
    next: 'Choose another range, for example --ports 5700; of `npm run twin` --port 5700.',
  },
  'LOCAL-CHILD': {
    means: 'A process of the house did not start or keeps ending.',
    next: 'Read its log in the state folder.',
  },
  'LOCAL-USAGE': {
    means: 'The command line is not understood.',
    next: 'Add --help for the words that are.',
  },
  'LOCAL-SUIT': {
    means:
      'A runbook was asked for with a service, or in a folder, that it is not for. Nothing was changed.',
    next: 'Name a service that it is for, or begin where one is made for it: `--new --state <another folder>`.',
  },
  'LOCAL-CONFIRM': {
    means: 'What was typed is not what the approval asks for.',
    next: 'Read what is shown; type the words named there, or give them with --confirm.',
  },
  'LOCAL-WORDS': {
    means: 'A gateway computed another word code than this machine: two different plans.',
    next: 'Do not approve. Compare `gateway words` at both sites and call whoever runs Drillbook.',
  },
  'LOCAL-NOTHING-RUNS': {
    means: 'No Drillbook runs on this machine under this state folder.',
    next: 'Start it with `npm start` in another terminal.',
  },
} as const satisfies Catalogue;

export type LocalCode = keyof typeof localCodes;

export class LocalError extends DrillbookError {
  constructor(code: LocalCode, what: string, more: { why?: string; cause?: unknown } = {}) {
    const { why = '', cause } = more;
    super({ code, what, why, next: localCodes[code].next }, { cause });
  }
}

export interface LocalFolder {
  readonly root: string;
  readonly config: string;
  readonly keys: string;
  readonly twin: string;
  readonly store: string;
  readonly blobs: string;
  readonly packs: string;
  readonly logs: string;
  gateway(site: string): string;
  /** Small JSON documents of the house itself; undefined when not there. */
  read(name: string): string | undefined;
  write(name: string, text: string): void;
  close(): void;
}

const ROOMS = ['config', 'keys', 'twin', 'blobs', 'packs', 'logs'];

export interface FolderOptions {
  /** Empties it first. */
  readonly fresh: boolean;
  /** Folders in it that are made at once; those of a house unless said otherwise. */
  readonly rooms?: readonly string[];
}

/** Opens the folder for one process at a time. Throws LOCAL-FOLDER and LOCAL-BUSY. */
export function openFolder(root: string, options: FolderOptions): LocalFolder {
  const at = (name: string) => join(root, name);
  const owner = pidIn(at('pid'));
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new LocalError('LOCAL-BUSY', `${root} is in use.`, {
      why: `Process ${owner} works there.`,
    });
  }
  if (options.fresh && isForeign(root)) {
    throw new LocalError('LOCAL-FOLDER', `${root} is not emptied.`, {
      why: "It holds something, and none of it is Drillbook's.",
    });
  }
  try {
    if (options.fresh) rmSync(root, { recursive: true, force: true });
    makeFolder(root);
    for (const room of options.rooms ?? ROOMS) makeFolder(at(room));
    writeFileSync(at('pid'), `${process.pid}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError('LOCAL-FOLDER', `${root} cannot be written.`, { why, cause });
  }
  return {
    root,
    config: at('config'),
    keys: at('keys'),
    twin: at('twin'),
    store: at('store'),
    blobs: at('blobs'),
    packs: at('packs'),
    logs: at('logs'),
    gateway: (site) => at(`gateway-${site}`),
    read: (name) => readIfThere(at(name)),
    write: (name, text) => writeFileSync(at(name), text, { mode: 0o600 }),
    close: () => rmSync(at('pid'), { force: true }),
  };
}

/** A folder that no house ever stood in: then `--new` was meant for another one. */
function isForeign(root: string): boolean {
  const names = existsSync(root) ? readdirSync(root) : [];
  return names.length > 0 && !names.includes('seed') && !names.includes('pid');
}

/** Step by step: Node's recursive mkdir never returns where the system refuses with ENOENT (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
}

function pidIn(file: string): number | undefined {
  const text = readIfThere(file);
  return text === undefined ? undefined : Number(text);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
