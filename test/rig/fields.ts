/** What a command printed, by fields: names and kinds of values instead of the values themselves. */

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is compared between two clouds. */
export interface Observed {
  readonly exit: number;
  /** Kinds by field; of a list the kinds of its entries, each form once. */
  readonly fields?: unknown;
  /** First line of what it complained about, with ids and addresses taken out. */
  readonly complaint?: string;
}

export function observed({ code, stdout, stderr }: Printed): Observed {
  const value = printedOf(stdout);
  const complaint = complaintOf(stderr);
  return {
    exit: code,
    ...(value === undefined ? {} : { fields: kindOf(value, '') }),
    ...(complaint === undefined ? {} : { complaint }),
  };
}

/** JSON as it is, a table of `cinder` as what it shows, anything else as nothing. */
export function printedOf(stdout: string): unknown {
  const text = stdout.trim();
  if (text.startsWith('{') || text.startsWith('[')) return JSON.parse(text);
  return text.startsWith('+') ? tableOf(text) : undefined;
}

function tableOf(text: string): unknown {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], ...body] = rows;
  if (head.join() === 'Property,Value') {
    // A value of several lines goes on under an empty name.
    return Object.fromEntries(body.filter(([name]) => name !== ''));
  }
  return body.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])));
}

/** Fields whose values are words of the protocol and are compared as they are. */
const spoken = new RegExp(
  [
    '^(status|state|binary|type|replication_status|replication status|bootable|encrypted)$',
    '^(multiattach|visibility|vm_state|task_state|power_state|disk_format|container_format)$',
    '^(frozen|backend_state|backend state|disabled reason|disabled_reason|protected|locked)$',
    '^(OS-EXT-STS:\\w+|host_status|event id|event_id|is public)$',
  ].join('|'),
  'i',
);

export function kindOf(value: unknown, field: string): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const kinds = value.map((entry) => JSON.stringify(kindOf(entry, field)));
    return [...new Set(kinds)].sort().map((kind) => JSON.parse(kind));
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, inner]) => [name, kindOf(inner, name)]));
  }
  if (spoken.test(field)) return `= ${value}`;
  return typeof value === 'string' ? kindOfText(value) : typeof value;
}

const kinds: readonly [RegExp, string][] = [
  [/^$/, 'empty'],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'uuid'],
  [/^[0-9a-f]{32}$/, 'uuid without hyphens'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$/, 'time'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+$/, 'time with fraction'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ$/, 'time Z'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+0000$/, 'time +0000'],
  [/^https?:\/\//, 'address'],
  [/^-?\d+(\.\d+)?$/, 'number'],
  [/^(True|False|true|false)$/, 'yes or no'],
  [/^(-|None)$/, 'nothing'],
];

function kindOfText(text: string): string {
  return kinds.find(([form]) => form.test(text))?.[1] ?? 'text';
}

/** The first line that is no warning. */
export function complaintOf(stderr: string): string | undefined {
  const line = stderr
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '' && !/warning|deprecated|^self\.|^warn/i.test(one));
  return line
    ?.replace(/req-[0-9a-f-]{36}/g, '<request>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\b[0-9a-f]{32}\b/g, '<hex>')
    .replace(/https?:\/\/[\w.:-]+/g, '<address>')
    .replace(/\S+@\S+/g, '<backend>');
}
