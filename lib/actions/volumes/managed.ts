/** The calls by which a Cinder takes an LDEV over, read back from a plan. */
import * as z from 'zod';
import { cinderPaths } from '../../openstack/paths.ts';
import type { PlanCall } from '../../runbook/plan.ts';

export const manageName = (main: string): string => `manage-${main}`;

export const manages = ({ method, path }: Pick<PlanCall, 'method' | 'path'>): boolean =>
  method === 'POST' && path === cinderPaths.manage;

const named = z.looseObject({
  volume: z.looseObject({ ref: z.looseObject({ 'source-id': z.string().regex(/^\d+$/) }) }),
});

/** The LDEV that such a call names. Throws a ZodError for a call of another kind. */
export const ldevManaged = ({ body }: Pick<PlanCall, 'body'>): number =>
  Number(named.parse(body).volume.ref['source-id']);
