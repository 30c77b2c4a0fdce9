#!/usr/bin/env bash
# Random state tests against go-ethereum: generates them, runs both, compares what they print.
#
#   SEMPER_PEERS=~/peers tests/fuzz/random-state-tests.sh [COUNT] [TRACED] [ENGINE...]
#
# COUNT tests of each engine (default 1000) are compared by post-state root, the first TRACED of
# them (default 20) also instruction by instruction. SEMPER_PEERS is the folder with go-ethereum's
# `evm` and goevmlab's `generic-generator`; SEMPER_EVM the command that stands for `semper evm`;
# SEMPER_FORK the fork (default Osaka). Differing tests are kept, and their folder is named.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
if [[ -z "${SEMPER_PEERS:-}" ]]; then
  echo "skipped: SEMPER_PEERS names no folder with go-ethereum's evm and goevmlab's generator"
  exit 0
fi
count=${1:-1000}
traced=${2:-20}
shift $(($# < 2 ? $# : 2))
engines=("$@")
if [[ ${#engines[@]} -eq 0 ]]; then
  engines=(kzg blake bls bn254 modexp simpleops memops sstore_sload auth ecrecover naive
    precompiles secp256r tstore_tload)
fi
fork=${SEMPER_FORK:-Osaka}
read -r -a semper <<<"${SEMPER_EVM:-$root/semper evm}"
work=$(mktemp -d "${TMPDIR:-/tmp}/semper-random.XXXXXX")
failed=0

# What differs by design: the text of a precompiled contract's failure, and the price shown for an
# instruction that could not be paid.
normalised() {
  sed -E -e '/^\{"output"/s/,"error":".*"\}$/}/' -e '/"error":/s/"gasCost":"[^"]*",//' "$1"
}

# Prints where two files begin to differ.
compare() {
  local what=$1 geth=$2 own=$3
  if cmp -s "$geth" "$own"; then
    return 0
  fi
  echo "DIFFERENT $what: go-ethereum <, semper >"
  diff "$geth" "$own" | head -6 | cut -c1-300
  failed=1
  return 1
}

for engine in "${engines[@]}"; do
  folder=$work/$engine
  mkdir -p "$folder"
  "$SEMPER_PEERS/generic-generator" --fork "$fork" --count "$count" --engine "$engine" \
    --outdir "$folder" >"$work/$engine.log" 2>&1
  start=$SECONDS
  "$SEMPER_PEERS/evm" statetest "$folder" >"$work/$engine.geth.json" 2>/dev/null
  "${semper[@]}" statetest "$folder" >"$work/$engine.semper.json" 2>/dev/null
  total=$(grep -c '"stateRoot"' "$work/$engine.semper.json" || true)
  if compare "$engine roots" "$work/$engine.geth.json" "$work/$engine.semper.json"; then
    echo "$engine: $total roots equal in $((SECONDS - start)) s"
  fi
  if ((traced > 0)); then
    find "$folder" -name '*.json' | sort | sed -n "1,${traced}p" >"$work/$engine.names"
    "$SEMPER_PEERS/evm" statetest --trace <"$work/$engine.names" \
      >/dev/null 2>"$work/$engine.geth.trace"
    "${semper[@]}" statetest --trace <"$work/$engine.names" \
      >/dev/null 2>"$work/$engine.semper.trace"
    normalised "$work/$engine.geth.trace" >"$work/$engine.geth.lines"
    normalised "$work/$engine.semper.trace" >"$work/$engine.semper.lines"
    if compare "$engine traces" "$work/$engine.geth.lines" "$work/$engine.semper.lines"; then
      lines=$(wc -l <"$work/$engine.semper.lines")
      echo "$engine: $lines trace lines of $traced tests equal"
    fi
    rm -f "$work/$engine".*.trace "$work/$engine".*.lines
  fi
  if cmp -s "$work/$engine.geth.json" "$work/$engine.semper.json"; then
    rm -rf "$folder"
  fi
done

if ((failed)); then
  echo "differing tests are kept in $work"
  exit 1
fi
rm -rf "$work"
