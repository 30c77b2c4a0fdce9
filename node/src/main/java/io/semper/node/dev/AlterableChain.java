package io.semper.node.dev;

import io.semper.chain.block.Alteration;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.rpc.dev.Development.Forked;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A chain whose user may change its state between blocks and go back. To be used on the producer's
/// thread.
public interface AlterableChain {
  /// What has been altered since the head.
  Alteration alteration();

  /// Changes the state after the head; takes the place of what was altered before.
  void alter(Alteration alteration) throws InterruptedException;

  /// Makes an earlier block, or one that was left, the head. What was altered is forgotten.
  void goTo(Header head) throws InterruptedException;

  /// Goes back to the beginning.
  ///
  /// @param url of the node whose chain is forked, `null` for the one forked before
  /// @param block where to fork it, `null` for its newest block, or with no `url` for where it was
  void startOver(String url, Long block) throws InterruptedException;

  /// Reads what came before this chain from another node of it.
  void readFrom(String url) throws InterruptedException;

  /// Every account that may have been written, with the slots that may.
  Map<Address, List<UInt256>> written();

  /// What chain this continues.
  Optional<Forked> forked();
}
