package io.semper.chain.qbft;

import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.QbftSeals;
import io.semper.core.view.ChainView;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What QBFT asks of a header: its constants, its validators, and seals of a quorum of them.
///
/// Two thirds of the validators, rounded up, must have sealed. GoQuorum imports headers with a
/// third of the seals; such are refused here, since two different blocks may have them.
public final class QbftSeal implements SealRule {
  private final Network network;
  private final Validators validators;
  private final Recovery recovery;
  private final Policy policy;

  /// For [SealRule#over].
  public QbftSeal(Network network) {
    this(network, null, Secp256k1::recover, Policy.RIGHT);
  }

  QbftSeal(Network network, Validators validators, Recovery recovery, Policy policy) {
    this.network = network;
    this.validators = validators;
    this.recovery = recovery;
    this.policy = policy;
  }

  @Override
  public SealRule over(ChainView chain) {
    return new QbftSeal(network, new Validators(network, chain), recovery, policy);
  }

  @Override
  public Optional<Violation> verify(Header header, Header parent) {
    Optional<Violation> broken = verifyUnsealed(header, parent, network);
    if (broken.isPresent()) return broken;
    List<Address> set;
    try {
      set = validators.after(parent);
    } catch (Validators.InvalidValidatorsException e) {
      return broken(Rule.EXTRA_DATA, e.getMessage());
    }
    broken = verifyValidators(header, parent, set, network);
    return broken.isPresent() ? broken : verifySeals(header, set);
  }

  /// The rules that need neither validators nor seals.
  static Optional<Violation> verifyUnsealed(Header header, Header parent, Network network) {
    if (header.qbft().isEmpty()) {
      return broken(
          Rule.EXTRA_DATA,
          header.mixHash().equals(QbftExtraData.MIX_HASH)
              ? "extra data is not of QBFT"
              : "mix hash " + header.mixHash() + ", expected " + QbftExtraData.MIX_HASH);
    }
    if (!header.difficulty().equals(UInt256.ONE)) {
      return broken(Rule.DIFFICULTY, "difficulty " + header.difficulty() + ", expected 1");
    }
    if (!header.ommersHash().equals(Header.NO_OMMERS)) {
      return broken(Rule.OMMERS_HASH, "ommers hash " + header.ommersHash() + " of a QBFT block");
    }
    long period = network.qbft().at(header.number(), parent.timestamp()).blockPeriodSeconds();
    if (Long.compareUnsigned(header.timestamp() - parent.timestamp(), period) < 0) {
      return broken(
          Rule.TIMESTAMP,
          "timestamp "
              + Long.toUnsignedString(header.timestamp())
              + " is not "
              + period
              + " seconds above the parent's "
              + Long.toUnsignedString(parent.timestamp()));
    }
    return Optional.empty();
  }

  /// Whether the header names the validators it must, and one of them proposed it.
  ///
  /// @param set the validators of the block, sorted
  static Optional<Violation> verifyValidators(
      Header header, Header parent, List<Address> set, Network network) {
    QbftExtraData extra = header.qbft().orElseThrow();
    boolean contract =
        network.qbft().at(header.number(), parent.timestamp()).validatorContract() != null;
    List<Address> expected = contract ? List.of() : set;
    if (!extra.validators().equals(expected)) {
      return broken(Rule.EXTRA_DATA, "validators " + extra.validators() + ", expected " + expected);
    }
    if (contract && extra.vote() != null) {
      return broken(Rule.EXTRA_DATA, "a vote, where a contract names the validators");
    }
    if (Collections.binarySearch(set, header.beneficiary()) < 0) {
      return broken(Rule.SEAL, "proposer " + header.beneficiary() + " is no validator");
    }
    return Optional.empty();
  }

  private Optional<Violation> verifySeals(Header header, List<Address> set) {
    int quorum = policy.sealsNeeded(set.size());
    return QbftSeals.problem(header, set, quorum, recovery::recover, new ArrayList<>())
        .map(problem -> new Violation(Rule.SEAL, problem));
  }

  /// Who sealed a header of this network, in the order of the seals.
  public static List<Address> committers(Header header) {
    Hash32 sealHash = header.sealHash();
    return header.qbft().map(QbftExtraData::seals).orElse(List.of()).stream()
        .map(seal -> Secp256k1.recover(sealHash, seal))
        .toList();
  }

  private static Optional<Violation> broken(Rule rule, String message) {
    return Optional.of(new Violation(rule, message));
  }
}
