/** Somebody who may asks in Slack for a runbook to be run. */
import { LocalError } from './folder.ts';
import type { House } from './house.ts';
import type { Progress } from './progress.ts';
import { plainText } from './text.ts';

export interface Wish {
  readonly service: string;
  readonly runbook: string;
  readonly language: 'ko' | 'en';
}

export async function askFor(
  { config, stage }: Pick<House, 'config' | 'stage'>,
  { service, runbook, language }: Wish,
  progress: Progress,
): Promise<void> {
  const { policy, people } = config;
  const requester = people.find((person) =>
    person.roles.some((role) => policy.requesterRoles.includes(role)),
  );
  if (requester === undefined) {
    throw new LocalError('LOCAL-USAGE', 'Nobody in people.yml may ask for a drill.');
  }
  const text = runbook === 'drill-copy' ? `drill ${service}` : `run ${runbook} ${service}`;
  progress.say(`${requester.name[language]} types: /dr ${text}`);
  progress.say(`Slack answers: ${plainText(await stage.type(requester, text))}`);
}
