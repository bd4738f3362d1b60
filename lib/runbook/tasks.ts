/**
 * Site tasks: programs that the owner of a gateway allows by name, as the gateway publishes them. Both
 * ends hold arguments against such a declaration; the gateway against its own.
 */
import * as z from 'zod';
import { nearest } from '../errors.ts';

export const taskNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens');

/** A value becomes one `--name=value`; every argument that is declared must be given. */
const argumentSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  /** Regular expression for the whole text. */
  pattern: z.string().refine(isPattern, 'a regular expression').optional(),
  enum: z
    .array(z.union([z.string(), z.int()]))
    .min(1)
    .optional(),
  /** Most characters of a text (200 when left out), highest value of a number. */
  max: z.int().positive().optional(),
});
type Argument = z.infer<typeof argumentSchema>;

export const argumentsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens'),
  argumentSchema,
);

export const taskClassSchema = z.enum(['copy', 'data']);

export const siteTaskSchema = z.strictObject({
  name: taskNameSchema,
  args: argumentsSchema,
  class: taskClassSchema,
  /** After this time it is killed (ms). */
  withinMs: z.int().positive(),
  /** Whether it can be looked at without changing anything. */
  observe: z.boolean(),
  /** The only task that takes it back, if the owner names one. */
  undo: taskNameSchema.optional(),
  /** Hash of its command line and its program: another program is another task. */
  program: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SiteTask = z.infer<typeof siteTaskSchema>;
type Declared = Pick<SiteTask, 'name' | 'args'>;

export type TaskArguments = Readonly<Record<string, string | number | boolean>>;

export const TASK_RUN = '/run';

/** The path under which a task with these arguments is looked at. */
export function observePath(args: TaskArguments): string {
  const query = new URLSearchParams(
    Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `/observe?${query}`;
}

/** The arguments in such a path, in the types that are declared. What does not fit stays text. */
export function observedArguments({ args: declared }: Declared, path: string): TaskArguments {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  return Object.fromEntries(
    [...query].map(([name, text]) => [
      name,
      typed(Object.hasOwn(declared, name) ? declared[name] : undefined, text),
    ]),
  );
}

function typed(form: Argument | undefined, text: string): string | number | boolean {
  if (form?.type === 'integer' && /^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (form?.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/** What is wrong with one argument, and what was probably meant. */
export interface ArgumentFault {
  readonly name: string;
  readonly what: string;
  readonly instead?: string;
}

/** Everything that is wrong with the arguments given; nothing when the task may be run with them. */
export function argumentFaults(
  { name: task, args: declared }: Declared,
  given: Readonly<Record<string, unknown>>,
): ArgumentFault[] {
  const known = Object.keys(declared);
  const unknown = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name): ArgumentFault => {
      const instead = nearest(name, known) ?? (known.join(', ') || 'nothing');
      return { name, what: `task ${task} has no argument ${name}`, instead };
    });
  const wrong = Object.entries(declared).flatMap(([name, form]): ArgumentFault[] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const what = value === undefined ? 'is missing' : faultOf(value, form);
    if (what === undefined) return [];
    const near =
      typeof value === 'string' ? nearest(value, (form.enum ?? []).map(String)) : undefined;
    return [
      { name, what: `argument ${name} ${what}`, ...(near === undefined ? {} : { instead: near }) },
    ];
  });
  return [...unknown, ...wrong];
}

/** Longest text where none is declared. */
const TEXT_MAX = 200;

function faultOf(value: unknown, form: Argument): string | undefined {
  if (form.type === 'boolean')
    return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (form.type === 'integer') {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'must be a whole number';
    if (value > (form.max ?? Number.MAX_SAFE_INTEGER)) return `must be at most ${form.max}`;
    return outside(value, form);
  }
  if (typeof value !== 'string') return 'must be text';
  const max = form.max ?? TEXT_MAX;
  if (value.length > max) return `must have at most ${max} characters`;
  if (/\p{Cc}/u.test(value)) return 'must be one line without control characters';
  const fits = form.pattern === undefined || whole(form.pattern).test(value);
  return fits ? outside(value, form) : `must match ${form.pattern}`;
}

function outside(value: string | number, { enum: allowed }: Argument): string | undefined {
  if (allowed === undefined || allowed.includes(value)) return undefined;
  return `must be one of ${allowed.join(', ')}`;
}

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');

function isPattern(text: string): boolean {
  try {
    return whole(text) instanceof RegExp;
  } catch {
    return false;
  }
}
