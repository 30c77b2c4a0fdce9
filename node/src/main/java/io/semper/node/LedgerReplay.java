package io.semper.node;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.Rewards;
import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.rpc.trace.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/// Executes blocks of a ledger again, for those who trace them.
public final class LedgerReplay implements Replay {
  private final Ledger ledger;

  public LedgerReplay(Ledger ledger) {
    this.ledger = ledger;
  }

  @Override
  public Execution begin(Block block) {
    Header header = block.header();
    Header parent = header(header.parentHash());
    return new ReplayedBlock(
        new BlockExecution(
            ledger.network(),
            fork(header),
            header,
            ledger.sealedStateAfter(parent),
            ledger.alteration(header),
            ancestors(header),
            // Only receipts hold intermediate roots, and nobody looks at these.
            diff -> Hash32.ZERO));
  }

  @Override
  public List<Reward> rewards(Block block) {
    Header header = block.header();
    return Rewards.of(ledger.network(), header, block.ommers(), fork(header)).stream()
        .map(reward -> new Reward(reward.to(), reward.wei(), reward.ommer()))
        .toList();
  }

  private Fork fork(Header header) {
    UInt256 total = ledger.totalDifficulty(header.parentHash()).orElse(UInt256.ZERO);
    return ledger.headerRules().fork(header.number(), header.timestamp(), total);
  }

  private Header header(Hash32 hash) {
    return ledger
        .header(hash)
        .orElseThrow(() -> new HistoryUnavailableException("block " + hash + " is not known"));
  }

  /// Hashes of ancestors on the block's own branch, found by walking back as far as is asked.
  private LongFunction<Hash32> ancestors(Header block) {
    List<Hash32> hashes = new ArrayList<>(List.of(block.parentHash()));
    return number -> {
      int back = Math.toIntExact(block.number() - 1 - number);
      while (hashes.size() <= back) {
        hashes.add(header(hashes.getLast()).parentHash());
      }
      return hashes.get(back);
    };
  }
}
