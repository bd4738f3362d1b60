/** What a check found: that something is well, that it is not as it should be, or that it must be mended. */
import { type GatewayCode, GatewayError, gatewayCodes } from '../../errors.ts';

export interface Finding {
  /** What was looked at: `disk`, `array:900000040015`, `certificate` … */
  readonly about: string;
  readonly level: 'ok' | 'warn' | 'mend';
  readonly what: string;
  /** The last three only when something is to be done. */
  readonly code?: string;
  readonly why?: string;
  readonly next?: string;
}

export const fine = (about: string, what: string): Finding => ({ about, level: 'ok', what });

interface Trouble {
  readonly about: string;
  readonly code: GatewayCode;
  readonly what: string;
  readonly why?: string;
}

export const warning = (trouble: Trouble): Finding => of('warn', trouble);
export const fault = (trouble: Trouble): Finding => of('mend', trouble);

function of(level: 'warn' | 'mend', { about, code, what, why }: Trouble): Finding {
  const { means, next } = gatewayCodes[code];
  return { about, level, what, code, why: why ?? means, next };
}

/** The findings of a look, or the one coded error that stopped it. */
export async function found(
  about: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { code, what, why, next } = error;
    return [{ about, level: 'mend', what, code, why, next }];
  }
}
