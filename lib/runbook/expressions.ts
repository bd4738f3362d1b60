/**
 * `${{ }}` in runbooks: CEL, evaluated once by compile. A value that is wholly one expression keeps
 * its type, anything else becomes text.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import * as z from 'zod';
import { serviceSchema, siteSchema } from '../config.ts';
import { nearest } from '../errors.ts';
import { keysAt, typeAt } from '../schema-keys.ts';
import { boundSchema } from './bound.ts';

/** What an expression sees. */
export interface Scope {
  readonly service: unknown;
  /** Sites by id. */
  readonly site: unknown;
  readonly params: unknown;
  /** The bound facts. */
  readonly facts: unknown;
  /** In a step with `for-each`: what it is done for. */
  readonly item?: unknown;
}

const scopeSchema = z.strictObject({
  service: serviceSchema,
  site: z.record(z.string(), siteSchema),
  params: z.record(z.string(), z.json()),
  facts: boundSchema,
});
const ROOTS = Object.keys(scopeSchema.shape);

const cel = new Environment({ unlistedVariablesAreDyn: true });

const WHOLE = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s;
const PART = /\$\{\{((?:(?!\}\}).)*)\}\}/gs;

/** The expressions in a text, without their braces. */
export const expressionsIn = (text: string): string[] =>
  [...text.matchAll(PART)].map((match) => (match[1] ?? '').trim());

export interface ExpressionFault {
  readonly what: string;
  readonly instead?: string | undefined;
}

/** Names that are known where an expression stands. */
export interface ExpressionNames {
  readonly params: readonly string[];
  /** Within a `for-each`, where `item` is whatever the list holds. */
  readonly item?: boolean;
}

/** Checks an expression without values: its grammar and every name of a thing it reads. */
export function expressionFaults(text: string, names: ExpressionNames): ExpressionFault[] {
  let ast: ASTNode;
  try {
    ast = cel.parse(text).ast;
  } catch (error) {
    return [{ what: `the expression ${text} cannot be read: ${firstLine(error)}` }];
  }
  return chainsIn(ast).flatMap((chain) => chainFaults(chain, names));
}

function chainFaults(
  chain: readonly string[],
  { params, item = false }: ExpressionNames,
): ExpressionFault[] {
  const [root = '', ...rest] = chain;
  if (root === 'item') {
    return item ? [] : [{ what: 'item is known only to the inputs of a step with for-each' }];
  }
  if (!ROOTS.includes(root)) {
    const instead = nearest(root, ROOTS) ?? ROOTS.join(', ');
    return [{ what: `there is no ${root} in expressions`, instead }];
  }
  for (const [depth, name] of rest.entries()) {
    const before = chain.slice(0, depth + 1);
    const known = before.length === 1 && root === 'params' ? params : keysOf(before);
    // Records and lists have keys nobody knows beforehand.
    if (known === undefined || known.includes(name)) continue;
    const at = before.join('.');
    const near = nearest(name, known);
    const instead = near === undefined ? known.join(', ') : `${at}.${near}`;
    const what = `${at} has no ${name}`;
    return [known.length === 0 ? { what } : { what, instead }];
  }
  return [];
}

function keysOf(path: readonly string[]): string[] | undefined {
  const keys = keysAt(scopeSchema, path, undefined);
  return keys.length === 0 ? undefined : keys;
}

/** True when a text is one expression and nothing else. */
export const isWhole = (text: string): boolean => WHOLE.test(text);

/** The names that an expression begins with; none for one that cannot be read. */
export function rootsIn(text: string): string[] {
  try {
    return chainsIn(cel.parse(text).ast).map(([root = '']) => root);
  } catch {
    // What is wrong with it is said by `expressionFaults`.
    return [];
  }
}

/** True when an expression somewhere in a JSON value is about the item of a `for-each`. */
export function usesItem(value: unknown): boolean {
  if (typeof value === 'string') {
    return expressionsIn(value).some((text) => rootsIn(text).includes('item'));
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(usesItem);
}

/** Whether what an expression names is a list, as far as its name alone says so. */
export function shapeOf(text: string): 'list' | 'other' | 'unknown' {
  const ast = cel.parse(text).ast;
  if (ast.op === 'value') return 'other';
  const chain = chainOf(ast);
  const [root] = chain ?? [];
  if (chain === undefined || root === 'params') return 'unknown';
  return typeAt(scopeSchema, chain);
}

/** Every `a.b.c` of an expression from its root; names bound by macros are left out. */
function chainsIn(node: ASTNode, bound: readonly string[] = []): string[][] {
  const chain = chainOf(node);
  if (chain !== undefined) return bound.includes(chain[0] ?? '') ? [] : [chain];
  if (node.op === 'rcall' && MACROS.has(node.args[0])) {
    const [, receiver, args] = node.args;
    const own = args[0]?.op === 'id' ? [...bound, args[0].args] : bound;
    return [...chainsIn(receiver, bound), ...args.slice(1).flatMap((arg) => chainsIn(arg, own))];
  }
  return nodesIn(node.args).flatMap((child) => chainsIn(child, bound));
}

const MACROS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

function chainOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.') return undefined;
  const before = chainOf(node.args[0]);
  return before === undefined ? undefined : [...before, node.args[1]];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function nodesIn(args: unknown): ASTNode[] {
  if (isNode(args)) return [args];
  return Array.isArray(args) ? args.flatMap(nodesIn) : [];
}

/** Evaluates every expression inside a JSON value. Throws the evaluator's error. */
export function evaluateIn(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return evaluateText(value, scope);
  if (Array.isArray(value)) return value.map((item) => evaluateIn(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, evaluateIn(item, scope)]),
  );
}

function evaluateText(text: string, scope: Scope): unknown {
  const whole = WHOLE.exec(text);
  if (whole !== null) return evaluateExpression(whole[1] ?? '', scope);
  return text.replaceAll(PART, (_, expression: string) => {
    const result = evaluateExpression(expression, scope);
    return typeof result === 'string' ? result : JSON.stringify(result);
  });
}

/** Integers are int, not double, inside; plain JSON outside. */
export function evaluateExpression(expression: string, scope: Scope): unknown {
  const { item, ...outer } = scope;
  const context = { ...convertedOf(outer), ...(item === undefined ? {} : { item: toCel(item) }) };
  return fromCel(programOf(expression.trim())(context));
}

/** Thousands of items share a scope and an expression; both are prepared once. */
const converted = new WeakMap<object, Record<string, unknown>>();

function convertedOf({ service, site, params, facts }: Omit<Scope, 'item'>) {
  return { service: once(service), site: once(site), params: once(params), facts: once(facts) };
}

function once(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return toCel(value);
  const known = converted.get(value) ?? (toCel(value) as Record<string, unknown>);
  converted.set(value, known);
  return known;
}

const programs = new Map<string, ReturnType<typeof cel.parse>>();
const PROGRAMS_MAX = 256;

function programOf(expression: string): ReturnType<typeof cel.parse> {
  const known = programs.get(expression) ?? cel.parse(expression);
  if (programs.size >= PROGRAMS_MAX) programs.clear();
  programs.set(expression, known);
  return known;
}

function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toCel(item)]));
}

/** Plain JSON, or an error: infinities, times and types are nothing that a plan can hold. */
function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return fromCel(Number(value));
  if (typeof value === 'number' && isPlainNumber(value)) return value;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), fromCel(item)]));
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCel(item)]));
  }
  throw new Error(`an expression gives text, a number, true, false, a list or a map, not ${value}`);
}

/** As JSON has it, and exact. */
const isPlainNumber = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

/** The evaluator draws the place below its first line. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
