package io.semper.node.engine;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger.ForkchoiceResult;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.rpc.engine.ConsensusChain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ledger as a consensus layer changes it.
public final class LedgerConsensus implements ConsensusChain {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerConsensus.class);

  private final BlockImporter importer;

  public LedgerConsensus(BlockImporter importer) {
    this.importer = importer;
  }

  @Override
  public Import importBlock(Block block) throws InterruptedException {
    return switch (importer.addBlock(block)) {
      case ImportResult.Imported imported -> new Import.Valid();
      case ImportResult.AlreadyKnown known -> new Import.Valid();
      case ImportResult.Invalid invalid -> {
        LOG.warn("{}", invalid);
        yield new Import.Invalid(invalid.violation().toString());
      }
      case ImportResult.UnknownParent unknown -> new Import.UnknownParent();
      case ImportResult.Unavailable unavailable -> new Import.Unavailable(unavailable.reason());
    };
  }

  @Override
  public Choice choose(Hash32 head, Hash32 safe, Hash32 finalized) throws InterruptedException {
    Header before = importer.ledger().head();
    return switch (importer.setForkchoice(head, safe, finalized)) {
      case ForkchoiceResult.Updated updated -> {
        tell(before, updated.head());
        yield new Choice.Done();
      }
      case ForkchoiceResult.Unknown unknown ->
          throw new IllegalStateException("block " + unknown.hash() + " was known and is not");
      case ForkchoiceResult.Refused refused -> new Choice.Inconsistent(refused.reason());
      case ForkchoiceResult.Unreachable unreachable -> new Choice.TooDeep(unreachable.reason());
    };
  }

  private void tell(Header before, Header head) {
    if (head.equals(before)) {
      return;
    }
    boolean extended = head.parentHash().equals(before.hash());
    LOG.info(
        "head {} {} with {} gas{}",
        head.number(),
        head.hash(),
        head.gasUsed(),
        extended ? "" : ", before it was " + before.number() + " " + before.hash());
  }
}
