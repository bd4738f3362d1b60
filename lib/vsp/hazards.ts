/**
 * What can make two copies of the truth, or destroy the better one. Guards and judgements name these, so
 * that a refusal says what was seen, why that is dangerous and what a person can do, in both languages.
 */
type Language = 'ko' | 'en';

interface Words {
  /** What is seen, why it is dangerous, what a person can do. */
  readonly seen: string;
  readonly why: string;
  readonly next: string;
}
type Hazard = Readonly<Record<Language, Words>>;

const said = (seen: string, why: string, next: string): Words => ({ seen, why, next });

/** By number, from 1 on. */
export const hazards: Readonly<Record<number, Hazard>> = {
  1: {
    en: said(
      'The other site can still be reached over the remote paths.',
      'Its hosts may write on while this side is opened: two copies, both of them changed.',
      'Use the planned switchover, or fence the other site first.',
    ),
    ko: said(
      '원격 경로를 통해 상대 센터에 아직 접근할 수 있습니다.',
      '이쪽을 여는 동안 상대 센터의 서버가 계속 쓸 수 있어, 서로 다르게 변경된 두 벌의 데이터가 생깁니다.',
      '계획 전환(switchover)을 사용하거나, 먼저 상대 센터의 쓰기를 차단하십시오.',
    ),
  },
  2: {
    en: said(
      'Hosts may still reach the old volumes, or the other side is open.',
      'What they write there is not in the copy that goes on, and is overwritten by the way back.',
      'Keep the old site fenced: stop its servers and remove the host paths of these volumes.',
    ),
    ko: said(
      '서버가 이전 볼륨에 아직 접근할 수 있거나 상대편 볼륨이 열려 있습니다.',
      '그곳에 쓴 내용은 계속 사용할 사본에 없으며, 되돌릴 때 덮어쓰여 사라집니다.',
      '이전 센터를 계속 차단하십시오. 서버를 중지하고 해당 볼륨의 호스트 경로를 제거하십시오.',
    ),
  },
  3: {
    en: said(
      'The copy would run towards the side that was taken over.',
      'It would overwrite everything that was written there since.',
      'Re-protect in the other direction, from the side where the service runs now.',
    ),
    ko: said(
      '인계된 쪽을 향해 복사가 진행되려 합니다.',
      '인계 이후 그곳에 쓴 모든 내용을 덮어씁니다.',
      '업무가 현재 실행 중인 쪽에서 반대 방향으로 재보호하십시오.',
    ),
  },
  4: {
    en: said(
      'Not every volume of the side named as active was taken over.',
      'A reversal would make an old or closed copy the source and overwrite the newer side.',
      'See where the service really runs; name that site, or take the whole group over first.',
    ),
    ko: said(
      '활성으로 지정된 쪽의 볼륨이 모두 인계된 상태가 아닙니다.',
      '방향을 바꾸면 오래되거나 닫힌 사본이 원본이 되어 더 새로운 쪽을 덮어씁니다.',
      '업무가 실제로 실행 중인 곳을 확인하여 그 센터를 지정하거나, 먼저 그룹 전체를 인계하십시오.',
    ),
  },
  5: {
    en: said(
      'Pairs of this group are dissolved, or would be.',
      'The record of differences is gone: until a full copy has run the service is unprotected.',
      'Have the storage team say what became of the pairs; then protect the service again.',
    ),
    ko: said(
      '이 그룹의 페어가 해제되어 있거나 해제되려 합니다.',
      '변경 차이 기록이 없어져, 전체 복사가 끝날 때까지 업무가 보호되지 않습니다.',
      '스토리지 담당자에게 페어 상태를 확인한 뒤 업무를 다시 보호하십시오.',
    ),
  },
  6: {
    en: said(
      'The pairs of the group are not all in the same state.',
      'Some volumes would be of another moment than the rest; no database survives that.',
      'Look at the pairs listed; repeat or finish what stopped half-way before anything else.',
    ),
    ko: said(
      '그룹의 페어가 모두 같은 상태가 아닙니다.',
      '일부 볼륨의 시점이 나머지와 달라져 데이터베이스를 사용할 수 없게 됩니다.',
      '표시된 페어를 확인하고, 중간에 멈춘 작업을 먼저 다시 실행하거나 끝내십시오.',
    ),
  },
  7: {
    en: said(
      'The copy group does not hold exactly the volumes of the service.',
      'A volume that is left out does not arrive at the other site.',
      'Compare services.yml, Cinder and the pairs; protect the new volume, or release the old one.',
    ),
    ko: said(
      '복제 그룹의 볼륨이 업무의 볼륨과 정확히 일치하지 않습니다.',
      '빠진 볼륨은 상대 센터에 도착하지 않습니다.',
      'services.yml, Cinder, 페어를 비교하여 새 볼륨을 보호하거나 사용하지 않는 볼륨을 해제하십시오.',
    ),
  },
  8: {
    en: said(
      'Volumes of the service are not in this copy group and journal, but in another one or in none.',
      'Groups stop at different moments: the volumes do not fit together.',
      'Put its volumes into one group, or have the application owner say that this is acceptable.',
    ),
    ko: said(
      '업무의 볼륨 일부가 이 복제 그룹과 저널에 없고, 다른 그룹에 있거나 어느 그룹에도 없습니다.',
      '그룹마다 멈추는 시점이 달라 볼륨끼리 맞지 않습니다.',
      '볼륨을 한 그룹에 두거나, 업무 담당자에게 허용 여부를 확인받으십시오.',
    ),
  },
  9: {
    en: said(
      'The S-VOLs are still being copied or are not paired.',
      'What is on them is part old and part new: it cannot be used.',
      'Do not open them. Wait for the copy to end, or recover from a backup.',
    ),
    ko: said(
      'S-VOL이 아직 복사 중이거나 페어가 아닙니다.',
      '이전 데이터와 새 데이터가 섞여 있어 사용할 수 없습니다.',
      '열지 마십시오. 복사가 끝날 때까지 기다리거나 백업에서 복구하십시오.',
    ),
  },
  10: {
    en: said(
      'A local copy would be restored onto a volume of remote copy.',
      'It would overwrite production and be carried to the other site.',
      'Drillbook never offers it; recover on a separate volume.',
    ),
    ko: said(
      '로컬 사본을 원격 복제 볼륨으로 복원하려 합니다.',
      '운영 데이터를 덮어쓰고 상대 센터에도 전파됩니다.',
      'Drillbook은 이를 제공하지 않습니다. 별도 볼륨에서 복구하십시오.',
    ),
  },
  11: {
    en: said(
      'The group is not PAIR, or its journals are not empty.',
      'Writes are still on their way: a change of sides would leave them behind.',
      'Wait until all pairs are PAIR and the journals are drained; see that nobody writes.',
    ),
    ko: said(
      '그룹이 PAIR 상태가 아니거나 저널이 비어 있지 않습니다.',
      '아직 전달 중인 쓰기가 있어, 지금 방향을 바꾸면 남겨지게 됩니다.',
      '모든 페어가 PAIR가 되고 저널이 비워질 때까지 기다리며, 쓰는 곳이 없는지 확인하십시오.',
    ),
  },
  12: {
    en: said(
      'The states come from a cache.',
      'The array may be in another state by now.',
      'Refresh and read the pairs themselves.',
    ),
    ko: said(
      '캐시에서 읽은 상태입니다.',
      '스토리지의 실제 상태가 이미 다를 수 있습니다.',
      '새로 고친 뒤 페어를 직접 조회하십시오.',
    ),
  },
  13: {
    en: said(
      'A session of one array was offered to another.',
      'The call would be refused, or made in the name of somebody else.',
      'See that each gateway holds the accounts of its own arrays only.',
    ),
    ko: said(
      '한 스토리지의 세션이 다른 스토리지에 사용되었습니다.',
      '호출이 거절되거나 다른 사용자 이름으로 실행됩니다.',
      '각 게이트웨이가 자기 스토리지의 계정만 가지고 있는지 확인하십시오.',
    ),
  },
  14: {
    en: said(
      'Somebody else has changed this group meanwhile.',
      'Two tools at one group undo each other, and neither knows the state it works on.',
      'Find out who operates it; start again when only one does.',
    ),
    ko: said(
      '그 사이 다른 사용자가 이 그룹을 변경했습니다.',
      '두 도구가 한 그룹을 동시에 조작하면 서로의 작업을 되돌리게 됩니다.',
      '누가 조작하는지 확인하고, 한쪽만 남았을 때 다시 시작하십시오.',
    ),
  },
  15: {
    en: said(
      'A simulated array answers in place of a real one, or the other way round.',
      'What a drill may do would be done to production.',
      'See which array gateway.yml of this site names.',
    ),
    ko: said(
      '실제 스토리지 대신 시뮬레이션이, 또는 그 반대로 응답합니다.',
      '훈련에서만 허용되는 작업이 운영에 적용될 수 있습니다.',
      '이 센터의 gateway.yml에 어떤 스토리지가 지정되어 있는지 확인하십시오.',
    ),
  },
  16: {
    en: said(
      'The copy group holds volumes that this plan does not name.',
      'They would change sides as well, under services that still write to them.',
      'Make a plan that names every service in the group, or put the service into one of its own.',
    ),
    ko: said(
      '복제 그룹에 이 계획이 지정하지 않은 볼륨이 있습니다.',
      '아직 쓰고 있는 다른 업무의 볼륨까지 함께 전환됩니다.',
      '그룹의 모든 업무를 지정한 계획을 만들거나, 업무를 전용 그룹으로 옮기십시오.',
    ),
  },
};

/** One sentence after the other. Throws for a number that no hazard has. */
export function hazardText(id: number, language: Language = 'en'): string {
  const hazard = hazards[id];
  if (hazard === undefined) throw new RangeError(`There is no hazard ${id}.`);
  const { seen, why, next } = hazard[language];
  return `${seen} ${why} ${next}`;
}

/** What was said in English, with its hazards in the reader's language. */
export const hazardsIn = (text: string, language: Language): string =>
  language === 'en'
    ? text
    : Object.keys(hazards).reduce(
        (words, id) => words.replace(hazardText(Number(id)), hazardText(Number(id), language)),
        text,
      );

/** Begins the id of a guard that looks at a half of a copy group. */
const HALF = /^(side-|secondary-|gad-|group-|pair-)/;

/** Ends the id of a guard: the hazard that it keeps away. */
const MARK = '#h';
export const against = (hazard: number, guard: string): string => `${guard}${MARK}${hazard}`;

/**
 * The hazard that a guard which did not hold has met: other volumes and mixed states say more than
 * what the guard was made for. Undefined when it names none.
 */
export function hazardMet(guard: string, reading: unknown): number | undefined {
  const named = new RegExp(`${MARK}(\\d+)$`).exec(guard)?.[1];
  if (named === undefined) return undefined;
  const { states, ...seen } = { ...(reading as Seen | null) };
  if (seen.status === 404) return HALF.test(guard) ? 5 : undefined;
  if (seen.lessVolumes === true || seen.lessPairs === true) return 8;
  if (seen.sameVolumes === false || seen.samePairs === false) return 16;
  const all: readonly unknown[] = Array.isArray(states) ? states : [];
  // What is half copied is worth nothing, however the rest stands.
  const isCopy = all.some((state) => /\bCOPY$/.test(String(state)));
  return all.length > 1 && !(named === '9' && isCopy) ? 6 : Number(named);
}

interface Seen {
  /** Of an answer that is no reading. */
  readonly status?: unknown;
  readonly states?: unknown;
  readonly sameVolumes?: unknown;
  readonly samePairs?: unknown;
  readonly lessVolumes?: unknown;
  readonly lessPairs?: unknown;
}
