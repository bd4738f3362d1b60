/** Servers, volumes and the copy under them as they are, for a person who decides about a call. */
import { statusText } from '../../openstack/servers.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Reader, StepView } from '../action.ts';
import { seeVolume } from '../reads.ts';
import { boundSite, sampleReplication } from '../replicas.ts';
import { situationAtSecondary } from '../replication/secondary.ts';
import { situation } from '../situation.ts';
import { seeServers } from './live.ts';
import { volumesIn } from './seen.ts';

/** One line per thing; what cannot be read is said to be unknown, with the reason. */
export async function situationOfServers(view: StepView, read: Reader): Promise<readonly string[]> {
  const [servers, volumes, copy] = await Promise.all([
    seeServers(read, view),
    volumeLines(view, read),
    copyLines(view, read),
  ]);
  const lines = [...servers].map(([id, seen]) => {
    if (seen.ok) {
      const { name, locked } = seen.value;
      return `Server ${name}: ${statusText(seen.value)}${locked === true ? ', locked' : ''}.`;
    }
    return seen.gone ? `Server ${id}: it does not exist.` : `Server ${id}: unknown (${seen.why}).`;
  });
  return [...lines, ...volumes, ...copy];
}

async function volumeLines(view: StepView, read: Reader): Promise<string[]> {
  const [call] = view.calls;
  if (call === undefined) return [];
  const site = boundSite(boundOf(view.plan.facts), call.site);
  return Promise.all(
    volumesIn(view.calls).map(async (id) => {
      const seen = await seeVolume(read, site, id);
      return `Volume ${id}: ${seen.ok ? seen.value.status : `unknown (${seen.why})`}.`;
    }),
  );
}

async function copyLines(view: StepView, read: Reader): Promise<readonly string[]> {
  const { replication, takeover, clone } = boundOf(view.plan.facts);
  if (clone !== undefined) return situation(view, read);
  if (replication !== undefined) {
    const { states, why } = await sampleReplication(read, view.plan);
    return [`Replication: ${states.join(', ')}.`, ...why.map((text) => `${text}.`)];
  }
  return takeover === undefined ? [] : situationAtSecondary(view, read);
}
