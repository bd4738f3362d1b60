/** Compaction on a disk that fails in the middle of it, and of runs that something came of later. */
import { canonical, sha256 } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { type Disk, openDisk } from '../../lib/gateway/server/disk.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import { seededRandom } from '../../lib/random.ts';
import { errno, type MemoryFiles, memoryFiles } from '../support/files.ts';
import { drillPlan } from './plan.ts';
import { codeOf } from './support.ts';

const LOG = '/disk/log.jsonl';
const plan = drillPlan();
const registered = (planHash: string, run: string): Entry => ({
  ...{ type: 'plan', at: 1, planHash, plan: drillPlan({ run }), runbook: 'x', config: {} },
});
const accepted = (key: string, planHash: string, change: object = {}): Entry => ({
  ...{ type: 'accepted', at: 2, key, planHash, callId: 'split.group', attempt: 1, epoch: 1 },
  ...change,
});
const line = (run: string, seq: number, type: string): string =>
  canonical({ run, seq, type, prev: sha256(''), evidence: [] });

let files: MemoryFiles;
const open = (compactOver = 1e9): Promise<Disk> =>
  openDisk({
    ...{ folder: '/disk', site: 'dr', clock: manualClock(), files, compactOver },
    ...{ random: seededRandom('compaction'), say: () => undefined },
  });
beforeEach(() => {
  files = memoryFiles();
});

/** A run that ended and one that goes on. */
async function lived(disk: Disk): Promise<void> {
  await disk.append(registered('h', plan.run));
  await disk.append(registered('o', 'r-0000000002'));
  await disk.append(accepted('k1', 'h'));
  const lines = [line(plan.run, 1, 'run.opened'), line(plan.run, 2, 'run.ended')];
  await disk.append({ type: 'lines', at: 5, run: plan.run, from: 1, lines });
}

test.each(['syncFolder', 'rename', 'append', 'datasync', 'open'] as const)(
  'a %s that fails at any point of it: what is promised afterwards is there after a crash',
  async (failing) => {
    for (let failAt = 1; failAt <= 4; failAt++) {
      files = memoryFiles();
      await lived(await open());
      const disk = await open((await files.read(LOG)).length);
      await disk.append({ type: 'void', at: 8, key: 'v0' });
      let seen = 0;
      files.before = (operation) => {
        if (operation === failing && ++seen === failAt) throw errno('EIO');
      };
      await disk.compact?.().catch(() => undefined);
      if (seen < failAt) break;
      files.before = () => undefined;
      const written = await codeOf(disk.append({ type: 'void', at: 9, key: 'v1' }));
      files.crash(seededRandom(`${failing} ${failAt}`));
      const book = openBook(await open());
      expect(book.sent('k1')?.record.state).toBe('lost');
      expect(book.isVoid('v1')).toBe(written === 'was not refused');
      // A disk that got well takes lines again without a new start.
      expect(written).toBe('was not refused');
    }
  },
);

test('a run that was closed before: what came of it later is not forgotten by the next one', async () => {
  const disk = await open();
  await lived(disk);
  await disk.close();
  const shorter = await open(1);
  // Registered once more, another attempt, more lines, and then the unit went to somebody else.
  await shorter.append(registered('h', plan.run));
  await shorter.append(accepted('k2', 'h', { attempt: 2 }));
  const lines = [line(plan.run, 3, 'note.added'), line(plan.run, 4, 'run.ended')];
  await shorter.append({ type: 'lines', at: 6, run: plan.run, from: 3, lines });
  await shorter.append(accepted('k3', 'o', { epoch: 2 }));
  const before = openBook(await open());
  const after = openBook(await open(1));
  for (const book of [before, after]) {
    expect(['k1', 'k2', 'k3'].map((key) => book.sent(key)?.record.state)).toEqual([
      'lost',
      'lost',
      'lost',
    ]);
    expect(book.journal(plan.run)).toMatchObject({ have: 4, tail: sha256(lines[1] ?? '') });
    expect(book.planOfRun(plan.run)).toBe('h');
  }
});
