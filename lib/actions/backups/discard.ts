/** `backups/discard`: deletes the volumes that this run's restore made, and no others. */
import * as z from 'zod';
import { cinderPaths } from '../../openstack/paths.ts';
import type { Action } from '../action.ts';
import { ActionError } from '../errors.ts';
import { situationOfServers } from '../servers/situation.ts';
import { judgeDiscard } from './judge.ts';
import { restores, seeVolumes, type VolumesSeen } from './volumes.ts';

const input = z.strictObject({});

export const backupsDiscard: Action<z.infer<typeof input>, VolumesSeen> = {
  name: 'backups/discard',
  input,
  title: { ko: '복원한 볼륨 삭제', en: 'Delete the volumes restored' },
  withinMs: 60 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  plan: (_input, { calls, step, undoes }) => {
    const made = calls.filter((call) => call.step === undoes && restores(call));
    if (made.length === 0) {
      const why = 'Write it as the undo of a backups/restore step.';
      throw new ActionError('ACT-PLAN', `Step ${step} deletes nothing.`, why);
    }
    return made.map((call) => ({
      name: call.id.slice(call.id.indexOf('.') + 1).replace(/^restore-/, 'discard-'),
      site: call.site,
      target: call.target,
      method: 'DELETE' as const,
      path: cinderPaths.volume('{{volume}}'),
      holes: [{ name: 'volume', call: call.id, pointer: '/restore/volume_id' }],
      words: {
        ko: '이번 실행이 백업으로 복원한 볼륨 삭제',
        en: 'Delete a volume that this run restored from a backup',
      },
    }));
  },
  observe: (view, _input, read) => seeVolumes(read, view),
  situation: situationOfServers,
  judge: (seen, _input, view) => ({ verdicts: judgeDiscard(seen, view) }),
};
