/** The environment of a process, parsed once at start; the place where rule "region" is checked. */
import * as z from 'zod';
import { StoreError } from './store/errors.ts';

const clock = z.strictObject({
  realStartMs: z.number(),
  virtualStartMs: z.number(),
  factor: z.number().positive(),
});

/** A variable that is set to nothing counts as not set. */
const text = z.string().min(1).optional();
const loopback = z
  .url()
  .refine((url) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname), {
    message: 'only an address of this machine (127.0.0.1)',
  });

const variables = z.object({
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text,
  DRILLBOOK_TABLE: z.string().min(3).default('drillbook'),
  DRILLBOOK_BLOBS: text,
  DRILLBOOK_DYNAMO_ENDPOINT: loopback.optional(),
  DRILLBOOK_CONFIG: z.string().min(1).default('config'),
  DRILLBOOK_RUNBOOKS: z.string().min(1).default('runbooks'),
  DRILLBOOK_KEYS: z.string().min(1).default('keys'),
  DRILLBOOK_CONDUCTOR: text,
  DRILLBOOK_CONTROL_PLANE_KEY: text,
  DRILLBOOK_EVIDENCE_KEY: text,
  DRILLBOOK_TLS_KEY: text,
  DRILLBOOK_PACKS: z.string().min(1).default('packs'),
  DRILLBOOK_SIGNAL_URL: z.url().optional(),
  DRILLBOOK_CLOCK: z
    .string()
    .transform((json, context) => parseJson(json, context))
    .pipe(clock)
    .optional(),
  DRILLBOOK_SLACK_URL: z.url().optional(),
  SLACK_SIGNING_SECRET: text,
  SLACK_BOT_TOKEN: text,
});

/** What a process knows of the place it runs in. */
export interface Env {
  readonly region: string;
  readonly allowedRegions: readonly string[];
  readonly table: string;
  /** Local database; absent in AWS. */
  readonly dynamoEndpoint?: string;
  /** `s3://<bucket>` or a folder. */
  readonly blobs?: string;
  /** Folder of the configuration, or the JSON file made of it at build time. */
  readonly config: string;
  /** Folder of the runbooks. */
  readonly runbooks: string;
  /** Folder of `gateway-<site>.pub.pem` and, on one machine, of the private keys too. */
  readonly keys: string;
  /** Private keys (PEM) from a secret store; without them they lie in `keys`. */
  readonly controlPlaneKey?: string;
  readonly evidenceKey?: string;
  /** Key of the certificate that gateways with TLS are shown, PEM; without it it lies in `keys`. */
  readonly tlsKey?: string;
  /** Folder that finished packs are written to. */
  readonly packs: string;
  /** ARN of the state machine that conducts runs; absent on one machine. */
  readonly conductor?: string;
  /** Where the engine is woken: `…/2015-03-31/functions/<name>/invocations`. */
  readonly signalUrl?: string;
  /** One clock for all processes of one machine; absent: the machine's own. */
  readonly clock?: z.infer<typeof clock>;
  /** Slack's Web API, when it is not the real one. */
  readonly slackUrl?: string;
  readonly signingSecret?: string;
  readonly botToken?: string;
  /** Credentials for the door's signed requests. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/**
 * Parses environment variables. `allowedRegions` is `policy.allowedRegions`: a process whose data
 * would lie elsewhere does not start (StoreError STORE-REGION). On one machine, with a local
 * database and blobs in a folder, nothing lies in any region. Bad values: StoreError STORE-ENV.
 */
export function readEnv(
  raw: Readonly<Record<string, string | undefined>>,
  allowedRegions: readonly string[],
): Env {
  const blank = Object.entries(raw).filter(([, value]) => value !== '');
  const parsed = variables.safeParse(Object.fromEntries(blank));
  if (!parsed.success) throw badVariable(parsed.error);
  const set = parsed.data;
  const local = set.DRILLBOOK_DYNAMO_ENDPOINT !== undefined && !isBucket(set.DRILLBOOK_BLOBS);
  const region = local ? allowedRegions[0] : set.AWS_REGION;
  if (region === undefined || !allowedRegions.includes(region)) {
    throw wrongRegion(region, allowedRegions);
  }
  return withoutUndefined({
    region,
    allowedRegions,
    table: set.DRILLBOOK_TABLE,
    dynamoEndpoint: set.DRILLBOOK_DYNAMO_ENDPOINT,
    blobs: set.DRILLBOOK_BLOBS,
    config: set.DRILLBOOK_CONFIG,
    runbooks: set.DRILLBOOK_RUNBOOKS,
    keys: set.DRILLBOOK_KEYS,
    controlPlaneKey: set.DRILLBOOK_CONTROL_PLANE_KEY,
    evidenceKey: set.DRILLBOOK_EVIDENCE_KEY,
    tlsKey: set.DRILLBOOK_TLS_KEY,
    packs: set.DRILLBOOK_PACKS,
    conductor: set.DRILLBOOK_CONDUCTOR,
    signalUrl: set.DRILLBOOK_SIGNAL_URL,
    clock: set.DRILLBOOK_CLOCK,
    slackUrl: set.DRILLBOOK_SLACK_URL,
    signingSecret: set.SLACK_SIGNING_SECRET,
    botToken: set.SLACK_BOT_TOKEN,
    credentials: credentialsOf(set, local),
  });
}

function credentialsOf(set: z.infer<typeof variables>, local: boolean) {
  if (local) return { accessKeyId: 'local', secretAccessKey: 'local' };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = set;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return withoutUndefined({ accessKeyId, secretAccessKey, sessionToken: set.AWS_SESSION_TOKEN });
}

export const isBucket = (blobs: string | undefined): boolean => blobs?.startsWith('s3://') ?? false;

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Absent instead of undefined: the one place that turns "not set" into "not there". */
function withoutUndefined<T extends object>(value: T): Given<T> {
  const given = Object.entries(value).filter(([, it]) => it !== undefined);
  return Object.fromEntries(given) as Given<T>;
}

function parseJson(json: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(json);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
}

function badVariable(error: z.ZodError): StoreError {
  const issue = error.issues[0];
  const why = `${issue?.path.join('.')}: ${issue?.message}.`;
  return new StoreError('STORE-ENV', { what: 'The environment cannot be used.', why });
}

function wrongRegion(region: string | undefined, allowed: readonly string[]): StoreError {
  return new StoreError('STORE-REGION', {
    what: region === undefined ? 'AWS_REGION is not set.' : `The region is ${region}.`,
    why: `Allowed: ${allowed.join(', ')}.`,
  });
}
