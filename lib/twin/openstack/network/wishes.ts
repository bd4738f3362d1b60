/** Bodies of Neutron: one object under its name, strict about attributes, and its own wording. */
import * as z from 'zod';
import type { Ask } from '../wire.ts';
import { badRequest } from './refusals.ts';

/** Reads `{"<name>": {…}}` by its schema; throws the 400 that Neutron gives. */
export function readWish<T>(ask: Ask, name: string, schema: z.ZodType<T>): T {
  const body = bodyOf(ask);
  const inner: unknown = z.record(z.string(), z.unknown()).safeParse(body).data?.[name];
  if (inner === undefined) throw badRequest(`Unable to find '${name}' in request body`);
  const result = schema.safeParse(inner);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badRequest(issue === undefined ? 'Invalid request' : wordsFor(issue, inner));
}

/** Reads a body that has no name around it. */
export function readBare<T>(ask: Ask, schema: z.ZodType<T>): T {
  const body = bodyOf(ask);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badRequest(issue === undefined ? 'Invalid request' : wordsFor(issue, body));
}

function bodyOf(ask: Ask): unknown {
  try {
    return JSON.parse(ask.body);
  } catch {
    throw badRequest('The server could not comply with the request since it is malformed');
  }
}

function wordsFor(issue: z.core.$ZodIssue, inner: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    return `Unrecognized attribute(s) '${issue.keys.join(', ')}'`;
  }
  const [field] = issue.path;
  const known = z.record(z.string(), z.unknown()).safeParse(inner).data ?? {};
  if (issue.path.length === 1 && !(String(field) in known)) {
    return `Failed to parse request. Required attribute '${String(field)}' not specified`;
  }
  return `Invalid input for ${String(field)}. Reason: ${issue.message}.`;
}

/** Attributes that nearly every resource has. */
export const common = {
  name: z.string().max(255).optional(),
  description: z.string().max(255).optional(),
  /** For administrators; the older name of the same. */
  project_id: z.string().optional(),
  tenant_id: z.string().optional(),
};

export const ipv4 = z.ipv4('is not a valid IP address');
