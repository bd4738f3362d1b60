/** One line for each check, as it ends, and the sum of them. */

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export interface Report {
  /** What `run` gives is said behind the name: a finding, or nothing. */
  check(name: string, run: () => Promise<string | undefined>): Promise<void>;
  heading(text: string): void;
  /** The last line; true when nothing failed. */
  sum(): boolean;
}

export function createReport(write: (line: string) => void): Report {
  let passed = 0;
  const failed: string[] = [];
  return {
    async check(name, run) {
      const since = Date.now();
      const took = () => `${((Date.now() - since) / 1000).toFixed(1)} s`;
      try {
        const finding = await run();
        passed += 1;
        write(`ok    ${name} (${took()})${finding === undefined ? '' : `\n        ${finding}`}`);
      } catch (error) {
        failed.push(name);
        const why = error instanceof Error ? error.message : String(error);
        write(`FAIL  ${name} (${took()})\n        ${why.replaceAll('\n', '\n        ')}`);
      }
    },
    heading: (text) => write(`\n${text}`),
    sum() {
      write(`\n${passed} passed, ${failed.length} failed`);
      return failed.length === 0;
    },
  };
}
