/**
 * `protection/map`: writes down volume by volume what leads to DR and who made it. Refuses nothing: what
 * has no volume at DR is said to have none.
 */
import * as z from 'zod';
import type { ProtectedVolume, Protection } from '../../runbook/bound-protection.ts';
import type { Action } from '../action.ts';
import { originOf } from './origin.ts';
import { protectionOf } from './rows.ts';

const input = z.strictObject({});
type Input = z.infer<typeof input>;

export const protectionMap: Action<Input, undefined> = {
  name: 'protection/map',
  input,
  title: { ko: '볼륨과 페어의 대응표 기록', en: 'Write down which pair stands for which volume' },
  withinMs: 60_000,
  pollMs: 1_000,
  facts: ['protection'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async () => undefined,
  judge: (_observed, _input, view) => {
    const protection = protectionOf(view.plan.facts);
    const rows = protection.volumes.map((row) => lineOf(row, protection));
    const left = protection.volumes.filter(({ pair, replica }) => pair !== undefined && !replica);
    const reading = {
      volumes: rows.length,
      unpaired: protection.volumes.filter(({ pair }) => pair === undefined).map(({ main }) => main),
      withoutVolume: left.map(({ main }) => main),
    };
    const document = { label: 'protection-map', text: `${[HEADER, ...rows].join('\n')}\n` };
    return { verdicts: { [view.step.id]: { state: 'done', reading } }, documents: [document] };
  },
};

const HEADER = 'volume at main,LDEV,pair,made by,S-VOL,volume at DR,drill copy LDEV,drill volume';

function lineOf(row: ProtectedVolume, { mirror, copies }: Protection): string {
  const pair = mirror.pairs.find(({ name }) => name === row.pair);
  const clone = copies.pairs.find(({ name }) => name === row.clone);
  const origin = pair === undefined ? 'none' : originOf(mirror.group, pair.name);
  return [
    ...[row.main, row.ldev, pair?.name ?? 'none', origin, pair?.svol ?? 'none'],
    ...[row.replica?.volume ?? 'none', clone?.svol ?? 'none', row.copy?.volume ?? 'none'],
  ].join(',');
}
