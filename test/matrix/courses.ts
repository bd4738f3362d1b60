/** What must have happened before each runbook is asked for, and where the service then is. */
import type { Bank } from '../support/bank.ts';
import { disaster, moved, repaired } from '../support/moves.ts';

export interface Course {
  readonly service: string;
  /** Runs it took are told, so that what they sent is known. */
  prelude(bank: Bank): Promise<readonly string[]>;
  /** Where hosts write before it; undefined = nowhere. */
  readonly from: string | undefined;
  /** Where they write once it has passed. */
  readonly to: string | undefined;
}

const service = 'loans';

const nothing = async (): Promise<readonly string[]> => [];

async function mainGone(bank: Bank): Promise<readonly string[]> {
  await disaster(bank);
  return [];
}

async function mainBack(bank: Bank): Promise<readonly string[]> {
  await disaster(bank);
  const { run } = await moved(bank, 'failover', service);
  await repaired(bank);
  return [run];
}

async function atDr(bank: Bank): Promise<readonly string[]> {
  const { run } = await moved(bank, 'switchover', service);
  bank.clock.advance(600_000);
  return [run];
}

async function leftSplit(bank: Bank): Promise<readonly string[]> {
  bank.world.fault('copies-left-split', true, { service });
  return [];
}

const atMain = { service, prelude: nothing, from: 'main', to: 'main' } as const;

/** By the name of the runbook. */
export const courses: Readonly<Record<string, Course>> = {
  'drill-copy': atMain,
  'copies-resync': { ...atMain, prelude: leftSplit },
  takeover: { service, prelude: mainGone, from: undefined, to: undefined },
  switchover: { ...atMain, to: 'dr' },
  failback: { service, prelude: atDr, from: 'dr', to: 'main' },
  failover: { service, prelude: mainGone, from: undefined, to: 'dr' },
  reprotect: { service, prelude: mainBack, from: 'dr', to: 'dr' },
};
