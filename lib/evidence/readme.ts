/** `README.txt`: what a person who was handed the folder reads first. */
import type { ResultFile } from './result.ts';

/** `fingerprint` is that of the evidence key, to be compared with the one published elsewhere. */
export function readme(of: { result: ResultFile; fingerprint: string }): string {
  const { result } = of;
  return `${result.company.en} / ${result.company.ko}
${result.drill}: ${result.title.en} / ${result.title.ko}
Result / 결과: ${result.result}${result.simulated ? '   (simulated / 모의 환경)' : ''}

This folder is the evidence of one disaster recovery drill. It is never changed once written.
이 폴더는 재해복구 훈련 1건의 증적이며, 작성된 뒤에는 변경되지 않습니다.

Read / 읽을 것:   report/report.ko.pdf   report/report.en.pdf   (also .html)

Check / 확인:  take key.pem and verify.sh from your audit department, not from this folder.
               key.pem 과 verify.sh 는 이 폴더가 아니라 감사 부서에서 받은 것을 사용하십시오.

  1  sha256sum -c MANIFEST.sha256
  2  openssl dgst -sha256 -verify key.pem -signature MANIFEST.sha256.sig MANIFEST.sha256
  3  sh verify.sh <this folder> key.pem

Fingerprint of the evidence key (SHA-256 of its DER form) / 증적 서명키 지문:
  ${of.fingerprint}
  openssl pkey -pubin -in key.pem -outform DER | sha256sum

keys/ holds convenience copies: a key found only here proves nothing.
keys/ 의 키는 편의상 사본이며, 여기에만 있는 키는 아무것도 증명하지 못합니다.

runs/<run>/events.jsonl  journal, one event per line, each naming the hash of the line before
ledger.jsonl             the company's ledger from the opening of this drill to the end of the run
head.json result.json    last hashes; the result for machines
plan/                    what was approved, and the runbook it was made from
raw/<run>/NNNN-N-label   N-th evidence of event NNNN, as received
`;
}
