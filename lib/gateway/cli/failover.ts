/** `gateway failover`: a new run is asked for, approved and done at this gateway alone. */

import { journalChain } from '../../run/journal.ts';
import { parseTyped, putAsk, signerOf } from '../alone/answers.ts';
import type { Desk } from '../alone/desk.ts';
import type { Plane } from '../alone/plane.ts';
import { GatewayError } from '../errors.ts';
import { aloneHelp, aloneOptions, workAlone } from './alone.ts';
import { type Command, readArgs } from './command.ts';

export const failover: Command = {
  name: 'failover',
  usage:
    '<folder> --service <id> --runbook <id> [--run <run>] [--without <site>] [--answer <line>] [--json]',
  about: 'asks for, approves and does a run here: cloud, Slack and the other site may be gone',
  help: [
    'Stop the gateway first: this command serves in its place. One person asks for the run at this',
    'terminal with an own key, two others approve it. Services, sites and runbooks come from config/',
    'and runbooks/ in the folder, else from the last plan that was registered here.',
    '',
    '  --run <run>        its id, r- and ten hex digits: one that was begun here goes on, another begins',
    aloneHelp,
  ].join('\n'),
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: {
        service: { type: 'string', default: '' },
        runbook: { type: 'string', default: '' },
        ...aloneOptions,
      },
    });
    const { service, runbook, run = `r-${terminal.random(5)}`, ...how } = options;
    if (!/^r-[0-9a-f]{10}$/.test(run)) throw new GatewayError('GW-USAGE', `${run} is no run id.`);
    return workAlone({ folder: words[0] ?? '', ...how }, terminal, async (plane, desk) =>
      (await isBegun(plane, run)) ? run : askFor(plane, desk, { run, service, runbook }),
    );
  },
};

const QUESTION = 'who asks for it: open by <person> with <key file>> ';

/** Asked for before this process was started. */
async function isBegun({ engine: { store } }: Plane, run: string): Promise<boolean> {
  const lines = await store.chain(journalChain(run));
  return lines.length > 0 || (await store.inbox(run)).length > 0;
}

async function askFor(
  plane: Plane,
  desk: Desk,
  { run, ...wish }: { readonly run: string; readonly service: string; readonly runbook: string },
): Promise<string | undefined> {
  await plane.engine.runbook(wish.runbook);
  while (!desk.stop.aborted) {
    const line = await desk.ask(QUESTION, ({ verb }) => verb === 'open');
    const typed = parseTyped(line);
    if (typed?.verb !== 'open') {
      await plane.engine.clock.sleep(1_000, desk.stop);
      continue;
    }
    try {
      const { person } = await signerOf(plane, typed, desk.ask);
      await putAsk(plane, run, { person, ask: { verb: 'open', ...wish } });
      desk.tell(`${run}: ${wish.runbook} of ${wish.service}, asked for by ${person}`);
      return run;
    } catch (error) {
      desk.complain(error);
    }
  }
  return undefined;
}
