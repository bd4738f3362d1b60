/** `gateway failover`: a new run is asked for, approved and done at this gateway alone. */
import { parseTyped, putAsk, signerOf } from '../alone/answers.ts';
import type { Desk } from '../alone/desk.ts';
import type { Plane } from '../alone/plane.ts';
import { workAlone } from './alone.ts';
import { type Command, readArgs } from './command.ts';

export const failover: Command = {
  name: 'failover',
  usage: '<folder> --service <id> --runbook <id> [--run <run>] [--without <site>] [--json]',
  about: 'asks for, approves and does a run here: cloud, Slack and the other site may be gone',
  help: [
    'Stop the gateway first: this command serves in its place. One person asks for the run at this',
    'terminal with an own key, two others approve it. Services, sites and runbooks come from config/',
    'and runbooks/ in the folder, else from the last plan that was registered here.',
    '',
    '  --run <run>        goes on with a run that was begun here',
    '  --without <site>   nothing is asked of the gateway of that site',
    '  --json             one JSON object a line',
  ].join('\n'),
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: {
        service: { type: 'string', default: '' },
        runbook: { type: 'string', default: '' },
        run: { type: 'string' },
        without: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    });
    const { service, runbook, run, without, json } = options;
    return workAlone({ folder: words[0] ?? '', without, json }, terminal, async (plane, desk) => {
      if (run !== undefined) return run;
      return askFor(plane, desk, { service, runbook });
    });
  },
};

async function askFor(
  plane: Plane,
  desk: Desk,
  wish: { readonly service: string; readonly runbook: string },
): Promise<string | undefined> {
  await plane.engine.runbook(wish.runbook);
  while (!desk.stop.aborted) {
    const line = await desk.ask('who asks for it: open by <person> with <key file>> ');
    const typed = parseTyped(line);
    if (typed?.verb !== 'open') {
      await plane.engine.clock.sleep(1_000, desk.stop);
      continue;
    }
    try {
      const { person } = await signerOf(plane, typed, desk.ask);
      const run = `r-${plane.engine.random(5)}`;
      await putAsk(plane, run, { person, ask: { verb: 'open', ...wish } });
      desk.tell(`${run}: ${wish.runbook} of ${wish.service}, asked for by ${person}`);
      return run;
    } catch (error) {
      desk.complain(error);
    }
  }
  return undefined;
}
