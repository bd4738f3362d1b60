/**
 * What API Gateway hands over, made into what Bolt understands: text in UTF-8, one of two content
 * types, and a body known to parse, because Bolt throws where we want to answer.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

export interface Decoded {
  readonly contentType: typeof FORM | typeof JSON_TYPE;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The body as it was signed. Bolt would read base64 as ASCII and break Korean. */
export function rawBody(event: APIGatewayProxyEventV2): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

/** A header by its lower-case name. */
export function header(event: APIGatewayProxyEventV2, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

/** Undefined when this is neither a form nor JSON, or does not parse. */
export function decode(raw: string, contentType: string | undefined): Decoded | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === FORM) {
    const form = new URLSearchParams(raw);
    const payload = form.get('payload');
    const body = payload === null ? Object.fromEntries(form) : parseObject(payload);
    return body && { contentType: FORM, body };
  }
  if (type === JSON_TYPE) {
    const body = parseObject(raw);
    return body && { contentType: JSON_TYPE, body };
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
