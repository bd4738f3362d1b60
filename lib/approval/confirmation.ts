/** What a person types before signing: the worse it can end, the less it can be typed by habit. */
import type { DangerClass } from '../runbook/plan.ts';
import type { Stake } from '../runbook/stake.ts';

export interface Confirmation {
  /** Any one of these, word for word; empty when nothing has to be typed. */
  readonly accepted: readonly string[];
}

/** English and Korean, of a service. */
const sentences: Readonly<Record<Stake, (service: string) => readonly string[]>> = {
  nothing: (service) => [
    `I agree that ${service} goes on at the other site`,
    `${service}을(를) 다른 센터에서 계속하는 데 동의합니다`,
  ],
  unsent: (service) => [
    `I accept losing what main has not sent for ${service}`,
    `${service}의 아직 보내지 않은 데이터를 잃을 수 있음을 받아들입니다`,
  ],
  old: (service) => [
    `I accept that the data of ${service} may be old and incomplete`,
    `${service}의 데이터가 오래되고 불완전할 수 있음을 받아들입니다`,
  ],
  cut: (service) => [
    `I accept that ${service} has no way back but a full copy, and loses what main has not sent`,
    `${service}의 복귀에 전체 복사가 필요하고 아직 보내지 않은 데이터를 잃을 수 있음을 받아들입니다`,
  ],
};

/**
 * From class `data` on the name of the service, for a takeover a sentence that names what it may cost.
 * Without a stake a takeover is one in a disaster.
 */
export function confirmationOf(
  danger: DangerClass,
  service: string,
  stake: Stake = 'unsent',
): Confirmation {
  if (danger === 'takeover') return { accepted: sentences[stake](service) };
  return { accepted: danger === 'data' ? [service] : [] };
}

/** Spaces at the ends and the form of Korean letters do not matter. */
export function isConfirmed({ accepted }: Confirmation, typed: string | undefined): boolean {
  if (accepted.length === 0) return true;
  return accepted.some((text) => text.normalize('NFC') === typed?.trim().normalize('NFC'));
}
