/** Houses that replicate in another way than by UR alone: what their configuration says instead. */
type Edit = Readonly<Record<string, (text: string) => string>>;

/** All services over both sites (GAD), in one cloud whose hosts stand in two zones. */
export const metro: Edit = {
  'config/sites.yml': (text) =>
    text
      .replace('cloud: main\n', 'cloud: metro\n    zone: seoul\n')
      .replace('cloud: dr\n', 'cloud: metro\n    zone: daejeon\n'),
  'config/services.yml': (text) =>
    text
      .replaceAll('type: UR', 'type: GAD')
      .replaceAll(/networks: \{ main: (\S+), dr: \S+ \}/g, 'networks: { main: $1, dr: $1 }'),
};

const third = `  - id: far
    name: { ko: 제3센터, en: Third centre }
    gateway: http://127.0.0.1:4730
    array: { storageDeviceId: "900000040016", api: cm }
    cloud: far
    country: KR
`;

/** `loans` by TrueCopy to DR, and to a third centre by a mirror that waits. */
export const threeCentres: Edit = {
  'config/sites.yml': (text) => `${text}${third}`,
  'config/services.yml': (text) =>
    text.replace(
      '{ type: UR, group: LOAN01, from: main, to: dr }',
      '{ type: TC, fence: DATA, group: LOAN01, from: main, to: dr,' +
        ' far: { site: far, group: LOAN-FAR, delta: LOAN-DELTA } }',
    ),
};
