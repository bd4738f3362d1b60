/**
 * `backups/import`: makes backups of the primary site known to the Cinder of the secondary, so that
 * they can be restored when main is gone. For services that are not replicated; to be run after
 * each backup, while both sites answer.
 */
import * as z from 'zod';
import { cinderPaths, importBody } from '../../openstack/paths.ts';
import { type Backup, backupsSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Action, DraftCall } from '../action.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { situationOfServers } from '../servers/situation.ts';

const input = z.strictObject({});

export const backupsImport: Action<z.infer<typeof input>, Seen<readonly Backup[]>> = {
  name: 'backups/import',
  input,
  title: { ko: '백업 정보 가져오기', en: 'Make the backups known' },
  withinMs: 15 * 60_000,
  pollMs: 3_000,
  facts: ['records'],
  // Whoever made it known: a backup is the same everywhere.
  preexisting: 'accept',
  plan: (_input, { facts, config, service }) => {
    const site = siteOf(config, service.replication.to);
    const records = boundOf(facts).records ?? [];
    return records.map(({ main, backup, at, service: driver, url }, i): DraftCall => {
      // A backup of differences needs the one before it.
      const before = records[i - 1];
      return {
        name: `import-${backup}`,
        site: site.id,
        target: `cinder:${site.cloud}`,
        method: 'POST',
        path: cinderPaths.importRecord,
        body: importBody(driver, url),
        after: before?.main === main ? [`import-${before.backup}`] : [],
        words: {
          ko: `볼륨 ${main}의 ${at} 백업을 ${site.name.ko}에 등록`,
          en: `Make the backup of volume ${main} of ${at} known at ${site.name.en}`,
        },
      };
    });
  },
  observe: async (view, _input, read) => {
    const [, to = ''] = view.plan.sites;
    const site = boundSite(boundOf(view.plan.facts), to);
    const seen = await see(read, onCloud(site, 'cinder', cinderPaths.backups), backupsSchema);
    return seen.ok ? { ok: true, value: seen.value.backups } : seen;
  },
  situation: situationOfServers,
  judge: (seen, _input, view) => {
    if (view.calls.length === 0) {
      return { verdicts: { [view.step.id]: { state: 'done', reading: { known: true } } } };
    }
    const judged = view.calls.map((call) => {
      const mine = view.mine[call.id];
      const before = 'It was known there before this run.';
      return [
        call.id,
        judgeCall({ call, mine, now: view.now, effect: effectOf(call, seen), before }),
      ];
    });
    return { verdicts: Object.fromEntries(judged) };
  },
};

/** A backup keeps the id it has where it was made. */
const backupIn = ({ id }: PlanCall): string => id.slice(id.indexOf('.import-') + '.import-'.length);

function effectOf(call: PlanCall, seen: Seen<readonly Backup[]>): Effect {
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const key = backupIn(call);
  const found = seen.value.find(({ id }) => id === key);
  if (found === undefined) return { seen: 'absent', why: `Backup ${key} is not known there.` };
  if (found.status === 'available' || found.status === 'restoring') {
    return { seen: 'there', reading: { backup: key } };
  }
  if (found.status === 'creating') return { seen: 'moving', why: `Backup ${key} is creating.` };
  return { seen: 'broken', why: `Backup ${key} is ${found.status}.` };
}
