package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.ChainView;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Who may propose and seal the block after a header.
///
/// Depending on the network's settings for that block, headers list the validators and proposers
/// vote on changes, or a contract names them: asked in the state the header leaves. Safe for use by
/// several threads.
public final class Validators {
  /// Tallies kept: recent blocks and what reading near them needs.
  private static final int MAX_CACHED = 512;

  /// How far apart the tallies kept are while walking over an epoch.
  private static final int CHECKPOINT_BLOCKS = 1024;

  private final Network network;
  private final Qbft qbft;
  private final ChainView chain;
  private final Map<Hash32, Tally> tallies =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Tally> eldest) {
          return size() > MAX_CACHED;
        }
      };

  public Validators(Network network, ChainView chain) {
    this.network = network;
    this.qbft = network.qbft();
    this.chain = chain;
  }

  /// The validators of the block after `parent`, sorted.
  ///
  /// @throws io.semper.core.view.HistoryUnavailableException where a contract names them and the
  ///   state of `parent` is not kept
  /// @throws InvalidValidatorsException where the contract's answer is no set of validators
  public List<Address> after(Header parent) {
    long number = parent.number() + 1;
    Address contract = qbft.at(number, parent.timestamp()).validatorContract();
    if (contract != null) {
      return ValidatorContract.call(network, chain, parent, contract);
    }
    List<Address> replaced = qbft.replacedAt(number);
    if (replaced != null) {
      return replaced;
    }
    return leavesContract(number, parent)
        ? after(chain.header(parent.parentHash()).orElseThrow())
        : tally(parent).validators();
  }

  /// The votes that count after a header, by subject and voter.
  public Map<Address, Map<Address, Boolean>> votesAfter(Header header) {
    return inContract(header) ? Map.of() : tally(header).votes();
  }

  /// Whether votes and validators of a number begin anew.
  boolean isEpoch(long number, long parentTimestamp) {
    return number % qbft.at(number, parentTimestamp).epochLength() == 0;
  }

  private boolean leavesContract(long number, Header parent) {
    return number > 1
        && qbft.at(number, parent.timestamp()).validatorContract() == null
        && inContract(parent);
  }

  private boolean inContract(Header header) {
    return settings(header).validatorContract() != null;
  }

  private Qbft.Settings settings(Header header) {
    return qbft.at(header.number(), header.number() == 0 ? 0 : parentTime(header));
  }

  private long parentTime(Header header) {
    return chain.header(header.parentHash()).orElseThrow().timestamp();
  }

  /// The tally after a header whose own validators its extra data lists. Walks back to where one is
  /// known, then forward.
  private Tally tally(Header header) {
    Deque<Header> path = new ArrayDeque<>();
    Header at = header;
    Tally tally = cached(at);
    while (tally == null) {
      tally = start(at);
      if (tally == null) {
        path.push(at);
        at = chain.header(at.parentHash()).orElseThrow();
        tally = cached(at);
      }
    }
    keep(at, tally);
    for (Header next : path) {
      tally = counted(tally, next);
      if (next.number() % CHECKPOINT_BLOCKS == 0 || next.number() > header.number() - 8) {
        keep(next, tally);
      }
    }
    return tally;
  }

  /// The tally after a header that needs no other to know it, or `null`.
  private Tally start(Header header) {
    if (header.number() == 0) {
      return Tally.of(QbftExtraData.decode(header.extraData()).validators());
    }
    Header parent = chain.header(header.parentHash()).orElseThrow();
    Tally own = Tally.of(header.qbft().orElseThrow().validators());
    if (isEpoch(header.number(), parent.timestamp())) {
      return own;
    }
    boolean anew = qbft.replacedAt(header.number()) != null;
    return anew || leavesContract(header.number(), parent) ? counted(own, header) : null;
  }

  private static Tally counted(Tally before, Header header) {
    QbftExtraData.Vote vote = header.qbft().orElseThrow().vote();
    return vote == null ? before : before.with(header.beneficiary(), vote);
  }

  private Tally cached(Header header) {
    synchronized (tallies) {
      return tallies.get(header.hash());
    }
  }

  private void keep(Header header, Tally tally) {
    synchronized (tallies) {
      tallies.put(header.hash(), tally);
    }
  }

  /// What a contract or a genesis block names is no set of validators.
  public static final class InvalidValidatorsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidValidatorsException(String message) {
      super(message);
    }
  }

  static List<Address> sorted(List<Address> named) {
    return List.copyOf(new TreeSet<>(named));
  }
}
