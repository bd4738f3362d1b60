/** `npm run drill`: one whole drill on this machine, from the slash command to a verified pack. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { verifyPack } from '../evidence/verify.ts';
import { loadConfig } from '../load-config.ts';
import { runbookShelf } from '../load-runbooks.ts';
import type { Shown } from '../run/advance.ts';
import type { Head } from '../run/head.ts';
import { findService } from '../run/moves/open.ts';
import { actionIds } from '../slack/buttons.ts';
import { findButton, nextCue } from './cast.ts';
import { LocalError } from './folder.ts';
import type { HouseOptions } from './foundation.ts';
import { type House, openHouse } from './house.ts';
import { lookUp } from './look-up.ts';
import { type Progress, plainProgress, type Screen } from './progress.ts';
import { plainText } from './text.ts';
import { DRILL_FACTOR } from './time.ts';

export interface DrillOptions {
  readonly service: string;
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

/** How often people look at their screens (real ms). */
const LOOK_MS = 150;

/** Returns the exit code: 0 only if the drill passed and its pack verifies. */
export async function runDrill(
  options: DrillOptions,
  screen: Screen,
  stopped: AbortSignal,
): Promise<number> {
  await checkWish(options);
  const latest: { shown?: Shown; progress?: Progress; early: string[] } = { early: [] };
  const house = await openHouse({
    ...houseOptions(options),
    doors: 'here',
    onShown: (shown) => {
      latest.shown = shown;
      latest.progress?.show(shown);
    },
    say: (line) =>
      latest.progress === undefined ? latest.early.push(line) : latest.progress.say(line),
  });
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
    await begin(house, options, progress);
    const head = await playToTheEnd(house, {
      head: () => latest.shown?.head,
      waits: options.waits,
      progress,
      stopped,
    });
    if (head === undefined) return 130;
    return await closeBooks(house, { head, options, progress, screen });
  } finally {
    latest.progress?.end();
    await house.close();
  }
}

/** An unknown service or runbook starts nothing; the error names the nearest. */
async function checkWish({ service, runbook }: DrillOptions): Promise<void> {
  findService(await loadConfig('config'), service);
  await runbookShelf('runbooks').source(runbook);
}

export function houseOptions(
  options: DrillOptions,
): Omit<HouseOptions, 'onShown' | 'say' | 'doors'> {
  return {
    state: options.state,
    fresh: options.fresh,
    configFolder: 'config',
    runbookFolder: 'runbooks',
    portBase: options.portBase,
    factor: options.realTime ? 1 : DRILL_FACTOR,
    seed: options.seed,
  };
}

/** Continues what lies unfinished in the folder, or lets somebody ask for a drill in Slack. */
export async function begin(
  house: Omit<House, 'close' | 'seal'>,
  options: DrillOptions,
  progress: Progress,
): Promise<void> {
  const [unfinished] = await house.unfinished();
  if (unfinished !== undefined) {
    progress.say(`continuing run ${unfinished}; --new starts in a fresh folder`);
    if (options.named) progress.say('--service and --runbook are not looked at: a run goes on');
    const shown = await lookUp(house.store, house.blobs, unfinished);
    if (shown !== undefined) progress.show(shown);
    house.conductor.wake(unfinished);
    return;
  }
  const { policy, people, services } = house.config;
  if (services.every(({ id }) => id !== options.service)) {
    throw new LocalError('LOCAL-USAGE', `There is no service "${options.service}".`, {
      why: `${options.state} was made before config/ had it; --new begins with config/ as it is.`,
    });
  }
  const requester = people.find((person) =>
    person.roles.some((role) => policy.requesterRoles.includes(role)),
  );
  if (requester === undefined) {
    throw new LocalError('LOCAL-USAGE', 'Nobody in people.yml may ask for a drill.');
  }
  const text =
    options.runbook === 'drill-copy'
      ? `drill ${options.service}`
      : `run ${options.runbook} ${options.service}`;
  progress.say(`${requester.name[options.language]} types: /dr ${text}`);
  progress.say(`Slack answers: ${plainText(await house.stage.type(requester, text))}`);
}

/** People look, press what they should press, and abort what nobody would answer. */
async function playToTheEnd(
  house: House,
  at: {
    head: () => Head | undefined;
    waits: boolean;
    progress: Progress;
    stopped: AbortSignal;
  },
): Promise<Head | undefined> {
  const real = systemClock();
  const pressed = new Set<string>();
  while (!at.stopped.aborted) {
    const head = at.head();
    if (head?.state === 'ended') return head;
    if (head !== undefined && !(at.waits && head.state === 'paused')) {
      await act(house, head, pressed);
    }
    at.progress.beat(house.clock.now());
    await real.sleep(LOOK_MS, at.stopped);
  }
  return undefined;
}

async function act(house: House, head: Head, pressed: Set<string>): Promise<void> {
  const { config, stage } = house;
  const paused = head.state === 'paused';
  const requester = config.people.find((person) => person.id === head.requester);
  const abort =
    paused && requester !== undefined
      ? { person: requester, actionId: actionIds.abort }
      : undefined;
  const cue = abort ?? nextCue(head, config);
  if (cue === undefined) return;
  // One press per thing seen: the same person presses again only when the run has moved on.
  const place = paused
    ? String(head.seq)
    : `${head.asks[0]?.step}:${head.approval?.granted.length}`;
  const key = `${cue.person.id} ${cue.actionId} ${place}`;
  if (pressed.has(key)) return;
  const wanted = { run: head.run, actionId: cue.actionId };
  const button = await findButton(stage, config.policy.channel, wanted);
  if (button === undefined) return;
  pressed.add(key);
  await stage.press(cue.person, button, paused ? 'Nobody answered the pause.' : undefined);
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
