/** Starts the conductor of a run in AWS. A name that runs already is the same conductor. */
import { AwsClient } from 'aws4fetch';
import type { Env } from '../env.ts';
import { StoreError } from './errors.ts';

const LIMIT_MS = 5_000;

/**
 * `env.conductor` is the state machine's ARN; the execution is called run and generation, so that
 * two signals start one conductor. Throws StoreError (STORE-ANSWER) when it cannot be started.
 */
export async function startConductor(
  env: Env,
  input: { readonly run: string; readonly n: number },
): Promise<void> {
  const { credentials, region, conductor } = env;
  if (credentials === undefined || conductor === undefined) return;
  const client = new AwsClient({ ...credentials, region, service: 'states', retries: 2 });
  const answer = await client.fetch(`https://states.${region}.amazonaws.com/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body: JSON.stringify({
      stateMachineArn: conductor,
      name: `${input.run}-${input.n}`,
      input: JSON.stringify(input),
    }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await answer.text();
  if (answer.ok || text.includes('ExecutionAlreadyExists')) return;
  throw new StoreError('STORE-ANSWER', {
    what: `Step Functions answered ${answer.status}.`,
    why: text.slice(0, 300),
  });
}
