/**
 * Which kills are the same kill. A process that dies takes its memory with it: what follows depends
 * only on what lasts (store, disks of the gateways, arrays and clouds, what Slack shows, what people
 * have put), on the messages still under way, and on what the others wait for. Between two places
 * where none of that changed, one kill stands for both.
 */
import { sha256 } from '../../lib/canonical.ts';
import type { Operation } from './process.ts';

export interface States {
  began(operation: Operation): void;
  ended(operation: Operation): void;
  /** A name for all that decides what follows when this process dies now. */
  at(process: string): string;
}

const READ =
  /^(GET |store\.(chain|inbox|dues|heads?|holder|lock|note)$|blobs\.get$|slack\.(user|channel)$)/;
const TO_GATEWAY = /^[A-Z]+ 127\.0\.0\.1:\d+\/v1\//;
const ASKS_ONLY = /\/v1\/reads$/;

type Kind = 'read' | 'message' | 'write';

/** What a message to a gateway changes, the gateway's own operations tell. */
function kindOf({ label }: Operation): Kind {
  if (READ.test(label) || ASKS_ONLY.test(label)) return 'read';
  return TO_GATEWAY.test(label) ? 'message' : 'write';
}

/** `outside` counts what people have put; it changes when they do something. */
export function openStates(outside: () => number): States {
  const pending = new Set<Operation>();
  const written = new Map<string, string>();
  let version = 0;

  /** Writing once more what stands there already changes nothing. */
  function changes(operation: Operation): boolean {
    if (kindOf(operation) !== 'write') return false;
    const { label, detail } = operation;
    if (!/^(store|blobs)\.put/.test(label)) return true;
    const text = detail();
    const place = label === 'blobs.put' ? `${label} ${sha256(text)}` : placeOf(label, text);
    const same = written.get(place) === text;
    written.set(place, text);
    return !same;
  }

  function counts(operation: Operation, victim: string): boolean {
    if (kindOf(operation) !== 'read') return true;
    // A reader that lives on notices which of its questions was not answered.
    const livesOn = operation.process !== victim && TO_GATEWAY.test(operation.label);
    return livesOn && victim.startsWith('gateway');
  }

  return {
    began: (operation) => void pending.add(operation),
    ended: (operation) => {
      pending.delete(operation);
      if (changes(operation)) version++;
    },
    at: (victim) => {
      const underWay = [...pending]
        .filter((operation) => counts(operation, victim))
        .map(({ process, label, detail }) => `${process} ${label} ${sha256(detail())}`);
      return sha256([victim, version, outside(), ...underWay].join('\n'));
    },
  };
}

/** Names of run and note come first in what is put; an item that names itself is one place. */
function placeOf(label: string, text: string): string {
  const [first, second]: unknown[] = JSON.parse(text);
  return [label, ...[first, second].filter((one) => typeof one === 'string')].join(' ');
}
