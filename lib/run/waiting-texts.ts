/** What happens when what a run waits for does not come, or comes. */
import type { Text } from '../runbook/plan.ts';

export const thens = {
  preempted: {
    ko: '재해 전환에 선점되어 남은 것을 기록하고 끝납니다',
    en: 'a failover took the protection unit; the run ends with its residue listed',
  },
  ends: { ko: '실행이 끝납니다', en: 'the run ends' },
  fails: { ko: '실행이 실패로 끝납니다', en: 'the run ends as failed' },
  locks: { ko: '보호 단위를 잠급니다', en: 'the protection unit is taken' },
  asks: { ko: '승인을 요청합니다', en: 'approval is asked for' },
  gathers: {
    ko: '묶음의 모든 업무에 계획이 만들어지면 승인을 요청합니다',
    en: 'approval is asked for once every run of the wave has its plan',
  },
  joins: {
    ko: '묶음의 첫 업무에 대한 결정이 이 실행에도 적용됩니다',
    en: 'what people decide of the first run of the wave counts for this one',
  },
  turn: {
    ko: '묶음에서 앞 순서 업무의 본 단계가 잘 끝나면 시작합니다',
    en: 'it begins when the run before it in the wave has done its steps well',
  },
  expires: {
    ko: '승인 기한이 만료되어 아무것도 보내지 않고 끝납니다',
    en: 'the approvals expire and the run ends; nothing is sent',
  },
  checks: { ko: '사실을 다시 조회합니다', en: 'the facts are read again' },
  skips: {
    ko: '확인하면 그 단계를 건너뛰고, 요청은 실행이 끝날 때까지 유효합니다',
    en: 'once confirmed the step is skipped; the wish lasts as long as the run',
  },
  held: {
    ko: '재개할 때까지 아무것도 시작되지 않으며 단계의 기한도 흐르지 않습니다',
    en: 'nothing begins until somebody resumes; the limits of steps stand still',
  },
  paused: {
    ko: '누군가 다시 시도하거나 건너뛰거나 중단할 때까지 멈춰 있습니다',
    en: 'it stands still until somebody retries, skips or aborts',
  },
  pauses: { ko: '멈추고 담당자에게 묻습니다', en: 'it pauses and asks people' },
  undo: { ko: '바꾼 것을 되돌립니다', en: 'what was changed is taken back' },
  continue: { ko: '이탈로 기록하고 계속합니다', en: 'a deviation is recorded and it goes on' },
  triesAgain: { ko: '그 단계를 다시 시도합니다', en: 'the step is tried again' },
  goesOn: { ko: '다음 단계를 시작합니다', en: 'the next step begins' },
} as const satisfies Readonly<Record<string, Text>>;
