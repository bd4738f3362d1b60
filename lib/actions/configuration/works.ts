/**
 * From the bound differences to calls: in the order of kinds, ids where they are known and holes
 * where an earlier call makes them. Pure, so that judging finds the same calls again.
 */
import { type ConfigurationKind, configurationKinds } from '../../mapping.ts';
import type { Difference } from '../../openstack/configuration/difference.ts';
import { idKey } from '../../openstack/configuration/normal.ts';
import type { Bound } from '../../runbook/bound.ts';
import type { DraftCall } from '../action.ts';
import { adding } from './adding.ts';
import { changing, deleting, isWhole } from './changing.ts';
import type { Maker, Piece, Ref } from './pieces.ts';

type Configuration = NonNullable<Bound['configuration']>;

export interface Choice {
  readonly kinds: readonly ConfigurationKind[];
  /** `<kind>/<name>` of what is only at DR and has to go. */
  readonly remove: readonly string[];
}

export interface Work {
  readonly name: string;
  readonly difference: Difference;
  readonly piece: Piece;
  readonly holes: NonNullable<DraftCall['holes']>;
  readonly after: readonly string[];
  /** Carried by what the call makes. */
  readonly key: string;
}

export interface Works {
  readonly works: readonly Work[];
  /** What is not the same afterwards, and why. */
  readonly left: readonly { readonly difference: Difference; readonly why: string }[];
}

/** What is made under this path carries its id there. */
const pointers: Readonly<Partial<Record<ConfigurationKind, string>>> = {
  projects: '/project/id',
  networks: '/network/id',
  subnets: '/subnet/id',
  securityGroups: '/security_group/id',
  routers: '/router/id',
};

interface Place {
  readonly step: string;
  keyOf(callId: string): string;
}

interface Wanted {
  readonly difference: Difference;
  /** Name of its first call. */
  readonly first: string;
}

export function worksOf(configuration: Configuration, choice: Choice, place: Place): Works {
  const left: Works['left'][number][] = [];
  let wanted = chosen(configuration.differences, choice);
  for (;;) {
    const { works, stuck } = drafted(configuration, wanted, place);
    if (stuck.length === 0)
      return { works: inOrder(works), left: [...left, ...undone(wanted, works)] };
    // What needs it cannot be made either.
    left.push(...stuck);
    const gone = new Set(stuck.map(({ difference }) => difference));
    wanted = wanted.filter(({ difference }) => !gone.has(difference));
  }
}

function undone(wanted: readonly Wanted[], works: readonly Work[]): Works['left'] {
  const worked = new Set(works.map(({ difference }) => difference));
  return wanted.flatMap(({ difference }) => {
    if (!worked.has(difference)) return [{ difference, why: 'No call of ours does that.' }];
    if (difference.sign !== 'change' || isWhole(difference)) return [];
    return [{ difference, why: 'A part of it cannot be changed where it is.' }];
  });
}

function drafted(configuration: Configuration, wanted: readonly Wanted[], { step, keyOf }: Place) {
  const makers = makersIn(configuration, wanted, step);
  const works: Work[] = [];
  const stuck: Works['left'][number][] = [];
  for (const { difference, first } of wanted) {
    const missing: string[] = [];
    const ref: Ref = (kind, name) => {
      const found = makers.get(idKey(kind, name));
      const id = configuration.ids[idKey(kind, name)];
      if (found === undefined && id === undefined) missing.push(idKey(kind, name));
      return found === undefined ? (id ?? '') : `{{${found.name}}}`;
    };
    const key = keyOf(`${step}.${first}`);
    const pieces = piecesOf({ difference, ref, key });
    if (missing.length > 0) {
      stuck.push({ difference, why: `It needs ${missing.join(', ')}, which is not at DR.` });
      continue;
    }
    works.push(
      ...pieces.map((piece, i): Work => {
        const text = `${piece.path} ${JSON.stringify(piece.body ?? null)}`;
        const holes = [...makers.values()].filter(({ name }) => text.includes(`{{${name}}}`));
        const above = i === 0 ? [] : [`${step}.${first}`];
        return {
          ...{ name: i === 0 ? first : `${first}-${i + 1}`, difference, piece, holes, key },
          after: [...new Set([...holes.map(({ call }) => call), ...above])],
        };
      }),
    );
  }
  return { works, stuck };
}

function piecesOf(making: Parameters<Maker>[0]): readonly Piece[] {
  const { sign, kind } = making.difference;
  if (sign === 'add') return adding[kind]?.(making) ?? [];
  if (sign === 'change') return changing[kind]?.(making) ?? [];
  const removal = deleting(making.difference);
  return removal === undefined ? [] : [removal];
}

/** The holes for what this very plan makes, by `<kind> <name>`. */
function makersIn({ ids }: Configuration, wanted: readonly Wanted[], step: string) {
  const made = wanted.flatMap(({ difference: { sign, kind, name, value }, first }) => {
    const pointer = pointers[kind];
    const key = idKey(kind, name);
    if (sign !== 'add' || pointer === undefined || ids[key] !== undefined) return [];
    if (kind === 'securityGroups' && value['name'] === 'default') return [];
    return [{ key, call: `${step}.${first}`, pointer }];
  });
  return new Map(
    made.map(({ key, call, pointer }, i) => [key, { name: `ref${i + 1}`, call, pointer }]),
  );
}

/** What goes is taken away from the top: a network after its subnets. */
function chosen(differences: readonly Difference[], { kinds, remove }: Choice): Wanted[] {
  const rank = ({ sign, kind }: Difference): number => {
    const place = configurationKinds.indexOf(kind);
    return sign === 'extra' ? 2 * configurationKinds.length - place : place;
  };
  return differences
    .filter(({ sign, kind, name }) =>
      sign === 'extra' ? remove.includes(`${kind}/${name}`) : kinds.includes(kind),
    )
    .map((difference, i) => ({
      difference,
      first: `${difference.sign}-${difference.kind.toLowerCase()}-${i + 1}`,
    }))
    .sort((a, b) => rank(a.difference) - rank(b.difference));
}

/** A rule may name a group that is made later in its kind: within a kind what makes comes first. */
function inOrder(works: readonly Work[]): Work[] {
  const makes = ({ piece }: Work): number => (piece.verb === 'create' ? 0 : 1);
  const kinds = [
    ...new Set(works.map(({ difference: { sign, kind } }) => `${sign === 'extra'} ${kind}`)),
  ];
  return kinds.flatMap((kind) =>
    works
      .filter(({ difference }) => `${difference.sign === 'extra'} ${difference.kind}` === kind)
      .sort((a, b) => makes(a) - makes(b)),
  );
}
