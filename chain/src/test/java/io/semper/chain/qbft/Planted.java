package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Mistakes others made, each brought back by itself.
interface Planted extends Policy {
  Planted NOTHING = new Planted() {};

  /// By what two blocks of one height are told apart.
  default Hash32 identity(Header header) {
    return header.hash();
  }

  /// What a process makes of bytes that come in, `null` where nothing.
  default QbftMessage read(MessageCodec codec, byte[] encoded, Predicate<Address> welcome) {
    try {
      return codec.decode(encoded, welcome);
    } catch (MalformedInputException e) {
      return null;
    }
  }

  /// The validators of the block after one, where not all headers need be there.
  default List<Address> after(Validators validators, ChainView chain, Header parent) {
    return validators.after(parent);
  }

  /// The network as a process reads it from the genesis file.
  default Network network(Network right, int process) {
    return right;
  }

  /// Whether a vote log that is opened again is synced before anything of it is sent.
  default boolean syncsOnOpening() {
    return true;
  }

  /// Whether whoever takes over does so at once, without listening for the other process.
  default boolean forcesTakeOver() {
    return false;
  }

  private static Network with(Network network, UnaryOperator<Qbft.Transition> change) {
    return with(network, network.qbft().transitions().stream().map(change).toList());
  }

  private static Network with(Network n, List<Qbft.Transition> transitions) {
    Qbft qbft = n.qbft();
    return new Network(
        n.name(),
        n.chainId(),
        n.forks(),
        n.daoForkSupport(),
        n.depositContract(),
        n.fixedDifficulty(),
        n.zeroBaseFee(),
        n.contractSizeLimit(),
        new Qbft(qbft.initial(), transitions, qbft.freeGasLimit(), qbft.minimumGasPrice()),
        n.genesis(),
        n.allocation());
  }

  /// The mistakes.
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
        }),
    /// Who the validators are is counted from the genesis block on, whose headers need not be there
    /// (besu#7963).
    TALLY_FROM_GENESIS(
        new Planted() {
          @Override
          public List<Address> after(Validators validators, ChainView chain, Header parent) {
            Header at = parent;
            while (at.number() > 0) {
              at = chain.header(at.parentHash()).orElseThrow();
            }
            return validators.after(parent);
          }
        }),
    /// What a transition does not name is what it was by default, not what it was before
    /// (besu#2874).
    TRANSITION_RESETS_OTHERS(
        new Planted() {
          private final Qbft.Settings defaults =
              new Qbft.Settings(30_000, 1, 0, 1, 0, null, null, UInt256.ZERO);

          @Override
          public Network network(Network right, int process) {
            return with(
                right,
                t ->
                    new Qbft.Transition(
                        t.byTime(), t.at(), before -> t.changed().apply(defaults), t.validators()));
          }
        }),
    /// The number of a transition's block is held against the time: it is reached at once
    /// (besu#8387).
    BLOCK_TAKEN_FOR_TIME(
        new Planted() {
          @Override
          public Network network(Network right, int process) {
            return with(right, t -> new Qbft.Transition(true, t.at(), t.changed(), t.validators()));
          }
        }),
    /// Which of several settings holds depends on the order of a hash table, another in each
    /// process (besu#9516).
    TRANSITION_BY_CHANCE(
        new Planted() {
          @Override
          public Network network(Network right, int process) {
            List<Qbft.Transition> transitions = right.qbft().transitions();
            return with(right, process % 2 == 0 ? transitions : transitions.reversed());
          }
        }),
    /// A message that cannot be read ends the process (quorum#1491).
    ENDED_BY_ODD_MESSAGE(
        new Planted() {
          @Override
          public QbftMessage read(MessageCodec codec, byte[] encoded, Predicate<Address> welcome) {
            return codec.decode(encoded, welcome);
          }
        }),
    /// What a process has appended and not synced when it ends is sent by the next one, and gone
    /// when the power fails after that.
    LOG_NOT_SYNCED_ON_OPENING(
        new Planted() {
          @Override
          public boolean syncsOnOpening() {
            return false;
          }
        }),
    /// Who takes over does not ask whether the other process lives.
    TAKE_OVER_BY_FORCE(
        new Planted() {
          @Override
          public boolean forcesTakeOver() {
            return true;
          }
        });

    final Planted policy;

    Bug(Planted policy) {
      this.policy = policy;
    }
  }
}
