/** The array's management is away while volumes are made: what becomes of them, and what stays behind. */
import assert from 'node:assert/strict';
import { labelOf } from './hbsd-array.ts';
import type { Cloud } from './hbsd-cloud.ts';
import { ownLdevs } from './hbsd-life.ts';
import { type LogLine, stamp } from './hbsd-log.ts';
import { pause, type Report } from './hbsd-report.ts';
import type { Centre, Stage } from './hbsd-stage.ts';

const VOLUMES = 20;
const AWAY_MS = 8000;
/** By then what was on its way when the array came back has said what it has to say. */
const GRACE_MS = 3000;

export async function outage(report: Report, stage: Stage, centre: Centre): Promise<void> {
  const { cloud, log } = centre;
  await report.check('no error in the log of cinder-volume up to here', async () => {
    assert.deepEqual(brief(log.errors()), []);
    return undefined;
  });
  const met: Met = { ids: [], victims: [], away: ['', ''], restart: ['', ''] };
  await report.check('every volume settles after an outage in the middle', async () => {
    met.victims = await Promise.all([1, 2, 3].map(() => cloud.create()));
    met.ids = await Promise.all(Array.from({ length: VOLUMES }, () => cloud.order()));
    const [deleted = '', extended = '', snapped = ''] = met.victims;
    // In the middle: some are made, some are being made.
    while (!(await statesOf(centre, met.ids)).includes('available')) await pause(50);
    met.away[0] = stamp();
    await stage.management(centre, true);
    await cloud.ask(`DELETE /volumes/${deleted}`);
    await cloud.act(extended, { 'os-extend': { new_size: 2 } });
    const snapshot = await cloud.snapshot(snapped);
    await pause(AWAY_MS);
    await stage.management(centre, false);
    const states = await Promise.all(
      [...met.ids, ...met.victims].map((id) => cloud.rest(() => cloud.state(id))),
    );
    const snapshotState = await cloud.rest(() => cloud.snapshotState(snapshot));
    await pause(GRACE_MS);
    met.away[1] = stamp();
    const fine = ['available', 'error', 'error_deleting', 'error_extending'];
    assert.deepEqual(
      states.filter((state) => !fine.includes(state)),
      [],
    );
    if (snapshotState !== 'gone') await cloud.ask(`DELETE /snapshots/${snapshot}`);
    const [gone, grown, source] = states.slice(VOLUMES);
    return (
      `of ${VOLUMES} new ones ${counted(states.slice(0, VOLUMES))}; ` +
      `deleted: ${gone}, extended: ${grown}, snapshot: ${snapshotState} of ${source}`
    );
  });
  await report.check('what Cinder and the array have after it', () => compared(centre, met.ids));
  await report.check('the back end is of use again', () => recovered(stage, centre, met));
  await report.check('what is broken can be deleted', () => cleared(centre, met));
  await report.check('no error in the log outside the outage', async () => {
    const errors = log.errors();
    const outside = errors.filter((line) => !during(met.away, line) && !excused(met, line));
    assert.deepEqual(brief(outside), []);
    const within = errors.filter((line) => during(met.away, line) && /MSGID/.test(line.text));
    assert.notEqual(within.length, 0);
    return `${within.length} messages of the driver within it`;
  });
}

type Span = [from: string, to: string];

interface Met {
  ids: string[];
  victims: string[];
  away: Span;
  /** Of cinder-scheduler, where it was needed. */
  restart: Span;
}

const during = ([from, to]: Span, { at }: LogLine) => at >= from && at <= to;

/** While its scheduler is away, cinder-volume complains that nobody takes its reports. */
const excused = ({ restart }: Met, line: LogLine) =>
  during(restart, line) && /impl_rabbit|oslo_service\.periodic_task/.test(line.text);

const brief = (lines: readonly LogLine[]) => lines.map(({ text }) => text.slice(0, 300));

async function statesOf({ cloud }: Centre, ids: readonly string[]): Promise<string[]> {
  const volumes = await cloud.volumes();
  return ids.map((id) => volumes.find((one) => one.id === id)?.status ?? 'gone');
}

function counted(states: readonly string[]): string {
  const count = new Map<string, number>();
  for (const state of states) count.set(state, (count.get(state) ?? 0) + 1);
  return [...count].map(([state, times]) => `${times} ${state}`).join(', ');
}

/** Available means one LDEV with its label; a label means a volume that Cinder knows. */
async function compared(centre: Centre, ids: readonly string[]): Promise<string> {
  const ldevs = await ownLdevs(centre);
  const volumes = await centre.cloud.volumes();
  for (const { id } of volumes.filter(({ status }) => status === 'available')) {
    if (ids.includes(id))
      assert.equal(ldevs.filter(({ label }) => label === labelOf(id)).length, 1);
  }
  const known = new Set(volumes.map(({ id }) => labelOf(id)));
  const strange = ldevs.filter(({ label }) => label !== '' && !known.has(label));
  assert.deepEqual(
    strange.map(({ ldevId, label }) => `${ldevId} ${label}`),
    [],
  );
  const nameless = ldevs.filter(({ label }) => label === '');
  const errors = volumes.filter(({ id, status }) => ids.includes(id) && status === 'error');
  return `${errors.length} volumes in error, ${nameless.length} LDEVs that nobody knows`;
}

/** The scheduler of this release may have to be started anew: it breaks on what it is told of a dead pool. */
async function recovered(stage: Stage, { cloud, name }: Centre, met: Met): Promise<string> {
  const alone = await backEnd(cloud, 20);
  if (alone !== 'up') {
    met.restart[0] = stamp();
    stage.restart(`${name}-cinder-scheduler`);
    met.restart[1] = stamp();
  }
  const seen = alone === 'up' ? alone : await backEnd(cloud, 120);
  const id = await cloud.order();
  const state = await cloud.rest(() => cloud.state(id));
  await cloud.scrap(id);
  assert.deepEqual([state, seen], ['available', 'up']);
  const how = alone === 'up' ? 'by itself' : 'only after a restart of cinder-scheduler';
  return `backend_state is ${alone}; a new volume is made ${how}`;
}

async function backEnd(cloud: Cloud, polls: number): Promise<string> {
  for (let left = polls; ; left -= 1) {
    const { state, backend } = await cloud.service();
    assert.equal(state, 'up');
    if (backend === 'up' || left === 0) return backend ?? 'unknown';
    await pause(500);
  }
}

/**
 * Cinder forgets its rows. LDEVs without a label stay, and those whose label was set in the very moment in
 * which the driver gave up: it never told Cinder their number. An administrator removes both.
 */
async function cleared(centre: Centre, { ids, victims }: Met): Promise<string> {
  const { cloud, array } = centre;
  const mine = [...ids, ...victims];
  const volumes = await cloud.volumes();
  const failed = volumes.filter(({ id, status }) => mine.includes(id) && status === 'error');
  await Promise.all(mine.map((id) => cloud.scrap(id)));
  const left = await ownLdevs(centre);
  const ofFailed = new Set(failed.map(({ id }) => labelOf(id)));
  const labelled = left.filter(({ label }) => label !== '');
  assert.deepEqual(
    labelled.filter(({ label }) => !ofFailed.has(label)),
    [],
  );
  for (const { ldevId } of left) await array.change(`DELETE ldevs/${ldevId}`);
  const nameless = left.length - labelled.length;
  return `on the array stayed ${nameless} LDEVs without a label, ${labelled.length} with that of a failed volume`;
}
