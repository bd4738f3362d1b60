/**
 * Deliberately broken builds: each takes one promise out of the program, as a patch to its source.
 * The simulation must say which rule broke; a simulation that finds nothing here proves nothing.
 */
export interface Broken {
  /** What was taken out. */
  readonly name: string;
  /** Rules of which one must be reported. */
  readonly rules: readonly number[];
  readonly file: string;
  /** Found exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Seeds in which it shows; the first that does ends the search. */
  readonly seeds: number;
}

export const brokenBuilds: readonly Broken[] = [];
