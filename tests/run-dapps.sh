#!/usr/bin/env bash
# Runs the Node scripts of tests/dapps against the launcher in the project's root (or SEMPER_COMMAND, SEMPER_URL).
# Arguments name the files to run (default: all), for example: tests/run-dapps.sh ethers viem
# Closing line: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")/dapps"

command -v node >/dev/null || { echo "run-dapps: needs Node 20 or newer" >&2; exit 1; }

# Reinstalled only when the pinned versions change.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --silent
  cp package-lock.json node_modules/.installed-lock
fi

files=()
for name in "$@"; do
  files+=("$name.test.mjs")
done
[ $# -gt 0 ] || files=(*.test.mjs)

# One at a time: they measure memory, and start a node each.
exec node --test --test-concurrency=1 --test-reporter=./lib/reporter.mjs "${files[@]}"
