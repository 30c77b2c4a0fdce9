package io.semper.chain.producer;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Header;
import java.time.Clock;
import java.util.List;

/// What the producer of a development chain chooses: when blocks are sealed and what they say.
///
/// Any thread may ask; changes belong to the producer's thread (see [LocalProducer#call]).
public final class Choices {
  private static final byte[] EXTRA_DATA = {'s', 'e', 'm', 'p', 'e', 'r'};

  private final Clock clock;
  private Saved now;

  /// Everything chosen, to come back to. Times are seconds.
  ///
  /// @param automine whether a block is sealed as soon as a transaction is executable
  /// @param blockMillis interval between blocks, 0 for none
  /// @param offset of the chain's clock from the machine's
  /// @param nextTimestamp of the next block alone; 0 for what the clock says
  /// @param timestampStep between blocks whatever the clock says; 0 for none
  /// @param nextBaseFee of the next block alone; `null` for what follows from its parent
  /// @param nextPrevRandao of the next block alone; `null` for one derived from its parent
  public record Saved(
      boolean automine,
      long blockMillis,
      Address beneficiary,
      long gasLimit,
      long offset,
      long nextTimestamp,
      long timestampStep,
      UInt256 nextBaseFee,
      Hash32 nextPrevRandao) {}

  public Choices(LocalProducer.Settings settings, Clock clock) {
    this.clock = clock;
    boolean automine = settings.blockMillis() == 0;
    now =
        new Saved(
            automine,
            settings.blockMillis(),
            settings.beneficiary(),
            settings.gasLimit(),
            0,
            0,
            0,
            null,
            null);
  }

  public synchronized Saved saved() {
    return now;
  }

  public synchronized void restore(Saved saved) {
    now = saved;
  }

  /// The chain's clock, seconds since 1970.
  public synchronized long seconds() {
    return clock.millis() / 1000 + now.offset();
  }

  /// What the next block on top of `parent` has, if it is made now. Times always rise, so a chain
  /// that seals faster than one block a second runs ahead of the clock.
  public synchronized BlockBuilder.Attributes attributes(Header parent) {
    long timestamp = seconds();
    if (now.nextTimestamp() != 0) {
      timestamp = now.nextTimestamp();
    } else if (now.timestampStep() != 0) {
      timestamp = parent.timestamp() + now.timestampStep();
    }
    return new BlockBuilder.Attributes(
        Math.max(timestamp, parent.timestamp() + 1),
        now.beneficiary(),
        now.nextPrevRandao() != null ? now.nextPrevRandao() : Keccak.hash(parent.hash().toBytes()),
        Hash32.ZERO,
        List.of(),
        now.gasLimit(),
        EXTRA_DATA,
        now.nextBaseFee());
  }

  /// A block was sealed: what was chosen for it alone is done with, and the clock goes on from a
  /// time that was set.
  synchronized void sealed(Header block) {
    long offset =
        now.nextTimestamp() == 0 ? now.offset() : block.timestamp() - clock.millis() / 1000;
    now =
        new Saved(
            now.automine(),
            now.blockMillis(),
            now.beneficiary(),
            now.gasLimit(),
            offset,
            0,
            now.timestampStep(),
            null,
            null);
  }

  /// Seals at once, every so often, or, with neither, only when told to.
  public synchronized void setSealing(boolean automine, long blockMillis) {
    now =
        new Saved(
            automine,
            blockMillis,
            now.beneficiary(),
            now.gasLimit(),
            now.offset(),
            now.nextTimestamp(),
            now.timestampStep(),
            now.nextBaseFee(),
            now.nextPrevRandao());
  }

  /// @param offset see [Saved#offset]
  /// @param nextTimestamp see [Saved#nextTimestamp]
  /// @param timestampStep see [Saved#timestampStep]
  public synchronized void setTime(long offset, long nextTimestamp, long timestampStep) {
    now =
        new Saved(
            now.automine(),
            now.blockMillis(),
            now.beneficiary(),
            now.gasLimit(),
            offset,
            nextTimestamp,
            timestampStep,
            now.nextBaseFee(),
            now.nextPrevRandao());
  }

  public synchronized void setBlock(Address beneficiary, long gasLimit) {
    now =
        new Saved(
            now.automine(),
            now.blockMillis(),
            beneficiary,
            gasLimit,
            now.offset(),
            now.nextTimestamp(),
            now.timestampStep(),
            now.nextBaseFee(),
            now.nextPrevRandao());
  }

  /// For the next block alone.
  public synchronized void setNext(UInt256 baseFee, Hash32 prevRandao) {
    now =
        new Saved(
            now.automine(),
            now.blockMillis(),
            now.beneficiary(),
            now.gasLimit(),
            now.offset(),
            now.nextTimestamp(),
            now.timestampStep(),
            baseFee,
            prevRandao);
  }
}
