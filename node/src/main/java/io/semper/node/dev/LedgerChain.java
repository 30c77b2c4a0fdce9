package io.semper.node.dev;

import io.semper.chain.block.Alteration;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Ledger.ForkchoiceResult;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.rpc.RpcException;
import io.semper.rpc.dev.Development.Forked;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A ledger's chain, altered on the importing thread. To go back means to choose an earlier head:
/// blocks that are left stay in the ledger, off the chain.
public final class LedgerChain implements AlterableChain {
  private final BlockImporter importer;
  private final Ledger ledger;

  public LedgerChain(BlockImporter importer) {
    this.importer = importer;
    ledger = importer.ledger();
  }

  @Override
  public Alteration alteration() {
    return ledger.alteration();
  }

  @Override
  public void alter(Alteration alteration) throws InterruptedException {
    importer.call(() -> {
      ledger.alter(alteration);
      return true;
    });
  }

  @Override
  public void goTo(Header head) throws InterruptedException {
    ForkchoiceResult result = importer.setForkchoice(head.hash(), head.hash(), head.hash());
    if (!(result instanceof ForkchoiceResult.Updated)) {
      throw RpcException.server("cannot go to block " + head.number() + ": " + result);
    }
  }

  @Override
  public void startOver(String url, Long block) throws InterruptedException {
    if (url != null || block != null) {
      throw isNoFork();
    }
    goTo(ledger.header(0).orElseThrow());
    alter(Alteration.NONE);
  }

  @Override
  public void readFrom(String url) {
    throw isNoFork();
  }

  private static RpcException isNoFork() {
    return RpcException.invalidParams("this chain was started without --fork-url");
  }

  @Override
  public Map<Address, List<UInt256>> written() {
    return ledger.written();
  }

  @Override
  public Optional<Forked> forked() {
    return Optional.empty();
  }
}
