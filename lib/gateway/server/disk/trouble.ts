/** Why a disk takes no lines, as a refusal that names it and its remedy. */
import { type GatewayCode, GatewayError } from '../../errors.ts';
import { codeOf } from './files.ts';

const causes: Readonly<Record<string, GatewayCode>> = {
  ENOSPC: 'GW-DISK-FULL',
  EDQUOT: 'GW-DISK-FULL',
  EROFS: 'GW-DISK-READONLY',
  EACCES: 'GW-DISK-READONLY',
  EPERM: 'GW-DISK-READONLY',
};

/** A disk that is full or read-only may get well again; whatever else fails is GW-DISK. */
export function troubleOf(file: string, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const code = causes[String(codeOf(cause))] ?? 'GW-DISK';
  return new GatewayError(code, `${file} cannot be written.`, { cause });
}

export const isFull = (cause: unknown): boolean => causes[String(codeOf(cause))] === 'GW-DISK-FULL';
