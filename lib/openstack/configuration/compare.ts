/** Main's normal form, as it is meant to be at DR, against DR's own. */
import { canonical } from '../../canonical.ts';
import { configurationKinds, type Mapping } from '../../mapping.ts';
import type { RawCloud } from './answers.ts';
import type { Difference } from './difference.ts';
import type { Item } from './names.ts';
import { isUntouched } from './nets.ts';
import { bootVolumeOf, idKey, type Normal, normalOf } from './normal.ts';
import { asItIs, translation } from './translate.ts';

/** Everything that is not the same and not meant to differ, in the order in which it is made. */
export function differencesOf(
  { main, dr }: { readonly main: RawCloud; readonly dr: RawCloud },
  mapping: Mapping,
): Difference[] {
  const wanted = withBootVolumes(normalOf(main, translation(mapping)), mapping);
  const there = normalOf(dr, asItIs);
  const [was, is] = [compared(wanted, mapping), compared(there.items, mapping)];
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  const found = names.flatMap((key): Difference[] => {
    const [item, own] = [was.get(key), is.get(key)];
    const one = item ?? own;
    if (one === undefined) return [];
    const base = { kind: one.kind, name: one.name, value: { ...one.value } };
    const id = own === undefined ? '' : (there.ids.get(key) ?? '');
    if ((own === undefined || item === undefined) && isUntouched(one)) return [];
    if (own === undefined) return [{ ...base, sign: 'add', id, fields: [] }];
    if (item === undefined) return [{ ...base, sign: 'extra', id, fields: [] }];
    const fields = fieldsOf(item, own);
    return fields.length === 0 ? [] : [{ ...base, sign: 'change', id, fields }];
  });
  const place = ({ kind }: Difference) => configurationKinds.indexOf(kind);
  return found.sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** Of the images that the mapping names DR keeps volumes; what main keeps is nobody's business. */
function withBootVolumes({ items }: Normal, { bootImages }: Mapping): Item[] {
  const others = items.filter(({ kind }) => kind !== 'imageVolumes');
  const named = others.filter(({ kind, name }) => kind === 'images' && bootImages.includes(name));
  return [...others, ...named.map(bootVolumeOf)];
}

/** Without what the mapping says nobody compares. */
function compared(items: readonly Item[], { ignore }: Mapping): Map<string, Item> {
  const kept = items.flatMap((item): Item[] => {
    const rows = ignore.filter(({ kind, name }) => kind === item.kind && fits(name, item.name));
    if (rows.some(({ field }) => field === undefined)) return [];
    const left = new Set(rows.map(({ field }) => field));
    const value = Object.fromEntries(
      Object.entries(item.value).filter(([name]) => !left.has(name)),
    );
    return [{ ...item, value }];
  });
  return new Map(kept.map((item) => [idKey(item.kind, item.name), item]));
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^A-Za-z0-9]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

function fieldsOf({ value }: Item, { value: own }: Item): Difference['fields'] {
  const names = [...new Set([...Object.keys(value), ...Object.keys(own)])].sort();
  return names.flatMap((field) => {
    const [main, dr] = [value[field] ?? null, own[field] ?? null];
    return canonical(main) === canonical(dr) ? [] : [{ field, main, dr }];
  });
}
