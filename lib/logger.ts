/** Structured logs through powertools, with secrets taken out in front: powertools takes out none. */
import { Logger } from '@aws-lambda-powertools/logger';

/** Fields whose value never reaches a log, compared without case, `-` and `_`. */
const SECRET_FIELDS = [
  'token',
  'access_token',
  'bot_access_token',
  'x-auth-token',
  'x-subject-token',
  'password',
  'passphrase',
  'authorization',
  'cookie',
  'set-cookie',
  'secret',
  'signing_secret',
  'secret_access_key',
  'session_token',
  'private_key',
  'private_metadata',
  'response_url',
  'trigger_id',
  'signature',
  'x-slack-signature',
  'credentials',
];
const plainName = (name: string): string => name.toLowerCase().replace(/[-_]/g, '');
const secretNames = new Set(SECRET_FIELDS.map(plainName));
/** `adminPassword`, `SLACK_BOT_TOKEN`, `clientSecret` … whatever stands in front. */
const secretEnding = /(token|password|secret|signature|authorization)$/;

/** Secrets inside text: Slack tokens, answer addresses, authorization headers, keys in PEM. */
const SECRET_TEXT: readonly RegExp[] = [
  /xox[a-z]-[A-Za-z0-9-]+/g,
  /https:\/\/hooks\.slack\.com\/\S+/g,
  /\b(Bearer|Basic|Session)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /\b(token|password|secret|trigger_id|response_url|signature)=[^\s&]+/gi,
];
const HIDDEN = '[hidden]';
/** Deeper than anything we log on purpose; also the end of circles. */
const MAX_DEPTH = 8;

export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** A logger for one room. Level comes from POWERTOOLS_LOG_LEVEL, INFO when it is not set. */
export function createLogger(room: string): Log {
  const logger = new Logger({ serviceName: 'drillbook', persistentKeys: { room } });
  const line =
    (level: keyof Log) =>
    (message: string, fields: object = {}) =>
      logger[level](redactText(message), { ...(redact(fields) as object) });
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** A copy of `value` without secrets; errors become name, code, message and stack. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return redact(fieldsOf(value), depth + 1);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const entries = Object.entries(value).map(([name, it]) => [
    name,
    isSecret(name) ? HIDDEN : redact(it, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function isSecret(name: string): boolean {
  const plain = plainName(name);
  return secretNames.has(plain) || secretEnding.test(plain);
}

function redactText(text: string): string {
  return SECRET_TEXT.reduce((out, pattern) => out.replace(pattern, HIDDEN), text);
}

function fieldsOf(error: Error) {
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...('code' in error ? { code: error.code } : {}), cause };
}
