/** Who does the work of the functions on this machine. */
import type { Pace } from '../run/moves/pace.ts';

export interface Hands {
  readonly tick: (run: string) => Promise<Pace>;
  /** Makes the evidence pack; its folder, or undefined while another run of the drill is open. */
  readonly seal: (run: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}
