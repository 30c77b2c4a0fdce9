package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.evm.fork.ForkRules;

/// What the network and its block producer decide, apart from what the chain itself tells.
///
/// @param coinbase who is paid for blocks made here
/// @param depositContract the network's, for `eth_config`; `null` where there is none
/// @param zeroBaseFee whether the network's base fee always stays zero
/// @param maxCodeBytes most bytes of code a contract may have
public record NetworkSettings(
    Address coinbase, Address depositContract, boolean zeroBaseFee, int maxCodeBytes) {

  public static final NetworkSettings DEFAULT =
      new NetworkSettings(Address.ZERO, null, false, ForkRules.MAX_CODE_BYTES);
}
