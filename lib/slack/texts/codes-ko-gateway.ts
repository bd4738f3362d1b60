/** Refusals of gateways in Korean; what calls for the same deed says the same. */
import type { GatewayCode } from '../../gateway/errors.ts';
import type { CodeText } from './codes.ts';
import { koreanOfDisk } from './codes-ko-disk.ts';
import { koreanOfDoors } from './codes-ko-doors.ts';

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
  'GW-SIGNATURE': {
    ...trust,
    next: `${trust.next} 단독으로 운영되는 게이트웨이는 \`alone-<센터>\`로 등록합니다.`,
  },
  'GW-ADDRESS': trust,
  'GW-CLOCK': trust,
  'GW-STALE': trust,
  'GW-REPLAY': trust,
  'GW-DOOR': versions,
  'GW-BODY': versions,
  'GW-PROTOCOL': versions,
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
  'GW-EPOCH-PLAN': {
    title: '다른 실행 또는 다른 복제 단위의 계획으로 잠금 순번이 통지되었습니다.',
    next: '실행과 계획을 대조하고, 복제 단위를 잠글 계획으로 다시 통지하십시오.',
  },
  'GW-ISOLATED': {
    title: '상대 센터 게이트웨이에 연결할 수 없어 이 호출에 필요한 동의를 받지 못했습니다.',
    next: '게이트웨이 사이의 회선을 복구하십시오. 그 센터를 포기하는 런북은 동의 없이 진행합니다.',
  },
  'GW-GRANT': {
    title: '상대 게이트웨이가 준 것은 이 호출에 대한 유효한 동의가 아닙니다.',
    next: '두 게이트웨이의 trust.yml과 시계를 비교한 뒤 새로 시도하십시오.',
  },
  'GW-GRANT-REFUSED': {
    title: '상대 센터 게이트웨이가 이 호출에 동의하지 않았습니다.',
    next: '사유를 읽고 그 센터에서 조치하십시오.',
  },
  'GW-GRANT-USED': {
    title: '이 시도에는 이미 동의를 주었습니다. 동의는 한 번만 줍니다.',
    next: '새로 시도하십시오.',
  },
  'GW-PEER-EPOCHS': {
    title: '두 게이트웨이가 연결된 뒤 아직 잠금 순번을 서로 알리지 않았습니다.',
    next: '조치할 것이 없습니다. 요청하는 쪽이 순번을 알린 뒤 다시 요청합니다.',
  },
  'GW-PEER-DOOR': {
    title: '요청한 쪽이 쓸 수 없는 창구입니다.',
    next: 'trust.yml의 키를 확인하십시오. 지시하는 쪽은 controlPlanes, 동의하는 쪽은 peers에 있어야 합니다.',
  },
  'GW-LEND': {
    title: '이 센터 스토리지의 세션이 필요하지만 빌려줄 수 없습니다.',
    next: 'gateway.yml의 스토리지에 Remote Copy 역할의 `lend` 사용자를 등록하십시오.',
  },
  'GW-RECEIPT': {
    title: '함께 온 영수증이 이 계획의 호출 것이 아니거나 서명이 맞지 않습니다.',
    next: 'trust.yml의 게이트웨이 키를 비교하고 상대 게이트웨이에 다시 조회하십시오.',
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
  'GW-HAZARD': {
    title: '계획의 내용과 관계없이 위험한 작업이거나 위험한 응답입니다.',
    next: '무엇이 보였고 왜 위험한지 읽으십시오. 아무것도 전송되지 않았습니다.',
  },
  'GW-TARGET-SILENT': {
    title: '스토리지 또는 클라우드가 응답하지 않았습니다.',
    next: '대상과, 게이트웨이와의 네트워크를 확인하십시오.',
  },
  'GW-TARGET-LOGIN': {
    title: '스토리지 또는 클라우드가 게이트웨이의 로그인을 거절했습니다.',
    next: 'gateway.yml 또는 clouds.yaml의 사용자와 암호를 확인하고 세션을 정리하십시오.',
  },
  'GW-LOGIN-REST': {
    title: '암호가 거절되어, 계정이 잠기지 않도록 한동안 다시 로그인하지 않습니다.',
    next: 'gateway.yml 또는 clouds.yaml을 고치고 게이트웨이를 다시 시작하면 바로 다시 시도합니다.',
  },
  'GW-AMNESIA': {
    title: '게이트웨이가 기억을 잃었거나, 이 실행이 게이트웨이를 다시 인가하기 전의 것입니다.',
    next: '두 사람이 게이트웨이에서 `gateway arm propose`, `sign`, `apply`를 한 뒤 새 실행을 요청하십시오.',
  },
  'GW-SKIP': {
    title: '이 단계는 이미 건너뛰었거나, 더는 건너뛸 수 없거나, 이 사람들로는 건너뛸 수 없습니다.',
    next: '단계를 확인하십시오. 시작하지 않은 단계만 두 사람이 건너뛸 수 있습니다.',
  },
  'GW-TRUST': {
    title: 'trust.yml이 손으로 바뀌었거나 게이트웨이 디스크가 이전 사본으로 되돌려졌습니다.',
    next: '파일을 되돌리거나(`gateway trust show --kept`), 두 사람이 변경에 서명하게 하십시오.',
  },
  'GW-ORDER': {
    title: '게이트웨이에서 내린 지시가 지금 상태와 맞지 않습니다.',
    next: '지금 상태에서 다시 제안하고 다시 서명을 받으십시오.',
  },
  'GW-ORDER-PEOPLE': {
    title: '게이트웨이에서의 지시는 자격 있는 두 사람의 서명이 있어야 유효합니다.',
    next: 'trust.yml에 정한 역할의 서로 다른 두 사람이 등록된 키로 서명하십시오.',
  },
  'GW-KEY-FILE': {
    title: '키 파일이 P-256 개인 키가 아니거나, 다른 사람이 읽을 수 있거나, 잠겨 있습니다.',
    next: '모드 0600의 PEM(PKCS#8) 파일을 쓰고, 잠겨 있으면 --passphrase-file을 주십시오.',
  },
  'GW-CONFIRM': {
    title: '입력한 문구가 요구한 문구와 다릅니다.',
    next: '아무것도 서명하지 않았습니다. 보이는 내용을 읽고 그 문구를 입력하십시오.',
  },
  ...koreanOfDoors,
  ...koreanOfDisk,
  'GW-LISTEN': folder,
  'GW-FOLDER': folder,
  'GW-DISK': {
    title: '게이트웨이의 기록이 손상되었거나 쓸 수 없어 더 이상 보내지 않습니다.',
    next: '폴더를 그대로 두고 게이트웨이 담당자를 부르십시오. 기록을 고치지 마십시오.',
  },
};
