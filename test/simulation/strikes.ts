/**
 * What happens in the very instant in which a line comes to stand in a journal: the moments at which
 * a changed fact hurts most.
 */
import type { JournalEvent } from '../../lib/run/events.ts';
import type { Sim } from './sim.ts';

export function openStrikes(sim: Sim): (event: JournalEvent) => void {
  const granted = new Map<string, string[]>();
  const struck = new Set<string>();
  const first = (name: string): boolean => !struck.has(name) && struck.add(name) !== undefined;

  return (event) => {
    const { run } = event;
    const { fate } = sim;
    if (event.type === 'approval.granted') {
      const people = granted.get(run) ?? [];
      granted.set(run, [...people, event.data.person]);
      if (fate.edit && people.length === 0 && first('edit')) edit(sim, run);
      if (fate.silence && event.data.via === 'slack' && first('silence')) void silence(sim);
    }
    if (event.type === 'approval.complete' && fate.leaver && first('leaver')) {
      const person = granted.get(run)?.at(-1);
      if (person !== undefined) leave(sim, person, run);
    }
    if (event.type === 'step.started' && event.data.step === 'split' && fate.meddler) {
      if (event.data.attempt === 1 && first('meddler')) meddle(sim, run);
    }
  };
}

function edit(sim: Sim, run: string): void {
  sim.note('somebody edits the policy after the first approval');
  sim.stale.add(run);
  const { policy } = sim.config;
  const requesterRoles = [...policy.requesterRoles, 'business-owner'];
  sim.config = { ...sim.config, policy: { ...policy, requesterRoles } };
}

/** From now on nobody can be asked who it is; the message with its buttons stands. */
async function silence(sim: Sim): Promise<void> {
  sim.note('Slack falls silent after the first approval');
  sim.silentSince = sim.time.now();
  sim.slack.fault('http-500');
  await sim.time.sleep(sim.chance.between(60_000, 600_000));
  sim.silentSince = undefined;
  sim.slack.fault(undefined);
}

function leave(sim: Sim, person: string, run: string): void {
  sim.note(`${person} leaves the company after approving`);
  sim.gone.set(person, run);
  for (const { user } of sim.config.people.find(({ id }) => id === person)?.slack ?? []) {
    sim.slack.deactivate(user);
  }
}

function meddle(sim: Sim, run: string): void {
  sim.note(`somebody splits the drill copies by hand before ${run} does`);
  sim.world.fault('copies-left-split', true, { service: 'loans' });
}
