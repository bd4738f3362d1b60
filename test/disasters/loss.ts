/** What reports say was lost in a takeover, held against what the oracle knows was lost. */
import { readDrill } from '../../lib/evidence/content.ts';
import { lossOf } from '../../lib/evidence/loss.ts';
import type { Bank } from '../support/bank.ts';
import type { Story } from './story.ts';

/** In words; empty when every figure is right within its own error, and every other is explained. */
export async function lossProblems(
  bank: Bank,
  { service, recordsPerSecond }: Story,
  runs: readonly string[],
): Promise<string[]> {
  const { openings } = bank.world.oracle.moves(service);
  const { store, blobs } = bank;
  const sources = { store, blobs, tenant: bank.config.policy.tenant };
  const found: string[] = [];
  for (const run of runs) {
    const { runbook, state } = await bank.head(run);
    if (!runbook.id.startsWith('failover') || state !== 'ended') continue;
    const { runs: told } = await readDrill(run, sources);
    const content = told.find((one) => one.run === run);
    if (content === undefined) continue;
    const said = lossOf(content);
    const lost = openings.at(-1)?.lostRecords;
    // Hosts write steadily until main ends: the records that are missing say how long before.
    const truth = lost === undefined ? undefined : (lost * 1_000) / recordsPerSecond;
    if ('why' in said) {
      if (said.why.en === '' || said.why.ko === '') found.push('an unknown loss without a reason');
    } else if (truth === undefined) {
      found.push(`${said.lossMs} ms are said to be lost, and nothing was taken over`);
    } else if (Math.abs(said.lossMs - truth) > said.errorMs) {
      found.push(`${said.lossMs} ms +- ${said.errorMs} said, ${Math.round(truth)} ms were lost`);
    }
  }
  return found;
}
