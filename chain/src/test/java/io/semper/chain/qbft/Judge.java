package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What must never happen in a simulation, whatever it does to the network.
final class Judge {
  private final Simulation world;
  private final Map<Long, Hash32> finalised = new HashMap<>();
  private final Map<String, Hash32> signed = new HashMap<>();
  private final Map<String, RoundChange> left = new HashMap<>();
  private String violation;
  private int mostHeld;
  private long trace;

  Judge(Simulation world) {
    this.world = world;
  }

  /// What went wrong first, `null` if nothing.
  String violation() {
    return violation;
  }

  int mostHeld() {
    return mostHeld;
  }

  long trace() {
    return trace;
  }

  void violated(String what) {
    if (violation == null) {
      violation = what + " (at " + world.now + " ms)";
    }
  }

  /// A validator has imported a block.
  void finalised(Node node, Header header) {
    world.headers.add(header);
    if (node.isByzantine()) {
      return;
    }
    trace = (trace ^ (header.number() * 31 + node.index) ^ world.now) * 0x9E3779B97F4A7C15L;
    boolean honest = !world.node(header.beneficiary()).isByzantine();
    if (header.stateRoot().nibble(31) == Adversary.MADE_UP && honest) {
      violated("a block of height " + header.number() + " that its proposer did not make");
    }
    Hash32 hash = world.policy.identity(header);
    Hash32 before = finalised.putIfAbsent(header.number(), hash);
    if (before == null) {
      isAsWritten(header, honest);
    } else if (!before.equals(hash)) {
      violated("two blocks of height " + header.number() + ": " + before + " and " + hash);
    }
  }

  /// Holds a block against what the genesis file says, read by [Timeline].
  private void isAsWritten(Header header, boolean honest) {
    Timeline timeline = world.timeline;
    Header parent = world.headers.header(header.parentHash()).orElseThrow();
    long number = header.number();
    long seconds = header.timestamp() - parent.timestamp();
    String block = "block " + number + ", " + seconds + " s after its parent, ";
    long period = timeline.period(number, parent.timestamp());
    if (seconds < period) {
      violated(block + "is early: the period is " + period + " s");
    }
    QbftExtraData extra = header.qbft().orElseThrow();
    // Those that find a block good do not ask whether it could have waited, and a second is
    // rounded.
    boolean early = seconds < Math.max(period, timeline.emptySeconds()) - 1;
    if (honest && early && extra.round() == 0 && header.gasUsed() == 0) {
      violated(block + "is empty: there should be none for " + timeline.emptySeconds() + " s");
    }
    boolean contract = timeline.inContract(number, parent.timestamp());
    List<Address> replaced = timeline.replaced(number);
    List<Address> set =
        contract
            ? timeline.named(number - 1)
            : replaced == null ? world.validators.after(parent) : replaced;
    if (!extra.validators().equals(contract ? List.of() : set)) {
      violated(block + "lists " + extra.validators() + (contract ? " and not a contract" : ""));
    }
    if (!set.contains(header.beneficiary())) {
      violated(block + "is of " + header.beneficiary() + ", who is none of " + set);
    }
  }

  /// Whether a validator may contradict itself: it has lost its log; or it is two processes, of
  /// which neither hears the other.
  private boolean isExcused(Node node) {
    return node.isWiped() || world.isPair(node) && !world.schedule.gentle();
  }

  /// An honest validator sends a message for others to see.
  void signed(Node node, QbftMessage message) {
    if (isExcused(node)) {
      return;
    }
    String kind = node.validator + " " + message.height() + " " + message.code();
    Hash32 before = signed.putIfAbsent(kind + " " + message.round(), message.digest());
    if (before != null && !before.equals(message.digest())) {
      violated("double sign: " + kind + " round " + message.round());
    }
    String height = node.validator + " " + message.height();
    if (message instanceof RoundChange change) {
      left.merge(height, change, (old, now) -> now.round() > old.round() ? now : old);
    } else if (before == null && !mayFollow(message, left.get(height))) {
      violated("signed for round " + message.round() + " which it had left: " + kind);
    }
  }

  /// Whether a message may be sent for the first time after a round change, `null` for none: of its
  /// round or a later one, or a commit from the log of an earlier life of which that has told.
  private static boolean mayFollow(QbftMessage message, RoundChange change) {
    if (change == null || message.round() >= change.round()) {
      return true;
    }
    return message instanceof QbftMessage.Commit
        && (change.preparedRound() > message.round()
            || change.preparedRound() == message.round()
                && change.digest().equals(message.digest()));
  }

  /// A validator finds that another misbehaves.
  void reported(Node by, Action.Report report) {
    Node of = world.node(report.validator());
    boolean expected =
        switch (report.kind()) {
          case FOREIGN_SIGNATURE -> world.isPair(of);
          case EQUIVOCATION -> isExcused(of);
          case INVALID_PROPOSAL -> false;
        };
    if (!expected && !by.isByzantine() && !of.isByzantine()) {
      violated(of.index + " " + report.kind() + " for " + by.index + ": " + report.message());
    }
  }

  void held(int messages) {
    mostHeld = Math.max(mostHeld, messages);
    if (messages > 4 * world.schedule.validators()) {
      violated(messages + " messages held");
    }
  }
}
