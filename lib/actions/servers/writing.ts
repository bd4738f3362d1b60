/**
 * Since when servers of a service write, or do not: notes that outlive a run. A disaster in the middle
 * of a planned move finds them stopped by us, and what was lost is counted to then, not to when the
 * site was gone. Named after the first server: a service is somewhere once.
 */
import type { ServerSpec } from '../../config.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Judgement, Mark, Marking, StepView } from '../action.ts';

type Servers = readonly Pick<ServerSpec, 'name'>[];

const nameOf = (word: 'stopping' | 'stopped' | 'started', [first]: Servers): string =>
  `servers-${word}:${first?.name}`;

/** Of a step that starts them: from the first order `by` which one starts they may write. */
export const starting = (servers: Servers, by: (call: PlanCall) => boolean): readonly Marking[] => [
  { name: nameOf('started', servers), undone: false, by },
  { name: nameOf('stopping', servers), undone: true },
  { name: nameOf('stopped', servers), undone: true },
];

/** Of a step that only wants to know them: no call of it changes them. */
export const asking = (servers: Servers): readonly Marking[] =>
  (['stopping', 'stopped', 'started'] as const).map((word) => ({
    ...{ name: nameOf(word, servers), undone: false, by: () => false },
  }));

/**
 * What a look at a step that stops them at a site has shown: it began, and whether all are off. Nothing
 * where they were started at the other site since: what is stopped here is not the service.
 */
export function seenStopping(
  { site, servers }: { readonly site: string; readonly servers: Servers },
  { verdicts }: Pick<Judgement, 'verdicts'>,
  { marks }: Pick<StepView, 'marks'>,
): NonNullable<Judgement['marks']> {
  const at = marks[nameOf('started', servers)]?.site;
  if (at !== undefined && at !== site) return [];
  const isOver = Object.values(verdicts).every(
    ({ state }) => state === 'done' || state === 'preexisting',
  );
  const began = { name: nameOf('stopping', servers), site };
  return isOver ? [began, { name: nameOf('stopped', servers), site }] : [began];
}

/** Instants in ms; one that is not there is not known, or did not come. */
export interface Rest {
  /** They were running when somebody began to stop them. */
  readonly stopping?: number;
  /** All of them were seen off. */
  readonly stopped?: number;
  /** Starting them was ordered last; with `stopping` before it, not all were seen to run since. */
  readonly started?: number;
}

/** Undefined where no run of ours has stopped or started them. */
export function restOf(servers: Servers, { marks }: Pick<StepView, 'marks'>): Rest | undefined {
  const mark = (word: Parameters<typeof nameOf>[0]): Mark | undefined =>
    marks[nameOf(word, servers)];
  const [began, over, started] = [mark('stopping'), mark('stopped'), mark('started')];
  if (began === undefined && started === undefined) return undefined;
  const ended = over?.site === began?.site ? over : undefined;
  return {
    ...(began === undefined ? {} : { stopping: began.at }),
    ...(began === undefined || ended === undefined ? {} : { stopped: ended.at }),
    ...(started === undefined ? {} : { started: started.at }),
  };
}
