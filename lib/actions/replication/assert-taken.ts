/** `replication/assert-taken`: every pair of the group is open at DR, measured and written down. */
import * as z from 'zod';
import { takeoverClass } from '../../vsp/takeover.ts';
import type { Action } from '../action.ts';
import { ActionError } from '../errors.ts';
import { takeoverOf } from '../replicas.ts';
import { journalText, type SecondarySeen, seeSecondary } from './secondary.ts';

const input = z.strictObject({ group: z.string() });
type Input = z.infer<typeof input>;

export const replicationAssertTaken: Action<Input, SecondarySeen> = {
  name: 'replication/assert-taken',
  input,
  title: { ko: '모든 볼륨이 DR에서 열렸는지 확인', en: 'Every volume is open at DR' },
  withinMs: 15 * 60_000,
  pollMs: 5_000,
  facts: ['takeover'],
  preexisting: 'accept',
  plan: ({ group }, { facts }) => {
    const known = takeoverOf(facts).group;
    if (known === group) return [];
    throw new ActionError('ACT-PLAN', `Copy group ${group}.`, `The service has ${known}.`);
  },
  observe: (view, _input, read) => seeSecondary(read, view.plan),
  judge: ({ pairs, states, journal }, { group }, view) => {
    const { id } = view.step;
    if (!pairs.ok) return { verdicts: { [id]: { state: 'pending', reason: pairs.why } } };
    const wanted = takeoverOf(view.plan.facts).pairs.length;
    const taken = pairs.value.filter(({ svolStatus }) => takeoverClass([svolStatus]) === 'taken');
    const open = taken.length;
    const word = taken.every(({ svolStatus }) => svolStatus === 'SSWS') ? 'SSWS' : 'open';
    const reading = {
      states: [...states],
      open,
      of: wanted,
      journal: journal?.ok === true ? journal.value.journalStatus : journalText(journal),
    };
    if (open !== wanted) {
      const reason = `${open} of ${wanted} pairs of ${group} are SSWS: ${states.join(', ')}.`;
      return { verdicts: { [id]: { state: 'pending', reason, reading } } };
    }
    const check = { check: `${group}-open`, kind: 'pair-states' };
    const seen = { expected: `${wanted} ${word}`, actual: `${open} ${word}` };
    return {
      verdicts: { [id]: { state: 'done', reading } },
      checks: [{ ...check, ...seen, verdict: 'passed' }],
    };
  },
};
