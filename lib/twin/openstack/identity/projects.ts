/** Projects that an administrator makes. Nobody has a role in a new one. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { hexId, uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, readBody } from '../wire.ts';
import { conflict, forbidden, malformed } from './refusals.ts';
import { callerToken } from './tokens.ts';
import { projectView } from './views.ts';

const createSchema = z.strictObject({
  project: z.strictObject({
    name: z.string().min(1).max(64),
    description: z.string().default(''),
    enabled: z.boolean().default(true),
    domain_id: z.literal('default').optional(),
    is_domain: z.literal(false).optional(),
  }),
});

export function createProject(context: CloudContext, ask: Ask): HttpResponse {
  if (!callerToken(context, ask.headers).roles.includes('admin')) {
    throw forbidden('identity:create_project');
  }
  const body = readBody(ask, createSchema);
  if (!body.ok) throw malformed(body.why);
  const { name, description, enabled } = body.data.project;
  const { projects } = context.state.identity;
  if ([...context.seed.projects, ...projects].some((one) => one.name === name)) {
    throw conflict(
      `Conflict occurred attempting to store project - Duplicate entry found with name ${name}.`,
    );
  }
  const project = { id: hexId('project', uuid(context.random)), name, description, enabled };
  projects.push(project);
  return json(201, { project: projectView(context, project) });
}
