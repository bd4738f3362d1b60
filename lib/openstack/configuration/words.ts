/** Differences as a person reads them, one line each: `+ flavor c8.m32 (8 vCPU, 32 GiB)`. */
import { canonical } from '../../canonical.ts';
import type { ConfigurationKind } from '../../mapping.ts';
import type { Difference, Json } from './difference.ts';

interface Words {
  readonly ko: string;
  readonly en: string;
}

export const kindWords: Readonly<Record<ConfigurationKind, Words>> = {
  projects: { ko: '프로젝트', en: 'project' },
  roles: { ko: '역할', en: 'role' },
  assignments: { ko: '역할 할당', en: 'role assignment' },
  flavors: { ko: '플레이버', en: 'flavor' },
  volumeTypes: { ko: '볼륨 유형', en: 'volume type' },
  networks: { ko: '네트워크', en: 'network' },
  subnets: { ko: '서브넷', en: 'subnet' },
  securityGroups: { ko: '보안 그룹', en: 'security group' },
  routers: { ko: '라우터', en: 'router' },
  keypairs: { ko: '키 페어', en: 'key pair' },
  quotas: { ko: '쿼터', en: 'quota' },
  images: { ko: '이미지', en: 'image' },
  imageVolumes: { ko: '이미지 부팅 볼륨', en: 'boot volume of image' },
};

const GIB = 1024;
const SHOWN = 80;

export function lineOf({ sign, kind, name, value, fields }: Difference): Words {
  const { ko, en } = kindWords[kind];
  const about = detail[kind]?.(value);
  const more = (language: 'ko' | 'en') => (about === undefined ? '' : ` (${about[language]})`);
  switch (sign) {
    case 'add':
      return { ko: `+ ${ko} ${name}${more('ko')}`, en: `+ ${en} ${name}${more('en')}` };
    case 'extra':
      return {
        ko: `- ${ko} ${name}${more('ko')}: DR에만 있음`,
        en: `- ${en} ${name}${more('en')}: only at DR`,
      };
    case 'change': {
      const told = fields.flatMap(({ field, main, dr }) => partsOf(field, main, dr)).join('; ');
      return { ko: `~ ${ko} ${name}: ${told}`, en: `~ ${en} ${name}: ${told}` };
    }
  }
}

/** What a person wants to know of an object that is on one side only. */
const detail: Readonly<
  Partial<Record<ConfigurationKind, (value: Difference['value']) => Words | undefined>>
> = {
  flavors: (value) => both(`${shown(value['vcpus'])} vCPU, ${Number(value['ramMiB']) / GIB} GiB`),
  volumeTypes: (value) => both(specsOf(value['extraSpecs'])),
  networks: ({ networkType, segment, physicalNetwork }) =>
    both([networkType, segment, physicalNetwork].filter(isSaid).map(shown).join(' ')),
  subnets: (value) => both(shown(value['cidr'])),
  securityGroups: ({ rules }) => ({
    ko: `규칙 ${countOf(rules)}개`,
    en: `${countOf(rules)} rules`,
  }),
  routers: ({ subnets }) => ({
    ko: `서브넷 ${countOf(subnets)}개`,
    en: `${countOf(subnets)} subnets`,
  }),
  images: ({ hash }) => both(isSaid(hash) ? shown(hash).slice(0, 20) : ''),
};

const both = (text: string): Words | undefined =>
  text === '' ? undefined : { ko: text, en: text };

const countOf = (list: Json | undefined): number => (Array.isArray(list) ? list.length : 0);

const specsOf = (specs: Json | undefined): string =>
  Object.entries(Object(specs))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ');

const isSaid = (value: Json | undefined): boolean => value !== null && value !== undefined;

/** Lists by what came and went, tables by their keys, the rest as it is: `DR -> main`. */
function partsOf(field: string, main: Json, dr: Json): string[] {
  if (Array.isArray(main) && Array.isArray(dr)) {
    const [wanted, there] = [main.map(shown), dr.map(shown)];
    return [
      ...wanted.filter((one) => !there.includes(one)).map((one) => `${field} + ${one}`),
      ...there.filter((one) => !wanted.includes(one)).map((one) => `${field} - ${one}`),
    ];
  }
  if (isTable(main) && isTable(dr)) {
    const names = [...new Set([...Object.keys(main), ...Object.keys(dr)])].sort();
    return names.flatMap((name) => {
      const [wanted, there] = [main[name] ?? null, dr[name] ?? null];
      return canonical(wanted) === canonical(there)
        ? []
        : partsOf(`${field}.${name}`, wanted, there);
    });
  }
  return [`${field} ${shown(dr)} -> ${shown(main)}`];
}

const isTable = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(value: Json | undefined): string {
  if (!isSaid(value)) return '(none)';
  const text =
    typeof value === 'string'
      ? value
      : isTable(value as Json)
        ? tableOf(value as Record<string, Json>)
        : canonical(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}

/** What is not said of a rule says nothing to its reader either. */
const tableOf = (table: Readonly<Record<string, Json>>): string =>
  Object.entries(table)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ');
