/** Site tasks before small shell programs in a folder of their own, and plans that run them. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayFolder } from '../../lib/gateway/server/settings.ts';
import {
  type KnownTask,
  type LoadedTasks,
  loadTasks,
} from '../../lib/gateway/server/tasks/programs.ts';
import { tasksSettingsSchema } from '../../lib/gateway/server/tasks/settings.ts';
import type { Facts, Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { drillPlan, ids, facts as known } from './plan.ts';
import { gatewayFolder } from './support.ts';

export interface Programs {
  readonly home: string;
  write(name: string, lines: readonly string[], mode?: number): void;
  /** Lines a program wrote into a file of the folder; none when there is no file. */
  lines(name: string): string[];
  folder(tasks: readonly unknown[]): Promise<GatewayFolder & LoadedTasks>;
  remove(): void;
}

export function openPrograms(): Programs {
  const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tasks-'));
  return {
    home,
    write: (name, lines, mode = 0o755) => {
      writeFileSync(join(home, name), ['#!/bin/sh', ...lines, ''].join('\n'));
      chmodSync(join(home, name), mode);
    },
    lines: (name) =>
      existsSync(join(home, name))
        ? readFileSync(join(home, name), 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [],
    folder: async (written) => {
      const tasks = tasksSettingsSchema.parse(written);
      const base = gatewayFolder({ tasks });
      return { ...base, home, ...(await loadTasks(home, tasks)) };
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The drill's facts with what a gateway publishes. */
export function factsWith(tasks: readonly KnownTask[], site = 'dr'): Facts {
  const { bound } = known;
  return {
    bound: {
      ...bound,
      sites: {
        main: { storageDeviceId: ids.mainArray, api: 'cm', cloud: 'main' },
        dr: { storageDeviceId: ids.array, api: 'cm', cloud: 'dr' },
      },
      tasks: { [site]: JSON.parse(JSON.stringify(tasks.map(({ published }) => published))) },
    },
    classed: {},
  };
}

export const taskCall = (change: Partial<PlanCall> = {}): PlanCall => ({
  ...{ id: 'switch.run', step: 'switch', site: 'dr', target: 'task:switch', method: 'POST' },
  ...{ path: '/run', body: { args: { to: 'dr' } }, after: [], phase: 'forward', class: 'copy' },
  ...{ guards: [], holes: [], sends: 1, words: { ko: '전환', en: 'switch' } },
  ...change,
});

export const taskPlan = (
  facts: Facts,
  calls: readonly PlanCall[],
  more: Partial<Plan> = {},
): Plan => drillPlan({ facts, calls: [...calls], ...more });

/** `to` is a site; what is done is written to `done`. */
export const SWITCH = {
  name: 'switch',
  run: ['switch', 'fixed'],
  args: { to: { type: 'string', enum: ['main', 'dr'] } },
  class: 'copy',
  within: '1m',
  observe: ['look'],
};
