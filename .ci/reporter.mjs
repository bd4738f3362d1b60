/** The last line of a test run, plain: `N passed, N failed` and, where there are any, `N skipped`. */
import { writeSync } from 'node:fs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A file that could not even be loaded has no tests: it counts as one failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    // jest prints its own summary after this: ours is kept until the process ends.
    process.once('exit', () => {
      writeSync(1, `\n${results.numPassedTests} passed, ${failed} failed${tail}\n`);
    });
  }
}
