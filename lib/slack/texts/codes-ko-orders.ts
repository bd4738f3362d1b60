/** Refusals of orders in Korean. */
import type { RunCode } from '../../run/errors.ts';
import type { CodeText } from './codes.ts';

type OrderCode = Extract<
  RunCode,
  | 'RUN-NOT-RUNNING'
  | 'RUN-NOT-COLLECTING'
  | 'RUN-HELD'
  | 'RUN-NOT-HELD'
  | 'RUN-STANDS-STILL'
  | 'RUN-CLEANING-UP'
  | 'RUN-NO-WAY-BACK'
  | 'RUN-REASON'
  | 'RUN-DECLARATION'
  | 'RUN-UNKNOWN-STEP'
  | 'RUN-NOT-SKIPPABLE'
  | 'RUN-WISHED'
  | 'RUN-NO-WISH'
  | 'RUN-UNREADABLE'
>;

export const koreanOfOrders: Readonly<Record<OrderCode, CodeText>> = {
  'RUN-NOT-RUNNING': {
    title: '아직 수행 중인 것이 없어 보류하거나 건너뛸 수 없습니다.',
    next: '승인을 기다리거나, 실행을 중단하고 다시 요청하십시오.',
  },
  'RUN-NOT-COLLECTING': {
    title: '승인을 모으는 중이 아니거나 이 사람의 승인이 없어 철회할 것이 없습니다.',
    next: '계속해서는 안 되는 실행이면 중단하십시오.',
  },
  'RUN-HELD': {
    title: '운영자가 실행을 보류했습니다. 재개할 때까지 아무것도 시작되지 않습니다.',
    next: '먼저 `/dr resume <실행> <사유>`로 재개하십시오.',
  },
  'RUN-NOT-HELD': {
    title: '운영자가 보류한 실행이 아닙니다.',
    next: '단계에서 멈춘 실행은 `/dr retry <실행> <사유>`로 다시 시도하십시오.',
  },
  'RUN-STANDS-STILL': {
    title: '이미 한 단계에서 멈춘 실행이라 보류할 것이 없습니다.',
    next: '그 단계를 다시 시도하거나 건너뛰거나, 실행을 중단하십시오.',
  },
  'RUN-CLEANING-UP': {
    title: '이미 정리 중이라 중단해도 달라지는 것이 없습니다.',
    next: '끝나기를 기다리십시오. 정리가 멈추면 두 번째 중단이 실행을 끝냅니다.',
  },
  'RUN-NO-WAY-BACK': {
    title: '되돌아갈 대상이 이미 삭제되어 되돌릴 수 없습니다. 변경된 것은 없습니다.',
    next: '그 단계를 다시 시도하거나, `/dr abort <실행> --keep <사유>`로 지금 상태에서 끝내십시오.',
  },
  'RUN-REASON': {
    title: '이 지시에는 사유가 필요한데, 적혀 있지 않거나 읽을 수 없을 만큼 깁니다.',
    next: '사유를 몇 문장으로 적어 다시 지시하십시오.',
  },
  'RUN-DECLARATION': {
    title: '재해 선포에는 재해 발생 시각과 확인 방법이 있어야 합니다.',
    next: '`/dr declare 09:12 주센터 정전, 당직자 확인`처럼 다시 선포하십시오. 시각은 한국 시간입니다.',
  },
  'RUN-UNKNOWN-STEP': {
    title: '계획에 그런 단계가 없습니다.',
    next: '`/dr status`에 나오는 단계 이름을 사용하십시오.',
  },
  'RUN-NOT-SKIPPABLE': {
    title: '끝났거나 수행 중인 단계, 또는 이미 수행되었을 수 있는 호출이 있는 단계입니다.',
    next: '수행 중이면 먼저 실행을 보류하십시오. 아니면 다시 시도하거나 실행을 중단하십시오.',
  },
  'RUN-WISHED': {
    title: '이 단계의 건너뛰기는 이미 요청되었습니다.',
    next: '두 번째 사람이 `/dr confirm-skip <실행> <단계>`로 확인하거나 거절해야 합니다.',
  },
  'RUN-NO-WISH': {
    title: '이 단계의 건너뛰기 요청이 없거나 이미 처리되었습니다.',
    next: '실행 상태를 확인하십시오. 요청은 `/dr skip <실행> <단계> <사유>`입니다.',
  },
  'RUN-UNREADABLE': {
    title: '다른 버전의 Drillbook이 넣은 지시라 읽을 수 없습니다.',
    next: '다시 지시하십시오. 계속되면 어떤 버전들이 실행 중인지 확인하십시오.',
  },
};
