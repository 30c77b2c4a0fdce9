package io.semper.evm.precompile;

import io.semper.core.bytes.Address;
import io.semper.core.fork.Fork;

/// One precompiled contract.
///
/// @param name as `eth_config` lists it (EIP-7910)
/// @param since the fork that introduced it
public record Precompile(Address address, String name, Fork since, Gas price, Body body) {

  /// The cost of a call, which may depend on all of its input.
  @FunctionalInterface
  interface Gas {
    long of(byte[] input, Fork fork);
  }

  /// The work of a call.
  @FunctionalInterface
  interface Body {
    byte[] run(byte[] input);
  }

  /// Gas a call with this input takes; `Long.MAX_VALUE` where it is that much or more, or where the
  /// fork refuses the input.
  public long gas(byte[] input, Fork fork) {
    return price.of(input, fork);
  }

  /// The output, or `null` where the call fails and takes all gas given to it.
  ///
  /// To be called only once [#gas] has been paid: it bounds the work and the memory.
  public byte[] run(byte[] input) {
    return body.run(input);
  }
}
