#!/bin/sh
# Checks an evidence pack with sha256sum, jq and openssl only; nothing is sent anywhere.
#   sh verify.sh <pack folder> <public key, PEM> [<file of fingerprints>]
# Take the key from outside the pack: from the audit department or the published plan. The third is a
# list of the keys you trust, one per line: the SHA-256 of the key's DER form, then anything.
# Better use a copy of this script that did not come with the pack, too.
# Prints `OK <check>` or `FAIL <check> <detail>`; exit 0 only when every check is OK.
set -u
LC_ALL=C
export LC_ALL
fail=0
tab=$(printf '\t')
ok() { echo "OK $1"; }
bad() { echo "FAIL $1 $2"; fail=1; }
jq() { command jq "$@" 2>/dev/null; }
verdict() { if [ -z "$2" ]; then ok "$1"; else bad "$1" "$2"; fi; }

if [ $# -ne 2 ] && [ $# -ne 3 ]; then
  echo "usage: sh verify.sh <pack folder> <public key, PEM> [<file of fingerprints>]"
  exit 2
fi
missing=
for tool in sha256sum jq openssl awk find sort xargs; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
verdict tools "${missing:+missing:$missing}"
[ -z "$missing" ] || exit 1
[ -f "$2" ] || { bad signature "no key file $2"; exit 1; }
case $2 in /*) key=$2 ;; *) key=$PWD/$2 ;; esac
trust=${3-}
[ -z "$trust" ] || [ -f "$trust" ] || { bad trust "no file $trust"; exit 1; }
case $trust in '' | /*) ;; *) trust=$PWD/$trust ;; esac
cd -- "$1" 2>/dev/null || { bad manifest-files "no folder $1"; exit 1; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

# 1. The manifest names every file, every file is as named, and nothing else is there.
manifest_files() {
  [ -f MANIFEST.sha256 ] || { echo "no MANIFEST.sha256"; return; }
  grep -Evq '^[0-9a-f]{64}  [A-Za-z0-9_][A-Za-z0-9_./-]*$' MANIFEST.sha256 &&
    { echo "a line is not <sha256>  <path>"; return; }
  grep -Eq '(/|  )[.]{1,2}(/|$)|//|/$' MANIFEST.sha256 && { echo "a path leaves the pack"; return; }
  odd=$(find . ! -type f ! -type d | head -n 1)
  [ -z "$odd" ] || { echo "not a plain file: $odd"; return; }
  empty=$(find . -type d -empty | head -n 1)
  [ -z "$empty" ] || { echo "empty folder: $empty"; return; }
  { cut -c67- MANIFEST.sha256; echo MANIFEST.sha256; echo MANIFEST.sha256.sig; } |
    sort >"$tmp/named"
  find . -type f | sed 's|^[.]/||' | sort >"$tmp/there"
  if ! cmp -s "$tmp/named" "$tmp/there"; then
    echo "missing or added:" $(diff "$tmp/named" "$tmp/there" | grep '^[<>]' | head -n 3)
    return
  fi
  sha256sum -c --strict --quiet MANIFEST.sha256 >"$tmp/sums" 2>&1 ||
    echo "changed:" $(grep FAILED "$tmp/sums" | head -n 3)
}
verdict manifest-files "$(manifest_files)"

# 2. The manifest was signed with the key that the reader brought.
if openssl dgst -sha256 -verify "$key" -signature MANIFEST.sha256.sig MANIFEST.sha256 \
  >/dev/null 2>&1; then ok signature; else bad signature "does not fit this key"; fi

# Hash of each line (without its line feed), in order: one hash per output line.
line_hashes() {
  rm -rf "$tmp/lines"
  mkdir "$tmp/lines"
  awk -v dir="$tmp/lines" 'BEGIN { ORS = "" }
    { file = sprintf("%s/%08d", dir, NR); print > file; close(file) }' "$1"
  find "$tmp/lines" -type f | sort | xargs -r sha256sum | cut -c1-64
}

# Chain of a .jsonl file: $2 = first number, $3 = prev of the first line, $4 = last hash,
# $5 = how many lines.
chain() {
  [ -f "$1" ] || { echo "no file $1"; return; }
  line_hashes "$1" >"$tmp/hashes"
  jq -r '[.seq, .prev] | @tsv' "$1" >"$tmp/links" || { echo "not JSON"; return; }
  paste "$tmp/links" "$tmp/hashes" |
    awk -F '\t' -v seq="$2" -v prev="$3" -v head="$4" -v count="$5" '
    NF != 3          { print "line " NR " is not one event"; exit }
    $1 != seq        { print "at line " NR ": number " $1 " instead of " seq; exit }
    $2 "" != prev "" { print "at line " NR " (number " $1 "): prev is not the hash before"; exit }
                     { prev = $3; seq++; lines = NR }
    END {
      if (lines != NR) exit
      if (NR != count) print NR " lines, head.json says " count
      else if (prev "" != head "") print "last hash is not the head"
    }'
}

# 3. The ledger: one unbroken stretch that begins with the opening of this drill.
jq -r '"\(.drill) \(.ledgerHead) \(.ledgerRecords)", (.runs[] | "\(.run) \(.head) \(.events)")' \
  head.json >"$tmp/head"
drill= ledger_head= ledger_records=
read -r drill ledger_head ledger_records <"$tmp/head"
head -n 1 ledger.jsonl 2>/dev/null |
  jq -r '"\(.type) \(.data.drill) \(.seq) \(.prev)"' >"$tmp/first"
type= of= start= before=
read -r type of start before <"$tmp/first"
ledger_chain() {
  case "$type $of" in "drill.opened $drill" | "drill.continued $drill") ;; *) false ;; esac ||
    { echo "does not begin with the opening of $drill"; return; }
  if [ "$start" = 1 ] && [ "$(echo "$before" | tr -d 0)" != "" ]; then
    echo "the first record has a predecessor"
    return
  fi
  chain ledger.jsonl "$start" "$before" "$ledger_head" "$ledger_records"
}
verdict ledger-chain "$(ledger_chain)"
line_hashes ledger.jsonl >"$tmp/ledger-hashes" 2>/dev/null

# 4. The runs.
tail -n +2 "$tmp/head" >"$tmp/runs"
runs=$(cut -d ' ' -f 1 "$tmp/runs" | grep -E '^[A-Za-z0-9][A-Za-z0-9_.-]*$')
found=$(find runs -mindepth 1 -maxdepth 1 2>/dev/null | sed 's|^runs/||' | sort)
[ -n "$runs" ] && [ "$(echo "$runs" | sort)" = "$found" ]
verdict runs "$([ $? -eq 0 ] || echo 'runs/ and head.json name different runs')"

# The ledger's two records of the run: opened (prev of the first event) and closed (its end).
ledger_agrees() {
  at=$(jq -r --arg r "$run" --arg d "$drill" --argjson start "$start" 'select(.type == "run.opened"
    and .data.run == $r and .data.drill == $d) | .seq - $start + 1' ledger.jsonl)
  opened=$(sed -n "${at:-0}p" "$tmp/ledger-hashes" 2>/dev/null)
  # Opened in a ledger that this one does not have: its record is named by hash.
  [ -n "$at" ] || opened=$(jq -r --arg r "$run" --arg d "$drill" 'select(.type == "drill.continued"
    and .data.run == $r and .data.drill == $d) | .data.opened' ledger.jsonl)
  [ -n "$opened" ] && [ "$opened" = "$prev" ] ||
    { echo "prev of the first event is not the record run.opened"; return; }
  said=$(jq -r --arg r "$run" 'select(.type == "run.closed" and .data.run == $r) | .data |
    "\(.head) \(.events) \(.result)"' ledger.jsonl)
  [ "$said" = "$head $events $ended" ] ||
    echo "record run.closed says: $said"
}

# Every evidence of every event is there with its hash, and nothing else is in raw/.
raw_files() {
  jq -r '{"application/json": "json", "application/yaml": "yaml", "text/plain": "txt"} as $ext |
    (.seq | tostring | if length < 4 then "0000"[length:] + . else . end) as $seq | .run as $run |
    .evidence | to_entries[] | .key as $n | .value |
    "\(.sha256)  raw/\($run)/\($seq)-\($n + 1)-\(.label).\($ext[.media] // "bin")"' \
    "$journal" >"$tmp/raw" || { echo "the events cannot be read"; return; }
  cut -c67- "$tmp/raw" | sort >"$tmp/raw-named"
  find "raw/$run" -type f 2>/dev/null | sort >"$tmp/raw-there"
  cmp -s "$tmp/raw-named" "$tmp/raw-there" ||
    { echo "missing or added:" $(diff "$tmp/raw-named" "$tmp/raw-there" | grep '^[<>]' | head -n 3)
      return; }
  [ -s "$tmp/raw" ] || return
  sha256sum -c --strict --quiet "$tmp/raw" >"$tmp/sums" 2>&1 ||
    echo "changed:" $(grep FAILED "$tmp/sums" | head -n 3)
}

# The plan and runbook in the pack are those the journal resolved.
plan_files() {
  want=$(jq -r 'select(.type == "plan.resolved") | .data.planHash' "$journal" | tail -n 1)
  if [ -z "$want" ]; then [ ! -e "$plan" ] || echo "a plan the journal does not know"; return; fi
  [ "$(sha256sum 2>/dev/null <"$plan/plan.json" | cut -c1-64)" = "$want" ] ||
    { echo "plan.json is another"; return; }
  bound=$(jq -r .runbook.sha256 "$plan/plan.json")
  [ "$(sha256sum 2>/dev/null <"$plan/runbook.yaml" | cut -c1-64)" = "$bound" ] ||
    echo "runbook.yaml is another"
}

result_agrees() {
  ends=$(jq -r 'select(.type == "run.ended") | .data.result' "$journal")
  [ -n "$ended" ] && [ "$ends" = "$ended" ] ||
    { echo "the journal does not end once with run.ended"; return; }
  said=$(jq -r --arg r "$run" '.drill as $d | (.runs // [.])[] | select(.run == $r) |
    "\($d) \(.run) \(.result)"' result.json)
  [ "$said" = "$drill $run $ended" ] || echo "result.json says: $said"
}

# What another plane wrote: a chain that branches off the journal where head.json says.
forks() {
  jq -r --arg r "$run" '.runs[] | select(.run == $r) | (.forks // [])[] |
    "\(.plane) \(.after) \(.events) \(.head)"' head.json >"$tmp/forks"
  { echo "runs/$run/events.jsonl"
    sed "s|^\([^ ]*\) .*|runs/$run/fork-\1.jsonl|" "$tmp/forks"; } | sort >"$tmp/forks-named"
  find "runs/$run" -type f | sort >"$tmp/forks-there"
  cmp -s "$tmp/forks-named" "$tmp/forks-there" ||
    { echo "runs/$run and head.json name different files"; return; }
  line_hashes "$journal" >"$tmp/journal-hashes"
  while read -r plane after count last; do
    branch=$prev
    [ "$after" = 0 ] || branch=$(sed -n "${after}p" "$tmp/journal-hashes")
    file=runs/$run/fork-$plane.jsonl
    wrong=$(chain "$file" $((after + 1)) "$branch" "$last" "$count")
    [ -z "$wrong" ] || { echo "$plane: $wrong"; return; }
    jq -r .run "$file" | grep -Fvxq "$run" && { echo "$plane: an event of another run"; return; }
    [ "$(head -n 1 "$tmp/hashes")" != "$(sed -n "$((after + 1))p" "$tmp/journal-hashes")" ] ||
      { echo "$plane: branches off later than head.json says"; return; }
  done <"$tmp/forks"
}

# What was signed, as bytes: keys sorted, no blanks (RFC 8785, for the values that stand here).
canon='def canon: if type == "object" then "{" + ([keys[] as $k | ($k | tojson) + ":" +
  (.[$k] | canon)] | join(",")) + "}" elif type == "array" then "[" + (map(canon) | join(",")) + "]"
  else tojson end;'
# A base64 signature as octal escapes, which printf writes as bytes without a process of its own.
octal='def bytes: . as $byte | "\\" + ([64, 8, 1] | map($byte / . | floor % 8 | tostring) | join(""));
  def octal: rtrimstr("=") | rtrimstr("=") | [explode[] | if . >= 97 then . - 71 elif . >= 65
    then . - 65 elif . >= 48 then . + 4 elif . == 43 then 62 else 63 end] as $v |
    [range(0; $v | length; 4) as $i | $v[$i:$i + 4] | length as $n |
      (.[0] * 262144 + .[1] * 4096 + (.[2] // 0) * 64 + (.[3] // 0)) as $three |
      ([65536, 256, 1][:$n - 1][] | $three / . | floor % 256 | bytes)] | join("");'
# Verifies text $1 with the signature $2 (octal) and key file $3.
signed() {
  printf '%s' "$1" >"$tmp/text"
  printf "$2" >"$tmp/sig"
  openssl dgst -sha256 -verify "$3" -signature "$tmp/sig" "$tmp/text" >/dev/null 2>&1
}

# Each statement was signed with the key the pack has for that person, or by the witness of the click.
statements() {
  [ -f keys/signers.json ] || return
  { jq -c 'select(.type == "approval.granted" or .type == "operator.skip" or
      .type == "skip.confirmed") | .data.signed // empty | {own: true, signed: .}' "$journal"
    find "raw/$run" -type f -name '*-statements-*.json' 2>/dev/null | sort |
      xargs -r jq -c '.[] | {own: false, signed: .}'
  } >"$tmp/given" || { echo "the statements cannot be read"; return; }
  jq -r --slurpfile keys keys/signers.json --arg run "$run" --arg hash "$(jq -r \
      'select(.type == "plan.resolved") | .data.planHash' "$journal" | tail -n 1)" "$canon $octal"'
    . as {$own, $signed} | $signed.statement as $s | $keys[0] as $known |
    ([$known.people[] | select(.person == $s.person and .id == $signed.witness)] +
      (if $own then [] else [$known.witnesses[] | select(.id == $signed.witness)] end)) as $found |
    (if $found != [] then $found[0].publicKey
      elif $own or $known.witnesses != [] then "-" else "unknown" end) as $key |
    (if $s.wave then any($s.wave[]; .run == $run and .planHash == $hash)
      else $s.run == $run and $s.planHash == $hash end) as $fits |
    [$s.person, $signed.witness, ($fits | tostring), ($signed.signature | octal), ($key | @base64),
      ($s | canon)] | join("\t")' "$tmp/given" >"$tmp/statements" ||
    { echo "the statements cannot be read"; return; }
  while IFS=$tab read -r person id fits sig pem text; do
    printf '%s\n' "$pem" | openssl base64 -d -A >"$tmp/pem"
    case $(cat "$tmp/pem") in
      unknown) continue ;;
      -) echo "no key $id of $person"; return ;;
    esac
    signed "$text" "$sig" "$tmp/pem" ||
      { echo "the statement of $person is not signed with key $id"; return; }
    [ "$fits" = true ] || { echo "the statement of $person is of another plan"; return; }
  done <"$tmp/statements"
}

# 5.-10. Each run.
for run in $runs; do
  journal=runs/$run/events.jsonl
  read -r _ head events <<END
$(grep "^$run " "$tmp/runs")
END
  plan=plan
  [ "$(grep -c . "$tmp/runs")" = 1 ] || plan=plan/$run
  ended=$(tail -n 1 "$journal" 2>/dev/null |
    jq -r 'select(.type == "run.ended") | .data.result')
  prev=$(head -n 1 "$journal" 2>/dev/null | jq -r .prev)
  verdict chain "$(chain "$journal" 1 "$prev" "$head" "$events")"
  verdict run-name "$(jq -r .run "$journal" | grep -Fvxq "$run" && echo 'another run')"
  verdict ledger-agrees "$(ledger_agrees)"
  verdict raw-files "$(raw_files)"
  verdict plan "$(plan_files)"
  verdict result "$(result_agrees)"
  verdict forks "$(forks)"
  verdict statements "$(statements)"
done
# 11. The drill ends as its worst run does, and result.json names the same runs.
worst() {
  jq -r '["passed", "conditional", "denied", "expired", "voided", "aborted", "pre-empted",
    "failed"] as $bad | [(.runs // [.])[] | .result as $r | $bad | index($r)] | $bad[max]' \
    result.json >"$tmp/worst"
  said=$(jq -r .result result.json)
  [ -n "$said" ] && [ "$(cat "$tmp/worst")" = "$said" ] ||
    { echo "result.json says $said"; return; }
  [ "$(jq -r '(.runs // [.])[] | .run' result.json)" = "$(cut -d ' ' -f 1 "$tmp/runs")" ] ||
    echo "result.json and head.json name different runs"
}
verdict worst "$(worst)"
# 12. raw/ has a folder for these runs only.
verdict raw-only "$(find raw -mindepth 1 -maxdepth 1 2>/dev/null | sed 's|^raw/||' |
  grep -Fvx "$runs" | head -n 1)"
# 13. Each receipt was signed by its gateway over everything but body and signature. Two lines for
# each: what is checked, and its body; one of several lines stands in the first, as base64.
claimed="$canon $octal"'(if type == "array" then .[] else . end) |
  select(type == "object" and has("gateway") and has("signature")) |
  if ([.gateway, .answerHash, .signature, .body | type] | unique) == ["string"]
    and (.gateway | test("\\A[A-Za-z0-9_.-]+\\z")) and (.answerHash | test("\\A[0-9a-f]{64}\\z"))
    and (.signature | test("\\A[A-Za-z0-9+/]{2,}={0,2}\\z"))
  then (.body | test("[\r\n\u0000]")) as $many |
    ([input_filename, .gateway, .answerHash, (.signature | octal),
      (if $many then (.body | @base64) else "-" end), (del(.body, .signature) | canon)] | join("\t")),
    (if $many then "" else .body end)
  else input_filename, "" end'
receipts() {
  find raw -type f -name '*.json' 2>/dev/null | sort >"$tmp/json"
  # All at once; a file that is no JSON holds no receipt, and stops the others: then one by one.
  xargs -r jq -r "$claimed" <"$tmp/json" >"$tmp/claimed" 2>/dev/null ||
    while read -r file; do
      jq empty "$file" || continue
      jq -r "$claimed" "$file" || printf '%s\n\n' "$file"
    done <"$tmp/json" >"$tmp/claimed"
  awk 'NR % 2 == 1' "$tmp/claimed" >"$tmp/receipts"
  awk 'NR % 2 == 0' "$tmp/claimed" >"$tmp/bodies"
  line_hashes "$tmp/bodies" | paste "$tmp/receipts" - >"$tmp/hashed"
  while IFS=$tab read -r file gateway answer sig many text hash; do
    [ -n "$gateway" ] && [ -n "$hash" ] || { echo "$file: the receipt cannot be read"; return; }
    [ -f "keys/gateway-$gateway.pem" ] || { echo "$file: no key of gateway $gateway"; return; }
    [ "$many" = - ] ||
      hash=$(printf '%s\n' "$many" | openssl base64 -d -A | sha256sum | cut -c1-64)
    [ "$hash" = "$answer" ] || { echo "$file: body and answerHash differ"; return; }
    signed "$text" "$sig" "keys/gateway-$gateway.pem" ||
      { echo "$file: not signed by gateway $gateway"; return; }
  done <"$tmp/hashed"
}
verdict receipts "$(receipts)"

# 14. The keys that the pack brings are keys the reader knows.
print_of() { openssl pkey -pubin -in "$1" -outform DER 2>/dev/null | sha256sum | cut -c1-64; }
trusted() {
  [ -f keys/signers.json ] || { echo "the pack has no keys/signers.json"; return; }
  for file in keys/*.pem; do
    grep -Eq "^$(print_of "$file")([[:space:]]|\$)" "$trust" ||
      { echo "$file is not on the list"; return; }
  done
  jq -r '(.people + .witnesses)[] | [.id, (.publicKey | @base64)] | @tsv' keys/signers.json \
    >"$tmp/signers" || { echo "keys/signers.json cannot be read"; return; }
  while IFS=$tab read -r id pem; do
    printf '%s\n' "$pem" | openssl base64 -d -A >"$tmp/pem"
    grep -Eq "^$(print_of "$tmp/pem")([[:space:]]|\$)" "$trust" ||
      { echo "key $id is not on the list"; return; }
  done <"$tmp/signers"
}
if [ -n "$trust" ]; then
  verdict trust "$(trusted)"
else
  echo "-- trust not compared: no file of fingerprints was given"
fi
exit $fail
