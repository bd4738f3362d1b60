/** The message that asks for approval: what will be done in words, how dangerous, until when. */
import { needsOwnKey } from '../../approval/statement.ts';
import type { Forecast } from '../../run/forecast.ts';
import type { Head } from '../../run/head.ts';
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import { duration, shortHash, when } from '../format.ts';
import type { ChannelView, View } from '../names.ts';
import { type Language, markup, say } from '../texts.ts';
import {
  actions,
  button,
  context,
  type Message,
  message,
  remark,
  section,
  sections,
} from './elements.ts';
import { contextLine, firstLine } from './run.ts';

export interface Pending {
  readonly head: Head;
  readonly plan: Plan;
  readonly planHash: string;
  readonly approval: NonNullable<Head['approval']>;
  /** From past runs; stands beside the plan and is not part of it. */
  readonly forecast?: Forecast | undefined;
}

const STEP_BLOCKS = 10;

/** Pure. Buttons carry the hash that was shown; the engine compares it with what is pending. */
export function approvalMessage(pending: Pending, view: ChannelView): Message {
  const { head, plan, planHash, approval } = pending;
  const { language } = view;
  const first = firstLine(head, plan, view);
  const title = say(language, 'approval.title', {
    needed: approval.needed,
    role: approval.role,
    mentions: view.mentions(approval.role),
  });
  const expires = say(language, 'approval.expires', {
    expires: markup(when(approval.expiresAt)),
    hash: shortHash(planHash),
  });
  const granted = approval.granted.map(({ person, at, own }) => {
    const key = own === true ? 'approval.granted.own' : 'approval.granted';
    return say(language, key, { person: view.person(person), at: markup(when(at)) });
  });
  return message(`${first}. ${title}`, [
    section(`*${first}*\n${title}`),
    section(
      [
        ...countLines(head, plan, view),
        ...codeLines(pending, view),
        ...forecastLines(pending, language),
        expires,
      ].join('\n'),
    ),
    ...sections(waveLines(head, language), { blocks: 4, language }),
    ...sections(stepWords(plan, language), { blocks: STEP_BLOCKS, language }),
    ...sections(granted, { blocks: 2, language }),
    context(contextLine(head, view)),
    remark(language),
    actions(decisions(pending, language)),
  ]);
}

export type Outcome = 'approved' | 'denied' | 'expired' | 'voided' | 'aborted';

/** What stands in the place of the buttons once it is decided. */
export function approvalClosed(
  closed: {
    readonly head: Head;
    readonly plan: Plan | undefined;
    readonly planHash: string;
    readonly outcome: Outcome;
  },
  view: ChannelView,
): Message {
  const { head, plan, planHash, outcome } = closed;
  const first = firstLine(head, plan, view);
  const people = (head.approval?.granted ?? []).map(({ person }) => view.person(person)).join(', ');
  const what = say(view.language, `approval.closed.${outcome}`, {
    hash: shortHash(planHash),
    people,
  });
  return message(`${first}. ${what}`, [
    section(`*${first}*\n${what}`),
    context(contextLine(head, view)),
  ]);
}

/** The gateways' word code, to be compared with theirs; and how to sign, where a click is not enough. */
function codeLines({ head, plan, approval }: Pending, { language, site }: ChannelView): string[] {
  const [first] = approval.words ?? [];
  const sites = (approval.words ?? []).map((one) => site(one.site)).join(', ');
  return [
    ...(first === undefined
      ? []
      : [say(language, 'approval.code', { words: first[language], sites })]),
    ...(needsOwnKey(plan.class) ? [say(language, 'approval.own', { run: head.run })] : []),
  ];
}

/** How long it took before, and the steps that took longest. */
function forecastLines({ forecast, plan }: Pending, language: Language): string[] {
  if (forecast === undefined) return [];
  const titleOf = (id: string) => plan.steps.find((step) => step.id === id)?.title[language] ?? id;
  const longest = Object.entries(forecast.steps)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([id, ms]) => `${titleOf(id)} ${duration(ms)}`);
  const { runs, tookMs } = forecast;
  const values = { runs, took: duration(tookMs), longest: longest.join(', ') };
  return [say(language, 'approval.forecast', values)];
}

function countLines(head: Head, plan: Plan, view: ChannelView): string[] {
  const { language } = view;
  const sites = plan.sites.map((site) => view.site(site)).join(', ');
  const danger = say(language, `class.${plan.class}`);
  const givenUp = (plan.givesUp ?? []).map((site) => view.site(site)).join(', ');
  return [
    say(language, 'approval.class', { class: danger }),
    ...(head.stake === undefined ? [] : [say(language, `approval.stake.${head.stake}`)]),
    ...(givenUp === '' ? [] : [say(language, 'approval.given-up', { sites: givenUp })]),
    ...(head.plan === undefined ? [] : [say(language, 'approval.count', { ...head.plan, sites })]),
  ];
}

/** All members, with what is approved of each; the steps below are those of the first. */
function waveLines({ wave }: Head, language: Language): string[] {
  const members = (wave?.members ?? []).map((member, index) =>
    say(language, 'approval.wave.member', {
      number: index + 1,
      service: member.name[language],
      hash: shortHash(member.planHash),
      class: say(language, `class.${member.class}`),
    }),
  );
  return members.length === 0 ? [] : [say(language, 'approval.wave'), ...members];
}

function stepWords(plan: Plan, language: Language): string[] {
  const numbered = plan.steps.map((step, index) => ({ step, number: index + 1 }));
  const always = numbered.filter(({ step }) => step.phase === 'always');
  const forward = numbered.filter(({ step }) => step.phase !== 'always');
  const line = ({ step, number }: { step: PlanStep; number: number }) => {
    const calls = plan.calls.filter((call) => call.step === step.id).length;
    const key = calls === 0 ? 'approval.step' : 'approval.step.calls';
    return say(language, key, { number, title: step.title[language], calls });
  };
  return [
    say(language, 'approval.words'),
    ...forward.map(line),
    ...(always.length === 0 ? [] : [say(language, 'approval.always'), ...always.map(line)]),
  ];
}

/** No button to approve where only a signature counts. */
function decisions({ head, plan, planHash }: Pending, language: Language) {
  const value = { run: head.run, planHash };
  const named = { service: head.service.name[language], hash: shortHash(planHash) };
  return [
    button('details', { language, value }),
    ...(needsOwnKey(plan.class)
      ? []
      : [button('approve', { language, value, label: say(language, 'label.approve', named) })]),
    button('deny', { language, value, label: say(language, 'label.deny', named), danger: true }),
  ];
}

/** Lines of calls that are kept for Details, a note of limited size: more than it shows. */
const LINES_MAX = 250;

/** Every changing call in words and on the wire, one line each, for Details; the rest is counted. */
export function planLines(plan: Plan, language: Language): string[] {
  const lines = plan.calls.slice(0, LINES_MAX).map((call, index) =>
    say(language, 'plan.call', {
      number: index + 1,
      words: call.words[language],
      method: call.method,
      path: call.path,
      site: call.site,
      class: call.class,
    }),
  );
  const count = plan.calls.length - lines.length;
  return count > 0 ? [...lines, say(language, 'lines.more', { count })] : lines;
}

const DETAIL_BLOCKS = 10;

/** The calls as one person sees them after pressing Details; `lines` are escaped already. */
export function detailsMessage(
  details: { readonly run: string; readonly planHash: string; readonly lines: readonly string[] },
  { language }: Pick<View, 'language'>,
): Message {
  const hash = shortHash(details.planHash);
  const title = say(language, 'details.title', { hash, run: details.run });
  return message(title, [
    section(title),
    ...sections(details.lines, { blocks: DETAIL_BLOCKS, language }),
  ]);
}
