package io.semper.chain.ethash;

import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import java.math.BigInteger;
import java.util.Optional;

/// Verifies that a header's mix and nonce prove the work its difficulty asks for.
///
/// On the public networks every header is verified. Private networks, though, may have been made
/// without any work: their headers bear no seal, neither mix nor nonce. Such a chain is accepted
/// only whole, from its first block on; once a block has shown work, all after it must.
public final class EthashSeal implements SealRule {
  private static final BigInteger TARGETS = BigInteger.ONE.shiftLeft(256);

  private final ProofsAhead ahead = new ProofsAhead(this::evaluate);
  private final Ethash ethash = new Ethash(EpochCache::generate);
  private final boolean mayBeUnsealed;

  private EthashSeal(boolean mayBeUnsealed) {
    this.mayBeUnsealed = mayBeUnsealed;
  }

  /// The rule of a network's proof-of-work blocks. Holds caches of some 16 to 75 MB an epoch for a
  /// few epochs, made when first needed; share it.
  public static EthashSeal of(Network network) {
    return new EthashSeal(!network.isPublic());
  }

  @Override
  public Optional<Violation> verify(Header header, Header parent) {
    if (mayBeUnsealed && unsealed(header) && (parent.number() == 0 || unsealed(parent))) {
      return Optional.empty();
    }
    long epoch = header.number() / EpochCache.BLOCKS_PER_EPOCH;
    if (epoch >= EpochCache.MAX_EPOCHS) {
      return broken("block " + header.number() + " lies beyond epoch " + EpochCache.MAX_EPOCHS);
    }
    if (header.difficulty().isZero()) {
      return broken("difficulty zero in a proof-of-work block");
    }
    Ethash.Proof proof = ahead.take(header).orElseGet(() -> evaluate(header));
    String nonce = String.format("0x%016x", header.nonce());
    if (!proof.mix().equals(header.mixHash())) {
      return broken("mix hash " + header.mixHash() + ", nonce " + nonce + " gives " + proof.mix());
    }
    BigInteger target = TARGETS.divide(header.difficulty().toBigInteger());
    UInt256 result = proof.result().toUInt256();
    if (result.toBigInteger().compareTo(target) > 0) {
      return broken(
          "nonce "
              + nonce
              + " gives "
              + proof.result()
              + ", above the target of difficulty "
              + header.difficulty());
    }
    return Optional.empty();
  }

  @Override
  public void ahead(Header header) {
    if (!header.difficulty().isZero()
        && header.number() / EpochCache.BLOCKS_PER_EPOCH < EpochCache.MAX_EPOCHS
        && !(mayBeUnsealed && unsealed(header))) {
      ahead.start(header);
    }
  }

  private Ethash.Proof evaluate(Header header) {
    int epoch = (int) (header.number() / EpochCache.BLOCKS_PER_EPOCH);
    return Ethash.evaluate(ethash.cache(epoch), header.sealHash(), header.nonce());
  }

  private static boolean unsealed(Header header) {
    return header.nonce() == 0 && header.mixHash().isZero();
  }

  private static Optional<Violation> broken(String message) {
    return Optional.of(new Violation(Rule.SEAL, message));
  }
}
