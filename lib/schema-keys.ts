/** Which keys a schema allows at a place: what a misspelt key is compared with. */
import type * as z from 'zod';

type Part = PropertyKey;
interface Def {
  readonly type: string;
  readonly shape?: Record<string, z.core.$ZodType>;
  readonly element?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly in?: z.core.$ZodType;
}

const defOf = (schema: z.core.$ZodType): Def => schema._zod.def as Def;

/** Keys of the object at `path`; of a union, those of the members that fit `value` best. */
export function keysAt(schema: z.core.$ZodType, path: readonly Part[], value: unknown): string[] {
  let schemas = [schema];
  let at = value;
  for (const part of path) {
    schemas = schemas.flatMap((one) => objectsOf(one, at)).flatMap((one) => childOf(one, part));
    at = typeof at === 'object' && at !== null ? (at as Record<Part, unknown>)[part] : undefined;
  }
  return schemas
    .flatMap((one) => objectsOf(one, at))
    .flatMap((one) => Object.keys(defOf(one).shape ?? {}));
}

/** Whether what stands at `path` is a list; unknown where schemas disagree or do not say. */
export function typeAt(
  schema: z.core.$ZodType,
  path: readonly Part[],
): 'list' | 'other' | 'unknown' {
  let schemas = [schema];
  for (const part of path) {
    schemas = schemas
      .flatMap((one) => objectsOf(one, undefined))
      .flatMap((one) => childOf(one, part));
  }
  const types = new Set(
    schemas.flatMap((one) => objectsOf(one, undefined)).map((one) => defOf(one).type),
  );
  const [type = 'unknown', other] = types;
  if (other !== undefined || ['unknown', 'any', 'lazy'].includes(type)) return 'unknown';
  return type === 'array' ? 'list' : 'other';
}

/** Takes off optional, default and the like; of a discriminated union only members that match. */
function objectsOf(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  const def = defOf(schema);
  if (def.options !== undefined) {
    const fitting = def.options.filter((option) => literalsFit(option, value));
    return (fitting.length > 0 ? fitting : def.options).flatMap((one) => objectsOf(one, value));
  }
  const inner = def.innerType ?? def.in;
  return inner === undefined ? [schema] : objectsOf(inner, value);
}

function literalsFit(schema: z.core.$ZodType, value: unknown): boolean {
  return Object.entries(defOf(schema).shape ?? {}).every(([key, member]) => {
    if (defOf(member).type !== 'literal') return true;
    const values = (defOf(member) as Def & { values?: readonly unknown[] }).values ?? [];
    return values.includes((value as Record<string, unknown> | null)?.[key]);
  });
}

function childOf(schema: z.core.$ZodType, part: Part): z.core.$ZodType[] {
  const def = defOf(schema);
  const child = def.element ?? def.valueType ?? def.shape?.[String(part)];
  return child === undefined ? [] : [child];
}
