#!/usr/bin/env bash
# Runs the dapp of tests/browser in Chromium, against a light client and a network of the launcher in the project's root
# (or SEMPER_LAUNCHER). Screenshots are left in tests/browser/target. SEMPER_BROWSER names a Chromium that is not on the path.
# Without one nothing is run: a failure where CI is set. Closing line: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")/browser"

command -v node >/dev/null || { echo "run-browser: needs Node 20 or newer" >&2; exit 1; }

# Reinstalled only when the pinned versions change; the contracts are compiled by what the other dapps have.
for folder in ../dapps .; do
  (
    cd "$folder"
    if ! cmp -s package-lock.json node_modules/.installed-lock; then
      npm ci --silent
      cp package-lock.json node_modules/.installed-lock
    fi
  )
done

if ! node -e "import('./browser.mjs').then(({ findBrowser }) => process.exit(findBrowser() ? 0 : 1))"; then
  echo "run-browser: skipped, no Chromium found: install one (Debian: apt install chromium-headless-shell;" \
    "anywhere: npx playwright-core install chromium-headless-shell) or set SEMPER_BROWSER" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi

exec node --test --test-reporter=../dapps/lib/reporter.mjs dapp.test.mjs
