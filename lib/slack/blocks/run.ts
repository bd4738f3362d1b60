/** Lines about a run that its root message, `/dr status` and the end of a run share. */
import type { Head } from '../../run/head.ts';
import type { Plan } from '../../runbook/plan.ts';
import { duration, shortHash, when } from '../format.ts';
import type { ChannelView, View } from '../names.ts';
import { refusalIn } from '../texts/codes.ts';
import { markup, say } from '../texts.ts';

export type Step = Head['steps'][number];

/** A drill is loud about being one; a real failover is loud about not being one. */
export function firstLine(head: Head, plan: Plan | undefined, view: ChannelView): string {
  const { language } = view;
  const type = say(language, `type.${plan?.drillType ?? 'unknown'}`);
  const route = view.route(head.service.id);
  const service = head.service.name[language];
  if (route === undefined) return say(language, 'first.noroute', { type, service });
  return say(language, 'first.route', { type, service, ...route });
}

/** State in words, with the one number that matters in it. */
export function stateLine(head: Head, { language }: View): string {
  const total = head.steps.length;
  const done = head.steps.filter((step) => isOver(step)).length;
  return say(language, `state.${head.state}`, {
    total,
    done,
    granted: head.approval?.granted.length ?? 0,
    needed: head.approval?.needed ?? 0,
    expires: markup(head.approval === undefined ? '' : when(head.approval.expiresAt)),
    result: head.result === undefined ? '' : say(language, `result.${head.result.result}`),
    at: markup(head.result === undefined ? '' : when(head.result.endedAt)),
  });
}

/** Why a run stands still and what to do about it. */
export function pauseLines(head: Head, { language }: View): string[] {
  if (head.pause === undefined || head.state === 'ended') return [];
  const { step } = head.pause;
  const refusal = refusalIn(language, head.pause.refusal);
  const title = head.steps.find((one) => one.id === step)?.title[language] ?? step;
  return [
    say(language, 'pause.at', { step: title, code: refusal.code }),
    say(language, 'run.loss', { what: refusal.what, why: refusal.why }),
    say(language, 'run.next', { next: refusal.next }),
  ];
}

const SHOWN = 12;
const BEFORE = 4;

/** All steps while they fit a phone, else those around the present one. */
export function stepLines(steps: readonly Step[], { language }: View): string[] {
  const start = steps.length <= SHOWN ? 0 : windowStart(steps);
  const shown = steps.slice(start, start + SHOWN);
  const after = steps.length - start - shown.length;
  return [
    ...(start > 0 ? [say(language, 'steps.before', { count: start })] : []),
    ...shown.map((step) => {
      const state = say(language, `step.${step.state}`);
      const { done, total } = step.progress ?? {};
      const title = `${step.title[language]}${total === undefined ? '' : ` ${done}/${total}`}`;
      const took = isOver(step) && step.startedAt !== undefined && step.endedAt !== undefined;
      return took
        ? say(language, 'step.line.took', { state, title, took: tookOf(step) })
        : say(language, 'step.line', { state, title });
    }),
    ...(after > 0 ? [say(language, 'steps.after', { count: after })] : []),
  ];
}

/** Run, drill, requester and plan: what one needs to talk about it elsewhere. */
export function contextLine(head: Head, view: View): string {
  const line = say(view.language, 'run.context', {
    run: head.run,
    drill: head.drill,
    runbook: head.runbook.title[view.language],
    requester: view.person(head.requester),
    opened: markup(when(head.openedAt)),
  });
  if (head.planHash === undefined) return line;
  return `${line} · ${say(view.language, 'run.plan', { hash: shortHash(head.planHash) })}`;
}

function windowStart(steps: readonly Step[]): number {
  const present = steps.findIndex((step) => !isOver(step));
  const around = present === -1 ? steps.length : present - BEFORE;
  return Math.max(0, Math.min(around, steps.length - SHOWN));
}

const OVER: readonly Step['state'][] = ['done', 'failed', 'not-needed', 'skipped', 'deviated'];
const isOver = (step: Step): boolean => OVER.includes(step.state);
const tookOf = (step: Step): string => duration((step.endedAt ?? 0) - (step.startedAt ?? 0));
