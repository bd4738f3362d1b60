/** What two gateways say no to each other for. */
import type { Catalogue } from '../errors.ts';

export const peerEntries = {
  'GW-ISOLATED': {
    means: 'The gateway of the other site cannot be reached, and this call needs its yes.',
    next: 'Mend the line between the gateways; a runbook that gives the site up goes without it.',
    status: 409,
  },
  'GW-GRANT': {
    means: 'What the other gateway gave is no valid grant for this very call.',
    next: 'Compare trust.yml and clocks of both gateways, then use a new attempt.',
    status: 409,
  },
  'GW-GRANT-REFUSED': {
    means: 'The gateway of the other site said no to this call.',
    next: 'Read its reason; what it names is to be mended there.',
    status: 409,
  },
  'GW-GRANT-USED': {
    means: 'This key was granted before; a grant is given once.',
    next: 'Use a new attempt.',
    status: 409,
  },
  'GW-PEER-EPOCHS': {
    means: 'The two gateways have not told each other their epochs since they met.',
    next: 'Nothing; the asking gateway tells its epochs and asks again.',
    status: 409,
  },
  'GW-PEER-DOOR': {
    means: 'This door is not for whoever knocked: control planes and gateways have their own.',
    next: 'Compare the keys in trust.yml: who gives orders stands among controlPlanes, who grants among peers.',
    status: 403,
  },
  'GW-LEND': {
    means: 'The call needs a session of this site’s array, and none can be lent.',
    next: 'Give the array a `lend` user of the role Remote Copy in gateway.yml; if many are lent, wait half a minute.',
    status: 424,
  },
  'GW-RECEIPT': {
    means: 'A receipt that came along is not of a call of this plan, or does not verify.',
    next: 'Compare the gateways’ keys in trust.yml; ask the other gateway for the key again.',
    status: 422,
  },
} as const satisfies Catalogue;
