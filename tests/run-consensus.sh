#!/usr/bin/env bash
# Lodestar 1.5.1 from npm, with eight validators, merges at genesis and finalises on the launcher in the project's
# root (or SEMPER_COMMAND) through Capella, with withdrawals, while transactions flow; a light client follows it over three
# periods of its sync committees. Takes eight minutes, most of them waiting.
set -euo pipefail
cd "$(dirname "$0")/consensus"

command -v node >/dev/null || { echo "run-consensus: needs Node 20 or newer" >&2; exit 1; }

# Reinstalled only when the pinned versions change, or what is changed in them below.
installed=$(cat package-lock.json ../run-consensus.sh | cksum)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$installed" ]; then
  npm ci --silent --ignore-scripts --no-audit --no-fund
  npm rebuild --silent snappy bcrypto
  # This version hands addresses of one library to another that knows only its own or text.
  find node_modules -path '*@multiformats/mafmt/dist/src/index.js' -exec sed -i \
    "s/multiaddr(a)/multiaddr(typeof a === 'string' ? a : (a instanceof Uint8Array ? a : a.toString()))/g" {} +
  # Its development mode makes validators that can withdraw, but has no option to say so.
  sed -i 's/{ genesisTime, eth1BlockHash }/{ genesisTime, eth1BlockHash, withEth1Credentials: true }/' \
    node_modules/@chainsafe/lodestar/lib/cmds/dev/handler.js
  # Where a busy machine has kept it from eight slots it waits for peers for ever, of which it has none; and its validators
  # wait for answers as long as a slot is, for which short slots are too short.
  sed -i 's/this.slotImportTolerance = SLOTS_PER_EPOCH;/this.slotImportTolerance = 8 * SLOTS_PER_EPOCH;/' \
    node_modules/@lodestar/beacon-node/lib/sync/sync.js
  sed -i 's/timeoutMs: config.SECONDS_PER_SLOT \* 1000/timeoutMs: 12_000/' node_modules/@lodestar/validator/lib/validator.js
  grep -q '8 \* SLOTS_PER_EPOCH' node_modules/@lodestar/beacon-node/lib/sync/sync.js
  grep -q 'timeoutMs: 12_000' node_modules/@lodestar/validator/lib/validator.js
  echo "$installed" >node_modules/.installed
fi

exec node --test --test-reporter=spec lodestar.test.mjs
