/** Korean sentences about orders of people, same keys as English. */
import type { enOrders } from './en-orders.ts';

export const koOrders: Readonly<Record<keyof typeof enOrders, string>> = {
  'state.held': '상태: 운영자가 *보류*함, 새로 시작되는 것이 없습니다',
  'state.undoing': '상태: 되돌리는 중, {total}단계 중 {done}단계 완료',
  'short.held': '보류',
  'short.undoing': '되돌리는 중',
  'result.conditional': '조건부 적합: 건너뛰었거나 이탈로 처리한 단계가 있음',
  'result.pre-empted': '재해 전환에 선점됨',
  'step.skipped': '건너뜀',
  'step.deviated': '이탈로 처리',

  'waiting.line': '대기 대상: {what}, 시작 {since}',
  'waiting.until': '대기 대상: {what}, 시작 {since}, 기한 {until}. 기한이 지나면: {after}',
  'waiting.open': '대기 대상: {what}, 시작 {since}. 기한 없음: {after}',
  'waiting.approvals': '{who} 역할의 승인',
  'waiting.person': '{who} 역할의 담당자',
  'waiting.operator': '운영자',
  'waiting.second-person': '건너뛰기를 확인하거나 거절할 두 번째 사람({who})',
  'waiting.second-person.any': '건너뛰기를 확인하거나 거절할 두 번째 운영자',
  'waiting.array': '스토리지 또는 클라우드({who})',
  'waiting.gateway': '게이트웨이 {who}',
  'waiting.gateway.any': '게이트웨이',
  'waiting.nothing': '없음: {after}',
  'held.by': '보류: {person}, {at}. {reason}',
  'skip.wished': '{person}이(가) "{step}" 건너뛰기를 요청: {reason}',
  'skip.confirmed': '"{step}" 건너뛰기를 {second}이(가) 확인, 요청자 {person}: {reason}',

  'choice.title': '*할 수 있는 일:*',
  'choice.resume': '`/dr resume {run} &lt;사유&gt;`: 보류한 곳에서 계속합니다',
  'choice.retry': '`/dr retry {run} &lt;사유&gt;`: 다시 조회하고 그 단계를 다시 시도합니다',
  'choice.retry.lost':
    '`/dr retry {run} &lt;사유&gt;`: 다시 조회하고, 그래도 보이지 않는 것은 *한 번 더 보냅니다*',
  'choice.skip':
    '`/dr skip {run} {step} &lt;사유&gt;`: 두 번째 사람이 확인하면 건너뜁니다. 아무것도 보내지 않습니다',
  'choice.confirm-skip': '`/dr confirm-skip {run} {step}`: 요청자가 아닌 사람만 할 수 있습니다',
  'choice.skip.own':
    '`npm run dr -- skip {run} {step} --as &lt;본인&gt; --key &lt;키 파일&gt; --reason &lt;사유&gt;`: ' +
    '운영자가 서명하고 승인자도 서명하면 건너뜁니다. 아무것도 보내지 않습니다',
  'choice.confirm-skip.own':
    '`npm run dr -- confirm-skip {run} {step} --as &lt;본인&gt; --key &lt;키 파일&gt;`: 요청자가 아닌 승인자가 서명합니다',
  'choice.decline-skip': '`/dr decline-skip {run} {step} &lt;사유&gt;`: 실행은 그대로 남습니다',
  'choice.abort':
    '`/dr abort {run} [--undo] &lt;사유&gt;`: 남은 단계를 하지 않고 정리합니다. --undo는 바꾼 것을 먼저 되돌립니다',
  'choice.abort.again':
    '`/dr abort {run} &lt;사유&gt;`: 정리를 다시 시도합니다. 두 번째 중단이면 남은 것을 기록하고 끝냅니다',

  'button.resume': '재개',
  'button.pause': '보류',
  'button.skip': '단계 건너뛰기',
  'button.confirmSkip': '건너뛰기 확인',
  'button.declineSkip': '건너뛰기 거절',
  'confirm.skip.title': '이 단계를 건너뛸까요?',
  'confirm.skip.text': '버튼 옆에 사유를 적으십시오. 두 번째 사람이 확인해야 효력이 있습니다.',

  'thread.step.skipped': '{at} *건너뜀*: {step}',
  'thread.step.deviated': '{at} *이탈로 처리*: {step}',
  'thread.operator.pause': '{at} {person} 보류: {reason}',
  'thread.operator.resume': '{at} {person} 재개: {reason}',
  'thread.operator.skip': '{at} {person} 건너뛰기 요청: {step}. {reason}',
  'thread.skip.confirmed': '{at} {person} 건너뛰기 확인: {step}',
  'thread.skip.declined': '{at} {person} 건너뛰기 거절: {step}. {reason}',
  'thread.skip.delivered': '{at} 건너뛰기 접수: {step}, {site}',
  'thread.undo.started': '{at} *되돌리기* 시작: {reason}',
  'thread.approval.withdrawn': '{at} {person} 승인 철회: {reason}',
  'thread.operator.abort.undo': '{at} {person} 중단하고 되돌림: {reason}',

  'approval.forecast':
    '지난 실행 {runs}회 기준: 지시부터 확인까지 {took}, 오래 걸린 단계 {longest}',
  'button.declared': '재해 선포',
  'thread.disaster.declared': '{at} {person} *재해 선포*: 발생 시각 {occurred}. {text}',
  'status.unprotected':
    '*{service}: {since}부터 복제 보호 없음* (실행 {run}), 다른 센터에 사용할 수 있는 복제본이 없습니다',
  'ended.t0': 'T0 재해 발생: {at}',
  'ended.t1': 'T1 재해 선포: {at}',
  'verb.declare': '재해 선포',
  'verb.withdraw': '승인 철회',
  'verb.pause': '보류',
  'verb.resume': '재개',
  'verb.skip': '건너뛰기',
  'verb.confirm-skip': '건너뛰기 확인',
  'verb.decline-skip': '건너뛰기 거절',
  'help.orders':
    '`{command} pause|resume|retry|abort|withdraw|note [실행] &lt;내용&gt;` 실행에 지시',
  'help.declare':
    '`{command} declare [실행] &lt;발생 시각&gt; &lt;확인 방법&gt;` 재해 선포, 예: `declare 09:12 주센터 정전 확인`',
  'help.skips':
    '`{command} skip|confirm-skip|decline-skip [실행] &lt;단계&gt; &lt;사유&gt;` 두 사람이 필요',
  'order.taken': '접수했습니다: {verb}, 실행 {run}. 효력 여부는 실행의 스레드에 표시됩니다.',
  'order.run.none': '진행 중인 실행이 없습니다.',
  'order.run.many': '진행 중인 실행이 여럿입니다. 하나를 지정하십시오.',
  'order.run.unknown': '"{typed}" 실행이 없습니다.',
  'order.step.missing': '단계 이름이 빠졌습니다.',
  'order.step.unknown': '이 실행에는 "{typed}" 단계가 없습니다.',
  'order.plan.none': '아직 계획이 없어 철회할 승인이 없습니다.',
};
