/** Backups restored onto new volumes: bound by id, found again by key, deleted only when this run made them. */
import { backupsDiscard } from '../../lib/actions/backups/discard.ts';
import { backupsImport } from '../../lib/actions/backups/import.ts';
import { backupsRestore } from '../../lib/actions/backups/restore.ts';
import type { Backup, Volume } from '../../lib/openstack/schema.ts';
import { lost, START, sent, uuid } from './lab.ts';
import { factsOf, NETWORKS, planOf, service, viewOf } from './moves.ts';

const STEPS = `  - id: restore
    uses: backups/restore
    with: { servers: "\${{ service.servers }}" }
    undo: { uses: backups/discard }
  - id: boot
    uses: servers/boot
    with: { servers: "\${{ service.servers }}", from: backups, network: ${NETWORKS.dr} }
    undo: { uses: servers/delete }
`;
const mains = service.servers.flatMap(({ volumes }) => volumes);
const backupOf = (main: string) => uuid(`backup ${main}`);
const backups = mains.map((main) => ({
  ...{ main, backup: backupOf(main), at: '2026-11-22T01:00:00.000000', sizeGiB: 100 },
}));
const plan = planOf(STEPS, factsOf({ bound: { backups } }));
const callOf = (id: string) => plan.calls.find((call) => call.id === id);
const key = callOf('restore.restore-pay-db1-1')?.creates?.key ?? '';
const volume = (status: string, change: object = {}): Volume =>
  ({
    ...{ id: 'v-1', name: key, status, size: 100, bootable: 'false', attachments: [] },
    ...{ metadata: {}, ...change },
  }) as Volume;

test('onto new volumes, never onto one that is there, and the plan says of when', () => {
  const call = callOf('restore.restore-pay-db1-1');
  expect(call).toMatchObject({
    ...{ path: `/backups/${backupOf(mains[0] ?? '')}/restore`, body: { restore: { name: key } } },
    ...{ class: 'data', words: { en: expect.stringContaining('as of 2026-11-22T01:00:00') } },
  });
  expect(() => planOf(STEPS, factsOf({ bound: { backups: [] } }))).toThrow(/no backup/);
});

test('servers start from what this run restored: holes, and of class data', () => {
  const start = callOf('boot.start-pay-db1');
  expect(start?.class).toBe('data');
  expect(start?.holes.filter(({ pointer }) => pointer === '/restore/volume_id')).toHaveLength(5);
  expect(start?.after).toContain('restore.restore-pay-db1-5');
  const alone = STEPS.slice(STEPS.indexOf('  - id: boot'));
  expect(() => planOf(alone)).toThrow(/No backups\/restore step/);
});

test.each<[string, readonly Volume[], object, string]>([
  ['not there', [], {}, 'ready'],
  ['not there, lost', [], lost(), 'pending'],
  ['being restored', [volume('restoring-backup')], sent(), 'pending'],
  ['there', [volume('available')], sent(), 'done'],
  ['there, its answer lost', [volume('available')], lost(), 'done'],
  ['broken', [volume('error_restoring')], sent(), 'refuse'],
  ['there twice', [volume('available'), volume('available')], sent(), 'refuse'],
])('a restored volume that is %s', (_, value, mine, state) => {
  const view = viewOf(plan, 'restore', { mine: { 'restore.restore-pay-db1-1': mine } });
  const { verdicts } = backupsRestore.judge({ ok: true, value }, { servers: [] }, view);
  expect(verdicts['restore.restore-pay-db1-1']?.state).toBe(state);
});

test.each<[string, readonly Volume[], object, string]>([
  ['not there', [], {}, 'pending'],
  ['being restored', [volume('restoring-backup')], {}, 'pending'],
  ['not bootable', [volume('available')], {}, 'ready'],
  ['bootable by itself', [volume('available', { bootable: 'true' })], {}, 'done'],
  ['bootable by us', [volume('available', { bootable: 'true' })], sent(), 'done'],
])('the flag of a volume that is %s', (_, value, mine, state) => {
  const view = viewOf(plan, 'restore', { mine: { 'restore.bootable-pay-db1': mine } });
  const { verdicts } = backupsRestore.judge({ ok: true, value }, { servers: [] }, view);
  expect(verdicts['restore.bootable-pay-db1']?.state).toBe(state);
});

test.each<[string, readonly Volume[], object, object, string]>([
  ['never asked for', [volume('available')], {}, {}, 'done'],
  ['free', [volume('available')], sent(), {}, 'ready'],
  ['in use', [volume('in-use', { attachments: [{}] })], sent(), {}, 'pending'],
  ['going', [volume('deleting')], sent(), sent(), 'pending'],
  ['gone by us', [], sent(), sent(), 'done'],
  ['gone without us', [], sent(), {}, 'preexisting'],
  ['perhaps still coming', [], lost(START), {}, 'pending'],
])('taking back a volume that is %s', (_, value, maker, mine, state) => {
  const id = 'undo-restore.discard-pay-db1-1';
  const known = { 'restore.restore-pay-db1-1': maker, [id]: mine };
  const view = viewOf(plan, 'undo-restore', { mine: known });
  const { verdicts } = backupsDiscard.judge({ ok: true, value }, {}, view);
  expect(verdicts[id]?.state).toBe(state);
});

describe('backups/import', () => {
  const records = ['b-1', 'b-2'].map((backup) => ({
    ...{ main: mains[0] ?? '', backup, at: '2026-11-22', service: 'nfs', url: 'eA==' },
  }));
  const text = '  - { id: import, uses: backups/import }\n';
  const known = planOf(text, factsOf({ bound: { records } }));

  test('what the other site has, the older first', () => {
    expect(known.calls.map(({ id, after }) => [id, after])).toEqual([
      ['import.import-b-1', []],
      ['import.import-b-2', ['import.import-b-1']],
    ]);
    expect(planOf(text, factsOf({ bound: { records: [] } })).calls).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['available', {}, 'preexisting'],
    ['available', sent(), 'done'],
    ['error', sent(), 'refuse'],
    ['creating', sent(), 'pending'],
    ['', {}, 'ready'],
    ['', lost(), 'pending'],
  ])('a backup that is %s', (status, mine, state) => {
    const view = viewOf(known, 'import', { mine: { 'import.import-b-1': mine } });
    const value = status === '' ? [] : [{ id: 'b-1', status } as Backup];
    const { verdicts } = backupsImport.judge({ ok: true, value }, {}, view);
    expect(verdicts['import.import-b-1']?.state).toBe(state);
  });
});
