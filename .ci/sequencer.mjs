/**
 * The long tests first, so that in a fresh clone, where no times are known yet, no worker is still
 * at a long one when the others have nothing left to do.
 */
import Sequencer from '@jest/test-sequencer';

const long = [
  /(simulation|disasters)\//,
  /scenarios\/(faults|drill|changes)\./,
  /evidence\/(tamper|pack)\./,
  /scenarios\//,
];

function rank({ path }) {
  const at = long.findIndex((one) => one.test(path));
  return at === -1 ? long.length : at;
}

export default class LongFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}
