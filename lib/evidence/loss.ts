/**
 * What was lost, and how that is known: proved by the drained journal, measured by heartbeats,
 * estimated from markers, or unknown with a reason. 0 only with a proof.
 */
import * as z from 'zod';
import {
  type Between,
  type Loss,
  lossBetween,
  lossByBeat,
  lossByMarkers,
  type Sample,
} from '../actions/heartbeat/loss.ts';
import type { Text } from '../runbook/plan.ts';
import { notAssessed } from './clocks.ts';
import { eventsOf, type RunContent } from './content.ts';

export interface KnownLoss extends Loss {
  readonly method: 'proven' | 'measured' | 'estimated';
  /** Between the consistency groups of the service, where it was measured. */
  readonly skewMs?: number;
  /** The latest instant that main is taken to have ended at (ms): what it wrote later is not in it. */
  readonly countedTo?: number;
}

const unknown = (ko: string, en: string): { readonly why: Text } => ({
  why: { ko: `미측정 (${ko})`, en: `not measured (${en})` },
});

/** Where all of it stands. */
type Journal = Pick<RunContent, 'events' | 'plan' | 'opening'>;

export function lossOf(content: Journal): KnownLoss | { readonly why: Text } {
  const why = notAssessed(content.plan?.drillType ?? content.opening.drillType ?? null);
  if (why !== undefined) return { why };
  const moved = movedBy(content);
  if (moved === undefined) return unknown('업무를 옮기지 않음', 'the service was not moved');
  if (moved.uses === 'servers/evacuate') {
    return goesOnMirrored(content, moved.at)
      ? { lossMs: 0, errorMs: 0, method: 'proven' }
      : unknown('남은 센터의 볼륨 상태를 확인하지 못함', 'the volumes that are left were not seen');
  }
  if (moved.uses === 'replication/swap') {
    return isDrained(content, moved.at)
      ? { lossMs: 0, errorMs: 0, method: 'proven' }
      : unknown('전환 전 저널이 비었다는 증명 없음', 'no proof that the journal was drained');
  }
  if (wasThere(content)) {
    const en = 'the volumes were opened before this run';
    return unknown('이 실행 전에 이미 인계되어 있었음', en);
  }
  const gone = endOf(content, moved.at);
  if (gone === undefined) {
    const en =
      'when the lost site ended is not known: no disaster was declared and it was not seen';
    return unknown('상실된 센터가 멈춘 시각을 알 수 없음: 재해 선포와 그 센터의 관측이 없음', en);
  }
  if (moved.uses === 'backups/restore') return sinceBackup(content, gone);
  const found = beatsIn(content).find(({ beat, ts }) => beat === 'first' && ts > moved.at);
  const rest = restIn(content);
  const ended = lastWrite(gone, rest, found?.at);
  if (found !== undefined) {
    const { at, skewMs } = found;
    if (at > ended.to) {
      const en =
        'the lost site wrote a heartbeat after it is said to have ended: one of the clocks is wrong';
      const ko =
        '상실된 센터가 멈췄다고 한 시각 이후의 하트비트가 있음: 선포 시각이나 시계가 맞지 않음';
      return unknown(ko, en);
    }
    return { ...lossSince(at, ended, rest), method: 'measured', skewMs, countedTo: ended.to };
  }
  const restored = restoredIn(content);
  const samples = samplesIn(content, moved.at);
  if (restored === undefined || samples.length === 0) {
    const en = 'no heartbeat was read, and the marker of the lost site was not sampled before';
    return unknown('하트비트를 읽지 못했고 상실된 센터 마커의 사전 표본도 없음', en);
  }
  const loss = lossByMarkers(samples, restored, ended);
  if (loss !== undefined) return { ...loss, method: 'estimated', countedTo: ended.to };
  return unknown(
    '마커 표본이 인계 시점보다 새로움',
    'every sampled marker is newer than what arrived',
  );
}

const backupsSchema = z.looseObject({ backups: z.array(z.looseObject({ at: z.string() })) });

/** The service goes on from the oldest of its backups; Cinder says of when each is to the second. */
function sinceBackup({ plan }: Journal, gone: Between): KnownLoss | { readonly why: Text } {
  const known = backupsSchema.safeParse(plan?.facts.bound).data?.backups ?? [];
  const at = known.map(utcOf);
  if (at.length === 0 || at.some(Number.isNaN)) {
    return unknown('백업 시각을 알 수 없음', 'of when the backups are is not known');
  }
  const [from, newest] = [Math.min(...at), Math.max(...at)];
  const loss = lossBetween({ from, to: from + 1_000 }, gone);
  return { ...loss, method: 'estimated', skewMs: newest - from, countedTo: gone.to };
}

/** Cinder writes no time zone and means UTC. */
const utcOf = ({ at }: { readonly at: string }): number =>
  Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(at) ? at : `${at}Z`);

const moves = [
  'replication/swap',
  'replication/takeover',
  'servers/evacuate',
  'backups/restore',
] as const;

interface Moved {
  readonly uses: (typeof moves)[number];
  /** When the first call of it was sent (ms). */
  readonly at: number;
}

/** The step that changed the side, if it ended well and was not taken back. */
function movedBy({ events, plan }: Journal): Moved | undefined {
  const done = (id: string) =>
    eventsOf(events, 'step.finished').some(
      ({ data }) => data.step === id && data.result === 'done',
    );
  const undone = plan?.steps.filter(({ id }) => done(id)).map(({ undoes }) => undoes);
  const steps = (plan?.steps ?? []).filter(({ id, phase }) => phase === 'forward' && done(id));
  const step = steps.findLast(({ uses, id }) => isMove(uses) && undone?.includes(id) !== true);
  if (step === undefined || !isMove(step.uses)) return undefined;
  const sent = events.find(
    ({ type, data }) => (type === 'intent' || type === 'step.finished') && data.step === step.id,
  );
  return { uses: step.uses, at: Date.parse(sent?.ts ?? '') };
}

const isMove = (uses: string): uses is Moved['uses'] => moves.some((one) => one === uses);

interface Read {
  readonly uses: string;
  /** When it was journaled (ms). */
  readonly ts: number;
  readonly state: string;
  readonly reading: unknown;
}

function readingsIn({ events, plan }: Journal): Read[] {
  const uses = new Map(plan?.steps.map((step) => [step.id, step.uses]));
  return eventsOf(events, 'judged').flatMap(({ ts, data }) =>
    Object.values(data.verdicts).map(({ state, reading }) => ({
      ...{ uses: uses.get(data.step) ?? '', ts: Date.parse(ts), state, reading },
    })),
  );
}

const proofSchema = z.looseObject({ proof: z.literal('rpo-0') });

/** The last word of the drain before the sides changed. */
function isDrained(content: Journal, before: number): boolean {
  const said = readingsIn(content).filter(
    ({ uses, ts }) => uses === 'replication/drain' && ts <= before,
  );
  const last = said.at(-1);
  return last?.state === 'done' && proofSchema.safeParse(last.reading).success;
}

/** Hosts reach the half that is left only while it has all that was acknowledged: else it is closed. */
const goesOnMirrored = (content: Journal, before: number): boolean =>
  readingsIn(content).some(
    ({ uses, ts, state }) => uses === 'gad/survive' && ts <= before && state === 'done',
  );

/** Somebody else, or an exchange of the sides, had opened the volumes: this run gave nothing up. */
const wasThere = (content: Journal): boolean =>
  readingsIn(content).findLast(({ uses }) => uses === 'replication/takeover')?.state ===
  'preexisting';

const beatReading = z.looseObject({
  beat: z.enum(['last', 'first']),
  at: z.iso.datetime(),
  skewMs: z.int(),
});

const beatsIn = (content: Journal) =>
  readingsIn(content).flatMap(({ uses, ts, reading }) => {
    if (uses !== 'heartbeat/measure') return [];
    const { data } = beatReading.safeParse(reading);
    return data === undefined ? [] : [{ ...data, ts, at: Date.parse(data.at) }];
  });

/** When main could write for the last time: as declared, and never before it was last seen. */
function endOf(content: Journal, moved: number): Between | undefined {
  const seen = [
    ...beatsIn(content)
      .filter(({ beat, ts }) => beat === 'last' && ts <= moved)
      .map(({ at }) => at),
    ...samplesIn(content, moved).map(({ at }) => at),
  ];
  const last = seen.length === 0 ? undefined : Math.max(...seen);
  const declared = eventsOf(content.events, 'disaster.declared').at(-1)?.data;
  if (declared === undefined) return last === undefined ? undefined : { from: last, to: moved };
  // A person is right to the minute, or to the second who says seconds.
  const { occurredAt, exactMs } = declared;
  const from = Math.max(occurredAt - exactMs, last ?? 0);
  return { from, to: Math.max(from, Math.min(occurredAt + exactMs, moved)) };
}

const restReading = z.looseObject({
  rest: z.object({
    stopping: z.int().optional(),
    stopped: z.int().optional(),
    started: z.int().optional(),
  }),
});
type Rest = z.infer<typeof restReading>['rest'];

/** When earlier runs of ours had stopped or started the servers that are lost. */
function restIn(content: Journal): Rest {
  const looks = readingsIn(content).filter(({ uses }) => uses === 'servers/assert-off');
  return restReading.safeParse(looks.at(-1)?.reading).data?.rest ?? {};
}

/**
 * Servers that were stopped before main ended wrote nothing in between. A heartbeat that is younger
 * than that shows that somebody started them again: then it does not count. While a run was starting
 * them nobody knows whether they wrote, and the error covers both.
 */
function lastWrite(gone: Between, { stopping, stopped, started = 0 }: Rest, beat = 0): Between {
  if (stopping === undefined || stopping >= gone.to) return gone;
  const off = Math.min(gone.to, stopped ?? gone.to);
  if (beat > off) return gone;
  return { from: Math.min(gone.from, stopping), to: started >= stopping ? gone.to : off };
}

/** Of what was written after servers were started no heartbeat came, perhaps records: up to all. */
const lossSince = (beat: number, ended: Between, { started = 0 }: Rest): Loss =>
  beat < started
    ? lossBetween({ from: beat, to: Math.max(beat, ended.to) }, ended)
    : lossByBeat(beat, ended);

const markerReading = z.looseObject({ marker: z.string(), t0: z.int() });

/** Main's marker as this run saw it, by the time it was read. */
const samplesIn = (content: Journal, before: number): Sample[] =>
  readingsIn(content).flatMap(({ uses, ts, reading }) => {
    if (uses !== 'replication/assert' || ts > before) return [];
    const { data } = markerReading.safeParse(reading);
    return data === undefined ? [] : [{ at: data.t0, marker: data.marker }];
  });

const restoredReading = z.looseObject({ qMarker: z.string().regex(/^[0-9A-Fa-f]+$/) });

/** The restore marker as the takeover saw it last. */
const restoredIn = (content: Journal): string | undefined =>
  readingsIn(content)
    .flatMap(({ uses, reading }) => {
      if (uses !== 'replication/takeover') return [];
      const { data } = restoredReading.safeParse(reading);
      return data === undefined ? [] : [data.qMarker];
    })
    .at(-1);
