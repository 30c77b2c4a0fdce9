package io.semper.chain.block;

import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BaseFee;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import java.util.Optional;

/// What a header must be, given its parent: the rules of every fork that need no body and no state.
///
/// A block is of proof of stake exactly if the total difficulty up to its parent has reached the
/// network's terminal one (EIP-3675). Verifying reads only; the first rule broken is the verdict.
/// The parent is taken to be valid. Safe for use by many threads if the seal rule is.
public final class HeaderRules {
  /// Least gas limit a block may have.
  public static final long MIN_GAS_LIMIT = 5_000;

  /// A block's gas limit differs from its parent's by less than the parent's over this.
  public static final long GAS_LIMIT_BOUND_DIVISOR = 1_024;

  private final Network network;
  private final ForkSchedule forks;
  private final SealRule seal;

  public HeaderRules(Network network, SealRule seal) {
    this.network = network;
    this.forks = network.forks();
    this.seal = seal;
  }

  /// Whether the block after a parent is of proof of stake.
  ///
  /// @param parentTotalDifficulty up to and including the parent
  public boolean proofOfStakeAfter(UInt256 parentTotalDifficulty) {
    UInt256 terminal = forks.terminalTotalDifficulty();
    return terminal != null && parentTotalDifficulty.compareTo(terminal) >= 0;
  }

  /// The fork whose rules govern a block.
  public Fork fork(long number, long timestamp, UInt256 parentTotalDifficulty) {
    return forks.at(number, timestamp, proofOfStakeAfter(parentTotalDifficulty));
  }

  /// The base fee of the block after `parent`, where London's rules are in force for it.
  public UInt256 nextBaseFee(Header parent) {
    return network.zeroBaseFee() ? UInt256.ZERO : BaseFee.next(parent);
  }

  /// The difficulty of the block after `parent`.
  public UInt256 nextDifficulty(Header parent, long timestamp, Fork fork) {
    if (network.qbft() != null) {
      return UInt256.ONE;
    }
    if (network.fixedDifficulty() != null && fork.before(Fork.PARIS)) {
      return network.fixedDifficulty();
    }
    return Difficulty.next(parent, timestamp, fork);
  }

  /// The excess blob gas of the block after `parent`, where Cancun's rules are in force for it.
  public long nextExcessBlobGas(Header parent, Fork fork) {
    return BlobGas.nextExcess(parent, fork, forks.blobParams(fork));
  }

  /// Tells of a header that will be verified soon: see [SealRule#ahead].
  public void ahead(Header header) {
    seal.ahead(header);
  }

  /// Checks a header against its parent. Changes nothing.
  ///
  /// @param parentTotalDifficulty up to and including the parent
  /// @return the first rule broken, empty for a valid header
  public Optional<Violation> verify(Header header, Header parent, UInt256 parentTotalDifficulty) {
    Optional<Violation> broken = verifyUnsealed(header, parent, parentTotalDifficulty);
    boolean sealed =
        network.qbft() != null
            || fork(header.number(), header.timestamp(), parentTotalDifficulty).before(Fork.PARIS);
    return broken.isPresent() || !sealed ? broken : seal.verify(header, parent);
  }

  /// The same but for the seal, which a block that is only proposed does not have.
  public Optional<Violation> verifyUnsealed(
      Header header, Header parent, UInt256 parentTotalDifficulty) {
    Optional<Violation> broken = verifyLink(header, parent);
    if (broken.isPresent()) return broken;
    broken = verifyTransition(header, parentTotalDifficulty);
    if (broken.isPresent()) return broken;
    Fork fork = fork(header.number(), header.timestamp(), parentTotalDifficulty);
    broken = verifyExtraData(header);
    if (broken.isPresent()) return broken;
    broken = verifyGas(header, parent, fork);
    if (broken.isPresent()) return broken;
    broken = verifyBaseFee(header, parent, fork);
    if (broken.isPresent()) return broken;
    broken = verifyLaterFields(header, fork);
    if (broken.isPresent()) return broken;
    if (fork.atLeast(Fork.CANCUN)) {
      broken = verifyBlobGas(header, parent, fork);
      if (broken.isPresent()) return broken;
    }
    if (network.qbft() != null) {
      return Optional.empty(); // for the seal's rule
    }
    return fork.atLeast(Fork.PARIS)
        ? verifyProofOfStake(header)
        : verifyProofOfWork(header, parent, fork);
  }

  private static Optional<Violation> verifyLink(Header header, Header parent) {
    if (!header.parentHash().equals(parent.hash())) {
      return broken(
          Rule.PARENT_UNKNOWN,
          "parent hash " + header.parentHash() + ", the parent's is " + parent.hash());
    }
    if (header.number() != parent.number() + 1) {
      return broken(
          Rule.NUMBER, "number " + header.number() + ", the parent's is " + parent.number());
    }
    if (Long.compareUnsigned(header.timestamp(), parent.timestamp()) <= 0) {
      return broken(
          Rule.TIMESTAMP,
          "timestamp "
              + Long.toUnsignedString(header.timestamp())
              + " is not above the parent's "
              + Long.toUnsignedString(parent.timestamp()));
    }
    return Optional.empty();
  }

  /// [EIP-3675] Proof of work up to the block that reaches the terminal total difficulty, proof of
  /// stake after it.
  private Optional<Violation> verifyTransition(Header header, UInt256 parentTotalDifficulty) {
    UInt256 terminal = forks.terminalTotalDifficulty();
    if (terminal == null) {
      return Optional.empty();
    }
    boolean after = parentTotalDifficulty.compareTo(terminal) >= 0;
    if (after && !header.difficulty().isZero()) {
      return broken(
          Rule.TOTAL_DIFFICULTY,
          "difficulty "
              + header.difficulty()
              + ", expected zero, since the total difficulty "
              + parentTotalDifficulty
              + " of its parent has reached the terminal "
              + terminal);
    }
    if (!after && header.difficulty().isZero()) {
      return broken(
          Rule.TOTAL_DIFFICULTY,
          "proof-of-stake block, while the total difficulty "
              + parentTotalDifficulty
              + " of its parent is below the terminal "
              + terminal);
    }
    return Optional.empty();
  }

  private Optional<Violation> verifyExtraData(Header header) {
    if (network.qbft() != null) {
      return Optional.empty(); // for the seal's rule to read
    }
    if (header.extraData().length > Header.MAX_PLAIN_EXTRA_DATA_BYTES) {
      return broken(
          Rule.EXTRA_DATA,
          "extra data of "
              + header.extraData().length
              + " bytes, at most "
              + Header.MAX_PLAIN_EXTRA_DATA_BYTES
              + " allowed");
    }
    return DaoFork.verify(network, header);
  }

  private Optional<Violation> verifyGas(Header header, Header parent, Fork fork) {
    long limit = header.gasLimit();
    long from = parentGasLimit(parent, fork);
    long difference = Math.abs(limit - from);
    long bound = from / GAS_LIMIT_BOUND_DIVISOR;
    boolean free =
        network.isDevelopment() || network.qbft() != null && network.qbft().freeGasLimit();
    if (difference >= bound && !free) {
      return broken(
          Rule.GAS_LIMIT,
          "gas limit "
              + limit
              + " differs by "
              + difference
              + " from "
              + from
              + ", less than "
              + bound
              + " allowed");
    }
    if (limit < MIN_GAS_LIMIT) {
      return broken(Rule.GAS_LIMIT, "gas limit " + limit + " is below " + MIN_GAS_LIMIT);
    }
    if (header.gasUsed() > limit) {
      return broken(
          Rule.GAS_USED_ABOVE_LIMIT,
          "gas used " + header.gasUsed() + " exceeds the gas limit " + limit);
    }
    return Optional.empty();
  }

  /// [EIP-1559] London's first block starts from twice its parent's gas limit, so that the target
  /// is what the limit was.
  private static long parentGasLimit(Header parent, Fork fork) {
    boolean forkBlock = fork.atLeast(Fork.LONDON) && parent.baseFeePerGas() == null;
    if (!forkBlock) {
      return parent.gasLimit();
    }
    return parent.gasLimit() > Long.MAX_VALUE / BaseFee.ELASTICITY
        ? Long.MAX_VALUE
        : parent.gasLimit() * BaseFee.ELASTICITY;
  }

  private Optional<Violation> verifyBaseFee(Header header, Header parent, Fork fork) {
    if (fork.before(Fork.LONDON)) {
      return header.baseFeePerGas() == null ? Optional.empty() : unexpected("base fee", fork);
    }
    if (header.baseFeePerGas() == null) {
      return missing("base fee", fork);
    }
    UInt256 expected = nextBaseFee(parent);
    if (!header.baseFeePerGas().equals(expected) && !network.isDevelopment()) {
      return broken(
          Rule.BASE_FEE,
          "base fee "
              + header.baseFeePerGas()
              + ", expected "
              + expected
              + " after a block with "
              + parent.baseFeePerGas()
              + " that used "
              + parent.gasUsed()
              + " of "
              + parent.gasLimit()
              + " gas");
    }
    return Optional.empty();
  }

  private static Optional<Violation> verifyLaterFields(Header header, Fork fork) {
    Optional<Violation> broken =
        verifyPresence(header.withdrawalsRoot(), "withdrawals root", Fork.SHANGHAI, fork);
    if (broken.isPresent()) return broken;
    broken = verifyPresence(header.blobGasUsed(), "blob gas used", Fork.CANCUN, fork);
    if (broken.isPresent()) return broken;
    broken = verifyPresence(header.excessBlobGas(), "excess blob gas", Fork.CANCUN, fork);
    if (broken.isPresent()) return broken;
    broken =
        verifyPresence(
            header.parentBeaconBlockRoot(), "parent beacon block root", Fork.CANCUN, fork);
    if (broken.isPresent()) return broken;
    broken = verifyPresence(header.requestsHash(), "requests hash", Fork.PRAGUE, fork);
    if (broken.isPresent()) return broken;
    if (header.blockAccessListHash() != null) return unexpected("block access list hash", fork);
    return header.slotNumber() == null ? broken : unexpected("slot number", fork);
  }

  private static Optional<Violation> verifyPresence(
      Object field, String name, Fork since, Fork fork) {
    boolean wanted = fork.atLeast(since);
    if (wanted && field == null) return missing(name, fork);
    if (!wanted && field != null) return unexpected(name, fork);
    return Optional.empty();
  }

  /// [EIP-4844]
  private Optional<Violation> verifyBlobGas(Header header, Header parent, Fork fork) {
    BlobParams params = forks.blobParams(fork);
    long used = header.blobGasUsed();
    if (Long.compareUnsigned(used, BlobGas.max(params)) > 0) {
      return broken(
          Rule.BLOB_GAS_USED,
          "blob gas used "
              + used
              + ", at most "
              + BlobGas.max(params)
              + " ("
              + params.max()
              + " blobs) allowed");
    }
    if (used % BlobGas.PER_BLOB != 0) {
      return broken(
          Rule.BLOB_GAS_USED,
          "blob gas used " + used + " is no multiple of a blob's " + BlobGas.PER_BLOB);
    }
    long expected = BlobGas.nextExcess(parent, fork, params);
    if (header.excessBlobGas() != expected) {
      return broken(
          Rule.EXCESS_BLOB_GAS,
          "excess blob gas "
              + header.excessBlobGas()
              + ", expected "
              + expected
              + " after a block with "
              + parent.excessBlobGas()
              + " that used "
              + parent.blobGasUsed()
              + " of a target of "
              + params.target()
              + " blobs");
    }
    return Optional.empty();
  }

  /// [EIP-3675] Difficulty is zero by the rule of transition.
  private static Optional<Violation> verifyProofOfStake(Header header) {
    if (header.nonce() != 0) {
      return broken(
          Rule.NONCE,
          "nonce "
              + Long.toUnsignedString(header.nonce())
              + " in a proof-of-stake block,"
              + " expected zero");
    }
    if (!header.ommersHash().equals(Header.NO_OMMERS)) {
      return broken(
          Rule.OMMERS_HASH,
          "ommers hash "
              + header.ommersHash()
              + " in a proof-of-stake block, expected that of"
              + " an empty list");
    }
    return Optional.empty();
  }

  private Optional<Violation> verifyProofOfWork(Header header, Header parent, Fork fork) {
    UInt256 expected = nextDifficulty(parent, header.timestamp(), fork);
    if (!header.difficulty().equals(expected)) {
      return broken(
          Rule.DIFFICULTY,
          "difficulty "
              + header.difficulty()
              + ", expected "
              + expected
              + " after "
              + parent.difficulty()
              + " and "
              + (header.timestamp() - parent.timestamp())
              + " seconds under "
              + fork);
    }
    return Optional.empty();
  }

  private static Optional<Violation> missing(String field, Fork fork) {
    return broken(Rule.FIELD_MISSING, field + " missing, which " + fork + " requires");
  }

  private static Optional<Violation> unexpected(String field, Fork fork) {
    return broken(Rule.FIELD_UNEXPECTED, field + " present, which " + fork + " does not have");
  }

  private static Optional<Violation> broken(Rule rule, String message) {
    return Optional.of(new Violation(rule, message));
  }
}
