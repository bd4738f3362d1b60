/** Refusals at a gateway's doors and by its program in Korean. */
import type { GatewayCode } from '../../gateway/errors.ts';
import type { CodeText } from './codes.ts';

const certificate: CodeText = {
  title: 'TLS 인증서, 그 키 또는 인증 기관의 인증서를 쓸 수 없습니다.',
  next: '`gateway ca issue`로 다시 발급하고 gateway.yml의 `listen.tls`와 비교하십시오.',
};

export const koreanOfDoors = {
  'GW-USAGE': {
    title: '게이트웨이 프로그램이 모르는 명령이나 옵션입니다.',
    next: '명령에 --help를 붙여 확인하십시오.',
  },
  'GW-BUSY': {
    title: '게이트웨이에 대기 중인 것이 너무 많아 이 호출은 시작하지 않았습니다.',
    next: '기다리십시오. 엔진이 다시 시도합니다. 계속되면 스토리지가 무엇을 하는지 확인하십시오.',
  },
  'GW-TOO-LARGE': {
    title: '게이트웨이가 받는 것보다 메시지가 큽니다.',
    next: '계획을 나누십시오. 계획 등록만 클 수 있습니다.',
  },
  'GW-TARGET-OPEN': {
    title: '스토리지 또는 클라우드가 여러 번 응답하지 않아 잠시 보내지 않습니다.',
    next: '대상과 네트워크를 확인하십시오. 게이트웨이가 10초마다 스스로 다시 확인합니다.',
  },
  'GW-HOST': {
    title: '게이트웨이가 자신이 보호하는 스토리지나 클라우드 위에 있으면 안 됩니다.',
    next: '둘 모두의 밖에 있고 자체 디스크를 가진 장비로 옮기십시오.',
  },
  'GW-RIGHTS': {
    title: '게이트웨이의 사용자가 훈련과 전환에 필요한 것보다 많은 권한을 가졌습니다.',
    next: '사유에 나온 권한을 회수하십시오.',
  },
  'GW-DISK-SLOW': {
    title: '게이트웨이의 디스크가 느립니다. 모든 호출이 보내기 전에 두 번 기다립니다.',
    next: '게이트웨이 폴더에 전용 디스크를 주십시오.',
  },
  'GW-TLS': certificate,
  'GW-TLS-EXPIRED': {
    title: 'TLS 인증서의 기간이 지났거나 아직 시작되지 않았습니다.',
    next: '`gateway ca renew`로 갱신하고 새 파일을 놓으십시오. 다시 시작하지 않아도 됩니다.',
  },
  'GW-TLS-CLIENT': {
    title: '클라이언트 인증서가 없거나, 우리 기관의 것이 아니거나, 기간이나 이름이 맞지 않습니다.',
    next: 'trust.yml에 있는 이름(제어부 또는 gateway-<사이트>)으로 인증서를 발급하십시오.',
  },
  'GW-TASK': {
    title: '이 센터에서 허용되지 않은 사이트 작업입니다. 이름, 인수 또는 프로그램이 다릅니다.',
    next: '런북과 gateway.yml의 `tasks`를 비교하십시오. 고친 뒤에는 게이트웨이를 다시 시작하십시오.',
  },
} as const satisfies Partial<Readonly<Record<GatewayCode, CodeText>>>;
