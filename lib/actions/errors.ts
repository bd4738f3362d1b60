/** Errors of reading facts and of planning. What an action refuses at run time is a verdict. */
import { DrillbookError } from '../errors.ts';

export const actionCodes = {
  'ACT-UNREAD': {
    means: 'Something a plan is built on could not be read.',
    next: 'See that gateway, array and cloud of the site answer, then start again.',
  },
  'ACT-UNJOINED': {
    means: 'Volumes, pairs and LDEVs do not join to one chain from main to the drill copy.',
    next: 'Correct the pair, the label or the volume named, then start again.',
  },
  'ACT-PLAN': {
    means: 'An action cannot be planned on these facts or in this place of the runbook.',
    next: 'Correct what is named in the runbook, on the array or in the cloud.',
  },
  'ACT-TWIN-GAD': {
    means: 'A service replicated by GAD cannot be protected by twin volumes.',
    next: 'Have the storage team make the pairs, then adopt them.',
  },
  'ACT-TWIN-PATH': {
    means: 'An array has no host group of ours, so nothing can be paired on it.',
    next: 'Make a host group whose name begins with DRILLBOOK on a port of that array, then start again.',
  },
  'ACT-TWIN-LABEL': {
    means: 'It cannot be said for certain which LDEV a volume lies on.',
    next: 'See which LDEV the driver uses; correct its label, or retype and migrate the volume back.',
  },
  'ACT-TWIN-BUSY': {
    means: 'A volume at DR that would be overwritten is in use or not at rest.',
    next: 'Detach it, or wait until Cinder has finished with it, then start again.',
  },
  'ACT-TWIN-ENCRYPTED': {
    means: 'A volume encrypted by Cinder has no use at DR: its key is not there.',
    next: 'Move the data to a volume type without Cinder encryption; the array may encrypt.',
  },
  'ACT-TWIN-TERMINATION': {
    means: 'A volume would be deleted together with its server.',
    next: 'Attach it without delete_on_termination, then start again.',
  },
  'ACT-TWIN-TYPE': {
    means: 'DR has no volume type like that of the volume at main.',
    next: 'Make the type at DR (config-apply), or name the one that stands for it in mapping.yml.',
  },
  'ACT-TWIN-ROOM': {
    means: 'Quota or pool at DR cannot take two volumes for each one at main.',
    next: 'Raise the quota of our project or extend the pool, then start again.',
  },
  'ACT-TWIN-SIZE': {
    means: 'A volume and its twin or drill copy differ in size.',
    next: 'Run the runbook extend for the volume.',
  },
} as const;

export type ActionCode = keyof typeof actionCodes;

export class ActionError extends DrillbookError {
  constructor(code: ActionCode, what: string, why: string) {
    super({ code, what, why, next: actionCodes[code].next });
  }
}
