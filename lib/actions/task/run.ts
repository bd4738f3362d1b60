/** `task/run`: a program that the owner of a site's gateway allows, once, with these arguments. */
import * as z from 'zod';
import { nearest } from '../../errors.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Facts } from '../../runbook/plan.ts';
import { argumentFaults, observePath, type SiteTask, TASK_RUN } from '../../runbook/tasks.ts';
import type { Action, DraftCall, InputFault, Mine, PlanContext, Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { type Seen, see } from '../reads.ts';

const input = z.strictObject({
  task: z.string(),
  site: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});
type Input = z.infer<typeof input>;

/** What a look at the task showed; undefined when it cannot be looked at. */
type Observed = Seen<z.infer<typeof lookSchema>> | undefined;

/** What a gateway tells of a program that ended. */
const ended = {
  exit: z.int().nullable(),
  why: z.string().optional(),
  killed: z.boolean().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
};
const lookSchema = z.looseObject({ effect: z.enum(['there', 'absent', 'unknown']), ...ended });
const answerSchema = z.looseObject(ended);

export const taskRun: Action<Input, Observed> = {
  name: 'task/run',
  input,
  title: { ko: '사이트 작업 실행', en: 'Run a site task' },
  withinMs: 30 * 60_000,
  pollMs: 2_000,
  facts: ['tasks'],
  // An owner's program that finds its work done has nothing to take back, and nothing to say.
  preexisting: 'accept',
  faults: faultsOf,
  plan: (given, context) => [runCall(given, context)],
  observe: async (view, given, read) => look(given, view.plan.facts, read),
  situation: async (view, read) => {
    const given = input.parse(view.step.input);
    const seen = await look(given, view.plan.facts, read);
    return [`Task ${given.task} at ${given.site}: ${told(seen)}.`];
  },
  judge: (observed, given, view) => {
    const [call] = view.calls;
    if (call === undefined) return { verdicts: {} };
    const mine = view.mine[call.id];
    const verdict = judgeCall({
      ...{ call, mine, now: view.now },
      effect: effectOf(observed, mine, view.now - withinOf(given, view.plan.facts)),
      before: `What ${given.task} brings about at ${given.site} was so already.`,
    });
    return { verdicts: { [call.id]: verdict } };
  },
};

const tasksAt = (facts: Facts, site: string): readonly SiteTask[] =>
  boundOf(facts).tasks?.[site] ?? [];

const look = async ({ task, site, args }: Input, facts: Facts, read: Reader): Promise<Observed> =>
  tasksAt(facts, site).find(({ name }) => name === task)?.observe === true
    ? see(read, { site, target: `task:${task}`, path: observePath(args) }, lookSchema)
    : undefined;

function told(seen: Observed): string {
  if (seen === undefined) return 'its gateway has no way to look at its effect';
  return seen.ok ? `its effect is ${seen.value.effect}` : seen.why;
}

/** A name that the gateway does not have, and arguments that its owner did not declare so. */
function faultsOf({ task: wanted, site, args }: Input, { facts }: PlanContext): InputFault[] {
  const tasks = tasksAt(facts, site);
  const task = tasks.find(({ name }) => name === wanted);
  if (task !== undefined) {
    return argumentFaults(task, args).map(({ name, ...fault }) => ({
      ...fault,
      path: ['args', name],
    }));
  }
  const names = tasks.map(({ name }) => name);
  const instead = nearest(wanted, names) ?? names.join(', ');
  const what = `there is no task ${wanted} at ${site}`;
  return [{ path: ['task'], what, ...(instead === '' ? {} : { instead }) }];
}

function runCall(given: Input, context: PlanContext): DraftCall {
  const { task: name, args } = given;
  const site = siteOf(context.config, given.site);
  assertTakesBack(given, context);
  const list = Object.entries(args).map(([arg, value]) => `${arg}=${value}`);
  const words = list.length === 0 ? '' : ` (${list.join(', ')})`;
  return {
    name: 'run',
    site: site.id,
    target: `task:${name}`,
    method: 'POST',
    path: TASK_RUN,
    body: { args },
    words: {
      ko: `${site.name.ko}에서 사이트 작업 ${name} 실행${words}`,
      en: `Run site task ${name} at ${site.name.en}${words}`,
    },
  };
}

/** Where the gateway's owner says what takes a task back, nothing else does. */
function assertTakesBack({ task: name, site }: Input, context: PlanContext): void {
  const undone = context.calls.find(
    (call) => call.step === context.undoes && call.target.startsWith('task:'),
  );
  if (undone === undefined) return;
  const [, task] = undone.target.split(':');
  const by = tasksAt(context.facts, undone.site).find((one) => one.name === task)?.undo;
  if (by === undefined || (by === name && undone.site === site)) return;
  const why = `The owner of the gateway at ${undone.site} wrote that ${by} takes it back.`;
  throw new ActionError('ACT-PLAN', `Task ${name} does not take back ${task}.`, why);
}

const withinOf = ({ task, site }: Input, facts: Facts): number =>
  tasksAt(facts, site).find(({ name }) => name === task)?.withinMs ?? 0;

/**
 * A look counts more than an answer; where there is none, what the program said when it ended. A
 * gateway that is gone leaves a program behind: begun after `since`, it may be at work still.
 */
function effectOf(observed: Observed, mine: Mine | undefined, since: number): Effect {
  const answer = answerSchema.safeParse(mine?.answer).data;
  const reading = answer === undefined ? {} : { reading: { exit: answer.exit } };
  const isOver = mine?.state === 'answered' || mine?.state === 'lost';
  const hasFailed = isOver && mine.retry !== true && answer !== undefined && answer.exit !== 0;
  if (observed?.ok === true && observed.value.effect === 'there')
    return { seen: 'there', ...reading };
  if (hasFailed) return { seen: 'broken', why: failureOf(answer), ...reading };
  const isAtWork = mine?.state === 'lost' && answer === undefined && (mine.at ?? 0) > since;
  if (isAtWork) return { seen: 'moving', why: 'It was begun, and may be at work still.' };
  if (observed === undefined) {
    if (mine?.state === 'answered') return { seen: 'there', ...reading };
    // Whoever orders a retry has looked: the program itself cannot be asked.
    return { seen: 'absent', why: 'This task cannot be looked at.' };
  }
  if (!observed.ok) return { seen: 'unknown', why: observed.why };
  return { seen: observed.value.effect, why: `A look at the task says: ${observed.value.effect}.` };
}

/** What people read of a program that did not end well: its last words. */
const WORDS_MAX = 300;

function failureOf({
  exit,
  killed,
  stderr = '',
  stdout = '',
}: z.infer<typeof answerSchema>): string {
  const how =
    killed === true ? 'It was killed at its limit' : `It ended with ${exit ?? 'a signal'}`;
  const words = (stderr.trim() || stdout.trim()).slice(-WORDS_MAX);
  return words === '' ? `${how}.` : `${how}: ${words}`;
}
