/** Who made the pairs of a copy group, by the names that the vendor's Cinder driver gives. */

/** `HBSD-<address of cinder-volume><number>U<LDEV / 1024>`; G instead of U for GAD. */
export const isDriverGroup = (group: string): boolean => /^HBSD-/.test(group);

export const originOf = (group: string, pair: string): 'cinder' | 'drillbook' | 'storage team' => {
  if (isDriverGroup(group) || /^HBSD-LDEV-\d+-\d+$/.test(pair)) return 'cinder';
  return /^LDEV-\d+-\d+$/.test(pair) ? 'drillbook' : 'storage team';
};
