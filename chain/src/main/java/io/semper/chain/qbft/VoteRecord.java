package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Certificate;

/// What must be remembered whatever happens to the process, lest a validator contradicts itself.
public sealed interface VoteRecord {
  /// The height it speaks about.
  long height();

  /// A message about to be sent.
  ///
  /// @param prepared what a commit is based on; otherwise `null`
  record Signed(QbftMessage message, Certificate prepared) implements VoteRecord {
    @Override
    public long height() {
      return message.height();
    }
  }

  /// Who signs: nothing is signed at heights below `signFrom`, and nothing at all on standby.
  record Role(boolean standby, long signFrom) implements VoteRecord {
    /// As `signFrom`: not before it is known what the key may have signed.
    public static final long UNKNOWN = Long.MAX_VALUE;

    @Override
    public long height() {
      return Long.MAX_VALUE;
    }
  }
}
