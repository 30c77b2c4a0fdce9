package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.genesis.Qbft;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/// Decisions of the consensus on which its safety and liveness stand, each in one place.
///
/// The defaults are right. Tests bring back mistakes that other implementations made, one at a
/// time, to show that the simulator notices.
interface Policy {
  Policy RIGHT = new Policy() {};

  default int quorum(int validators) {
    return Quorum.size(validators);
  }

  /// How many seals make a block final.
  default int sealsNeeded(int validators) {
    return Quorum.size(validators);
  }

  /// What holds for the block with a number on top of a parent with a time.
  default Qbft.Settings settings(Qbft qbft, long number, long parentTimestamp) {
    return qbft.at(number, parentTimestamp);
  }

  /// How many different authors there are among them.
  default int distinct(Collection<Address> authors) {
    return new HashSet<>(authors).size();
  }

  /// Whether a message waits until it would survive a power failure, and is found again after one.
  default boolean keepsVotes() {
    return true;
  }

  /// Whether a round change tells what was prepared.
  default boolean tellsPrepared() {
    return true;
  }

  /// Whether a block proposed again keeps the proposer who first made it.
  default boolean keepsFirstProposer() {
    return true;
  }

  default long timeoutMillis(Qbft.Settings settings, int round) {
    return settings.timeoutMillis(round);
  }

  /// Whether a round's time runs only while a quorum is known to have come as far.
  default boolean waitsForQuorum() {
    return true;
  }

  /// Whether validators ahead take one along: f + 1 at once, fewer where a round needs them.
  default boolean joinsRoundsAhead() {
    return true;
  }

  default boolean sendsAgain() {
    return true;
  }

  /// Whether only the blocks of round 0 wait for the period of empty blocks.
  default boolean onlyFirstRoundWaits() {
    return true;
  }

  /// Whether what waits for a block starts the round's time at all validators.
  default boolean workStartsTimer() {
    return true;
  }

  /// What is the same for a proposal in whatever round it is made.
  default Object commitKey(int round, Hash32 digest, Hash32 blockHash) {
    return List.of(round, digest);
  }

  /// Highest round whose messages are looked at.
  default int maxRound() {
    return Consensus.MAX_ROUND;
  }

  /// Whether a validator has one place for each kind of message.
  default boolean oneSlotEach() {
    return true;
  }
}
