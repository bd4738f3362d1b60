/** Part of the gateways' catalogue: its doors, its targets, its certificates, its folder, and its program. */
import type { Catalogue } from '../errors.ts';

export const doorEntries = {
  'GW-USAGE': {
    means: 'The gateway’s program was called with words or options it does not know.',
    next: 'Run the command with --help.',
  },
  'GW-LISTEN': {
    means: 'The gateway has no TLS and listens on this machine only.',
    next: 'Set `listen.host` in gateway.yml to 127.0.0.1, or give `listen.tls`.',
  },
  'GW-BUSY': {
    means: 'More is waiting at this gateway than it takes; this was not begun.',
    next: 'Wait; the engine tries again. If it stays so, look at what the array is doing.',
    status: 409,
  },
  'GW-TOO-LARGE': {
    means: 'The body is larger than this door takes.',
    next: 'Split the plan; only a registration may be large.',
    status: 413,
  },
  'GW-TARGET-OPEN': {
    means:
      'The array or cloud gave no answer several times; it is left alone until a read succeeds.',
    next: 'Check it and the network; the gateway looks again by itself every ten seconds.',
    status: 424,
  },
  'GW-HOST': {
    means: 'A gateway must not stand on the array or in the cloud that it protects.',
    next: 'Move it to a machine with disks of its own, outside of both.',
  },
  'GW-RIGHTS': {
    means: 'A user of the gateway may do more than drills and failovers need.',
    next: 'Take away what is named: storage roles at the array, one project in the cloud.',
  },
  'GW-DISK-SLOW': {
    means: 'Every call waits for the disk twice before it is sent.',
    next: 'Give the gateway’s folder a disk of its own.',
  },
  'GW-TLS': {
    means: 'A certificate, its key or the authority’s certificate cannot be used.',
    next: 'Issue them again with `gateway ca issue` and compare `listen.tls` in gateway.yml.',
  },
  'GW-TLS-EXPIRED': {
    means: 'The certificate has run out, or its time has not begun.',
    next: 'Run `gateway ca renew` and put the new files in place; no restart is needed.',
  },
  'GW-TLS-CLIENT': {
    means:
      'The client’s certificate is missing, not of our authority, run out, or of another name.',
    next: 'Issue a certificate in the name that trust.yml has: a control plane, or gateway-<site>.',
    status: 403,
  },
  'GW-FOLDER': {
    means: 'The gateway’s folder is not complete, readable or safe.',
    next: 'Mend the file named and start again.',
  },
  'GW-TARGET': {
    means: 'The gateway of this site does not serve this target.',
    next: 'Compare sites.yml with gateway.yml.',
    status: 422,
  },
  'GW-TASK': {
    means: 'The site task is not allowed so here: its name, its arguments, or its program.',
    next: 'Compare the runbook with `tasks` in gateway.yml; after a change there start the gateway anew.',
    status: 422,
  },
  'GW-TARGET-SILENT': {
    means: 'The array or cloud gave no answer.',
    next: 'Check it and the network between it and the gateway.',
    status: 424,
  },
  'GW-TARGET-LOGIN': {
    means: 'The array or cloud did not let the gateway in.',
    next: 'Check user and password in gateway.yml or clouds.yaml, and free sessions.',
    status: 424,
  },
  'GW-LOGIN-REST': {
    means: 'A password was turned down; it is not tried again for a while, so that nothing locks.',
    next: 'Correct it in gateway.yml or clouds.yaml and start the gateway anew: that ends the rest.',
    status: 424,
  },
} as const satisfies Catalogue;
