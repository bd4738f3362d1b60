/**
 * Where people sit while a gateway stands alone: what the run does is told line by line, and what
 * they type is taken in, until the run has ended and its evidence is written.
 */
import { shownOffer } from '../../approval/skip.ts';
import type { Shown } from '../../run/advance.ts';
import type { Head } from '../../run/head.ts';
import { askOfStatement } from '../../run/wishes.ts';
import { GatewayError } from '../errors.ts';
import type { SignedStatement } from '../protocol.ts';
import {
  askOf,
  HOW_TO_ANSWER,
  parseTyped,
  putAsk,
  signAs,
  signerOf,
  type Typed,
} from './answers.ts';
import { conduct } from './conduct.ts';
import { type KeptRun, offerHere } from './continue.ts';
import type { Plane } from './plane.ts';
import { type Fits, wanted } from './sheet.ts';

export interface Desk {
  tell(line: string): void;
  complain(error: unknown): void;
  /** One typed line; empty where nobody sits. What was written down before is held until it `fits`. */
  readonly ask: (question: string, fits?: Fits) => Promise<string>;
  readonly stop: AbortSignal;
  readonly json: boolean;
}

/** How often an empty desk is looked at, ms. */
const EMPTY_DESK_MS = 1_000;

/** Works until the run has ended or the desk is left; the result, or undefined when it goes on. */
export async function work(plane: Plane, run: string, desk: Desk): Promise<string | undefined> {
  let last: Shown | undefined;
  let told = 0;
  const conductor = conduct(plane, {
    failed: desk.complain,
    shown: (shown) => {
      for (const line of news(shown, told, desk.json)) desk.tell(line);
      if (waitsForPeople(shown.head) && !sameWait(shown.head, last?.head)) tellWait(shown, desk);
      told = shown.head.seq;
      last = shown;
    },
  });
  const over = new AbortController();
  const left = () => conductor.stop();
  desk.stop.addEventListener('abort', left, { once: true });
  conductor.wake(run);
  const typing = takeOrders({
    ...{ plane, run, desk, until: over.signal },
    shown: () => last,
    taken: () => conductor.wake(run),
  });
  await conductor.ended(run);
  over.abort();
  desk.stop.removeEventListener('abort', left);
  void typing.catch(desk.complain);
  return last?.head.result?.result;
}

interface Orders {
  readonly plane: Plane;
  readonly run: string;
  readonly desk: Desk;
  readonly until: AbortSignal;
  shown(): Shown | undefined;
  taken(): void;
}

async function takeOrders({ plane, run, desk, until, shown, taken }: Orders): Promise<void> {
  while (!until.aborted && !desk.stop.aborted) {
    const line = await desk.ask('> ', wanted(shown()?.head));
    if (line.trim() === '') {
      await plane.engine.clock.sleep(EMPTY_DESK_MS, until);
      continue;
    }
    try {
      await takeOrder(plane, { run, line, desk, shown: shown() });
      taken();
    } catch (error) {
      desk.complain(error);
    }
  }
}

async function takeOrder(
  plane: Plane,
  at: {
    readonly run: string;
    readonly line: string;
    readonly desk: Desk;
    readonly shown: Shown | undefined;
  },
): Promise<void> {
  const typed = parseTyped(at.line);
  if (typed === undefined)
    throw new GatewayError('GW-USAGE', `Type for example:\n${HOW_TO_ANSWER}`);
  const signer = await signerOf(plane, typed, at.desk.ask);
  const { person } = signer;
  const { plan, head } = at.shown ?? {};
  if (typed.verb === 'approve' && plan !== undefined && head?.approval !== undefined) {
    const planHash = head.planHash ?? '';
    const offer = { ...offerHere(plane, { plan, planHash }), notAfter: head.approval.expiresAt };
    const signed = signAs(plane, offer, signer);
    await putAsk(plane, at.run, { person, ask: { verb: 'approve', planHash, signed } });
    return;
  }
  const { verb, step = '', text } = typed;
  if ((verb === 'skip' || verb === 'confirm-skip') && head?.skipping !== undefined) {
    const offer = shownOffer(head.skipping, { verb, step, now: plane.engine.clock.now() });
    const signed = signAs(plane, offer, signer);
    await putAsk(plane, at.run, { person, ask: askOfStatement({ verb, reason: text }, signed) });
    return;
  }
  const ask = askOf(typed);
  if (ask === undefined) throw new GatewayError('GW-USAGE', `Type for example:\n${HOW_TO_ANSWER}`);
  await putAsk(plane, at.run, { person, ask });
}

/** Two different people sign that the run goes on here. undefined when the desk is left before. */
export async function twoSignatures(
  plane: Plane,
  kept: KeptRun,
  desk: Desk,
): Promise<readonly SignedStatement[] | undefined> {
  const offer = offerHere(plane, kept);
  const signed = new Map<string, SignedStatement>();
  while (signed.size < 2 && !desk.stop.aborted) {
    const question = `approve by <person> with <key file> (${signed.size} of 2)> `;
    const line = await desk.ask(question, ({ verb }) => verb === 'approve');
    if (line.trim() === '') {
      await plane.engine.clock.sleep(EMPTY_DESK_MS, desk.stop);
      continue;
    }
    try {
      const signer = await signerOf(plane, approval(line), desk.ask);
      signed.set(signer.person, signAs(plane, offer, signer));
    } catch (error) {
      desk.complain(error);
    }
  }
  return signed.size < 2 ? undefined : [...signed.values()];
}

function approval(line: string): Typed {
  const typed = parseTyped(line);
  if (typed?.verb === 'approve') return typed;
  throw new GatewayError('GW-USAGE', 'Type: approve by <person> with <key file>');
}

/** New lines of the journal, as JSON or in words. */
function news({ events }: Shown, told: number, json: boolean): string[] {
  return events
    .filter(({ seq }) => seq > told)
    .map((event) => {
      if (json) return JSON.stringify(event);
      const { ts, type, data } = event;
      const about = 'step' in data ? ` ${data.step}` : '';
      const call = 'call' in data ? ` ${data.call}` : '';
      const state = 'state' in data ? ` ${data.state}` : '';
      return `${ts.slice(11, 19)} ${type}${about}${call}${state}`;
    });
}

const waitsForPeople = ({ asks, approval, pause, state }: Head): boolean =>
  asks.length > 0 ||
  pause !== undefined ||
  (state === 'awaiting-approval' && approval !== undefined);

const sameWait = (a: Head, b: Head | undefined): boolean =>
  JSON.stringify([a.asks, a.pause, a.approval?.granted]) ===
  JSON.stringify([b?.asks, b?.pause, b?.approval?.granted]);

function tellWait({ head }: Shown, desk: Desk): void {
  const { asks, pause, approval, state } = head;
  if (state === 'awaiting-approval' && approval !== undefined) {
    const { granted, needed, role } = approval;
    desk.tell(`waits for approvals: ${granted.length} of ${needed}, role ${role}`);
  }
  for (const ask of asks) {
    desk.tell(
      `waits for ${ask.parts.join(', ')} of ${ask.step} (${ask.role}): ${ask.instruction.en}`,
    );
  }
  if (pause !== undefined) {
    const { code, what, why, next } = pause.refusal;
    desk.tell(`paused at ${pause.step}: ${code}: ${what} ${why} ${next}`);
  }
  desk.tell(HOW_TO_ANSWER);
}
