/** What can be said of a `for-each` before there is a service. */
import type { Problem } from '../../yaml.ts';
import { itemsIn } from '../each.ts';
import {
  evaluateIn,
  expressionFaults,
  firstLine,
  isWhole,
  rootsIn,
  shapeOf,
} from '../expressions.ts';
import type { Runbook } from '../load.ts';
import { bare, type Placed } from './placed.ts';

export function lintEach(runbook: Runbook, { step, path }: Placed): Problem[] {
  const each = step['for-each'];
  if (each === undefined) return [];
  const at = [...path, 'for-each'];
  const problem = (what: string, instead?: string) =>
    runbook.yaml.problem(at, { rule: 'for-each', what, instead });
  if (!isWhole(each)) {
    return [
      problem('for-each takes one expression and nothing around it', `\${{ service.servers }}`),
    ];
  }
  const text = bare(each);
  const faults = expressionFaults(text, { params: Object.keys(runbook.params) });
  if (faults.length > 0) {
    return faults.map(({ what, instead }) =>
      runbook.yaml.problem(at, { rule: 'expression', what, instead }),
    );
  }
  if (shapeOf(text) === 'other') return [problem(`for-each takes a list, ${text} is none`)];
  // What only the file itself is needed for can be counted now.
  if (rootsIn(text).some((root) => root !== 'params')) return [];
  const { params } = runbook;
  const items = counted(() => evaluateIn(each, { service: {}, site: {}, params, facts: {} }));
  return 'fault' in items ? [problem(items.fault)] : [];
}

function counted(list: () => unknown): ReturnType<typeof itemsIn> {
  try {
    return itemsIn(list());
  } catch (error) {
    return { fault: firstLine(error) };
  }
}
