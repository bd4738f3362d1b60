/** The report as blocks, one language, ready to be set: what HTML and PDF have in common. */

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Label and value. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, string])[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      /** Relative widths of the columns. */
      readonly widths: readonly number[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'code'; readonly text: string };

export interface Section {
  /** `5`, `1.1`, or `A` for an appendix. */
  readonly number: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface Doc {
  readonly language: 'ko' | 'en';
  readonly title: string;
  readonly subtitle: string;
  readonly company: string;
  readonly drill: string;
  readonly confidential: string;
  /** First 16 hex digits of the chain head. */
  readonly head: string;
  /** Printed on every page when anything in the run was simulated; else empty. */
  readonly simulated: string;
  readonly cover: readonly (readonly [string, string])[];
  readonly signOff: { readonly titles: readonly string[]; readonly lines: readonly string[] };
  readonly sections: readonly Section[];
  /** Last instant of the run, seconds since the epoch: the date of the document. */
  readonly date: number;
}

export const table = (
  columns: readonly string[],
  widths: readonly number[],
  rows: readonly (readonly string[])[],
): Block => ({ kind: 'table', columns, widths, rows });
export const text = (value: string): Block => ({ kind: 'text', text: value });
export const facts = (rows: readonly (readonly [string, string])[]): Block => ({
  kind: 'facts',
  rows,
});
export const list = (items: readonly string[]): Block => ({ kind: 'list', items });
