/** Names of what a run holds while it is open: its service, and the copy groups that move together. */
export const serviceClaim = (service: string): string => `service:${service}`;
export const unitClaim = (unit: string): string => `unit:${unit}`;
