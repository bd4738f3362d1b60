/** Refusals of the door for signed wishes in Korean. */
import type { wishCodes } from '../../run/wish-errors.ts';
import type { CodeText } from './codes.ts';

export const koreanOfWishes: Readonly<Record<keyof typeof wishCodes, CodeText>> = {
  'WISH-DOOR': {
    title: '그런 창구가 없습니다.',
    next: '배포된 주소의 `/wishes`로 POST하십시오.',
  },
  'WISH-SIZE': {
    title: '서명된 요청으로는 너무 큰 본문입니다.',
    next: '`npm run dr`로 서명하십시오. 요청은 16 KiB를 넘지 않습니다.',
  },
  'WISH-BODY': {
    title: '이 버전의 서명된 요청이 아닙니다.',
    next: '배포된 것과 같은 버전의 `npm run dr`로 서명하십시오.',
  },
  'WISH-RATE': {
    title: '같은 곳에서 1분 동안 너무 많은 요청이 왔습니다.',
    next: '1분 뒤에 다시 하십시오. 아무것도 접수되지 않았습니다.',
  },
  'WISH-KEY': {
    title: 'people.yml에 등록된 이 사람의 키로 서명되지 않았습니다.',
    next: '본인의 키 파일을 쓰거나, 키를 등록하고 배포하십시오.',
  },
  'WISH-CLOCK': {
    title: '서명한 지 너무 오래되었거나 단말의 시계가 맞지 않습니다.',
    next: '단말의 시계를 맞추고 다시 서명하십시오.',
  },
  'WISH-RUN': {
    title: '그런 실행이 없습니다.',
    next: '열린 실행을 확인하십시오: `npm run dr -- runs --url … --as … --key …`.',
  },
};
