/**
 * What the gateway's users may do. More than a drill and a failover need is a risk without a use: who
 * steals the folder could do it too. Only reads are made to find out.
 */
import * as z from 'zod';
import type { Http } from '../../../http.ts';
import type { ArraySettings, CloudLogin } from '../../server/settings.ts';
import { cloudUser } from '../../server/targets/cloud.ts';
import type { Target } from '../../server/targets/target.ts';
import { type Finding, fine, found, warning } from './finding.ts';

/** Roles of an array that no call in any danger table needs. */
const TOO_MUCH = /security|audit|system administrator|maintenance|support personnel/i;

const usersSchema = z.looseObject({
  data: z.array(
    z.looseObject({ userId: z.string(), userGroupNames: z.array(z.string()).default([]) }),
  ),
});
const groupsSchema = z.looseObject({
  data: z.array(
    z.looseObject({ userGroupId: z.string(), roleNames: z.array(z.string()).default([]) }),
  ),
});

/** Who can list users is a security administrator already. */
export async function checkArrayRights(
  array: ArraySettings,
  target: Pick<Target, 'get'>,
): Promise<readonly Finding[]> {
  const about = `array:${array.storageDeviceId}`;
  const objects =
    array.api === 'cm' ? `/v1/objects/storages/${array.storageDeviceId}` : '/v1/objects';
  const reader = (array.viewer ?? array).user;
  return found(about, async () => {
    const users = await list(target, `${objects}/users`, usersSchema);
    if (users === undefined) {
      return [fine(about, `User ${reader} cannot list users; its roles are not known from here.`)];
    }
    const groups = await list(target, `${objects}/user-groups`, groupsSchema);
    const own = users.data.find(({ userId }) => userId === array.user)?.userGroupNames ?? [];
    const roles = (groups?.data ?? [])
      .filter(({ userGroupId }) => own.includes(userGroupId))
      .flatMap(({ roleNames }) => roleNames);
    const extra = roles.filter((role) => TOO_MUCH.test(role));
    const what =
      extra.length === 0
        ? `User ${reader} can list the users of the array.`
        : `User ${array.user} has roles that nothing here needs: ${extra.join(', ')}.`;
    return [warning({ about, code: 'GW-RIGHTS', what })];
  });
}

async function list<T>(target: Pick<Target, 'get'>, path: string, schema: z.ZodType<T>) {
  const { status, body } = await target.get(path);
  if (status !== 200) return undefined;
  try {
    return schema.parse(JSON.parse(body));
  } catch {
    // An array that answers in another shape tells nothing about rights.
    return undefined;
  }
}

/** Cinder and Nova want `admin` for a few calls; it should reach no further than one project. */
export async function checkCloudRights(
  cloud: { readonly name: string; readonly login: CloudLogin },
  http: Http,
): Promise<readonly Finding[]> {
  const about = `cloud:${cloud.name}`;
  return found(about, async () => {
    const { roles, projects } = await cloudUser(cloud.login, http);
    const said = `User ${cloud.login.auth.username} has ${roles.join(', ') || 'no role'}`;
    if (roles.includes('admin') && projects.length > 1) {
      const what = `${said} and reaches ${projects.length} projects: ${projects.slice(0, 5).join(', ')}.`;
      return [warning({ about, code: 'GW-RIGHTS', what })];
    }
    return [fine(about, `${said} in ${projects.join(', ') || cloud.login.auth.project_name}.`)];
  });
}
