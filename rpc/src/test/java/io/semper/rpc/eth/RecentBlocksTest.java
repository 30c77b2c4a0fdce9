package io.semper.rpc.eth;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.rpc.ledger.DevAccount;
import io.semper.rpc.ledger.MemoryChain;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Blocks are kept while they fit and read again when they do not.
final class RecentBlocksTest {
  private static final int LARGE = 8 << 20;

  private final RecentBlocks recent = new RecentBlocks();
  private int reads;

  private static Block block(long number) {
    Transaction large = DevAccount.numbered(1).call(number, null, new byte[LARGE]);
    return new Block(
        new MemoryChain(Map.of()).head().toBuilder().number(number).build(),
        List.of(large),
        List.of(),
        List.of());
  }

  private Block ask(Block block) {
    return recent
        .block(
            block.header().hash(),
            () -> {
              reads++;
              return Optional.of(block);
            })
        .orElseThrow();
  }

  @Test
  void theLeastRecentlyUsedGoesFirst() {
    List<Block> blocks = List.of(block(1), block(2), block(3), block(4), block(5));
    ask(blocks.get(0));
    ask(blocks.get(1));
    ask(blocks.get(2));
    assertThat(ask(blocks.get(0))).isSameAs(blocks.get(0));
    assertThat(reads).isEqualTo(3);
    ask(blocks.get(3)); // The fourth of 16 MB (encoding and data) no longer fits.
    assertThat(reads).isEqualTo(4);
    ask(blocks.get(0));
    assertThat(reads).isEqualTo(4);
    ask(blocks.get(1));
    assertThat(reads).isEqualTo(5);
  }

  @Test
  void whatIsNotThereIsAskedForAgain() {
    Block block = block(1);
    assertThat(recent.block(block.header().hash(), Optional::empty)).isEmpty();
    assertThat(ask(block)).isSameAs(block);
  }
}
