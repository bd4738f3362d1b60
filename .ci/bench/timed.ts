/** Whose time it is while a whole bank works in one process. */
import type { Http } from '../../lib/http.ts';
import { type Bank, type BankOptions, openBank } from '../../test/support/bank.ts';

/** Milliseconds of this machine, waits left out, by who had them. */
export interface Own {
  readonly engine: number;
  readonly gateways: number;
  readonly twin: number;
}

/** Real time in which at least one of the things it was given was under way. */
function stopwatch() {
  let open = 0;
  let since = 0;
  let total = 0;
  return {
    total: () => total,
    during: async <T>(work: () => Promise<T>): Promise<T> => {
      if (open++ === 0) since = performance.now();
      try {
        return await work();
      } finally {
        if (--open === 0) total += performance.now() - since;
      }
    },
  };
}

export async function timed<T>(
  options: Pick<BankOptions, 'edit'>,
  work: (bank: Bank) => Promise<T>,
): Promise<T & { readonly own: Own }> {
  const [advance, outside, wire, twin] = [stopwatch(), stopwatch(), stopwatch(), stopwatch()];
  const bank = await openBank({
    ...options,
    sparing: true,
    wire:
      (http): Http =>
      (request) =>
        outside.during(() => wire.during(() => http(request))),
    between: (_, http) => (request) => twin.during(() => http(request)),
  });
  const sleep = bank.clock.sleep;
  bank.clock.sleep = (ms) => outside.during(() => sleep(ms));
  try {
    const tick = bank.tick;
    bank.tick = (...args) => advance.during(() => tick(...args));
    const result = await work(bank);
    const own = {
      engine: advance.total() - outside.total(),
      gateways: wire.total() - twin.total(),
      twin: twin.total(),
    };
    return { ...result, own };
  } finally {
    await bank.close();
  }
}
