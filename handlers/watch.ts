/**
 * The sweeper as a function, called each minute: brings back runs whose conductor died and wishes
 * whose signal was lost. Calling it twice at once is harmless.
 */
import { systemClock } from '../lib/clock.ts';
import { readEnv } from '../lib/env.ts';
import { remembered } from '../lib/function.ts';
import { loadConfig } from '../lib/load-config.ts';
import { createLogger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';
import { reviveRun } from '../lib/run/generation.ts';
import { type Swept, sweep } from '../lib/run/sweep.ts';
import { awsExecutions } from '../lib/store/conductor.ts';
import { doorStore } from '../lib/store/door.ts';
import { StoreError } from '../lib/store/errors.ts';
import { openTable } from '../lib/store/open.ts';

const log = createLogger('watch');

const parts = remembered(async () => {
  const { policy } = await loadConfig(process.env['DRILLBOOK_CONFIG'] || 'config');
  const env = readEnv(process.env, policy.allowedRegions);
  const { signalUrl, credentials } = env;
  if (signalUrl === undefined || credentials === undefined) {
    const why = 'DRILLBOOK_SIGNAL_URL or the credentials of the function are not set.';
    throw new StoreError('STORE-ENV', { what: 'The sweeper cannot call the engine.', why });
  }
  const door = doorStore({ ...env, signalUrl, credentials });
  const deps = { store: openTable(env), clock: systemClock(), random: systemRandom };
  return { ...deps, executions: awsExecutions(env), call: door.signal };
});

export async function handler(): Promise<Swept> {
  const deps = await parts();
  const swept = await sweep({
    ...deps,
    revive: async (run) => {
      log.warn('nobody looked at a run in time', { run });
      await reviveRun(deps, run);
    },
    onError: (run, error) => log.error('a run was not brought back', { run, error }),
  });
  log.info('swept', { ...swept });
  return swept;
}
