package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.QbftSeals;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Believes a QBFT header that two thirds of its own validators sealed, among them at least one
/// honest validator of a block trusted before.
///
/// A header does not name the validators of the next block. But an honest validator seals only what
/// it has validated, its block's set of validators included: so one honest seal makes the set true,
/// and a quorum of a true set makes the block final. Of a trusted set of n, at most `f = (n-1)/3`
/// are faulty during the trusting period, wherefore `f + 1` of them must have sealed. In a set of
/// up to three nobody may be faulty; there two thirds are asked for.
///
/// Two thirds of the header's own set are `ceil(2n/3)`, not `2f + 1`, of which two disjoint ones
/// can exist, nor GoQuorum's `f + 1`.
public final class QbftVerifier implements HeaderVerifier<TrustedHeader, QbftClaim> {
  /// Two weeks: how long those who were validators once are expected to guard their keys.
  public static final long TRUSTING_SECONDS = 14 * 24 * 3600;

  /// By how much a validator's clock may be ahead of ours.
  public static final long CLOCK_DRIFT_SECONDS = 10;

  private static final int SMALL_SET = 3;

  private final Network network;
  private final long trustingSeconds;
  private final long leastPeriodSeconds;

  public QbftVerifier(Network network) {
    this(network, TRUSTING_SECONDS);
  }

  /// @param trustingSeconds for how long after its time a block's validators are trusted not to
  ///   have lost their keys
  public QbftVerifier(Network network, long trustingSeconds) {
    if (network.qbft() == null) {
      throw new IllegalArgumentException("network " + network.name() + " is not one of QBFT");
    }
    this.network = network;
    this.trustingSeconds = trustingSeconds;
    leastPeriodSeconds = leastPeriod(network.qbft());
  }

  private static long leastPeriod(Qbft qbft) {
    Qbft.Settings settings = qbft.initial();
    long least = settings.blockPeriodSeconds();
    for (Qbft.Transition transition : qbft.transitions()) {
      settings = transition.changed().apply(settings);
      least = Math.min(least, settings.blockPeriodSeconds());
    }
    return least;
  }

  /// The genesis block as a first trusted point; empty where a contract names the validators, who
  /// must be proven first.
  public static Optional<TrustedHeader> genesis(Network network) {
    Header genesis = network.genesis();
    try {
      List<Address> validators = QbftExtraData.decode(genesis.extraData()).validators();
      return validators.isEmpty()
          ? Optional.empty()
          : Optional.of(TrustedHeader.of(genesis, validators));
    } catch (MalformedInputException none) {
      throw new IllegalArgumentException("genesis block of no QBFT network", none);
    }
  }

  /// A header whose hash the user trusts, as a first trusted point. Seals are not part of a hash
  /// and are not looked at.
  ///
  /// @param contractValidators as for [QbftClaim]
  public Verdict<TrustedHeader> checkpoint(
      Header header, List<Address> contractValidators, long nowSeconds) {
    if (header.number() == 0) {
      List<Address> set = genesis(network).map(TrustedHeader::validators).orElse(null);
      set = set == null ? contractValidators : set;
      return set == null || !header.hash().equals(network.genesisHash())
          ? new Verdict.Refused<>("not the genesis block of network " + network.name())
          : accepted(header, set, nowSeconds);
    }
    Optional<String> problem = problemOf(header, nowSeconds);
    if (problem.isPresent()) {
      return new Verdict.Refused<>(problem.get());
    }
    List<Address> set = signers(header, contractValidators);
    problem = problemOf(header, set);
    return problem.isPresent()
        ? new Verdict.Refused<>(problem.get())
        : accepted(header, set, nowSeconds);
  }

  private Verdict<TrustedHeader> accepted(Header header, List<Address> set, long nowSeconds) {
    TrustedHeader next = TrustedHeader.of(header, set);
    return expired(next, nowSeconds)
        ? new Verdict.Expired<>(expiry(next))
        : new Verdict.Accepted<>(next);
  }

  @Override
  public Verdict<TrustedHeader> verify(TrustedHeader trusted, QbftClaim claim, long nowSeconds) {
    if (expired(trusted, nowSeconds)) {
      return new Verdict.Expired<>(expiry(trusted));
    }
    Header header = claim.header();
    List<Address> set = signers(header, claim.contractValidators());
    Optional<String> problem =
        problemOf(header, nowSeconds)
            .or(() -> problemAfter(trusted, header))
            .or(() -> problemOf(header, set))
            .or(() -> problemOfStep(trusted, header, set));
    if (problem.isPresent()) {
      return new Verdict.Refused<>(problem.get());
    }
    List<Address> committers = new ArrayList<>();
    problem =
        QbftSeals.problem(
            header, set, QbftSeals.quorum(set.size()), Secp256k1::recover, committers);
    if (problem.isPresent()) {
      return new Verdict.Refused<>(problem.get());
    }
    if (known(trusted, header)) {
      return new Verdict.Accepted<>(TrustedHeader.of(header, set));
    }
    committers.retainAll(new HashSet<>(trusted.validators()));
    boolean next = header.number() == trusted.number() + 1;
    int needed = trustNeeded(trusted.validators().size(), next);
    if (committers.size() < needed) {
      return new Verdict.Unconnected<>(
          "block %d is sealed by %d of the validators of block %d, %d needed"
              .formatted(header.number(), committers.size(), trusted.number(), needed));
    }
    return new Verdict.Accepted<>(TrustedHeader.of(header, set));
  }

  /// Of a small set all but none may have been replaced in between, but by one vote in one block.
  private static int trustNeeded(int trusted, boolean next) {
    return trusted <= SMALL_SET && !next
        ? QbftSeals.quorum(trusted)
        : QbftSeals.faulty(trusted) + 1;
  }

  boolean expired(TrustedHeader trusted, long nowSeconds) {
    return nowSeconds - trusted.timestamp() >= trustingSeconds;
  }

  private String expiry(TrustedHeader trusted) {
    return "block %d of time %d is beyond the trusting period of %d seconds"
        .formatted(trusted.number(), trusted.timestamp(), trustingSeconds);
  }

  /// Who must have sealed: as the header names them, or the contract.
  private static List<Address> signers(Header header, List<Address> contractValidators) {
    List<Address> named = header.qbft().map(QbftExtraData::validators).orElse(List.of());
    return named.isEmpty() && contractValidators != null ? contractValidators : named;
  }

  /// Nothing is asked that a full node of any make does not ask: nonce, vanity and what stands
  /// behind the extra data's items are free.
  private static Optional<String> problemOf(Header header, long nowSeconds) {
    if (header.qbft().isEmpty()) {
      return Optional.of("block " + header.number() + " is not of QBFT");
    }
    if (!header.difficulty().equals(UInt256.ONE)) {
      return Optional.of("difficulty " + header.difficulty() + ", expected 1");
    }
    if (!header.ommersHash().equals(Header.NO_OMMERS)) {
      return Optional.of("ommers in a QBFT block");
    }
    if (header.timestamp() < 0 || header.timestamp() > nowSeconds + CLOCK_DRIFT_SECONDS) {
      return Optional.of(
          "block " + header.number() + " is of time " + header.timestamp() + ", ahead of now");
    }
    return Optional.empty();
  }

  private static Optional<String> problemOf(Header header, List<Address> set) {
    if (set.isEmpty()) {
      return Optional.of("block " + header.number() + " has no validators");
    }
    Set<Address> different = new HashSet<>(set);
    List<Address> sorted = set.stream().sorted().toList();
    if (different.size() != set.size() || !sorted.equals(set)) {
      return Optional.of("validators are not sorted or not unique");
    }
    if (set.size() > QbftExtraData.MAX_VALIDATORS) {
      return Optional.of("more than " + QbftExtraData.MAX_VALIDATORS + " validators");
    }
    return Collections.binarySearch(set, header.beneficiary()) < 0
        ? Optional.of("proposer " + header.beneficiary() + " is no validator")
        : Optional.empty();
  }

  private Optional<String> problemAfter(TrustedHeader trusted, Header header) {
    long blocks = header.number() - trusted.number();
    if (blocks <= 0) {
      return Optional.of("block " + header.number() + " is not above " + trusted.number());
    }
    if (header.timestamp() <= trusted.timestamp()) {
      return Optional.of("block " + header.number() + " is not later than " + trusted.number());
    }
    long seconds = header.timestamp() - trusted.timestamp();
    if (leastPeriodSeconds > 0 && seconds / leastPeriodSeconds < blocks) {
      return Optional.of(
          blocks + " blocks in " + seconds + " seconds, one takes " + leastPeriodSeconds);
    }
    if (blocks > 1) {
      return Optional.empty();
    }
    if (!header.parentHash().equals(trusted.hash())) {
      return Optional.of("parent " + header.parentHash() + ", expected " + trusted.hash());
    }
    return Optional.empty();
  }

  /// Of two blocks that follow each other the sets differ by one validator at most, unless the
  /// network's file replaces them or a contract decides.
  private Optional<String> problemOfStep(TrustedHeader trusted, Header header, List<Address> set) {
    long number = header.number();
    if (number != trusted.number() + 1) {
      return Optional.empty();
    }
    if (contractAt(number, trusted) != null) {
      return header.qbft().map(QbftExtraData::validators).filter(List::isEmpty).isPresent()
          ? Optional.empty()
          : Optional.of("validators in block " + number + ", where a contract names them");
    }
    List<Address> replaced = network.qbft().replacedAt(number);
    if (replaced != null) {
      return replaced.stream().sorted().toList().equals(set)
          ? Optional.empty()
          : Optional.of("validators of block " + number + " are not those the network names");
    }
    boolean left = contractAt(trusted.number(), trusted) != null;
    Set<Address> come = new HashSet<>(set);
    come.removeAll(new HashSet<>(trusted.validators()));
    Set<Address> gone = new HashSet<>(trusted.validators());
    gone.removeAll(new HashSet<>(set));
    return left || come.size() + gone.size() <= 1
        ? Optional.empty()
        : Optional.of("more than one change of validators at block " + number);
  }

  private Address contractAt(long number, TrustedHeader parent) {
    return network.qbft().at(number, parent.timestamp()).validatorContract();
  }

  /// Whether the set of the very next block is known without its seals: proven from the trusted
  /// block's state where a contract names it, or else named by the network's file.
  private boolean known(TrustedHeader trusted, Header header) {
    if (header.number() != trusted.number() + 1) {
      return false;
    }
    return contractAt(header.number(), trusted) != null
        || network.qbft().replacedAt(header.number()) != null;
  }
}
