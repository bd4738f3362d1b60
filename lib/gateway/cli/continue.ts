/** `gateway continue`: a run goes on from this gateway's disk, with nothing else alive. */
import { absentTexts, continueRun, isContinued, keptRun, openRuns } from '../alone/continue.ts';
import { twoSignatures } from '../alone/desk.ts';
import { aloneHelp, aloneOptions, type Begin, workAlone } from './alone.ts';
import { type Command, readArgs } from './command.ts';

export const continueHere: Command = {
  name: 'continue',
  usage: '<folder> [--run <run>] [--reason <text>] [--without <site>] [--answer <line>] [--json]',
  about: 'goes on with a run from this disk: cloud, Slack and the other site may be gone',
  help: [
    'Stop the gateway first: this command serves in its place. Without --run it lists what is here.',
    'Two people of the plan’s role sign at this terminal with their own keys; the words shown are',
    'those of the plan they approve. From then on calls of the control plane that was lost are',
    'refused. Killed and started again with the same words it goes on where it was.',
    '',
    aloneHelp,
  ].join('\n'),
  run: async (args, terminal) => {
    const { words, options } = readArgs(args, {
      words: ['<folder>'],
      options: {
        ...aloneOptions,
        reason: { type: 'string', default: 'the control plane is gone' },
      },
    });
    const { run, reason, ...how } = options;
    return workAlone({ folder: words[0] ?? '', ...how }, terminal, beginWith(run, reason));
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
    const absent = await absentTexts(plane, kept);
    if (absent.length > 0) {
      desk.tell(`No pack can be made here, only after join; ${absent.length} texts are not here:`);
      desk.tell(absent.join(', '));
    }
    const statements = await twoSignatures(plane, kept, desk);
    if (statements === undefined) return undefined;
    await continueRun(plane, kept, { statements, reason });
    return run;
  };
}
