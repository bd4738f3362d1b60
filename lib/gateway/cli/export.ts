/** `gateway export`: a run that was done here goes to the control plane as one signed file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderBlobs } from '../../store/files.ts';
import { exportRun } from '../alone/export.ts';
import { aloneSources } from '../alone/sources.ts';
import { readPlaneStore } from '../alone/store.ts';
import { systemFiles } from '../server/disk/files.ts';
import { loadGatewayFolder } from '../server/settings.ts';
import { type Command, readArgs, type Terminal } from './command.ts';
import { readEntries } from './kept.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: '<folder> --run <run> [--out <file>]',
  about: 'writes a run that was continued or begun here into a file for the control plane',
  help: [
    'Journal, ledger and texts of the run, signed with this gateway’s key. Nothing is changed here,',
    'and it may be repeated while the run goes on. At the control plane: npm run dr -- join <file>.',
  ].join('\n'),
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: { run: { type: 'string', default: '' }, out: { type: 'string' } },
    });
    const { run, out = `${run}.branch.json` } = options;
    await write(words[0] ?? '', { run, out }, terminal);
    return 0;
  },
};

async function write(
  home: string,
  { run, out }: { readonly run: string; readonly out: string },
  terminal: Terminal,
): Promise<void> {
  const { settings, trust, key } = await loadGatewayFolder(home);
  const entries = await readEntries(home);
  const { policy } = await aloneSources({ home, entries, trust: () => trust }).config();
  const disk = join(home, 'disk');
  const { text, lines, ended, absent } = await exportRun({
    ...{ run, site: settings.site, tenant: policy.tenant, privateKey: key.privateKey },
    store: await readPlaneStore(systemFiles, join(disk, 'plane')),
    blobs: folderBlobs(join(disk, 'blobs')),
  });
  await writeFile(out, text, { mode: 0o600 });
  terminal.out(`${out}: ${run}, ${lines} lines${ended ? '' : ', not ended yet'}.`);
  if (absent.length > 0) {
    terminal.err(`${absent.length} texts never came here; the control plane must have them.`);
  }
}
