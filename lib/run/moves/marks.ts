/** What Drillbook changed and has not changed back: so that a later run can say since when. */
import type { Action, Judgement, Mark, Marking } from '../../actions/action.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Engine } from '../engine.ts';
import { MARKS, parseMark } from '../mark-notes.ts';
import { type Part, partsOf } from '../parts.ts';
import type { Session } from '../session.ts';

export async function setMark(session: Session, name: string, site?: string): Promise<void> {
  const drill = session.state().opened?.drill ?? '';
  const at = session.engine.clock.now();
  const mark: Mark = { run: session.run, drill, at, ...(site === undefined ? {} : { site }) };
  await session.engine.store.putNote(MARKS, name, JSON.stringify(mark));
}

/** What a look has shown to be changed, from the first time on. */
export async function noteSeen(session: Session, { marks = [] }: Judgement): Promise<void> {
  for (const { name, site } of marks) {
    const known = await markOf(session.engine, name);
    if (known === undefined || known.site !== site) await setMark(session, name, site);
  }
}

/** Takes back a mark that this run set for a change it then provably never made. */
export async function withdrawMark(session: Session, name: string): Promise<void> {
  const mark = await markOf(session.engine, name);
  if (mark?.run === session.run) await clearMark(session.engine, name);
}

export async function clearMark(engine: Engine, name: string): Promise<void> {
  await engine.store.putNote(MARKS, name, 'null');
}

/** The objects that an action changes or changes back in these parts of a step. */
export const marksOf = (action: Action, parts: readonly Part[]): Marking[] =>
  action.marks === undefined
    ? []
    : parts.flatMap(({ step }) => action.marks?.(action.input.parse(step.input)) ?? []);

/** The marks on objects that this plan's steps change or assert. */
export async function readMarks(engine: Engine, plan: Plan): Promise<Record<string, Mark>> {
  const names = new Set<string>();
  for (const step of plan.steps) {
    const action = engine.actions.get(step.uses);
    if (action === undefined) continue;
    for (const mark of marksOf(action, partsOf(plan, step))) names.add(mark.name);
  }
  const known = await Promise.all(
    [...names].map(async (name) => [name, await markOf(engine, name)] as const),
  );
  return Object.fromEntries(
    known.flatMap(([name, mark]) => (mark === undefined ? [] : [[name, mark]])),
  );
}

export const markOf = async ({ store }: Engine, name: string): Promise<Mark | undefined> =>
  parseMark(await store.note(MARKS, name));
