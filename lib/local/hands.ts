/** Who does the work of the functions on this machine. */
import type { Pace } from '../run/moves/pace.ts';

export interface Hands {
  readonly tick: (run: string) => Promise<Pace>;
  /** Makes the evidence pack of an ended run; the path of its folder. */
  readonly seal: (run: string) => Promise<string>;
  readonly close: () => Promise<void>;
}
