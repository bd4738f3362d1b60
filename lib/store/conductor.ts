/** Starts the conductor in AWS: one Step Functions execution per run and generation. */
import type { Env } from '../env.ts';
import { StoreError } from './errors.ts';
import { refused, signedPost } from './signed.ts';

/**
 * Starts generation `n` for `run`. The execution is called run and generation, so starting it twice
 * is starting it once. `endpoint` is for tests; in AWS the regional address is used. Rejects with
 * StoreError: STORE-ENV without state machine or credentials, STORE-ANSWER when it is refused.
 */
export async function startConductor(
  env: Pick<Env, 'region' | 'conductor' | 'credentials'>,
  input: { readonly run: string; readonly n: number },
  endpoint = `https://states.${env.region}.amazonaws.com`,
): Promise<void> {
  const { region, conductor, credentials } = env;
  if (conductor === undefined || credentials === undefined) {
    const why = 'DRILLBOOK_CONDUCTOR or the credentials of the function are not set.';
    throw new StoreError('STORE-ENV', { what: `Nobody can conduct ${input.run}.`, why });
  }
  const answer = await signedPost(
    credentials,
    region,
  )({
    service: 'states',
    url: endpoint,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body: JSON.stringify({
      stateMachineArn: conductor,
      name: `${input.run}-${input.n}`,
      input: JSON.stringify(input),
    }),
  });
  if (answer.status < 300 || answer.body.includes('ExecutionAlreadyExists')) return;
  throw refused('Step Functions', answer);
}
