/** Which room may know which: arrows point one way, and each package has one home. */
import { importsOf, type SourceFile } from './scan.ts';

/** A room may import rooms of a lower rank; of the same rank only where they are one layer. */
const ranks: Readonly<Record<string, number>> = {
  vsp: 0,
  openstack: 0,
  x509: 0,
  runbook: 1,
  approval: 1,
  actions: 1,
  gateway: 1,
  run: 2,
  slack: 3,
  evidence: 3,
  readiness: 3,
  'gateway/server': 3,
  store: 3,
  local: 4,
  // The whole engine at a gateway, and the program that offers it.
  'gateway/alone': 4,
  'gateway/cli': 5,
  handlers: 6,
};
const OWN_ROOMS_OF_GATEWAY = ['server', 'alone', 'cli'];
const ONE_LAYER = 1;
const IN_AWS = /^handlers\/(slack|api|advance|watch|report)\.ts$/;

/** Shapes that several rooms speak in; whoever may import anything may import these. */
const contracts = new Set([
  'lib/runbook/plan.ts',
  'lib/gateway/protocol.ts',
  'lib/run/verdict.ts',
  'lib/run/inbox.ts',
  'lib/run/head.ts',
  'lib/actions/action.ts',
  'lib/store/store.ts',
  'lib/twin/seams.ts',
]);

/** Arrows that are right although the ranks do not show it. */
const granted: readonly (readonly [RegExp, RegExp])[] = [
  // The twin shows what real services would show: it may know their words, not who calls it.
  [/^lib\/twin\//, /^lib\/(vsp|openstack|slack\/limits|x509)/],
  // Everything on one machine is put together here; no function in AWS may import it.
  [/^(lib\/local\/|handlers\/(local|twin)\.ts$)/, /^lib\/twin\//],
];

const homes: readonly (readonly [RegExp, RegExp])[] = [
  [/^axios$/, /^lib\/http\.ts$/],
  [/^(dynamoose|aws4fetch|dynalite|@aws-sdk\/.*)$/, /^lib\/store\//],
  [/^@slack\//, /^lib\/(slack|local)\/|^handlers\//],
  [/^@aws-lambda-powertools\//, /^lib\/logger\.ts$/],
  [/^@myriaddreamin\//, /^lib\/evidence\//],
  [/^@marcbachmann\/cel-js$/, /^lib\/runbook\//],
  [/^yaml$/, /^lib\/(yaml\.ts$|local\/)/],
  [/^emulate$/, /^lib\/twin\//],
];

export function layerProblems(files: readonly SourceFile[]): string[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  return files.flatMap((file) => [
    ...packageProblems(file),
    ...roomsSeen(file, byName)
      .filter((target) => !allowed(file.name, target))
      .map((target) => `${file.name} must not know ${target}`),
  ]);
}

/** Files of rooms a file imports, also through files at the top level of lib, which have no rank. */
function roomsSeen(file: SourceFile, byName: ReadonlyMap<string, SourceFile>): string[] {
  const seen = new Set<string>();
  const visit = (from: SourceFile) => {
    for (const target of importsOf(from)) {
      if (seen.has(target)) continue;
      seen.add(target);
      const next = byName.get(target);
      if (next !== undefined && roomOf(target) === undefined) visit(next);
    }
  };
  visit(file);
  return [...seen].filter((target) => roomOf(target) !== undefined);
}

function allowed(from: string, to: string): boolean {
  const [a, b] = [roomOf(from), roomOf(to)];
  if (a === undefined || b === undefined || a === b || contracts.has(to)) return true;
  if (IN_AWS.test(from) && b === 'local') return false;
  if (granted.some(([who, what]) => who.test(from) && what.test(to))) return true;
  const [mine, theirs] = [ranks[a], ranks[b]];
  if (mine === undefined || theirs === undefined) return false;
  // The engine is told by actions what arrays and clouds say: it does not look itself.
  if (a === 'run' && theirs === 0) return false;
  return theirs < mine || (theirs === mine && mine === ONE_LAYER);
}

/** undefined for files at the top level of lib: contracts and assembly. */
function roomOf(name: string): string | undefined {
  if (name.startsWith('handlers/')) return 'handlers';
  const [lib, room, ...rest] = name.split('/');
  if (lib !== 'lib' || room === undefined || rest.length === 0) return undefined;
  const own = room === 'gateway' && OWN_ROOMS_OF_GATEWAY.includes(rest[0] ?? '');
  return own ? `gateway/${rest[0]}` : room;
}

function packageProblems(file: SourceFile): string[] {
  const pure = /^lib\/(vsp|openstack)\//.test(file.name);
  return importsOf(file)
    .filter((name) => !name.startsWith('lib/') && !name.startsWith('handlers/'))
    .flatMap((name) => {
      if (pure && name !== 'zod') return [`${file.name}: ${name} in a room without transport`];
      const home = homes.find(([what]) => what.test(name))?.[1];
      return home === undefined || home.test(file.name) ? [] : [`${file.name}: ${name} not here`];
    });
}
