/** What goes wrong in one seed: each kind by its share of the operations it can strike. */
import { chanceOf } from './chance.ts';

export interface Weather {
  /** Messages between engine and gateways, and between gateways and targets. */
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  /** Operations of the store. */
  readonly throttled: number;
  /** A process ends at one of its operations, before or after it took effect. */
  readonly engineDies: number;
  readonly gatewayDies: number;
  /** A process stands still past every lease, then goes on as if nothing had been. */
  readonly freezes: number;
  readonly clocksJump: number;
  /** A wake-up that never comes. */
  readonly signalLost: number;
  /** Slack does not answer, as a share of the time. */
  readonly slackAway: number;
  /** Control planes that work on the same runs. */
  readonly planes: number;
  /** A gateway's disk is put back to an older copy, once. */
  readonly amnesia: boolean;
  /** People who press the wrong thing, twice, too late, or change their minds. */
  readonly mischief: number;
}

export const calm: Weather = {
  lost: 0,
  doubled: 0,
  late: 0,
  throttled: 0,
  engineDies: 0,
  gatewayDies: 0,
  freezes: 0,
  clocksJump: 0,
  signalLost: 0,
  slackAway: 0,
  planes: 1,
  amnesia: false,
  mischief: 0.1,
};

const storms: readonly Partial<Weather>[] = [
  { lost: 0.04, doubled: 0.15, late: 0.05, signalLost: 0.3 },
  { engineDies: 0.006, gatewayDies: 0.01, signalLost: 0.2 },
  { planes: 2, engineDies: 0.004, late: 0.05, throttled: 0.02 },
  { planes: 2, freezes: 0.004, lost: 0.02, doubled: 0.1, late: 0.05 },
  { clocksJump: 0.004, gatewayDies: 0.006, late: 0.03 },
  { throttled: 0.05, slackAway: 0.4, mischief: 0.5 },
  {
    lost: 0.02,
    doubled: 0.1,
    late: 0.05,
    throttled: 0.02,
    engineDies: 0.003,
    gatewayDies: 0.006,
    freezes: 0.002,
    clocksJump: 0.001,
    signalLost: 0.2,
    slackAway: 0.2,
    planes: 2,
    mischief: 0.4,
  },
  { amnesia: true, gatewayDies: 0.01, lost: 0.02 },
];

/** Every eighth seed has the same kind of storm; how strong it is comes from the seed. */
export function weatherOf(seed: number): Weather {
  const kind = storms[seed % storms.length] ?? {};
  const strength = 0.5 + chanceOf(`weather ${seed}`).draw();
  const scaled = Object.fromEntries(
    Object.entries(kind).map(([name, share]) => [
      name,
      typeof share === 'number' && name !== 'planes' ? share * strength : share,
    ]),
  );
  return { ...calm, ...scaled };
}
