/** Refusals of the engine, of approvals and of planning in Korean. */
import type { ActionCode } from '../../actions/errors.ts';
import type { ApprovalCode, StatementCode } from '../../approval/errors.ts';
import type { RunCode } from '../../run/errors.ts';
import type { RunbookCode } from '../../runbook/errors.ts';
import type { CodeText } from './codes.ts';
import { koreanOfOrders } from './codes-ko-orders.ts';

const decide = '원인을 확인해 조치한 뒤 그 단계를 다시 시도하거나 실행을 중단하십시오.';
const otherHolder = '해당 역할이 있는 사람에게 요청하십시오.';

type Code = RunCode | ApprovalCode | StatementCode | ActionCode | RunbookCode;

export const koreanOfEngine: Readonly<Record<Code, CodeText>> = {
  ...koreanOfOrders,
  'RUN-SERVICE-BUSY': {
    title: '이 업무 또는 복제 그룹을 공유하는 업무의 실행이 이미 진행 중입니다.',
    next: '그 실행이 끝나기를 기다리거나 중단하십시오.',
  },
  'RUN-WAVE': {
    title: '같은 묶음의 다른 실행이 시작되지 못했거나 정상적으로 끝나지 않았습니다.',
    next: '그 실행을 확인하십시오. 재시도하면 이 실행을 그대로 진행하고, 중단하면 끝냅니다.',
  },
  'RUN-DRILL-CLOSED': {
    title: '그 훈련에는 진행 중인 실행이 없어 참여할 수 없습니다.',
    next: '`/dr runs`를 확인하고, 번호 없이 새 훈련으로 요청하십시오.',
  },
  'RUN-UNKNOWN-SERVICE': {
    title: '그런 이름의 업무가 없습니다.',
    next: '`/dr status`에 나오는 업무 이름을 사용하십시오.',
  },
  'RUN-NOT-OPEN': {
    title: '그 실행은 없거나 이미 종료되었습니다.',
    next: '`/dr runs`로 진행 중인 실행을 확인하십시오.',
  },
  'RUN-NOT-PAUSED': {
    title: '일시 정지되지 않은 실행이거나 멈춘 단계가 아닙니다.',
    next: '실행 상태를 확인하십시오. 멈춘 단계만 다시 시도할 수 있습니다.',
  },
  'RUN-NOTHING-ASKED': {
    title: '이 단계는 그 응답을 기다리고 있지 않습니다.',
    next: '실행이 기다리는 단계에 응답하십시오.',
  },
  'RUN-ROLE': { title: '필요한 역할이 없는 사람입니다.', next: otherHolder },
  'RUN-SAME-PERSON': {
    title: '수작업을 한 사람이 입회까지, 또는 건너뛰기를 요청한 사람이 확인까지 하려 합니다.',
    next: '다른 사람이 입회하거나 확인하게 하십시오.',
  },
  'RUN-PROOF': {
    title: '이 단계는 근거를 글로 적어야 하는데 적혀 있지 않습니다.',
    next: '요구된 내용을 단추 옆 입력란이나 명령 뒤에 적고 다시 응답하십시오.',
  },
  'RUN-LATE': { title: '단계가 제한 시간 안에 끝나지 않았습니다.', next: decide },
  'RUN-REFUSED': {
    title: '조회된 상태에서는 이 단계를 수행할 수 없습니다.',
    next: '사유대로 조치한 뒤 그 단계를 다시 시도하거나 실행을 중단하십시오.',
  },
  'RUN-PREEXISTING': {
    title: '이 단계가 만들 상태가 실행 시작 전부터 있었습니다.',
    next: '누가 했는지 확인하십시오. 분리된 복제본은 `/dr run copies-resync <업무>`로 되돌립니다.',
  },
  'RUN-LOST': {
    title: '호출을 전달했으나 응답이 유실되었습니다. 저절로 다시 보내지 않습니다.',
    next: '양쪽 센터를 확인하십시오. 다시 시도하면 한 번 더 보내고, 중단하면 정리합니다.',
  },
  'RUN-ATTEMPTS': {
    title: '호출이 거듭 받아들여지지 않았습니다.',
    next: '증적의 응답을 읽고 원인을 조치한 뒤 그 단계를 다시 시도하십시오.',
  },
  'RUN-GATEWAY-FORGOT': {
    title: '게이트웨이의 기록이 이미 확인된 것보다 적습니다. 디스크가 옛 복사본일 수 있습니다.',
    next: '이 게이트웨이는 더 쓰이지 않습니다. 다시 쓰기 전에 두 사람이 점검하십시오.',
  },
  'RUN-OTHER-WORDS': {
    title: '게이트웨이가 계산한 확인 단어가 제어부의 것과 다릅니다.',
    next: '아무것도 보내지 않았습니다. 양쪽 버전을 비교하십시오. 같다면 어느 한쪽을 믿을 수 없습니다.',
  },
  'RUN-TOO-LARGE': {
    title: '단계를 한 번 조회한 결과가 실행 기록 한 줄에 담기에는 너무 큽니다.',
    next: '`for-each`를 쓰거나 한 단계의 서버, 볼륨, 점검 수를 줄여 단계를 나누십시오.',
  },
  'RUN-HISTORY': {
    title: '실행 기록이 이를 읽는 프로그램 또는 계획과 맞지 않습니다.',
    next: '기록을 남긴 버전으로 실행하거나 이 실행을 중단하십시오.',
  },

  'APR-OWN-KEY': {
    title: '이 계획은 데이터에 미치는 영향이 커서 본인의 키로 서명해야 합니다.',
    next: '터미널에서 `npm run dr -- approve|skip|confirm-skip … --as <본인> --key <키 파일>`로 서명하십시오.',
  },
  'APR-STATEMENT': {
    title: '서명한 내용이 승인을 기다리는 내용과 다릅니다.',
    next: '다시 서명하십시오. 명령이 지금 기다리는 내용을 보여 줍니다.',
  },
  'APR-NONCE': {
    title: '이미 쓰인 서명입니다.',
    next: '다시 서명하십시오. 아무도 보내지 않았다면 누군가 승인을 재전송하고 있습니다.',
  },
  'APR-KEY': {
    title: '서명한 키가 이 사람의 키로 등록되어 있지 않거나 서명이 깨졌습니다.',
    next: 'people.yml에 등록된 본인의 키를 쓰거나 새 키를 등록하십시오.',
  },
  'APR-PERIOD': {
    title: '서명의 유효 기간이 끝났거나 계획이 허용하는 것보다 깁니다.',
    next: '다시 서명하십시오. 그래도 안 되면 단말의 시계를 확인하십시오.',
  },
  'APR-NOTHING-PENDING': {
    title: '이 실행은 승인을 기다리고 있지 않습니다.',
    next: '`/dr runs`로 실행 상태를 확인하십시오.',
  },
  'APR-CHANGED': {
    title: '이 버튼의 계획은 승인을 기다리는 계획이 아닙니다.',
    next: '이 실행의 가장 새로운 승인 메시지에서 결정하십시오.',
  },
  'APR-STALE': {
    title: '승인을 요청한 메시지의 버튼이 아닙니다.',
    next: '복사본이나 옛 메시지 대신 이 실행의 승인 메시지를 사용하십시오.',
  },
  'APR-EXPIRED': { title: '승인 기한이 지났습니다.', next: '훈련을 다시 요청하십시오.' },
  'APR-SELF': {
    title: '요청자는 자신이 요청한 훈련을 승인할 수 없습니다.',
    next: '역할이 있는 다른 두 사람이 승인해야 합니다.',
  },
  'APR-TWICE': {
    title: '이미 승인한 사람입니다. 다른 계정으로 승인했을 수도 있습니다.',
    next: '다른 사람이 두 번째로 승인해야 합니다.',
  },
  'APR-ROLE': { title: '승인할 수 있는 역할이 없는 사람입니다.', next: otherHolder },
  'APR-ACCOUNT': {
    title: '게스트, 봇, 외부 조직, 비활성 계정은 결정할 수 없습니다.',
    next: '이 워크스페이스에 등록된 정식 계정을 사용하십시오.',
  },
  'APR-UNKNOWN-PERSON': {
    title: '직원으로 등록되지 않은 계정입니다.',
    next: '명부 담당자에게 config/people.yml 등록을 요청하십시오.',
  },
  'APR-SHARED-CHANNEL': {
    title: '다른 조직과 공유된 채널입니다.',
    next: '이 워크스페이스만 쓰는 채널에서 결정하십시오.',
  },
  'APR-DIRECTORY': {
    title: '이 사람이 결정할 수 있는지 명부에서 확인하지 못했습니다.',
    next: '명부가 응답하면 다시 시도하십시오. 확실하지 않으면 승인되지 않습니다.',
  },

  'ACT-UNREAD': {
    title: '계획에 필요한 사실을 조회하지 못했습니다.',
    next: '그 센터의 게이트웨이, 스토리지, 클라우드가 응답하는지 확인한 뒤 다시 시작하십시오.',
  },
  'ACT-UNJOINED': {
    title: '볼륨, 페어, LDEV가 주센터에서 훈련용 복제본까지 이어지지 않습니다.',
    next: '사유에 나온 페어, 레이블 또는 볼륨을 바로잡은 뒤 다시 시작하십시오.',
  },
  'ACT-PLAN': {
    title: '이 사실 또는 런북의 이 위치로는 동작을 계획할 수 없습니다.',
    next: '사유에 나온 것을 런북, 스토리지 또는 클라우드에서 바로잡으십시오.',
  },
  'ACT-TWIN-GAD': {
    title: 'GAD로 복제되는 업무는 트윈 볼륨으로 보호할 수 없습니다.',
    next: '스토리지 담당자가 페어를 만들게 한 뒤 adopt로 인수하십시오.',
  },
  'ACT-TWIN-PATH': {
    title: '스토리지에 Drillbook의 호스트 그룹이 없어 페어를 만들 수 없습니다.',
    next: '그 스토리지의 포트에 이름이 DRILLBOOK으로 시작하는 호스트 그룹을 만든 뒤 다시 시작하십시오.',
  },
  'ACT-TWIN-LABEL': {
    title: '볼륨이 어느 LDEV에 있는지 확실히 알 수 없습니다.',
    next: '드라이버가 쓰는 LDEV를 확인하고 레이블을 바로잡거나, 볼륨을 원래 위치로 옮기십시오.',
  },
  'ACT-TWIN-BUSY': {
    title: '덮어쓰게 될 DR 볼륨이 사용 중이거나 작업 중입니다.',
    next: '볼륨을 분리하거나 Cinder 작업이 끝날 때까지 기다린 뒤 다시 시작하십시오.',
  },
  'ACT-TWIN-ENCRYPTED': {
    title: 'Cinder가 암호화한 볼륨은 키가 없어 DR에서 사용할 수 없습니다.',
    next: 'Cinder 암호화가 없는 볼륨 유형으로 데이터를 옮기십시오. 스토리지 암호화는 괜찮습니다.',
  },
  'ACT-TWIN-TERMINATION': {
    title: '서버를 삭제하면 볼륨도 함께 삭제됩니다.',
    next: 'delete_on_termination 없이 다시 연결한 뒤 시작하십시오.',
  },
  'ACT-TWIN-TYPE': {
    title: 'DR에 주센터 볼륨과 같은 볼륨 유형이 없습니다.',
    next: 'DR에 그 유형을 만들거나(config-apply), mapping.yml에 대응하는 유형을 적으십시오.',
  },
  'ACT-TWIN-ROOM': {
    title: 'DR의 할당량 또는 풀에 볼륨마다 두 개씩 만들 여유가 없습니다.',
    next: 'Drillbook 프로젝트의 할당량을 늘리거나 풀을 확장한 뒤 다시 시작하십시오.',
  },
  'ACT-TWIN-SIZE': {
    title: '볼륨과 DR 볼륨 또는 훈련용 복제의 크기가 다릅니다.',
    next: '그 볼륨에 대해 런북 extend를 실행하십시오.',
  },
  'RB-LINT': {
    title: '런북에 없는 것을 가리키거나 서로 어긋나는 내용이 있습니다.',
    next: '사유에 나온 줄을 바로잡으십시오.',
  },
  'RB-REPLICATION': {
    title: '런북이 이 업무의 복제 방식과 맞지 않습니다.',
    next: '이 복제 방식을 지원하는 런북이나 다른 업무를 선택하십시오.',
  },
  'RB-CALL': {
    title: '위험 등급표에 없는 변경 호출이 계획되었습니다.',
    next: '개발 담당자에게 알리십시오. 이런 호출은 보내지지 않습니다.',
  },
};
