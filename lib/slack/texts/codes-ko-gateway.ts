/** Refusals of gateways in Korean; what calls for the same deed says the same. */
import type { GatewayCode } from '../../gateway/errors.ts';
import type { CodeText } from './codes.ts';

const trust: CodeText = {
  title: '게이트웨이가 제어부의 메시지를 믿지 않습니다.',
  next: '서명 키(trust.yml), 주소, 양쪽 시계를 비교한 뒤 다시 시도하십시오.',
};
const versions: CodeText = {
  title: '게이트웨이가 제어부의 요청을 이해하지 못합니다.',
  next: '제어부와 게이트웨이의 버전을 비교하십시오.',
};
const badPlan: CodeText = {
  title: '게이트웨이가 계획을 받아들이지 않습니다.',
  next: '사유를 런북 또는 동작 작성자에게 보이고 계획을 다시 만드십시오.',
};
const badStatement: CodeText = {
  title: '게이트웨이가 승인을 인정하지 않습니다.',
  next: '사유를 조치하고 이 계획에 대한 승인을 다시 받으십시오.',
};
const newAttempt: CodeText = {
  title: '그 시도는 더 이상 보낼 수 없습니다. 아무것도 보내지 않았습니다.',
  next: '새로 시도하십시오.',
};
const look: CodeText = {
  title: '지금은 이 호출의 차례가 아닙니다. 아무것도 보내지 않았습니다.',
  next: '먼저 `/dr runs`로 실행을 확인하십시오. 다시 시도하거나 중단할 수 있습니다.',
};
const folder: CodeText = {
  title: '게이트웨이의 설정이 완전하지 않거나 안전하지 않습니다.',
  next: '사유에 나온 파일을 바로잡고 게이트웨이를 다시 시작하십시오.',
};

export const koreanOfGateways: Readonly<Record<GatewayCode, CodeText>> = {
  'GW-UNREACHABLE': {
    title: '게이트웨이의 서명된 응답이 없어 무엇을 했는지 알 수 없습니다.',
    next: '게이트웨이 프로세스와 네트워크를 확인하십시오. 계속하기 전에 먼저 조회합니다.',
  },
  'GW-SIGNATURE': trust,
  'GW-ADDRESS': trust,
  'GW-CLOCK': trust,
  'GW-STALE': trust,
  'GW-REPLAY': trust,
  'GW-DOOR': versions,
  'GW-BODY': versions,
  'GW-KEY': versions,
  'GW-PLAN-UNKNOWN': badPlan,
  'GW-PLAN-SHAPE': badPlan,
  'GW-CALL-TABLE': badPlan,
  'GW-CALL-SITE': badPlan,
  'GW-READ': badPlan,
  'GW-PLAN-CLASS': {
    title: '계획에 적힌 위험 등급이 게이트웨이가 계산한 등급보다 낮습니다.',
    next: 'gateway.yml의 drillable과 업무가 쓰는 대상을 비교한 뒤 계획을 다시 만드십시오.',
  },
  'GW-TARGET': {
    title: '이 센터의 게이트웨이가 담당하지 않는 대상입니다.',
    next: 'sites.yml과 gateway.yml을 비교하십시오.',
  },
  'GW-RUN-OTHER-PLAN': {
    title: '같은 실행의 다른 계획이 이미 시작되었습니다.',
    next: '그 실행을 끝내고 새로 요청하십시오.',
  },
  'GW-APPROVAL-WITNESS': badStatement,
  'GW-APPROVAL-PERSON': badStatement,
  'GW-APPROVAL-OTHER': badStatement,
  'GW-APPROVAL-EXPIRED': {
    title: '승인의 유효 기간이 지났거나 허용된 것보다 깁니다.',
    next: '훈련을 다시 요청하십시오.',
  },
  'GW-APPROVAL-PEOPLE': {
    title: '서로 다른 승인자가 모자랍니다.',
    next: '다른 사람이 승인해야 합니다.',
  },
  'GW-NOT-APPROVED': {
    title: '전달된 승인이 이 호출까지 미치지 않습니다.',
    next: '승인을 전달하십시오. 복제본보다 높은 등급은 개인 서명이 필요합니다.',
  },
  'GW-EXPIRED': {
    title: '이 호출을 보낼 수 있는 시간이 지났습니다.',
    next: '실행을 중단하고(정리는 계속 허용됩니다) 새로 요청하십시오.',
  },
  'GW-PHASE': look,
  'GW-AFTER': look,
  'GW-KEY-VOID': newAttempt,
  'GW-LATE': newAttempt,
  'GW-EPOCH': {
    title: '이 복제 단위를 더 나중에 잠근 실행이 있습니다.',
    next: '이 실행은 잠금을 잃었습니다. 누가 잠갔는지 확인하십시오.',
  },
  'GW-ATTEMPT': {
    title: '이전 시도가 성공했을 수 있어 새 시도를 허용하지 않습니다.',
    next: '양쪽 센터를 확인하십시오. 담당자가 다시 시도를 누르면 한 번 더 허용됩니다.',
  },
  'GW-RETRY': {
    title: '다시 시도할 자격이 없는 사람이거나 이미 쓰인 다시 시도입니다.',
    next: '운영자가 다시 시도하게 하십시오.',
  },
  'GW-HOLE': {
    title: '이 호출에 필요한 값을 이번 실행이 만든 것에서 얻을 수 없습니다.',
    next: '사유에 나온 호출을 확인하십시오. 다른 사람의 객체는 건드리지 않습니다.',
  },
  'GW-EXISTS': {
    title: '이 호출의 키를 가진 객체가 이미 있습니다.',
    next: '다시 조회하십시오. 이전 시도가 만들었거나 다른 사람이 만든 것입니다.',
  },
  'GW-GUARD': {
    title: '보내기 직전의 조건이 지금 성립하지 않습니다.',
    next: '사유를 읽고 기다리거나 조치한 뒤 다시 시도하십시오.',
  },
  'GW-TARGET-SILENT': {
    title: '스토리지 또는 클라우드가 응답하지 않았습니다.',
    next: '대상과, 게이트웨이와의 네트워크를 확인하십시오.',
  },
  'GW-TARGET-LOGIN': {
    title: '스토리지 또는 클라우드가 게이트웨이의 로그인을 거절했습니다.',
    next: 'gateway.yml 또는 clouds.yaml의 사용자와 암호를 확인하고 세션을 정리하십시오.',
  },
  'GW-LISTEN': folder,
  'GW-FOLDER': folder,
  'GW-DISK': {
    title: '게이트웨이의 기록이 손상되었거나 쓸 수 없어 더 이상 보내지 않습니다.',
    next: '폴더를 그대로 두고 게이트웨이 담당자를 부르십시오. 기록을 고치지 마십시오.',
  },
};
