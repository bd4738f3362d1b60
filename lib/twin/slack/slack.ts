/**
 * A Slack for one machine: the emulator behind our gate, and people who act in it.
 */
import { type HttpResponse, serveHttp } from '../../http.ts';
import { startEmulator } from './emulator.ts';
import { createGate, type SlackFault, type Whisper } from './gate.ts';
import { messagesOf, type SlackThread } from './messages.ts';
import {
  type Command,
  type Parts,
  type Press,
  pressButton,
  type SlackOptions,
  type Submission,
  slashCommand,
  submitView,
} from './people.ts';

export type { SlackFault, Whisper } from './gate.ts';
export type { SlackMessage, SlackThread } from './messages.ts';
export type { Command, Press, SlackOptions, Submission, Who } from './people.ts';

export interface Slack {
  /** Origin of the gate; the Web API is below `/api/`. */
  readonly url: string;
  readonly apiUrl: string;
  /** Types `/dr <text>`; answers what the door answered. */
  slashCommand(command: Command): Promise<HttpResponse>;
  /** Without `blockId` and `value` the button is taken from the message as it stands. */
  pressButton(press: Press): Promise<HttpResponse>;
  submitView(submission: Submission): Promise<HttpResponse>;
  /** A channel as people see it, oldest first, threads inside their roots. */
  messages(channel: string): Promise<readonly SlackThread[]>;
  /** What was shown to one person only. */
  whispers(): readonly Whisper[];
  fault(name: SlackFault | undefined): void;
  close(): Promise<void>;
}

/** Rejects if the port is taken. Ids are those of config/; messages are gone after `close`. */
export async function startSlack(options: SlackOptions): Promise<Slack> {
  const emulator = await startEmulator(options.config);
  const gate = createGate(options.config, emulator);
  const served = await serveHttp(gate.handle, { host: '127.0.0.1', port: options.port }).catch(
    async (error: unknown) => {
      await emulator.close();
      throw error;
    },
  );
  const parts: Parts = { options, emulator, gate, url: served.url };
  return {
    url: served.url,
    apiUrl: `${served.url}/api/`,
    slashCommand: (command) => slashCommand(parts, command),
    pressButton: (press) => pressButton(parts, press),
    submitView: (submission) => submitView(parts, submission),
    messages: (channel) => messagesOf(emulator, channel),
    whispers: () => gate.whispers,
    fault: gate.fault,
    close: async () => {
      gate.fault(undefined);
      await served.close();
      await emulator.close();
    },
  };
}
