/**
 * `replication/takeover`: opens the S-VOLs of a copy group when the site of its source is gone: main, or
 * DR while the service works there. One way only: what the source had not sent is lost to the copy that
 * goes on. Rule 5 stands before it: two people have said in an earlier step that nothing writes there,
 * and the gateway sees that no path to it is left. What an S-VOL is worth depends on its state and, with
 * TrueCopy, on the fence level.
 */
import * as z from 'zod';
import type { Bound } from '../../runbook/bound.ts';
import type { Facts, Guard } from '../../runbook/plan.ts';
import { against, hazardText } from '../../vsp/hazards.ts';
import { actionMethod, actions, objectsPath, reads } from '../../vsp/paths.ts';
import { takeoverBody } from '../../vsp/takeover.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { jobFailed, seeJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { assertProof, unproved } from '../proof.ts';
import { arrayTarget } from '../reads.ts';
import { type BoundSite, takeoverOf } from '../replicas.ts';
import { openedAt, protectionMark } from './protection.ts';
import { type SecondarySeen, seeSecondary, situationAtSecondary } from './secondary.ts';

const input = z.strictObject({
  group: z.string(),
  /** The step in which one person fenced main and another one watched. */
  proof: z.string(),
  /** `may-be-old` opens volumes that were split before and lack what was written since. */
  data: z.enum(['current', 'may-be-old']).default('current'),
});
type Input = z.infer<typeof input>;

interface Observed extends SecondarySeen {
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const replicationTakeover: Action<Input, Observed> = {
  name: 'replication/takeover',
  input,
  title: { ko: '재해 인계: DR 볼륨을 쓰기 가능으로 전환', en: 'Take over: open the volumes at DR' },
  withinMs: 60 * 60_000,
  pollMs: 5_000,
  facts: ['takeover'],
  // Whoever opened the volumes: the run goes on from there and says that it was not us.
  preexisting: 'accept',
  // From here on the service is unprotected, until it is re-protected.
  marks: ({ group }) => ({ name: protectionMark(group), undone: false }),
  plan: (given, context) => [takeoverCall(given, context)],
  observe: async (view, _input, read) => ({
    ...(await seeSecondary(read, view.plan)),
    job: await seeJob(read, view),
  }),
  situation: situationAtSecondary,
  judge: (observed, given, view) => {
    const [call] = view.calls;
    if (call === undefined) return { verdicts: {} };
    const verdict = judgeCall({
      mine: view.mine[call.id],
      now: view.now,
      effect: effectOf(observed, given, { view, call: call.id }),
      before: `The volumes of ${given.group} were opened before this run.`,
    });
    return { verdicts: { [call.id]: verdict }, marks: marksOf(observed, given, view) };
  },
};

/** A source whose other side is given up has no copy either, though nobody opened it. */
function marksOf(observed: Observed, { group }: Input, { plan }: StepView) {
  if (observed.class !== 'taken') return [];
  const isOpen = observed.states.every((state) => state === 'SSWS');
  return isOpen ? openedAt(group, takeoverOf(plan.facts).site) : [{ name: protectionMark(group) }];
}

function takeoverCall(given: Input, context: PlanContext): DraftCall {
  const { facts, config } = context;
  const bound = takeoverOf(facts);
  assertPlannable(given, context, bound);
  const site = siteOf(config, bound.site);
  const count = bound.pairs.length;
  const old = given.data === 'current' ? { ko: '', en: '' } : OLD;
  return {
    name: 'takeover',
    site: site.id,
    target: arrayTarget(site.array),
    method: actionMethod(site.array.api),
    path: objectsPath(site.array, actions.takeover(bound.id)),
    body: takeoverBody,
    guards: takeoverGuards(site, bound, given.data),
    words: {
      ko: `${site.name.ko}의 ${bound.group} (${count}쌍)을 인계하여 쓰기 가능으로 전환. 되돌릴 수 없음${old.ko}`,
      en: `Take over ${bound.group} (${count} pairs) at ${site.name.en}. Cannot be taken back${old.en}`,
    },
  };
}

/** What the two people who sign must have read when the data may be old. */
const OLD = {
  ko: '. 데이터가 오래되었을 수 있음: 분리되었거나 상대 센터가 따로 계속 썼을 수 있음',
  en: '. THE DATA MAY BE OLD: it was split before, or the other site may have gone on without it',
} as const;

type Takeover = NonNullable<Bound['takeover']>;

function assertPlannable(given: Input, context: PlanContext, bound: Takeover): void {
  const { facts } = context;
  const refuse = (what: string, why: string) => new ActionError('ACT-PLAN', what, why);
  if (bound.group !== given.group) {
    throw refuse(`Copy group ${given.group}.`, `The service has ${bound.group}.`);
  }
  if (bound.type !== 'UR' && bound.type !== 'TC') {
    const why = 'This takeover is for UR and TC; hosts of GAD go on by themselves.';
    throw refuse(`Copy group ${bound.group} is ${bound.type}.`, why);
  }
  assertProof(given.proof, context);
  const found = takeoverClassOf(facts);
  if (found === 'refused') {
    throw refuse(`The S-VOLs of ${bound.group} are not usable.`, hazardText(9));
  }
  if (found === 'not-current' && given.data === 'current') {
    const split = 'were split before, or the service went on at the other site since,';
    const how = bound.fence === undefined ? split : `have fence ${bound.fence}`;
    const why = `They ${how} and may be old; \`data: may-be-old\` says that this is meant.`;
    throw refuse(`The S-VOLs of ${bound.group} are not current.`, why);
  }
}

const takeoverClassOf = ({ classed }: Facts): unknown => classed['takeover'];

/** Read at the secondary site only: nothing here asks main. */
function takeoverGuards(
  { array }: Pick<BoundSite, 'array'>,
  bound: Takeover,
  data: Input['data'],
): Guard[] {
  const target = arrayTarget(array);
  const at = (rest: string) => objectsPath(array, rest);
  const worst = data === 'current' ? 'current' : 'not-current';
  const { fence, journalId, muNumber } = bound;
  const fenced = fence === undefined ? {} : { fence };
  return [
    {
      id: against(9, 'secondary-takeable'),
      target,
      path: at(`remote-mirror-copygroups/${bound.id}`),
      predicate: 'secondary-takeable',
      args: { pairs: bound.pairs.map((pair) => ({ ...pair })), worst, ...fenced },
    },
    ...(journalId === undefined
      ? []
      : [
          {
            id: against(1, 'journal-cut-off'),
            target,
            path: at(reads.journals),
            predicate: 'journal-cut-off',
            args: { journalId, muNumber },
          },
        ]),
    {
      id: against(1, 'remote-paths-down'),
      target,
      path: at(reads.remotePaths),
      predicate: 'remote-paths-down',
      args: { storageDeviceId: bound.primary },
    },
  ];
}

const kept = z.looseObject({ qCount: z.int().nullish() });

function effectOf(
  seen: Observed,
  given: Input,
  { view, call }: { readonly view: StepView; readonly call: string },
): Effect {
  const { pairs, class: found, states, journal, job, paths } = seen;
  const known = journal?.ok === true ? journal.value : undefined;
  const qCount = known?.qCount ?? null;
  const marker = journal === undefined ? 'none' : (known?.qMarker ?? 'unknown');
  const links = paths.ok ? [...paths.value] : [];
  const reading = { states: [...states], qMarker: marker, qCount };
  if (!pairs.ok) return { seen: 'unknown', why: pairs.why };
  if (found === 'taken') return { seen: 'there', reading };
  if (found === 'refused') {
    return {
      seen: 'broken',
      why: `The S-VOLs are ${states.join(', ')}. ${hazardText(9)}`,
      reading,
    };
  }
  const failed = jobFailed(job, reading);
  if (failed !== undefined) return failed;
  if (maySent(view.mine[call])) {
    return { seen: 'absent', why: `The array opens the volumes: ${states.join(', ')}.`, reading };
  }
  if (found === 'not-current' && given.data === 'current') {
    const old = `The S-VOLs are ${states.join(', ')} and may be old: they lack what was written since.`;
    const why = states.length > 1 ? `${old} ${hazardText(6)}` : old;
    return { seen: 'broken', why, reading };
  }
  const lacking = unproved(given.proof, view);
  if (lacking !== undefined) return { seen: 'blocked', why: lacking };
  if (!paths.ok) return { seen: 'blocked', why: paths.why };
  const active = known?.numOfActivePaths ?? 0;
  if (links.includes('NML') || active > 0) {
    const why = `Remote paths: ${links.join(', ')}; ${active} active in the journal. ${hazardText(1)}`;
    return { seen: 'broken', why, reading };
  }
  return settled(seen, { view, call, reading });
}

/** What was received is applied first: two looks must show the same rest. Without a journal none waits. */
function settled(
  { journal }: Observed,
  { view, call, reading }: { view: StepView; call: string; reading: Rest },
): Effect {
  if (journal === undefined) return { seen: 'absent', reading };
  if (!journal.ok) return { seen: 'blocked', why: journal.why };
  const before = kept.safeParse(view.readings[call]).data;
  if (before === undefined || (before.qCount ?? null) !== reading.qCount) {
    return { seen: 'blocked', why: 'The restore journal is still working.', reading };
  }
  return { seen: 'absent', reading };
}

type Rest = { readonly states: string[]; readonly qMarker: string; readonly qCount: number | null };
