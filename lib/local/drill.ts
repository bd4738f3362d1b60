/** `npm run drill`: one whole drill on this machine, from the slash command to a verified pack. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { verifyPack } from '../evidence/verify.ts';
import { loadConfig } from '../load-config.ts';
import { runbookShelf } from '../load-runbooks.ts';
import type { Shown } from '../run/advance.ts';
import type { Head } from '../run/head.ts';
import { findService } from '../run/moves/open.ts';
import { loadRunbook, type Runbook } from '../runbook/load.ts';
import { askFor, type Wish } from './ask-for.ts';
import { LocalError } from './folder.ts';
import type { HouseOptions } from './foundation.ts';
import { type House, openHouse } from './house.ts';
import { lookUp } from './look-up.ts';
import { playToTheEnd } from './play.ts';
import { playPrelude, type Stagehand } from './prelude.ts';
import { type Progress, plainProgress, type Screen } from './progress.ts';
import { serviceFor } from './suit.ts';
import { DRILL_FACTOR } from './time.ts';

export interface DrillOptions {
  /** Undefined: the first one that the runbook is for. */
  readonly service: string | undefined;
  readonly runbook: string;
  /** Service or runbook was typed, not left to its default. */
  readonly named: boolean;
  readonly seed: string | undefined;
  readonly realTime: boolean;
  readonly json: boolean;
  /** A pause waits for a person instead of being answered with abort. */
  readonly waits: boolean;
  readonly out: string | undefined;
  readonly fresh: boolean;
  readonly state: string;
  readonly portBase: number;
  readonly language: 'ko' | 'en';
}

/** Returns the exit code: 0 only if the drill passed and its pack verifies. */
export async function runDrill(
  options: DrillOptions,
  screen: Screen,
  stopped: AbortSignal,
): Promise<number> {
  const wish = await firstWish(options);
  const latest: { shown?: Shown | undefined; progress?: Progress; early: string[] } = { early: [] };
  /** Runs that were played: an engine may look at them once more, and that is no news. */
  const over = new Set<string>();
  const house = await openHouse({
    ...houseOptions(options, wish),
    doors: 'here',
    onShown: (shown) => {
      if (!over.has(shown.head.run)) latest.shown = shown;
      latest.progress?.show(shown);
    },
    say: (line) =>
      latest.progress === undefined ? latest.early.push(line) : latest.progress.say(line),
  });
  const close = (head: Head): Head => {
    over.add(head.run);
    latest.shown = undefined;
    return head;
  };
  try {
    const { config } = house;
    const progress = plainProgress(screen, {
      config,
      language: options.language,
      json: options.json,
    });
    latest.progress = progress;
    for (const line of latest.early) progress.say(line);
    progress.say(`seed ${house.folder.read('seed')}, state in ${options.state}`);
    const at = { head: () => latest.shown?.head, waits: options.waits, progress, stopped };
    const begun = await begin(house, options, {
      progress,
      play: async () => {
        const ended = await playToTheEnd(house, at);
        if (ended !== undefined) await house.seal(close(ended).run);
        return ended === undefined ? undefined : ended.result?.result === 'passed';
      },
    });
    const first = begun ? await playToTheEnd(house, at) : undefined;
    const next = first?.result?.result === 'passed' ? await sequelOf(first.runbook.id) : undefined;
    if (first !== undefined && next !== undefined) {
      close(first);
      progress.say(`${first.drill} goes on until ${next} was run`);
      const { language } = options;
      await askFor(house, { service: first.service.id, runbook: next, language }, progress);
    }
    const head = next === undefined ? first : await playToTheEnd(house, at);
    if (head === undefined) return stopped.aborted ? 130 : 1;
    return await closeBooks(house, { head, options, progress, screen });
  } finally {
    latest.progress?.end();
    await house.close();
  }
}

/**
 * What a fresh folder is made for; undefined where there is one that goes on. A service or runbook that
 * is unknown, or that are not for each other: nothing is started or emptied. The error names the nearest.
 */
export async function firstWish(options: DrillOptions): Promise<HouseOptions['wish']> {
  const { service, state, fresh } = options;
  const config = await loadConfig('config');
  const runbook = await runbookOf(options.runbook);
  if (service !== undefined) findService(config, service);
  if (!fresh && existsSync(join(state, 'config', 'sites.yml'))) return undefined;
  const chosen = serviceFor({ runbook, service, fresh: true }, config);
  return { service: chosen, runbook: runbook.runbook };
}

const runbookOf = async (id: string): Promise<Runbook> =>
  loadRunbook(await runbookShelf('runbooks').source(id));

/** The runbook that belongs to the same drill, if one does. */
const sequelOf = async (runbook: string): Promise<string | undefined> =>
  (await runbookOf(runbook))['followed-by'];

export function houseOptions(
  options: DrillOptions,
  wish: HouseOptions['wish'],
): Omit<HouseOptions, 'onShown' | 'say' | 'doors'> {
  return {
    state: options.state,
    fresh: options.fresh,
    configFolder: 'config',
    runbookFolder: 'runbooks',
    portBase: options.portBase,
    factor: options.realTime ? 1 : DRILL_FACTOR,
    seed: options.seed,
    ...(wish === undefined ? {} : { wish }),
  };
}

/** Continues what lies unfinished in the folder, or lets somebody ask for a drill in Slack. */
export async function begin(
  house: House,
  options: DrillOptions,
  { progress, play }: Pick<Stagehand, 'progress' | 'play'>,
): Promise<boolean> {
  const [unfinished] = await house.unfinished();
  if (unfinished !== undefined) {
    progress.say(`continuing run ${unfinished}; --new starts in a fresh folder`);
    if (options.named) progress.say('--service and --runbook are not looked at: a run goes on');
    const shown = await lookUp(house.store, house.blobs, unfinished);
    if (shown !== undefined) progress.show(shown);
    house.conductor.wake(unfinished);
    return true;
  }
  const wish = await wishIn(house, options);
  if (!(await playPrelude(house, { wish, progress, play }))) return false;
  await askFor(house, wish, progress);
  return true;
}

/** Throws LOCAL-USAGE and LOCAL-SUIT for what this house does not have. */
async function wishIn({ config }: House, options: DrillOptions): Promise<Wish> {
  const { service, language } = options;
  if (service !== undefined && config.services.every(({ id }) => id !== service)) {
    throw new LocalError('LOCAL-USAGE', `There is no service "${service}".`, {
      why: `${options.state} was made before config/ had it; --new begins with config/ as it is.`,
    });
  }
  const runbook = await runbookOf(options.runbook);
  const chosen = serviceFor({ runbook, service, fresh: false }, config);
  return { service: chosen, runbook: runbook.runbook, language };
}

async function closeBooks(
  house: House,
  at: { head: Head; options: DrillOptions; progress: Progress; screen: Screen },
): Promise<number> {
  const { head, options, progress, screen } = at;
  const sealed = await house.seal(head.run);
  if (sealed === undefined) {
    progress.say(`${head.drill} has other runs that are open; the last one makes its pack.`);
    return 1;
  }
  const path = options.out === undefined ? sealed : copyOut(sealed, options.out);
  const keyFile = join(house.folder.keys, 'evidence.pub.pem');
  const publicKeyPem = readFileSync(keyFile, 'utf8');
  const verdict = await verifyPack(path, { publicKeyPem });
  const shell = runVerifyScript(house, path, keyFile);
  const passed = head.result?.result === 'passed' && verdict.ok && shell.ok;
  if (options.json) {
    const result = {
      kind: 'result',
      drill: head.drill,
      run: head.run,
      result: head.result?.result,
      pack: path,
      verified: verdict.ok,
      verifyScript: shell.said,
      exit: passed ? 0 : 1,
    };
    screen.write(`${JSON.stringify(result)}\n`);
  }
  for (const check of verdict.checks.filter((one) => !one.ok)) {
    progress.say(`FAIL ${check.name} ${check.detail}`);
  }
  progress.say('');
  progress.say(`evidence pack  ${path}`);
  progress.say(`public key     ${keyFile}`);
  progress.say(
    `drill ${head.result?.result}, pack ${verdict.ok ? 'verified' : 'DOES NOT VERIFY'}, ${shell.said}`,
  );
  return passed ? 0 : 1;
}

function copyOut(pack: string, out: string): string {
  const to = join(resolve(out), pack.split('/').at(-1) ?? 'pack');
  cpSync(pack, to, { recursive: true, errorOnExist: true, force: false });
  return to;
}

/** The auditor's script, a copy from outside the pack, where the machine has its three tools. */
function runVerifyScript(
  house: House,
  pack: string,
  keyFile: string,
): { ok: boolean; said: string } {
  const missing = ['sha256sum', 'jq', 'openssl'].filter((tool) => !isThere(tool));
  if (missing.length > 0)
    return { ok: true, said: `verify.sh not run: ${missing.join(', ')} missing` };
  const script = join(house.folder.root, 'verify.sh');
  cpSync('lib/evidence/assets/verify.sh', script);
  const run = spawnSync('sh', [script, pack, keyFile], { encoding: 'utf8' });
  return {
    ok: run.status === 0,
    said: run.status === 0 ? 'verify.sh OK' : `verify.sh FAILED:\n${run.stdout}`,
  };
}

function isThere(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
