#!/usr/bin/env bash
# Lodestar 1.5.1 from npm, with eight validators, merges at genesis and finalises on the launcher in the project's
# root (or SEMPER_COMMAND) through Capella, with withdrawals, while transactions flow. Takes three to five minutes.
# With the argument light.test.mjs a light client follows it over three periods of its sync committees instead.
set -euo pipefail
cd "$(dirname "$0")/consensus"

command -v node >/dev/null || { echo "run-consensus: needs Node 20 or newer" >&2; exit 1; }

# Reinstalled only when the pinned versions change.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --silent --ignore-scripts --no-audit --no-fund
  npm rebuild --silent snappy bcrypto
  # This version hands addresses of one library to another that knows only its own or text.
  find node_modules -path '*@multiformats/mafmt/dist/src/index.js' -exec sed -i \
    "s/multiaddr(a)/multiaddr(typeof a === 'string' ? a : (a instanceof Uint8Array ? a : a.toString()))/g" {} +
  # Its development mode makes validators that can withdraw, but has no option to say so.
  sed -i 's/{ genesisTime, eth1BlockHash }/{ genesisTime, eth1BlockHash, withEth1Credentials: true }/' \
    node_modules/@chainsafe/lodestar/lib/cmds/dev/handler.js
  cp package-lock.json node_modules/.installed-lock
fi

exec node --test --test-reporter=spec "${1:-lodestar.test.mjs}"
