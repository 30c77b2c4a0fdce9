package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BaseFee;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Header;

/// What a header says of its own fees and of those of the block after it, under the network's
/// forks.
final class Fees {
  private final ForkSchedule forks;
  private final boolean zeroBaseFee;

  /// @param zeroBaseFee whether the network's base fee always stays zero
  Fees(ForkSchedule forks, boolean zeroBaseFee) {
    this.forks = forks;
    this.zeroBaseFee = zeroBaseFee;
  }

  Fork forkOf(Header header) {
    return forks.at(header.number(), header.timestamp(), proofOfStake(header));
  }

  private boolean proofOfStake(Header header) {
    return header.difficulty().isZero() && forks.terminalTotalDifficulty() != null;
  }

  /// The base fee of the block after this one; zero before London.
  UInt256 nextBaseFee(Header parent) {
    Fork next = forks.at(parent.number() + 1, parent.timestamp(), proofOfStake(parent));
    return zeroBaseFee || next.before(Fork.LONDON) ? UInt256.ZERO : BaseFee.next(parent);
  }

  /// Wei a unit of blob gas in this block; zero before Cancun.
  UInt256 blobBaseFee(Header header) {
    return header.excessBlobGas() == null
        ? UInt256.ZERO
        : BlobGas.baseFee(header.excessBlobGas(), blobParams(header));
  }

  /// Wei a unit of blob gas in the block after this one, under this block's rules.
  UInt256 nextBlobBaseFee(Header header) {
    if (header.excessBlobGas() == null) {
      return UInt256.ZERO;
    }
    BlobParams params = blobParams(header);
    return BlobGas.baseFee(BlobGas.nextExcess(header, forkOf(header), params), params);
  }

  /// Most blob gas of a block under the rules of this one.
  long maxBlobGas(Header header) {
    return BlobGas.max(blobParams(header));
  }

  private BlobParams blobParams(Header header) {
    return forks.blobParams(forkOf(header));
  }
}
