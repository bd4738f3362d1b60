/**
 * What a changing call to an array can do to data. A call that is in no row is refused. Rows are
 * tried from top to bottom; `when` looks at `parameters` of the body.
 */
import { type ArrayApi, actionMethod, parseArrayPath } from './paths.ts';

/** `copy` holds only for objects that are drillable; who asks checks that. */
export type ArrayDanger = 'copy' | 'data' | 'takeover';

interface Row {
  /** `ACTION` is the verb the API form uses for actions. */
  readonly verb: 'ACTION' | 'POST' | 'DELETE' | 'ATTRIBUTE';
  /** `*` is one object id. */
  readonly path: string;
  readonly class: ArrayDanger;
  /** Parameters the body may name; without it any. */
  readonly only?: readonly string[];
  /** This row counts only when the body names one of these parameters. */
  readonly when?: readonly string[];
}

const swap = ['svolOperationMode', 'doSwapSvol'];

export const arrayDangers: readonly Row[] = [
  {
    verb: 'ACTION',
    path: 'local-clone-copygroups/*/split',
    class: 'copy',
    only: ['quickMode', 'copyPace'],
  },
  {
    verb: 'ACTION',
    path: 'local-clone-copygroups/*/split',
    class: 'data',
    when: ['forceSplit', 'forceSuspend'],
  },
  {
    verb: 'ACTION',
    path: 'local-clone-copygroups/*/resync',
    class: 'copy',
    only: ['quickMode', 'copyPace'],
  },
  { verb: 'ACTION', path: 'local-clone-copygroups/*/restore', class: 'data' },
  // One pair alone breaks the one instant of its group.
  { verb: 'ACTION', path: 'local-clone-copypairs/*/split', class: 'data' },
  { verb: 'ACTION', path: 'local-clone-copypairs/*/resync', class: 'data' },
  { verb: 'ACTION', path: 'local-clone-copypairs/*/restore', class: 'data' },
  { verb: 'POST', path: 'local-clone-copypairs', class: 'data' },
  { verb: 'DELETE', path: 'local-clone-copypairs/*', class: 'data' },
  { verb: 'DELETE', path: 'local-clone-copygroups/*', class: 'data' },
  { verb: 'ACTION', path: 'remote-mirror-copygroups/*/takeover', class: 'takeover' },
  { verb: 'ACTION', path: 'remote-mirror-copypairs/*/takeover', class: 'takeover' },
  { verb: 'ACTION', path: 'remote-mirror-copygroups/*/split', class: 'takeover', when: swap },
  { verb: 'ACTION', path: 'remote-mirror-copypairs/*/split', class: 'takeover', when: swap },
  { verb: 'ACTION', path: 'remote-mirror-copygroups/*/resync', class: 'takeover', when: swap },
  { verb: 'ACTION', path: 'remote-mirror-copypairs/*/resync', class: 'takeover', when: swap },
  { verb: 'ACTION', path: 'remote-mirror-copygroups/*/split', class: 'data' },
  { verb: 'ACTION', path: 'remote-mirror-copypairs/*/split', class: 'data' },
  { verb: 'ACTION', path: 'remote-mirror-copygroups/*/resync', class: 'data' },
  { verb: 'ACTION', path: 'remote-mirror-copypairs/*/resync', class: 'data' },
  { verb: 'POST', path: 'remote-mirror-copypairs', class: 'data' },
  { verb: 'DELETE', path: 'remote-mirror-copypairs/*', class: 'data' },
  { verb: 'DELETE', path: 'remote-mirror-copygroups/*', class: 'data' },
  { verb: 'DELETE', path: 'ldevs/*', class: 'data' },
  { verb: 'ATTRIBUTE', path: 'ldevs/*', class: 'data' },
  { verb: 'POST', path: 'luns', class: 'data' },
  { verb: 'DELETE', path: 'luns/*', class: 'data' },
  { verb: 'DELETE', path: 'journals/*', class: 'data' },
  { verb: 'ATTRIBUTE', path: 'journals/*', class: 'data' },
];

export interface ArrayCall {
  readonly storageDeviceId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface ArrayClassed {
  readonly class: ArrayDanger;
  readonly api: ArrayApi;
  /** Kind and id of the object named, e.g. `local-clone-copygroups` and `CG,P,S`. */
  readonly kind: string;
  readonly id?: string;
}

/** The row of a call, or undefined when there is none. */
export function classifyArrayCall(call: ArrayCall): ArrayClassed | undefined {
  const at = parseArrayPath(call.path);
  if (at === undefined) return undefined;
  if (at.api === 'cm' && at.storageDeviceId !== call.storageDeviceId) return undefined;
  const given = parametersOf(call.body);
  if (given === undefined) return undefined;
  const found = arrayDangers.find(
    (row) =>
      verbOf(row, at.api) === call.method &&
      pathFits(row, at.segments) &&
      (row.only === undefined || given.every((name) => row.only?.includes(name))) &&
      (row.when === undefined || given.some((name) => row.when?.includes(name))),
  );
  const [kind, id] = at.segments;
  if (found === undefined || kind === undefined) return undefined;
  return { class: found.class, api: at.api, kind, ...(id === undefined ? {} : { id }) };
}

function verbOf(row: Row, api: ArrayApi): string {
  if (row.verb === 'ACTION') return actionMethod(api);
  if (row.verb === 'ATTRIBUTE') return api === 'cm' ? 'PUT' : 'PATCH';
  return row.verb;
}

function pathFits(row: Row, segments: readonly string[]): boolean {
  const [kind, id, action] = row.path.split('/');
  const wanted = action === undefined ? [kind, id] : [kind, id, 'actions', action, 'invoke'];
  const parts = wanted.filter((part) => part !== undefined);
  if (parts.length !== segments.length) return false;
  return parts.every((part, i) => part === '*' || part === segments[i]);
}

/** Names in `parameters`; undefined when the body is no object of the usual shape. */
function parametersOf(body: unknown): string[] | undefined {
  if (body === undefined) return [];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { parameters = {} } = body as { parameters?: unknown };
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  return Object.keys(parameters);
}
