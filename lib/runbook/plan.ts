/**
 * The plan: a runbook compiled for one service against observed facts. It is what people approve,
 * what gateways register, and what the report prints. Its canonical bytes are what the hash covers,
 * so everything here is strict: an unknown key is an error at every border.
 */
import * as z from 'zod';

/** Rising danger; the order is the order of the array. */
export const dangerClasses = ['none', 'copy', 'data', 'takeover'] as const;
export type DangerClass = (typeof dangerClasses)[number];
export const worseOf = (a: DangerClass, b: DangerClass): DangerClass =>
  dangerClasses.indexOf(a) >= dangerClasses.indexOf(b) ? a : b;

/** `array:<storageDeviceId>`, `<service>:<cloud>` for the services of a cloud, `task:<name>`, or `probe`. */
export const targetSchema = z
  .string()
  .regex(
    /^(array:[0-9A-Z]{12}|(cinder|nova|neutron|keystone|glance):[a-z0-9-]+|task:[a-z0-9][a-z0-9-]*|probe)$/,
  );

/**
 * A condition on the answer of a GET at the call's own site, evaluated by the gateway the instant
 * before it sends. `predicate` names an entry of the predicate tables beside each client.
 */
export const guardSchema = z.strictObject({
  id: z.string(),
  target: targetSchema,
  path: z.string(),
  predicate: z.string(),
  args: z.record(z.string(), z.json()),
});
export type Guard = z.infer<typeof guardSchema>;

/** A late-bound value: `{{name}}` in path or body is the value at `pointer` in the answer of `call`. */
export const holeSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]*$/),
  call: z.string(),
  pointer: z.string().startsWith('/'),
});
export type Hole = z.infer<typeof holeSchema>;

/** How an object made by a call is found again: list, compare the key field, take the id. */
export const createsSchema = z.strictObject({
  key: z.string(),
  listPath: z.string(),
  /** JSON pointers: the list in the answer; the key field and the id in each entry. */
  list: z.string(),
  keyField: z.string(),
  id: z.string(),
});

export const phases = ['forward', 'undo', 'always'] as const;

export const callSchema = z.strictObject({
  /** `<step>.<name>`, unique in the plan. */
  id: z.string(),
  step: z.string(),
  site: z.string(),
  target: targetSchema,
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  /** Array: from `/v1/…` on. OpenStack: relative to the endpoint of the catalogue. */
  path: z.string(),
  body: z.json().optional(),
  /** Ids of calls that come before. */
  after: z.array(z.string()),
  phase: z.enum(phases),
  class: z.enum(dangerClasses),
  guards: z.array(guardSchema),
  holes: z.array(holeSchema),
  creates: createsSchema.optional(),
  /**
   * A call of both gateways: the peer at `site` applies its own epoch and these guards, and where
   * the call needs a session at the peer's array, lends one for this call.
   */
  grant: z
    .strictObject({ site: z.string(), guards: z.array(guardSchema), session: z.boolean() })
    .optional(),
  sends: z.literal(1),
  /** What a person reads. */
  words: z.strictObject({ ko: z.string(), en: z.string() }),
});
export type PlanCall = z.infer<typeof callSchema>;

export const textSchema = z.strictObject({ ko: z.string().min(1), en: z.string().min(1) });
export type Text = z.infer<typeof textSchema>;

export const stepSchema = z.strictObject({
  id: z.string(),
  uses: z.string(),
  title: textSchema,
  phase: z.enum(phases),
  /** Input after expressions were evaluated; parsed again by the action's own schema. */
  input: z.json(),
  needs: z.array(z.string()),
  undoes: z.string().optional(),
  /** What a failure does; absent: the run pauses and people decide. */
  onFailure: z.enum(['undo', 'continue']).optional(),
  /** Tried again by itself after a failure; only steps that are safe to repeat have it. */
  retry: z.strictObject({ attempts: z.int().min(2), backoffMs: z.int().positive() }).optional(),
  /** The inputs of a `for-each`, in order; `input` is then what they have in common. */
  items: z.array(z.strictObject({ key: z.string(), input: z.json() })).optional(),
  /** How many calls or items go side by side. */
  parallel: z.int().positive().optional(),
  /** Limit of the step in milliseconds, from its start to its verdict. */
  withinMs: z.int().positive(),
});
export type PlanStep = z.infer<typeof stepSchema>;

/** Facts hashed as they are (`bound`) and as a class of a state table (`classed`). */
export const factsSchema = z.strictObject({
  bound: z.record(z.string(), z.json()),
  classed: z.record(z.string(), z.json()),
});
export type Facts = z.infer<typeof factsSchema>;

export const planSchema = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  drillType: z.enum([
    'tabletop',
    'component',
    'isolated-copy',
    'planned-switch',
    'unplanned-switch',
    'real-disaster',
    'maintenance',
  ]),
  runbook: z.strictObject({ id: z.string(), title: textSchema, sha256: z.string() }),
  service: z.strictObject({ id: z.string(), name: textSchema, tier: z.string() }),
  /** Lock key of the protection unit: names of the copy groups that move together. */
  unit: z.string(),
  approval: z.strictObject({
    people: z.int().min(2),
    role: z.string(),
    expiresMs: z.int().positive(),
    runWithinMs: z.int().positive(),
  }),
  /** Worst class of all calls. */
  class: z.enum(dangerClasses),
  sites: z.array(z.string()),
  /** Sites this plan goes ahead without: their gateways are neither asked nor waited for. */
  givesUp: z.array(z.string()).optional(),
  facts: factsSchema,
  factsHash: z.string(),
  steps: z.array(stepSchema),
  calls: z.array(callSchema),
});
export type Plan = z.infer<typeof planSchema>;

/** The sites whose gateways take part: all but those the plan gives up. */
export const sitesAsked = ({ sites, givesUp }: Pick<Plan, 'sites' | 'givesUp'>): string[] =>
  sites.filter((site) => !givesUp?.includes(site));
