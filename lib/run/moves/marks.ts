/** What Drillbook changed and has not changed back: so that a later run can say since when. */
import type { Action, Mark } from '../../actions/action.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Engine } from '../engine.ts';
import { MARKS, parseMark } from '../mark-notes.ts';
import { type Part, partsOf } from '../parts.ts';
import type { Session } from '../session.ts';

export async function setMark(session: Session, name: string): Promise<void> {
  const drill = session.state().opened?.drill ?? '';
  const mark: Mark = { run: session.run, drill, at: session.engine.clock.now() };
  await session.engine.store.putNote(MARKS, name, JSON.stringify(mark));
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
export const marksOf = (
  action: Action,
  parts: readonly Part[],
): { readonly name: string; readonly undone: boolean }[] =>
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
  const marks: Record<string, Mark> = {};
  for (const name of names) {
    const mark = await markOf(engine, name);
    if (mark !== undefined) marks[name] = mark;
  }
  return marks;
}

export const markOf = async ({ store }: Engine, name: string): Promise<Mark | undefined> =>
  parseMark(await store.note(MARKS, name));
