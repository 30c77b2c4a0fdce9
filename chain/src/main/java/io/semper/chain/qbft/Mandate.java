package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Whether this process may sign with its key: one key signs in one process, and nothing that
/// contradicts what it has signed before.
///
/// Three things keep it from signing: that it stands by for another process with the key, that it
/// does not know what the key has signed, or that it was away for so long that another may have
/// taken over. Times are monotonic milliseconds. Used by the thread of its [Consensus].
final class Mandate {
  /// How long to listen before it is clear at which height the network is.
  private static final long LEARNING_MILLIS = 3 * Consensus.RESEND_MILLIS;

  /// How long one that was away listens where too few are heard to tell: if all of them listen,
  /// somebody has to begin.
  private static final long LONELY_MILLIS = 30_000;

  /// From where one signs that began with a network's genesis block and without a log.
  private static final long FROM_GENESIS = 1;

  private final Address self;
  private final Presence presence;
  private final Consumer<VoteRecord.Role> persist;
  private final Consumer<String> foreignSignature;

  private Proposals rules;
  private long begunAt;

  /// The last height the key has signed at, as far as is known.
  private long highestVote;

  /// At which height it was last sure to be the one that signs: it had signed there before this
  /// start, committed, listened in vain, become a validator, or was told by force. To vote alone
  /// does not count: who is behind votes where nobody else is any more.
  private long sureAt;

  private boolean standby;
  private long signFrom;

  /// Where and when the other process with this key was last known to sign.
  private long foreignHeight;

  private long foreignAt;
  private long takeOverMillis;
  private long learnsSince = -1;

  /// Whether it is to sign in another's place once it knows from where on.
  private boolean takesOver;

  /// At which height it took over: who signs with the key there or later is alive.
  private long tookOverAt = Long.MAX_VALUE;

  private long listensSince = -1;

  /// Who has been heard while it listens for who signs with its key.
  private final Set<Address> heardListening = new HashSet<>();

  /// @param persist makes a change of role durable
  /// @param foreignSignature is told when another process turns out to sign with this key
  Mandate(
      Address self,
      Presence presence,
      Consumer<VoteRecord.Role> persist,
      Consumer<String> foreignSignature) {
    this.self = self;
    this.presence = presence;
    this.persist = persist;
    this.foreignSignature = foreignSignature;
  }

  /// Takes up the role of an earlier run.
  void recall(VoteRecord.Role role) {
    standby = role.standby();
    signFrom = role.signFrom();
  }

  /// Something is signed at this height, or was in an earlier run.
  void voted(long height) {
    if (rules == null || wasAway()) {
      sureAt = Math.max(sureAt, height);
    }
    highestVote = Math.max(highestVote, height);
    stopListening();
  }

  long highestVote() {
    return highestVote;
  }

  /// A new height is to be decided.
  ///
  /// @param committed whether this process committed to the block before
  void begin(Proposals next, boolean committed, long now) {
    boolean outside = rules != null && !rules.isValidator(self);
    rules = next;
    begunAt = now;
    if (committed) {
      sureAt = rules.parent().number();
    }
    if (outside && rules.isValidator(self)) {
      sureAt = rules.height();
    }
    if (!wasAway()) {
      stopListening();
    }
    long head = rules.parent().number();
    if (standby && foreignHeight == 0) {
      foreignHeight = head; // nothing is known of the time before this start
    }
    // Blocks that are fetched say nothing of whether the network does without it now.
    if (standby && (rules.parent().beneficiary().equals(self) || isPassed(now))) {
      foreignHeight = Math.max(foreignHeight, head);
      foreignAt = now;
    }
    if (signFrom == FROM_GENESIS && head > 0 && !committed) {
      forget(); // the network has gone on without it: perhaps it had begun, and this one with it
    }
  }

  boolean isStandby() {
    return standby;
  }

  boolean maySign(long now) {
    return !standby
        && rules.height() >= signFrom
        && rules.height() >= highestVote
        && rules.isValidator(self)
        && !isPassed(now)
        && !isListening(now);
  }

  /// Whether f + 1 others are at a later height: one of them has the block of this one, which is
  /// final, and needs no vote. Those that are gone do not count: who is there decides it again, as
  /// it was.
  private boolean isPassed(long now) {
    return presence.above(rules.height(), now) > Quorum.faulty(rules.validators().size());
  }

  private boolean isForgetful() {
    return signFrom == VoteRecord.Role.UNKNOWN;
  }

  private void forget() {
    signFrom = VoteRecord.Role.UNKNOWN;
    learnsSince = -1;
    presence.forgetHeights();
    record();
  }

  /// It is known from where on the key may sign.
  private void maySignFrom(long height) {
    signFrom = height;
    tookOverAt = takesOver ? rules.height() : Long.MAX_VALUE;
    takesOver = false;
    record();
  }

  private void record() {
    persist.accept(new VoteRecord.Role(standby, signFrom));
  }

  // ---- Another process with the key

  /// Whether a message with our signature was made by another process.
  ///
  /// @param own the newest of its kind that this process has signed at this height, or `null`
  boolean isForeign(QbftMessage message, QbftMessage own, long now) {
    if (message.height() < rules.height()) {
      // Who listens may hear the last of a height that has just ended.
      return message.height() == rules.height() - 1
          && message.height() > highestVote
          && isListening(now);
    }
    if (message.height() > rules.height()) {
      return message.height() > highestVote; // else of before a restart with an older chain
    }
    return own == null
        || message.round() > own.round()
        || message.round() == own.round() && !message.digest().equals(own.digest());
  }

  /// Another process has signed at a height.
  void foreign(long height, long now) {
    foreignHeight = Math.max(foreignHeight, height);
    foreignAt = now;
    boolean lives = takesOver || height >= tookOverAt;
    if (isForgetful() && !lives) {
      return;
    }
    long from = height + 1;
    if (takesOver) {
      signFrom = from;
    }
    boolean expected = !lives && (standby || rules.height() < signFrom);
    if (!expected) {
      standby = true;
      takesOver = false;
      tookOverAt = Long.MAX_VALUE;
      foreignSignature.accept(
          "another process signs with this validator's key at height "
              + height
              + "; this one has stopped to");
    }
    if (!expected || from > signFrom) {
      signFrom = Math.max(signFrom, from);
      record();
    }
  }

  void standBy(long silenceMillis, long now) {
    takeOverMillis = silenceMillis;
    foreignAt = now;
    if (!standby) {
      standby = true;
      record();
    }
  }

  /// With force at once; otherwise once it is known what the key may have signed, and unless it is
  /// heard to sign meanwhile.
  void takeOver(boolean force) {
    if (rules == null) {
      return;
    }
    if (force) {
      standby = false;
      sureAt = rules.height();
      maySignFrom(rules.height());
    } else if (standby) {
      standby = false;
      takesOver = true;
      forget();
    }
  }

  /// Time has passed, or something was heard.
  void advance(long now) {
    if (isAbandoned(now)) {
      takeOver(false);
    }
    if (isForgetful()) {
      learn(now);
    }
  }

  /// Whether the process that signs has been silent, and the network has meanwhile gone so far
  /// without it that it would listen before it signs again ([#isListening]).
  private boolean isAbandoned(long now) {
    return standby
        && takeOverMillis > 0
        && now - foreignAt >= takeOverMillis
        && rules.height() - foreignHeight > 2L * rules.validators().size()
        && rules.isValidator(self);
  }

  // ---- What the key may have signed

  /// A validator signs at the height after its head only, and what it builds on a quorum has
  /// committed. Where a quorum has been heard for a while, the height that f + 1 of it have reached
  /// is therefore no more than one below the last at which this key can have signed; what came in
  /// late may be another below. Losing the log counts as a fault all the same.
  ///
  /// Where nobody is heard above the genesis block, the network is about to begin, without a log of
  /// anybody's.
  private void learn(long now) {
    if (learnsSince < 0) {
      learnsSince = now;
    }
    if (now - learnsSince < LEARNING_MILLIS) {
      return;
    }
    int n = rules.validators().size();
    List<Long> heights = presence.heights();
    if (heights.size() >= Math.min(rules.quorum(), n - 1) && n > 1) {
      long known = Math.max(foreignHeight, heights.get(Quorum.faulty(n)) + 1);
      // Where the other process comes back before, it is heard; where later, it listens.
      maySignFrom(known + (takesOver ? n : 0) + 1);
    } else if (rules.height() == FROM_GENESIS
        && !takesOver
        && heights.stream().allMatch(height -> height <= FROM_GENESIS)) {
      maySignFrom(FROM_GENESIS);
    }
  }

  /// Whether the network has gone on without this validator for longer than its turns take: then
  /// another process may have taken over, and it is given the time to be heard. Those without whom
  /// there would be no quorum have not been away so long.
  private boolean isListening(long now) {
    return wasAway()
        && (listensSince < 0
            ? now - begunAt < LONELY_MILLIS
            : now - listensSince < 2 * Consensus.RESEND_MILLIS);
  }

  private boolean wasAway() {
    int n = rules.validators().size();
    return n > 1 && rules.height() - sureAt > n;
  }

  /// Listening counts from when f + 1 others have been heard at this height or above: whoever signs
  /// with this key has something to say as well then, and says it again every second.
  void listen(Address author, long height, long now) {
    if (wasAway() && listensSince < 0 && height >= rules.height()) {
      heardListening.add(author);
      if (heardListening.size() > Quorum.faulty(rules.validators().size())) {
        listensSince = now;
      }
    }
  }

  private void stopListening() {
    listensSince = -1;
    heardListening.clear();
  }
}
