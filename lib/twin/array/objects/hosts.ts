/** Who is in a host group: WWNs, iSCSI names, and the CHAP users of a target. */
import * as z from 'zod';
import type { HostGroup, Member } from '../mapping.ts';
import type { Call, Parts } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { missing, refusedWith, rejected, wished } from '../wire.ts';
import { groupAsked, groupOf, hostGroupId } from './host-groups.ts';

const roles = ['provisioning'] as const;
const where = { portId: z.string(), hostGroupNumber: z.int().min(0).max(254) };

/** What differs between the two kinds of members. */
interface Kind {
  readonly type: 'host-wwns' | 'host-iscsis';
  readonly portType: 'FIBRE' | 'ISCSI';
  /** Fields of id, name and nickname. */
  readonly id: string;
  readonly name: string;
  readonly nickname: string;
  readonly wish: z.ZodType<{ portId: string; hostGroupNumber: number; name: string }>;
}

const kinds: readonly Kind[] = [
  {
    type: 'host-wwns',
    portType: 'FIBRE',
    id: 'hostWwnId',
    name: 'hostWwn',
    nickname: 'wwnNickname',
    wish: z
      .strictObject({ ...where, hostWwn: z.string().regex(/^[0-9a-f]{16}$/i) })
      .transform(({ hostWwn, ...rest }) => ({ ...rest, name: hostWwn.toLowerCase() })),
  },
  {
    type: 'host-iscsis',
    portType: 'ISCSI',
    id: 'hostIscsiId',
    name: 'iscsiName',
    nickname: 'iscsiNickname',
    wish: z
      .strictObject({ ...where, iscsiName: z.string().regex(/^(iqn\.|eui\.).{1,218}$/) })
      .transform(({ iscsiName, ...rest }) => ({ ...rest, name: iscsiName })),
  },
];

export const memberRoutes: readonly ObjectRoutes[] = kinds.map((kind) => ({
  type: kind.type,
  list: (parts, call) => {
    const group = groupAsked(parts, call);
    return { data: group?.members.map((member) => memberView(kind, group, member)) ?? [] };
  },
  one: (parts, { ids }) => {
    const group = groupOf(parts, ids);
    return memberView(kind, group, memberOf(group, ids));
  },
  create: { change: (parts, call) => addMember(kind, parts, call), roles },
  modify: { change: (parts, call) => nickname(kind, parts, call), roles },
  remove: { change: (parts, call) => dropMember(kind, parts, call), roles },
}));

const memberId = (group: HostGroup, { name }: Member) => `${hostGroupId(group)},${name}`;

function memberView(kind: Kind, group: HostGroup, member: Member) {
  const { portId, hostGroupNumber, hostGroupName } = group;
  return {
    [kind.id]: memberId(group, member),
    portId,
    hostGroupNumber,
    hostGroupName,
    [kind.name]: member.name,
    [kind.nickname]: member.nickname,
  };
}

/** Names may hold commas themselves: everything behind the second one is the name. */
function memberOf(group: HostGroup, ids: readonly string[]): Member {
  const wanted = ids.slice(2).join(',');
  const found = group.members.find(({ name }) => name === wanted);
  if (found === undefined) throw missing(`${hostGroupId(group)},${wanted}`);
  return found;
}

const MOST_MEMBERS = 255;

function addMember(kind: Kind, parts: Parts, { body }: Call): Changed {
  const { portId, hostGroupNumber, name } = wished(kind.wish, body);
  const port = parts.spec.ports.find((one) => one.portId === portId);
  if (port?.portType !== kind.portType) throw missing(`${kind.portType} port ${portId}`);
  const group = groupOf(parts, [portId, String(hostGroupNumber)]);
  const there = parts.mapping.groups.find(
    (one) => one.portId === portId && one.members.some((member) => member.name === name),
  );
  if (there !== undefined) {
    return { affected: [], refused: rejected(`${name} is in ${hostGroupId(there)}.`) };
  }
  if (group.members.length >= MOST_MEMBERS) {
    return { affected: [], refused: refusedWith('B957-4184', 'There are too many WWNs.') };
  }
  const member = { name, nickname: '-' };
  group.members.push(member);
  return { affected: [`${kind.type}/${memberId(group, member)}`] };
}

function nickname(kind: Kind, parts: Parts, { ids, body }: Call): Changed {
  const schema = z.strictObject({ [kind.nickname]: z.string().max(64) });
  const wish = wished(schema, body);
  const group = groupOf(parts, ids);
  const member = memberOf(group, ids);
  member.nickname = wish[kind.nickname] ?? '-';
  return { affected: [`${kind.type}/${memberId(group, member)}`] };
}

function dropMember(kind: Kind, parts: Parts, { ids, body }: Call): Changed {
  wished(z.strictObject({}), body);
  const group = groupOf(parts, ids);
  const member = memberOf(group, ids);
  group.members = group.members.filter((one) => one !== member);
  return { affected: [`${kind.type}/${memberId(group, member)}`] };
}

const chapSchema = z.strictObject({
  ...where,
  chapUserName: z.string().min(1).max(223),
  wayOfChapUser: z.literal('INI').default('INI'),
});

/** Users of the initiator's direction; their secrets are taken and never shown. */
export const chapRoutes: ObjectRoutes = {
  type: 'chap-users',
  list: (parts, call) => {
    const group = groupAsked(parts, call);
    return { data: group?.chapUsers.map((name) => chapView(group, name)) ?? [] };
  },
  one: (parts, { ids }) => {
    const group = groupOf(parts, ids);
    return chapView(group, chapUserOf(group, ids));
  },
  create: { change: addChapUser, roles },
  modify: { change: chapSecret, roles },
  remove: { change: dropChapUser, roles },
};

const chapId = (group: HostGroup, name: string) => `${hostGroupId(group)},INI,${name}`;

function chapView(group: HostGroup, chapUserName: string) {
  const { portId, hostGroupNumber, hostGroupName } = group;
  return {
    chapUserId: chapId(group, chapUserName),
    portId,
    hostGroupNumber,
    hostGroupName,
    chapUserName,
    wayOfChapUser: 'INI',
  };
}

function chapUserOf(group: HostGroup, [, , way, ...rest]: readonly string[]): string {
  const name = rest.join(',');
  if (way !== 'INI' || !group.chapUsers.includes(name)) throw missing(`CHAP user ${name}`);
  return name;
}

function targetOf(parts: Parts, ids: readonly string[]): HostGroup {
  const group = groupOf(parts, ids);
  if (group.iscsiName === undefined) throw missing(`iSCSI target ${hostGroupId(group)}`);
  return group;
}

function addChapUser(parts: Parts, { body }: Call): Changed {
  const { portId, hostGroupNumber, chapUserName } = wished(chapSchema, body);
  const group = targetOf(parts, [portId, String(hostGroupNumber)]);
  if (group.chapUsers.includes(chapUserName)) {
    return { affected: [], refused: rejected(`CHAP user ${chapUserName} exists.`) };
  }
  group.chapUsers.push(chapUserName);
  return { affected: [`chap-users/${chapId(group, chapUserName)}`] };
}

function chapSecret(parts: Parts, { ids, body }: Call): Changed {
  wished(z.strictObject({ chapPassword: z.string().min(12).max(32) }), body);
  const group = targetOf(parts, ids);
  return { affected: [`chap-users/${chapId(group, chapUserOf(group, ids))}`] };
}

function dropChapUser(parts: Parts, { ids, body }: Call): Changed {
  wished(z.strictObject({}), body);
  const group = targetOf(parts, ids);
  const name = chapUserOf(group, ids);
  group.chapUsers = group.chapUsers.filter((one) => one !== name);
  return { affected: [`chap-users/${chapId(group, name)}`] };
}
