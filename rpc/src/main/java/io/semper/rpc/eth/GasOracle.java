package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Suggests priority fees as go-ethereum does: the 60th percentile of the cheapest few tips of each
/// of the last 20 blocks, or of up to 40 where blocks say little.
final class GasOracle {
  private static final int BLOCKS = 20;
  private static final int SAMPLES_PER_BLOCK = 3;
  private static final int PERCENTILE = 60;

  private final ChainView chain;
  private final Blocks blocks;
  private final EthSettings settings;

  // Guarded by this.
  private Header lastHead;
  private UInt256 lastTip;

  GasOracle(ChainView chain, Blocks blocks, EthSettings settings) {
    this.chain = chain;
    this.blocks = blocks;
    this.settings = settings;
    lastTip = settings.defaultTip();
  }

  synchronized UInt256 tip() {
    Header head = chain.head();
    if (!head.equals(lastHead)) {
      lastTip = UInt256.min(compute(head), settings.maxTip());
      lastHead = head;
    }
    return lastTip;
  }

  private UInt256 compute(Header head) {
    List<UInt256> samples = new ArrayList<>();
    Optional<Header> header = Optional.of(head);
    int wanted = BLOCKS;
    for (int read = 0; read < wanted && header.isPresent() && header.get().number() > 0; read++) {
      List<UInt256> tips = cheapestTips(header.get());
      samples.addAll(tips.isEmpty() ? List.of(lastTip) : tips);
      if (tips.size() <= 1 && wanted < 2 * BLOCKS) {
        wanted++;
      }
      header = chain.header(header.get().parentHash());
    }
    samples.sort(null);
    return samples.isEmpty() ? lastTip : samples.get((samples.size() - 1) * PERCENTILE / 100);
  }

  private List<UInt256> cheapestTips(Header header) {
    Block block = blocks.byHash(header.hash()).orElse(null);
    if (block == null) {
      return List.of();
    }
    record Tipped(Transaction transaction, UInt256 tip) {}
    // Senders last: most of a full block's would have to be recovered from signatures.
    return block.transactions().stream()
        .map(t -> new Tipped(t, tip(t, header.baseFeePerGas())))
        .filter(t -> t.tip().compareTo(settings.ignoreTipBelow()) >= 0)
        .sorted(Comparator.comparing(Tipped::tip))
        .filter(t -> !header.beneficiary().equals(t.transaction().sender()))
        .limit(SAMPLES_PER_BLOCK)
        .map(Tipped::tip)
        .toList();
  }

  /// What a unit of gas of an included transaction pays the producer.
  ///
  /// @param baseFee `null` before London
  static UInt256 tip(Transaction transaction, UInt256 baseFee) {
    if (baseFee == null) {
      return transaction.maxPriorityFeePerGas();
    }
    UInt256 room = transaction.maxFeePerGas().minus(baseFee);
    return UInt256.min(transaction.maxPriorityFeePerGas(), room);
  }
}
