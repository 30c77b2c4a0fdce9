package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.genesis.Qbft;
import java.util.Collection;

/// Mistakes others made, each brought back by itself.
interface Planted extends Policy {
  Planted NOTHING = new Planted() {};

  /// By what two blocks of one height are told apart.
  default Hash32 identity(Header header) {
    return header.hash();
  }

  /// The mistakes. Those that are none of the consensus have tests elsewhere: sets computed without
  /// all headers (besu#7963) in [RecordedChainTest], transitions that touch other settings
  /// (besu#8387, #2874, #9516) in `QbftConfigTest`, crashes on odd messages (quorum#1491) in
  /// [MessageCodecTest].
  enum Bug {
    /// Votes are in memory only: restarted validators vote again (Besu keeps its certificate so).
    VOTE_LOG_OFF(
        new Planted() {
          @Override
          public boolean keepsVotes() {
            return false;
          }
        }),
    /// 2f + 1 of six validators are three: two quorums share none (GoQuorum's `2FPlus1`).
    QUORUM_OF_2F_PLUS_1(
        new Planted() {
          @Override
          public int quorum(int validators) {
            return 2 * Quorum.faulty(validators) + 1;
          }

          @Override
          public int sealsNeeded(int validators) {
            return quorum(validators);
          }
        }),
    /// Each round takes twice as long as the one before, without end (besu#7642).
    UNCAPPED_TIMER(
        new Planted() {
          @Override
          public long timeoutMillis(Qbft.Settings settings, int round) {
            return settings.requestTimeoutSeconds() * 1000 << Math.min(round, 40);
          }

          @Override
          public boolean waitsForQuorum() {
            return false;
          }
        }),
    /// Round changes do not tell what was prepared.
    LOCK_FORGOTTEN(
        new Planted() {
          @Override
          public boolean tellsPrepared() {
            return false;
          }
        }),
    /// A prepared block is refused when another proposes it again (besu#7875, #6613, #6732, #3785).
    REPROPOSAL_REFUSED(
        new Planted() {
          @Override
          public boolean keepsFirstProposer() {
            return false;
          }
        }),
    /// Validators on different rounds never meet (besu#7642, quorum#1681).
    ROUNDS_SCATTERED(
        new Planted() {
          @Override
          public boolean joinsRoundsAhead() {
            return false;
          }
        }),
    /// What a restarted validator has missed it never hears (besu#8307, #10024, #7657, #6457).
    NOTHING_SENT_AGAIN(
        new Planted() {
          @Override
          public boolean sendsAgain() {
            return false;
          }
        }),
    /// After a round change transactions wait for the empty period (besu#10917, #11031, #11111).
    EMPTY_PERIOD_STARVES(
        new Planted() {
          @Override
          public boolean onlyFirstRoundWaits() {
            return false;
          }

          @Override
          public boolean workStartsTimer() {
            return false;
          }
        }),
    /// Blocks are made with the period before a transition and checked with the one after it
    /// (besu#9681).
    PERIOD_OF_BEFORE(
        new Planted() {
          @Override
          public Qbft.Settings settings(Qbft qbft, long number, long parentTimestamp) {
            return qbft.at(number, 0);
          }
        }),
    /// One prepare three times is a quorum (besu#8308, #2459, #1736).
    DOUBLED_PREPARES_COUNT(
        new Planted() {
          @Override
          public int distinct(Collection<Address> authors) {
            return authors.size();
          }
        }),
    /// Every round of a validator is kept (GHSA-23rh-rrqg-wq82).
    ROUNDS_WITHOUT_LIMIT(
        new Planted() {
          @Override
          public boolean oneSlotEach() {
            return false;
          }
        }),
    /// The hash of a block covers its round (lineth-monorepo#3247).
    ROUND_IN_HASH(
        new Planted() {
          @Override
          public Hash32 identity(Header header) {
            return header.sealHash();
          }
        }),
    /// Seals of different rounds in one header (celo#1782).
    ROUNDS_MIXED(
        new Planted() {
          @Override
          public Object commitKey(int round, Hash32 digest, Hash32 blockHash) {
            return blockHash;
          }
        }),
    /// A third of the seals suffices for import (quorum#1324).
    FEW_SEALS(
        new Planted() {
          @Override
          public int sealsNeeded(int validators) {
            return Quorum.faulty(validators) + 1;
          }
        });

    final Planted policy;

    Bug(Planted policy) {
      this.policy = policy;
    }
  }
}
