/** One signed POST to an AWS service on plain fetch: for bundles that carry no SDK. */
import { AwsClient } from 'aws4fetch';
import { StoreError } from './errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignedRequest {
  /** `dynamodb`, `lambda`, `states`: named, because a local address does not tell. */
  readonly service: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SignedAnswer {
  readonly status: number;
  readonly body: string;
}

export type SignedPost = (request: SignedRequest) => Promise<SignedAnswer>;

/** Slack waits three seconds for a whole answer; one request may take this long. */
const LIMIT_MS = 2_000;

/** Rejects with StoreError (STORE-ANSWER) when no answer came in time. Answers of 5xx: one retry. */
export function signedPost(credentials: Credentials, region: string): SignedPost {
  const client = new AwsClient({ ...credentials, region, retries: 1 });
  return async ({ service, url, headers, body }) => {
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const aws = { service };
      const answer = await client.fetch(url, { method: 'POST', headers, body, signal, aws });
      return { status: answer.status, body: await answer.text() };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const what = `No answer from ${new URL(url).host}.`;
      throw new StoreError('STORE-ANSWER', { what, why }, { cause });
    }
  };
}

export function refused(who: string, { status, body }: SignedAnswer): StoreError {
  return new StoreError('STORE-ANSWER', {
    what: `${who} answered ${status}.`,
    why: body.slice(0, 300),
  });
}
