/** What a storage administrator and an operator do to the rig's DR site between two requests. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Hands } from './site.ts';

const run = promisify(execFile);

/** `array` is the file that stands for the array below the back end. */
export function rigHands(folder: string, array: string): Hands {
  const faults: Record<string, string> = {};
  const set = (operation: string, state: 'silent' | 'answers') => {
    if (state === 'silent') faults[operation] = 'no answer';
    else delete faults[operation];
    writeFileSync(`${array}.faults`, JSON.stringify(faults));
  };
  // It starts what is missing within a second and then waits until all is well, which a frozen
  // service never is: so nobody waits for its end but the next one who needs the rig.
  let starting: Promise<unknown> = Promise.resolve();
  const start = async () => {
    await starting;
    const up = join(import.meta.dirname, '..', 'rig', 'up');
    starting = run(up, ['--folder', folder]).catch((error: unknown) => error);
  };
  const kill = async (name: string) => {
    await starting;
    const pid = Number(readFileSync(join(folder, 'run', `dr-${name}.pid`), 'utf8'));
    // The whole group: it has children that do the work.
    process.kill(-pid, 'SIGKILL');
  };
  return {
    array: async (state) => set('stats', state),
    otherArray: async (state) => set('failover_host', state),
    kill: () => kill('cinder-volume'),
    start,
    restartScheduler: async () => {
      await kill('cinder-scheduler');
      await start();
    },
    rest: async () => {
      await starting;
    },
  };
}
