/** `gateway continue`: a run goes on from this gateway's disk, with nothing else alive. */
import { continueRun, isContinued, keptRun, openRuns } from '../alone/continue.ts';
import { twoSignatures } from '../alone/desk.ts';
import { type Begin, workAlone } from './alone.ts';
import { type Command, readArgs } from './command.ts';

export const continueHere: Command = {
  name: 'continue',
  usage: '<folder> [--run <run>] [--reason <text>] [--without <site>] [--json]',
  about: 'goes on with a run from this disk: cloud, Slack and the other site may be gone',
  help: [
    'Stop the gateway first: this command serves in its place. Without --run it lists what is here.',
    'Two people of the plan’s role sign at this terminal with their own keys; the words shown are',
    'those of the plan they approve. From then on calls of the control plane that was lost are',
    'refused. Killed and started again with the same words it goes on where it was.',
    '',
    '  --without <site>   nothing is asked of the gateway of that site',
    '  --json             one JSON object a line',
  ].join('\n'),
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: {
        run: { type: 'string' },
        reason: { type: 'string', default: 'the control plane is gone' },
        without: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    });
    const { run, reason, without, json } = options;
    return workAlone({ folder: words[0] ?? '', without, json }, terminal, beginWith(run, reason));
  },
};

function beginWith(run: string | undefined, reason: string): Begin {
  return async (plane, desk) => {
    if (run === undefined) {
      const runs = openRuns(plane);
      desk.tell(runs.length === 0 ? 'No open run is here.' : runs.join('\n'));
      return undefined;
    }
    if (await isContinued(plane, run)) return run;
    const kept = keptRun(plane, run);
    const { plan, words, lines } = kept;
    desk.tell(`${run}: ${plan.runbook.title.en}, ${plan.service.name.en}, class ${plan.class}.`);
    desk.tell(
      `${lines.length} lines of its journal are here. Word code: ${words.en} / ${words.ko}`,
    );
    const statements = await twoSignatures(plane, kept, desk);
    if (statements === undefined) return undefined;
    await continueRun(plane, kept, { statements, reason });
    return run;
  };
}
