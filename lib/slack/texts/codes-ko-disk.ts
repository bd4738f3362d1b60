/** Refusals about a gateway's disk, and of a gateway that stands alone, in Korean. */
import type { GatewayCode } from '../../gateway/errors.ts';
import type { CodeText } from './codes.ts';

export const koreanOfDisk = {
  'GW-DISK-FULL': {
    title: '게이트웨이 디스크가 가득 찼습니다. 아는 것은 답하지만 새로 보내지 않습니다.',
    next: '디스크 공간을 확보하십시오. 다음 메시지부터 게이트웨이가 스스로 이어 갑니다.',
  },
  'GW-DISK-READONLY': {
    title: '게이트웨이가 디스크에 쓸 수 없습니다. 아는 것은 답하지만 아무것도 보내지 않습니다.',
    next: '디스크를 쓰기 가능으로 마운트하거나 폴더를 게이트웨이 사용자에게 돌려주십시오.',
  },
  'GW-JOURNAL': {
    title: '실행 기록이 게이트웨이에 있는 기록과 이어지지 않습니다. 두 기록을 모두 보관합니다.',
    next: '두 제어부가 같은 실행을 기록했습니다. 계속하기 전에 두 기록을 비교하십시오.',
  },
  'GW-ALONE-RUN': {
    title: '이 게이트웨이 디스크에는 실행을 이어 갈 내용이 없습니다.',
    next: '`gateway continue <folder>`로 여기 있는 실행을 확인하고, 없으면 새로 시작하십시오.',
  },
  'GW-ALONE-CONFIG': {
    title: '구성 또는 런북이 이 게이트웨이에 없습니다.',
    next: 'config/와 runbooks/ 사본을 게이트웨이 폴더에 두십시오.',
  },
  'GW-ALONE-PEOPLE': {
    title: 'trust.yml에 있는 서로 다른 두 사람이 각자의 키로 서명해야 합니다.',
    next: '다른 사람이 서명하게 하십시오. 누가 할 수 있는지는 trust.yml에 있습니다.',
  },
  'GW-STANDBY': {
    title:
      '쓰고 있는 폴더입니다. 게이트웨이가 이 폴더로 서비스 중이거나 대기본으로서 이미 넘겨받았습니다.',
    next: '그곳의 게이트웨이를 먼저 멈추십시오. 넘겨받은 사본은 더 이상 복사 대상이 아닙니다.',
  },
} as const satisfies Partial<Record<GatewayCode, CodeText>>;
