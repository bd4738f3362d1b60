/** Processes of a controller whose restart mends something that nothing else does. */
export const serviceBinaries = ['cinder-volume', 'cinder-scheduler'] as const;
export type ServiceBinary = (typeof serviceBinaries)[number];
