/** How functions become bundles: one ESM file each, with what Lambda never runs of Bolt and zod cut out. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const dist = path.join(root, 'dist');

/** Bolt's other ways to listen, and what only they need. */
const CUT_RECEIVERS = /[/\\](ExpressReceiver|HTTPReceiver|SocketModeReceiver)(\.js)?$/;
const CUT_PACKAGES = /^(express|@slack\/socket-mode|@slack\/oauth|raw-body|iconv-lite)$/;

const stub = `
class NotInLambda { constructor() { throw new Error('cut from this bundle: AwsLambdaReceiver only'); } }
module.exports = { default: NotInLambda, ExpressReceiver: NotInLambda, HTTPReceiver: NotInLambda,
  SocketModeReceiver: NotInLambda, buildReceiverRoutes: () => ({}) };`;

/** 1,580 KiB of Bolt become about 124: three receivers and five packages are replaced by stubs. */
const cutBolt = {
  name: 'cut-bolt',
  setup(build) {
    build.onResolve({ filter: CUT_PACKAGES }, ({ path: name }) => ({
      path: name,
      namespace: 'cut',
    }));
    build.onResolve({ filter: CUT_RECEIVERS }, ({ path: name, importer }) =>
      importer.includes(`${path.sep}@slack${path.sep}bolt${path.sep}`)
        ? { path: name, namespace: 'cut' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'cut' }, () => ({ contents: stub, loader: 'js' }));
  },
};

/** The two modules of zod that write JSON Schema: editors want it, made by a script of ours. */
const JSON_SCHEMA = /[/\\]zod[/\\]v4[/\\]core[/\\](json-schema-processors|to-json-schema)\.js$/;

/** 19 KiB less: every schema carries methods that would write it, and nobody calls them in Lambda. */
const cutZod = {
  name: 'cut-zod',
  setup(build) {
    build.onLoad({ filter: JSON_SCHEMA }, async ({ path: file }) => {
      const names = Object.keys(await import(pathToFileURL(file).href));
      const stubs = names.map((name) => `${name.startsWith('create') ? 'make' : 'cut'} as ${name}`);
      const contents = `
const cut = () => { throw new Error('cut from this bundle: no JSON Schema'); };
const make = () => cut;
export { ${stubs.join(', ')} };`;
      return { contents, loader: 'js' };
    });
  },
};

/** Packages inside Bolt's tree are CommonJS and call `require` for node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url);';

/** esbuild options of one bundle. Native addons stay outside: they are copied, not bundled. */
export const bundleOptions = (input, outfile) => ({
  ...input,
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  // Korean as it is: escaped, each letter takes twice the room.
  charset: 'utf8',
  mainFields: ['module', 'main'],
  banner: { js: banner },
  external: ['@myriaddreamin/typst-ts-node-compiler', 'dynalite', 'pretendard'],
  plugins: [cutBolt, cutZod],
  logLevel: 'warning',
  metafile: true,
});

/**
 * The gateway's program: one file that runs on Node 20.19 with nothing beside it. What is left
 * outside (the PDF compiler) is looked for only when it is needed, and may be missing.
 */
export const gatewayOptions = (outfile = path.join(dist, 'gateway.mjs')) => ({
  ...bundleOptions({ entryPoints: [path.join(root, 'handlers/gateway.ts')] }, outfile),
  target: 'node20',
  // A stack that a person at the site sends us should name the functions.
  minify: false,
});
