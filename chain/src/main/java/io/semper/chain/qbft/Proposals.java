package io.semper.chain.qbft;

import io.semper.chain.block.Violation;
import io.semper.chain.qbft.QbftMessage.Certificate;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What proposals and round changes of one height must be. Reads only.
///
/// @param validators sorted
record Proposals(Network network, Policy policy, Header parent, List<Address> validators) {
  long height() {
    return parent.number() + 1;
  }

  boolean isValidator(Address address) {
    return Collections.binarySearch(validators, address) >= 0;
  }

  int quorum() {
    return policy.quorum(validators.size());
  }

  /// The block with another round in its header, without seals.
  static Block withRound(Block block, int round) {
    QbftExtraData extra = block.header().qbft().orElseThrow();
    return withExtra(block, extra.unsealed(round));
  }

  static Block withExtra(Block block, QbftExtraData extra) {
    Header header = block.header().toBuilder().extraData(extra.encode()).build();
    return new Block(header, block.transactions(), block.ommers(), block.withdrawals());
  }

  /// Why a proposal is none; what only execution shows is not looked at.
  Optional<String> verify(Proposal proposal) {
    Address proposer = Quorum.proposer(validators, parent.beneficiary(), proposal.round());
    if (!proposal.author().equals(proposer)) {
      return Optional.of("not its turn in round " + proposal.round());
    }
    Optional<String> wrong = verifyBlock(proposal.block(), proposal.round());
    if (wrong.isPresent()) {
      return wrong;
    }
    return proposal.round() == 0 ? verifyFresh(proposal) : verifyJustification(proposal);
  }

  private Optional<String> verifyBlock(Block block, int round) {
    Header header = block.header();
    if (header.number() != height() || !header.parentHash().equals(parent.hash())) {
      return Optional.of("a block on top of another one");
    }
    Optional<Violation> broken = QbftSeal.verifyUnsealed(header, parent, network);
    if (broken.isEmpty()) {
      broken = QbftSeal.verifyValidators(header, parent, validators, network);
    }
    if (broken.isPresent()) {
      return broken.map(Violation::toString);
    }
    QbftExtraData extra = header.qbft().orElseThrow();
    // Otherwise what is prepared could not be told from its header later, and would be forgotten.
    if (extra.round() != round) {
      return Optional.of("header of round " + extra.round() + " in round " + round);
    }
    return extra.seals().isEmpty() && extra.vanity().length == QbftExtraData.VANITY_BYTES
        ? Optional.empty()
        : Optional.of("seals or vanity no proposal has");
  }

  private static Optional<String> verifyFresh(Proposal proposal) {
    return proposal.block().header().beneficiary().equals(proposal.author())
        ? Optional.empty()
        : Optional.of("a new block of another proposer");
  }

  private Optional<String> verifyJustification(Proposal proposal) {
    List<Address> authors = new ArrayList<>();
    RoundChange highest = null;
    for (RoundChange change : proposal.roundChanges()) {
      if (change.height() != height()
          || change.round() != proposal.round()
          || change.preparedRound() >= change.round()
          || !isValidator(change.author())) {
        return Optional.of("a round change of another round, or of no validator");
      }
      authors.add(change.author());
      if (change.preparedDigest() != null
          && (highest == null || change.preparedRound() > highest.preparedRound())) {
        highest = change;
      }
    }
    if (policy.distinct(authors) < quorum()) {
      return Optional.of("round changes of fewer than a quorum");
    }
    if (highest == null) {
      return verifyFresh(proposal);
    }
    if (!policy.keepsFirstProposer() && verifyFresh(proposal).isPresent()) {
      return verifyFresh(proposal);
    }
    int preparedRound = highest.preparedRound();
    Hash32 digest = withRound(proposal.block(), preparedRound).header().sealHash();
    if (!digest.equals(highest.preparedDigest())) {
      return Optional.of("another block than was prepared in round " + preparedRound);
    }
    return prepared(preparedRound, digest, proposal.prepares())
        ? Optional.empty()
        : Optional.of("no quorum prepared it in round " + preparedRound);
  }

  /// Whether the prepares show that a quorum prepared a digest in a round. Doubled ones count once.
  boolean prepared(int round, Hash32 digest, List<Prepare> prepares) {
    List<Address> authors = new ArrayList<>();
    for (Prepare prepare : prepares) {
      if (prepare.height() != height()
          || prepare.round() != round
          || !prepare.digest().equals(digest)
          || !isValidator(prepare.author())) {
        return false;
      }
      authors.add(prepare.author());
    }
    return policy.distinct(authors) >= quorum();
  }

  /// Whether a round change proves what it says was prepared.
  boolean isProven(RoundChange change) {
    if (change.preparedDigest() == null) {
      return change.block() == null && change.prepares().isEmpty();
    }
    return change.preparedRound() < change.round()
        && change.block() != null
        && verifyBlock(change.block(), change.preparedRound()).isEmpty()
        && change.block().header().sealHash().equals(change.preparedDigest())
        && prepared(change.preparedRound(), change.preparedDigest(), change.prepares());
  }

  static Certificate certificate(RoundChange change) {
    return change.preparedDigest() == null
        ? null
        : new Certificate(
            change.preparedRound(), change.preparedDigest(), change.block(), change.prepares());
  }
}
