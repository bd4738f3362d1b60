/** What a person types before signing: the worse it can end, the less it can be typed by habit. */
import type { DangerClass } from '../runbook/plan.ts';

export interface Confirmation {
  /** Any one of these, word for word; empty when nothing has to be typed. */
  readonly accepted: readonly string[];
}

/** From class `data` on the name of the service, for a takeover a sentence that names the loss. */
export function confirmationOf(danger: DangerClass, service: string): Confirmation {
  if (danger === 'takeover') {
    return {
      accepted: [
        `I accept losing what main has not sent for ${service}`,
        `${service}의 아직 보내지 않은 데이터를 잃을 수 있음을 받아들입니다`,
      ],
    };
  }
  return { accepted: danger === 'data' ? [service] : [] };
}

/** Spaces at the ends and the form of Korean letters do not matter. */
export function isConfirmed({ accepted }: Confirmation, typed: string | undefined): boolean {
  if (accepted.length === 0) return true;
  return accepted.some((text) => text.normalize('NFC') === typed?.trim().normalize('NFC'));
}
