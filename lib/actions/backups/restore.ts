/**
 * `backups/restore`: the newest backup of each volume onto a new volume at the secondary site, the
 * first of each server made bootable. What was written since the backup is lost, and the plan says
 * of when each backup is. Taken back by `backups/discard`.
 */
import * as z from 'zod';
import { type ServerSpec, type Site, serverSchema } from '../../config.ts';
import { bootableBody, cinderPaths, restoreBody } from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { objectKey } from '../servers/made.ts';
import { situationOfServers } from '../servers/situation.ts';
import { judgeRestore } from './judge.ts';
import { restoreName, seeVolumes, type VolumesSeen } from './volumes.ts';

const input = z.strictObject({ servers: z.array(serverSchema).min(1) });
type Input = z.infer<typeof input>;

export const backupsRestore: Action<Input, VolumesSeen> = {
  name: 'backups/restore',
  input,
  title: { ko: '백업으로 볼륨 복원', en: 'Restore the volumes from backups' },
  withinMs: 8 * 3_600_000,
  pollMs: 10_000,
  facts: ['backups'],
  preexisting: 'refuse',
  plan: ({ servers }, context) => {
    const site = siteOf(context.config, context.service.replication.to);
    return servers.flatMap((server) => callsFor(server, site, context));
  },
  observe: (view, _input, read) => seeVolumes(read, view),
  situation: situationOfServers,
  judge: (seen, _input, view) => ({ verdicts: judgeRestore(seen, view) }),
};

function callsFor(server: ServerSpec, site: Site, context: PlanContext): DraftCall[] {
  const base = { site: site.id, target: `cinder:${site.cloud}`, method: 'POST' } as const;
  const restores = server.volumes.map((main, i): DraftCall => {
    const found = boundOf(context.facts).backups?.find((one) => one.main === main);
    if (found === undefined) {
      throw new ActionError('ACT-PLAN', `Volume ${main}.`, `It has no backup at ${site.id}.`);
    }
    const name = restoreName(server, i);
    const key = objectKey(context.run, `${context.step}.${name}`);
    return {
      ...base,
      name,
      path: cinderPaths.restore(found.backup),
      body: restoreBody(key),
      creates: {
        key,
        listPath: cinderPaths.volumes,
        list: '/volumes',
        keyField: '/name',
        id: '/id',
      },
      words: {
        ko: `${server.name} ${i + 1}번째 볼륨을 ${found.at} 백업으로 복원 (${found.sizeGiB} GiB)`,
        en: `Restore volume ${i + 1} of ${server.name} as of ${found.at} (${found.sizeGiB} GiB)`,
      },
    };
  });
  return [
    ...restores,
    {
      ...base,
      name: `bootable-${server.name}`,
      path: cinderPaths.action('{{volume}}'),
      body: bootableBody,
      after: [restoreName(server, 0)],
      holes: [
        {
          name: 'volume',
          call: `${context.step}.${restoreName(server, 0)}`,
          pointer: '/restore/volume_id',
        },
      ],
      words: {
        ko: `${server.name}의 복원된 첫 볼륨을 부팅 가능으로 표시`,
        en: `Mark the first volume restored for ${server.name} as bootable`,
      },
    },
  ];
}
