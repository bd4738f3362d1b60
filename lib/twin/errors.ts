/** What can go wrong in the twin itself (not what a simulated array or cloud answers). */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const twinCodes = {
  'TW-NAME-UNKNOWN': {
    means: 'The twin has no service, copy group, site, array, cloud or link of this name.',
    next: 'Use a name from config/services.yml or config/sites.yml, or from the topology.',
    status: 400,
  },
  'TW-FAULT-NOWHERE': {
    means: 'A fault was named that has nothing to strike there.',
    next: 'Choose another place, or another fault of docs/faults.md.',
    status: 400,
  },
  'TW-LDEV-UNKNOWN': {
    means: 'A simulated cloud named an LDEV that the simulated array does not have.',
    next: 'Start the twin in a fresh folder; its state and the configuration do not fit.',
    status: 400,
  },
  'TW-LDEV-BOUND': {
    means: 'A simulated cloud changed an LDEV that paths or pairs hold, or no number was left.',
    next: 'Remove the LU paths and the pairs of the LDEV first.',
    status: 409,
  },
  'TW-NOT-WRITABLE': {
    means: 'A host wrote to a volume that its pair state protects, or to which it has no path.',
    next: 'Split the copy before a server writes to it.',
    status: 409,
  },
  'TW-STATE-BROKEN': {
    means: 'The folder holds a state that no twin of this version wrote.',
    next: 'Put back the file as it was, or begin anew in a fresh folder (--new).',
    status: 409,
  },
  'TW-STATE-FOREIGN': {
    means: 'The folder holds the state of a twin built from another configuration.',
    next: 'Use the configuration it was made with, or begin anew in a fresh folder (--new).',
    status: 409,
  },
} as const satisfies Catalogue;

export class TwinError extends DrillbookError {
  constructor(code: keyof typeof twinCodes, what: string) {
    super({ code, what, why: twinCodes[code].means, next: twinCodes[code].next });
  }
}
