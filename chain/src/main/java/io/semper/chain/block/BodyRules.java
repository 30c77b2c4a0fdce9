package io.semper.chain.block;

import io.semper.core.bytes.Hash32;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.evm.fork.ForkRules;
import java.util.Optional;

/// What a block's body must be before it is worth executing.
public final class BodyRules {
  private BodyRules() {}

  /// Whether the header commits to exactly this body, whatever else may be wrong with the two.
  public static boolean isBodyOf(Block block) {
    Header header = block.header();
    return OmmerRules.hash(block.ommers()).equals(header.ommersHash())
        && Roots.transactions(block.transactions()).equals(header.transactionsRoot())
        && (block.withdrawals() == null
            ? header.withdrawalsRoot() == null
            : Roots.withdrawals(block.withdrawals()).equals(header.withdrawalsRoot()));
  }

  /// Checks the body against its header and the limits of the fork.
  ///
  /// @return the first rule broken
  public static Optional<Violation> verify(Block block, Fork fork, BlobParams blobParams) {
    Header header = block.header();
    int cap = ForkRules.of(fork).maxBlockBytes();
    if (cap < Integer.MAX_VALUE) {
      // EIP-7934
      int size = block.encode().length;
      if (size > cap) {
        return violation(Rule.BLOCK_SIZE, "block RLP-encoded size of %d exceeds %d", size, cap);
      }
    }
    Hash32 ommersHash = OmmerRules.hash(block.ommers());
    if (!ommersHash.equals(header.ommersHash())) {
      return violation(
          Rule.OMMERS_HASH,
          "ommers hash mismatch (header value %s, calculated %s)",
          header.ommersHash(),
          ommersHash);
    }
    Hash32 transactions = Roots.transactions(block.transactions());
    if (!transactions.equals(header.transactionsRoot())) {
      return violation(
          Rule.TRANSACTIONS_ROOT,
          "transaction root hash mismatch (header value %s, calculated %s)",
          header.transactionsRoot(),
          transactions);
    }
    Optional<Violation> violation = verifyWithdrawals(block, fork);
    return violation.isPresent() ? violation : verifyBlobs(block, fork, blobParams);
  }

  private static Optional<Violation> verifyWithdrawals(Block block, Fork fork) {
    if (fork.before(Fork.SHANGHAI)) {
      return block.withdrawals() == null
          ? Optional.empty()
          : violation(Rule.WITHDRAWALS_ROOT, "withdrawals present in block body before Shanghai");
    }
    if (block.withdrawals() == null) {
      return violation(Rule.WITHDRAWALS_ROOT, "missing withdrawals in block body");
    }
    Hash32 root = Roots.withdrawals(block.withdrawals());
    if (!root.equals(block.header().withdrawalsRoot())) {
      return violation(
          Rule.WITHDRAWALS_ROOT,
          "withdrawals root hash mismatch (header value %s, calculated %s)",
          block.header().withdrawalsRoot(),
          root);
    }
    return Optional.empty();
  }

  /// EIP-4844: the header's blob gas is that of the transactions.
  private static Optional<Violation> verifyBlobs(Block block, Fork fork, BlobParams params) {
    int blobs = 0;
    for (Transaction transaction : block.transactions()) {
      blobs += transaction.blobVersionedHashes().size();
    }
    if (fork.before(Fork.CANCUN)) {
      return blobs == 0
          ? Optional.empty()
          : violation(Rule.BLOB_GAS_USED, "%d data blobs present in block body", blobs);
    }
    if (blobs > params.max()) {
      return violation(Rule.BLOB_GAS_USED, "%d blobs, maximum allowed %d", blobs, params.max());
    }
    long used = (long) blobs * BlobGas.PER_BLOB;
    if (used != block.header().blobGasUsed()) {
      return violation(
          Rule.BLOB_GAS_USED,
          "blob gas used mismatch (header %d, calculated %d)",
          block.header().blobGasUsed(),
          used);
    }
    return Optional.empty();
  }

  private static Optional<Violation> violation(Rule rule, String format, Object... values) {
    return Optional.of(new Violation(rule, String.format(format, values)));
  }
}
