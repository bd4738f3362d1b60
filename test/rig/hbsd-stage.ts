/** Two clouds with Hitachi's driver, the arrays below them, and the door at which faults are switched. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { ArrayDesk } from './hbsd-array.ts';
import { Cloud } from './hbsd-cloud.ts';
import { DriverLog } from './hbsd-log.ts';
import { callerAt, runningRig } from './site.ts';

export interface Centre {
  readonly name: 'main' | 'dr';
  readonly cloud: Cloud;
  readonly array: ArrayDesk;
  readonly log: DriverLog;
}

export interface Stage {
  readonly main: Centre;
  readonly dr: Centre;
  /** Nobody answers at the array's REST door; paths and data live on. */
  management(centre: Centre, cut: boolean): Promise<void>;
  /** Stops a daemon of the rig and starts it again; throws when the rig does not get well. */
  restart(daemon: string): void;
}

const arraySchema = z.object({
  id: z.string(),
  storageDeviceId: z.string(),
  url: z.string(),
});
const factsSchema = z.object({ control: z.string(), arrays: z.array(arraySchema) });

/** Of the scenario: who looks at the arrays beside the driver. */
const LOOKER = { user: 'admin', password: 'admin-of-the-rig' };

/** `facts`: what `npm run twin -- --json` printed. Throws when there is no rig with these arrays. */
export async function openStage(facts: unknown): Promise<Stage> {
  const { control, arrays } = factsSchema.parse(facts);
  const rig = runningRig();
  if (rig === undefined) throw new Error('no rig is up');
  const centre = async (name: Centre['name']): Promise<Centre> => {
    const site = rig.sites[name];
    const array = arrays.find(({ id }) => id === name);
    if (site.backends.hbsd === null || array === undefined) throw new Error(`no array at ${name}`);
    return {
      name,
      cloud: new Cloud(site, await callerAt(site)),
      array: new ArrayDesk({ ...array, ...LOOKER }),
      log: new DriverLog(path.join(site.logs, `${name}-cinder-volume.log`)),
    };
  };
  return {
    main: await centre('main'),
    dr: await centre('dr'),
    async management({ name }, cut) {
      const body = JSON.stringify({ name: 'management-cut', on: cut, site: name });
      const answer = await fetch(`${control}/twin/v1/faults`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`management-cut: ${answer.status} ${await answer.text()}`);
    },
    restart(daemon) {
      const here = import.meta.dirname;
      const folder = path.dirname(rig.sites.main.logs);
      execFileSync(path.join(here, 'hbsd-stop'), [folder, daemon], { stdio: 'pipe' });
      execFileSync(path.join(here, 'up'), ['--folder', folder], { stdio: 'pipe' });
    },
  };
}
