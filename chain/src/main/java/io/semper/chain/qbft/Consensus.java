package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Certificate;
import io.semper.chain.qbft.QbftMessage.Commit;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One validator's part in the agreement on the next block: a function of its state and what
/// happens, with no thread, clock, disk, network or randomness of its own.
///
/// A round has a proposer. Its block is prepared by a quorum, then committed by a quorum, whose
/// seals make it final. A round that takes too long is left together: a quorum changes to the next,
/// each telling what it has seen prepared, and the new proposer must propose the newest of that
/// again.
///
/// **Safety** across crashes: a message is recorded before it is sent, and after a restart nothing
/// is signed that contradicts a record. **Liveness** after anything: what matters is sent again
/// until it is out of date; f + 1 validators ahead take the others along; the time of a round above
/// 0 runs only while a quorum is known to have come as far, so that rounds do not run away from
/// each other while there is none, and it has a cap.
///
/// Used by one thread.
public final class Consensus {
  /// Far above any round that is reached: a quorum would have to fail for weeks.
  public static final int MAX_ROUND = 1 << 20;

  /// Blocks held that others have proposed or prepared at a height.
  private static final long MAX_HELD_BYTES = 64L << 20;

  /// Verdicts kept about blocks proposed at a height.
  private static final int MAX_VERDICTS = 64;

  /// Accepted proposals kept at a height, for commits that come late.
  private static final int MAX_CANDIDATES = 8;

  /// Messages with blocks kept for the next height.
  private static final int MAX_EARLY_BLOCKS = 16;

  /// How far ahead of this validator's clock a block may be.
  private static final long MAX_AHEAD_MILLIS = 1_000;

  /// How often to send again, and to answer a validator at another height.
  private static final long RESEND_MILLIS = 1_000;

  /// The same once one is heard that was silent: several of them come back at about the same time.
  private static final long SOON_MILLIS = 250;

  /// Of a round's time, what a proposer gets of whom nothing is heard, and the least of it.
  private static final int SILENT_SHARE = 8;

  private static final long SILENT_MILLIS = 250;

  /// How long to listen before it is clear at which height the network is.
  private static final long LEARNING_MILLIS = 3 * RESEND_MILLIS;

  /// How long one that was away listens where too few are heard to tell: if all of them listen,
  /// somebody has to begin.
  private static final long LONELY_MILLIS = 30_000;

  /// From where one signs that began with a network's genesis block and without a log.
  private static final long FROM_GENESIS = 1;

  private final Network network;
  private final Address self;
  private final Signer key;
  private final Recovery recovery;
  private final Policy policy;
  private final List<Action> actions = new ArrayList<>();

  // What must survive a crash, and is on its way to the disk.
  private final List<VoteRecord.Signed> votes = new ArrayList<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private long records;
  private long highestVote;
  private boolean standby;
  private long signFrom;
  private long foreignHeight;
  private long learnsSince = -1;
  private long foreignAt;
  private long takeOverMillis;

  /// Whether it is to sign in another's place once it knows from where on.
  private boolean takesOver;

  /// At which height it took over: who signs with the key there or later is alive.
  private long tookOverAt = Long.MAX_VALUE;

  private long listensSince = -1;
  private long joinedAt;
  private boolean couldSign;
  private final Set<Address> present = new HashSet<>();

  // The height being decided.
  private Proposals rules;
  private Qbft.Settings settings;
  private int round;
  private boolean decided;
  private Certificate prepared;
  private Proposal ownProposal;
  private Prepare ownPrepare;
  private Commit ownCommit;
  private RoundChange ownRoundChange;
  private Slots<Proposal> proposals;
  private Slots<Prepare> prepares;
  private Slots<Commit> commits;
  private Slots<RoundChange> roundChanges;
  private final Map<Address, Integer> heard = new TreeMap<>();
  private final Map<Hash32, Proposal> candidates = new LinkedHashMap<>();
  private final Map<Hash32, Verdict> verdicts =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Verdict> eldest) {
          return size() > MAX_VERDICTS;
        }
      };
  private Proposal verified;
  private boolean wellFormed;
  private int earlyBlocks;

  /// What validators have sent for the next height already: one message of each kind.
  private final Map<Address, Map<Integer, QbftMessage>> early = new TreeMap<>();

  private final Map<Address, Long> answered = new HashMap<>();

  /// When each validator was last heard; none of those that cannot be reached.
  private final Map<Address, Long> lastHeard = new HashMap<>();

  /// The highest height each other validator has been heard at.
  private final Map<Address, Long> heights = new HashMap<>();

  // Time.
  private long wall;
  private long mono;
  private long headWall;
  private long headMono;
  private boolean working;
  private long workCount;
  private long workBefore;
  private List<RoundChange> justification = List.of();
  private int building;
  private boolean changed;
  private long roundBegan;
  private long sentAt;
  private boolean sendsSoon;

  private enum Verdict {
    ASKED,
    VALID,
    INVALID
  }

  /// A message that waits for its record. [#record] is its number.
  private record Pending(long record, QbftMessage message) {}

  /// @param key signs; its address need not be a validator (yet)
  /// @param log the records of earlier runs, oldest first. Where its last role is to sign from
  ///   [VoteRecord.Role#UNKNOWN], nothing is signed until the network is known to be past all
  ///   heights at which the key may have signed
  public Consensus(Network network, Signer key, Recovery recovery, List<VoteRecord> log) {
    this(network, key, recovery, log, Policy.RIGHT);
  }

  Consensus(Network network, Signer key, Recovery recovery, List<VoteRecord> log, Policy policy) {
    this.network = network;
    this.key = key;
    this.self = key.address();
    this.recovery = recovery;
    this.policy = policy;
    for (VoteRecord record : log) {
      switch (record) {
        case VoteRecord.Signed vote -> {
          votes.add(vote);
          highestVote = Math.max(highestVote, vote.height());
        }
        case VoteRecord.Role role -> {
          standby = role.standby();
          signFrom = role.signFrom();
        }
      }
    }
  }

  /// Takes note of what happened and says what to do.
  ///
  /// @param wallMillis since 1970, as this machine believes
  /// @param monotonicMillis of a clock that never goes back
  public List<Action> handle(Event event, long wallMillis, long monotonicMillis) {
    mono = Math.max(mono, monotonicMillis);
    // A final block's time was near the clocks of a quorum: a clock behind it is wrong.
    wall = Math.max(wallMillis, headWall - MAX_AHEAD_MILLIS + (mono - headMono));
    switch (event) {
      case Event.Tick ignored -> {}
      case Event.Received received -> receive(received.message());
      case Event.NewHead head -> begin(head.head(), head.validators());
      case Event.Work work -> {
        working = work.waiting();
        workCount++;
      }
      case Event.Built built -> built(built);
      case Event.Checked checked -> checked(checked);
      case Event.Recorded recorded -> release(recorded.record());
      case Event.TakeOver takeOver -> takeOver(takeOver.force());
      case Event.Gone gone -> lastHeard.remove(gone.validator());
      case Event.StandBy standBy -> standBy(standBy.takeOverMillis());
    }
    if (rules != null) {
      advance();
    }
    List<Action> result = List.copyOf(actions);
    actions.clear();
    return result;
  }

  // ---- Heights

  private void begin(Header head, List<Address> validators) {
    if (rules != null && head.number() <= rules.parent().number()) {
      return;
    }
    boolean outside = rules != null && !rules.isValidator(self);
    rules = new Proposals(network, policy, head, validators);
    if (outside && rules.isValidator(self)) {
      joinedAt = rules.height();
    }
    if (!wasAway()) {
      listensSince = -1;
      present.clear();
    }
    settings = policy.settings(network.qbft(), rules.height(), head.timestamp());
    round = 0;
    decided = false;
    prepared = null;
    ownProposal = null;
    ownPrepare = null;
    ownCommit = null;
    ownRoundChange = null;
    proposals = slots();
    prepares = slots();
    commits = slots();
    roundChanges = slots();
    heard.clear();
    candidates.clear();
    verdicts.clear();
    verified = null;
    answered.clear();
    lastHeard.keySet().retainAll(validators);
    heights.keySet().retainAll(validators);
    if (standby && foreignHeight == 0) {
      foreignHeight = head.number(); // nothing is known of the time before this start
    }
    // Blocks that are fetched say nothing of whether the network does without it now.
    if (standby && (head.beneficiary().equals(self) || isPassed())) {
      foreignHeight = Math.max(foreignHeight, head.number());
      foreignAt = mono;
    }
    if (signFrom == FROM_GENESIS && head.number() > 0 && !hasCommitted(head.number())) {
      forget(); // the network has gone on without it: perhaps it had begun, and this one with it
    }
    headWall = head.timestamp() * 1000;
    headMono = mono;
    building = -1;
    roundBegan = -1;
    sentAt = mono;
    // The last height voted at stays known, whatever its age.
    long needed = Math.min(rules.height(), highestVote);
    votes.removeIf(vote -> vote.height() < needed);
    actions.add(new Action.Forget(needed));
    recall();
    List<Map<Integer, QbftMessage>> next = List.copyOf(early.values());
    early.clear();
    earlyBlocks = 0;
    next.forEach(messages -> messages.values().forEach(this::receive));
    couldSign = maySign();
  }

  private boolean hasCommitted(long height) {
    return votes.stream()
        .anyMatch(vote -> vote.height() == height && vote.message() instanceof Commit);
  }

  private <M extends QbftMessage> Slots<M> slots() {
    return new Slots<>(policy.oneSlotEach(), MAX_HELD_BYTES);
  }

  /// Takes up what was signed at this height before a restart.
  private void recall() {
    for (VoteRecord.Signed vote : votes) {
      if (vote.height() == rules.height()) {
        recall(vote);
      }
    }
    if (round > 0 || ownProposal != null || ownPrepare != null) {
      sentAt = mono - RESEND_MILLIS;
    }
  }

  private void recall(VoteRecord.Signed vote) {
    round = Math.max(round, vote.message().round());
    switch (vote.message()) {
      case Proposal p -> ownProposal = p;
      case Prepare p -> ownPrepare = p;
      case Commit c -> {
        ownCommit = c;
        prepared = newer(prepared, vote.prepared());
      }
      case RoundChange r -> {
        ownRoundChange = r;
        prepared = newer(prepared, Proposals.certificate(r));
      }
    }
    boolean waits = pending.stream().anyMatch(p -> p.message() == vote.message());
    if (!waits) {
      keep(vote.message());
    }
  }

  private static Certificate newer(Certificate a, Certificate b) {
    if (a == null || b == null) return a == null ? b : a;
    return b.round() > a.round() ? b : a;
  }

  // ---- Messages

  private void receive(QbftMessage message) {
    if (rules == null || message.round() > policy.maxRound()) {
      return;
    }
    if (message.author().equals(self) && isForeign(message)) {
      foreign(message);
      return;
    }
    if (!rules.isValidator(message.author()) || message.author().equals(self)) {
      return;
    }
    if (message.height() >= rules.height() - 1) { // who is further behind cannot propose yet
      sendsSoon |= isSilent(message.author()); // it has missed what was sent last
      lastHeard.put(message.author(), mono);
    }
    listen(message);
    heights.merge(message.author(), message.height(), Math::max);
    if (message.height() < rules.height()) {
      answer(new Action.Help(message.author(), message.height()), message.author());
    } else if (message.height() > rules.height()) {
      if (message.height() == rules.height() + 1) {
        keepEarly(message);
      }
      answer(new Action.Follow(message.author(), message.height()), message.author());
    } else {
      keep(message);
    }
  }

  private void keepEarly(QbftMessage message) {
    boolean large = message instanceof Proposal || message instanceof RoundChange;
    if (large && ++earlyBlocks > MAX_EARLY_BLOCKS) {
      return; // will be sent again
    }
    early
        .computeIfAbsent(message.author(), author -> new TreeMap<>())
        .merge(message.code(), message, (old, now) -> now.round() > old.round() ? now : old);
  }

  /// At most once in a while for each validator.
  private void answer(Action action, Address validator) {
    Long last = answered.get(validator);
    if (last == null || mono - last >= RESEND_MILLIS) {
      answered.put(validator, mono);
      actions.add(action);
    }
  }

  /// Keeps a message of this height, own ones too.
  private void keep(QbftMessage message) {
    hear(message.author(), message.round());
    switch (message) {
      case Proposal p -> {
        boolean due = p.round() == round && p.author().equals(proposer());
        if (!proposals.keep(p, due)) {
          reportDouble(proposals.of(p.author()), p, p.digest());
        }
        // Each is signed, whatever the proposal is worth.
        for (RoundChange change : p.roundChanges()) {
          if (change.height() == rules.height() && rules.isValidator(change.author())) {
            hear(change.author(), change.round());
          }
        }
      }
      case Prepare p -> {
        if (!prepares.keep(p, true)) {
          reportDouble(prepares.of(p.author()), p, p.digest());
        }
      }
      case Commit c -> {
        if (!c.author().equals(recovery.recover(c.digest(), c.seal()))) {
          return;
        }
        if (!commits.keep(c, true)) {
          reportDouble(commits.of(c.author()), c, c.digest());
        }
      }
      case RoundChange r -> {
        // What is proven is not invented: of blocks prepared there are few.
        if (rules.isProven(r)) {
          roundChanges.keep(r, true);
        }
      }
    }
  }

  private void hear(Address author, int itsRound) {
    if (itsRound <= policy.maxRound()) {
      heard.merge(author, itsRound, Math::max);
    }
  }

  private void reportDouble(QbftMessage kept, QbftMessage other, Hash32 digest) {
    if (kept == null || kept.round() != other.round() || digestOf(kept).equals(digest)) {
      return;
    }
    report(
        Action.Misconduct.EQUIVOCATION,
        other.author(),
        kept.getClass().getSimpleName()
            + "s for "
            + digestOf(kept)
            + " and "
            + digest
            + " at height "
            + other.height()
            + " round "
            + other.round());
  }

  private void report(Action.Misconduct kind, Address validator, String message) {
    actions.add(new Action.Report(kind, validator, message));
  }

  private static Hash32 digestOf(QbftMessage message) {
    return switch (message) {
      case Proposal p -> p.digest();
      case Prepare p -> p.digest();
      case Commit c -> c.digest();
      case RoundChange r -> r.preparedDigest() == null ? Hash32.ZERO : r.preparedDigest();
    };
  }

  // ---- One key, one process

  /// Whether a message with our signature was made by another process.
  private boolean isForeign(QbftMessage message) {
    if (message.height() < rules.height()) {
      // Who listens may hear the last of a height that has just ended.
      return message.height() == rules.height() - 1
          && message.height() > highestVote
          && isListening();
    }
    if (message.height() > rules.height() && message.height() <= highestVote) {
      return false; // of before a restart with an older chain
    }
    QbftMessage own =
        message.height() > rules.height()
            ? null
            : switch (message) {
              case Proposal p -> ownProposal;
              case Prepare p -> ownPrepare;
              case Commit c -> ownCommit;
              case RoundChange r -> ownRoundChange;
            };
    return own == null
        || message.round() > own.round()
        || message.round() == own.round() && !digestOf(message).equals(digestOf(own));
  }

  private void foreign(QbftMessage message) {
    foreignHeight = Math.max(foreignHeight, message.height());
    foreignAt = mono;
    boolean lives = takesOver || message.height() >= tookOverAt;
    if (isForgetful() && !lives) {
      return;
    }
    long from = message.height() + 1;
    if (takesOver) {
      signFrom = from;
    }
    boolean expected = !lives && (standby || rules.height() < signFrom);
    if (!expected) {
      standby = true;
      takesOver = false;
      tookOverAt = Long.MAX_VALUE;
      report(
          Action.Misconduct.FOREIGN_SIGNATURE,
          self,
          "another process signs with this validator's key at height "
              + message.height()
              + "; this one has stopped to");
    }
    if (!expected || from > signFrom) {
      signFrom = Math.max(signFrom, from);
      persist(new VoteRecord.Role(standby, signFrom), null);
    }
  }

  private void standBy(long silenceMillis) {
    takeOverMillis = silenceMillis;
    foreignAt = mono;
    if (!standby) {
      standby = true;
      persist(new VoteRecord.Role(true, signFrom), null);
    }
  }

  /// Takes over once the process that signs has been silent, and the network has meanwhile gone so
  /// far without it that it would listen before it signs again ([#isListening]).
  private void takeOverFromSilent() {
    if (standby
        && takeOverMillis > 0
        && mono - foreignAt >= takeOverMillis
        && rules.height() - foreignHeight > 2L * rules.validators().size()
        && rules.isValidator(self)) {
      takeOver(false);
    }
  }

  /// With force at once; otherwise once it is known what the key may have signed, and unless it is
  /// heard to sign meanwhile.
  private void takeOver(boolean force) {
    if (rules == null) {
      return;
    }
    if (force) {
      standby = false;
      joinedAt = rules.height();
      signFrom(rules.height());
    } else if (standby) {
      standby = false;
      takesOver = true;
      forget();
    }
  }

  /// Whether it is not known what the key has signed.
  private boolean isForgetful() {
    return signFrom == VoteRecord.Role.UNKNOWN;
  }

  private void forget() {
    signFrom = VoteRecord.Role.UNKNOWN;
    learnsSince = -1;
    heights.clear();
    persist(new VoteRecord.Role(standby, signFrom), null);
  }

  /// It is known from where on the key may sign.
  private void signFrom(long height) {
    signFrom = height;
    tookOverAt = takesOver ? rules.height() : Long.MAX_VALUE;
    takesOver = false;
    persist(new VoteRecord.Role(standby, signFrom), null);
  }

  /// A validator signs at the height after its head only, and what it builds on a quorum has
  /// committed. Where a quorum has been heard for a while, the height that f + 1 of it have reached
  /// is therefore no more than one below the last at which this key can have signed; what came in
  /// late may be another below. Losing the log counts as a fault all the same.
  ///
  /// Where nobody is heard above the genesis block, the network is about to begin, without a log of
  /// anybody's.
  private void learnHeight() {
    if (learnsSince < 0) {
      learnsSince = mono;
    }
    if (mono - learnsSince < LEARNING_MILLIS) {
      return;
    }
    int n = rules.validators().size();
    if (heights.size() >= Math.min(rules.quorum(), n - 1) && n > 1) {
      List<Long> sorted = new ArrayList<>(heights.values());
      sorted.sort(Collections.reverseOrder());
      signFrom(Math.max(foreignHeight, sorted.get(Quorum.faulty(n)) + 1) + 1);
    } else if (rules.height() == FROM_GENESIS
        && !takesOver
        && heights.values().stream().allMatch(height -> height <= FROM_GENESIS)) {
      signFrom(FROM_GENESIS);
    }
  }

  private boolean maySign() {
    return !standby
        && rules.height() >= signFrom
        && rules.height() >= highestVote
        && rules.isValidator(self)
        && !isPassed()
        && !isListening();
  }

  /// Whether f + 1 others are at a later height: one of them has the block of this one, which is
  /// final, and needs no vote.
  private boolean isPassed() {
    int later = 0;
    for (Map.Entry<Address, Long> each : heights.entrySet()) {
      // Who is gone helps nobody: those that are there decide it again, as it was.
      later += each.getValue() > rules.height() && !isSilent(each.getKey()) ? 1 : 0;
    }
    return later > Quorum.faulty(rules.validators().size());
  }

  /// Whether the network has gone on without this validator for longer than its turns take: then
  /// another process may have taken over, and it is given the time to be heard. Those without whom
  /// there would be no quorum have not been away so long.
  private boolean isListening() {
    return wasAway()
        && (listensSince < 0
            ? mono - headMono < LONELY_MILLIS
            : mono - listensSince < 2 * RESEND_MILLIS);
  }

  private boolean wasAway() {
    int n = rules.validators().size();
    return n > 1 && rules.height() - Math.max(highestVote, joinedAt) > n;
  }

  /// Listening counts from when f + 1 others have been heard at this height or above: whoever signs
  /// with this key has something to say as well then, and says it again every second.
  private void listen(QbftMessage message) {
    if (wasAway() && listensSince < 0 && message.height() >= rules.height()) {
      present.add(message.author());
      if (present.size() > Quorum.faulty(rules.validators().size())) {
        listensSince = mono;
      }
    }
  }

  private void persist(VoteRecord record, QbftMessage message) {
    long number = ++records;
    actions.add(new Action.Persist(number, record));
    if (message != null) {
      pending.add(new Pending(number, message));
    }
  }

  /// Signs nothing that is not recorded first; the message goes out when that is durable.
  private void sign(QbftMessage message, Certificate certificate) {
    VoteRecord.Signed vote = new VoteRecord.Signed(message, certificate);
    changed = true;
    votes.add(vote);
    highestVote = Math.max(highestVote, message.height());
    listensSince = -1;
    present.clear();
    if (policy.keepsVotes()) {
      persist(vote, message);
    } else {
      send(message);
    }
  }

  private void release(long record) {
    while (!pending.isEmpty() && pending.peek().record() <= record) {
      QbftMessage message = pending.remove().message();
      if (rules != null && message.height() == rules.height()) {
        send(message);
      }
    }
  }

  private void send(QbftMessage message) {
    sentAt = mono;
    keep(message);
    actions.add(new Action.Broadcast(message));
  }

  // ---- Progress

  private void advance() {
    if (decided) {
      return; // once: until the block is the head, what comes in changes nothing
    }
    takeOverFromSilent();
    if (isForgetful()) {
      learnHeight();
    }
    boolean may = maySign();
    if (may && !couldSign) {
      takePart();
    }
    couldSign = may;
    do {
      changed = false;
      decide();
      if (decided) {
        return;
      }
      joinRound();
      timeOut();
      propose();
      prepare();
      commit();
    } while (changed);
    sendAgain();
    actions.add(new Action.WakeAt(nextWake()));
  }

  /// Joins the highest round that f + 1 validators have reached: one of them is not faulty, and had
  /// a reason.
  private void joinRound() {
    if (!policy.joinsRoundsAhead()) {
      return;
    }
    int needed = Quorum.faulty(rules.validators().size()) + 1;
    int reached = reachedBy(needed);
    if (reached > round) {
      changeRound(reached);
    }
  }

  /// The highest round that so many validators have reached.
  private int reachedBy(int count) {
    if (heard.size() < count) {
      return 0;
    }
    List<Integer> rounds = new ArrayList<>(heard.values());
    rounds.sort(Collections.reverseOrder());
    return rounds.get(count - 1);
  }

  private void changeRound(int to) {
    if (to > policy.maxRound()) {
      return;
    }
    round = to;
    changed = true;
    roundBegan = -1;
    building = -1;
    if (maySign()) {
      Certificate told = policy.tellsPrepared() ? prepared : null;
      ownRoundChange = RoundChange.sign(key, rules.height(), to, told);
      sign(ownRoundChange, null);
    }
  }

  /// Signs what it would have signed in this round, had it been allowed to from its beginning: its
  /// part in what a quorum has prepared meanwhile, else that it has come to this round.
  private void takePart() {
    candidates.values().removeIf(proposal -> proposal.round() == round);
    changed = true;
    boolean spoken =
        Stream.of(ownProposal, ownPrepare, ownCommit, ownRoundChange)
            .anyMatch(message -> message != null && message.round() >= round);
    if (round > 0 && !spoken && !isPrepared()) {
      changeRound(round);
    }
  }

  private boolean isPrepared() {
    return prepared != null && prepared.round() >= round;
  }

  private void timeOut() {
    if (roundBegan < 0 && mayBeginRound()) {
      roundBegan = mono;
    }
    if (roundBegan >= 0 && mono - roundBegan >= timeoutMillis() && round < policy.maxRound()) {
      changeRound(round + 1);
    }
  }

  /// A proposer of whom nothing has been heard for a while is given less time: where one of four is
  /// dead, every fourth block need not wait for it. All that live are heard as often as they send
  /// again, so that this ends a round early only where its proposer is gone. So is a round that
  /// others have left, if it needs them.
  private long timeoutMillis() {
    long whole = policy.timeoutMillis(settings, round);
    return isSilent(proposer()) && !isProposer() || isDeserted()
        ? Math.min(whole, Math.max(whole / SILENT_SHARE, SILENT_MILLIS))
        : whole;
  }

  /// Whether some have left the round without whom those that are heard are no quorum.
  private boolean isDeserted() {
    int left = 0;
    int there = 0;
    for (Address validator : rules.validators()) {
      if (heard.getOrDefault(validator, 0) > round) {
        left++;
      } else if (validator.equals(self) || !isSilent(validator)) {
        there++;
      }
    }
    return left > 0 && there < rules.quorum() && policy.joinsRoundsAhead();
  }

  /// Whether longer nothing has been heard of a validator than there is between what it sends.
  private boolean isSilent(Address validator) {
    Long heardAt = lastHeard.get(validator);
    return heardAt == null || mono - heardAt > settings.emptyPeriodMillis() + 2 * RESEND_MILLIS;
  }

  private boolean mayBeginRound() {
    if (round == 0) {
      Proposal proposal = proposals.of(proposer());
      return wall >= blockTime() || proposal != null && proposal.round() == 0;
    }
    if (!policy.waitsForQuorum()) {
      return true;
    }
    int others = 0;
    for (Map.Entry<Address, Integer> entry : heard.entrySet()) {
      if (entry.getValue() >= round && !entry.getKey().equals(self)) {
        others++;
      }
    }
    return others + (rules.isValidator(self) ? 1 : 0) >= rules.quorum();
  }

  /// When the first round begins: as soon as the rules allow if there is anything to do.
  private long blockTime() {
    long parent = rules.parent().timestamp() * 1000;
    boolean soon = working && policy.workStartsTimer() || working && isProposer();
    return parent + (soon ? settings.blockPeriodSeconds() * 1000 : settings.emptyPeriodMillis());
  }

  private boolean isProposer() {
    return proposer().equals(self);
  }

  private Address proposer() {
    return Quorum.proposer(rules.validators(), rules.parent().beneficiary(), round);
  }

  // ---- Proposing

  private void propose() {
    if (!isProposer()
        || !maySign()
        || ownProposal != null && ownProposal.round() >= round
        || building == round) {
      return;
    }
    if (round == 0) {
      if (wall >= blockTime()) {
        build(List.of());
      }
      return;
    }
    List<RoundChange> changes = new ArrayList<>();
    RoundChange highest = null;
    for (RoundChange change : roundChanges.all()) {
      if (change.round() == round) {
        changes.add(change.bare());
        if (change.preparedDigest() != null
            && (highest == null || change.preparedRound() > highest.preparedRound())) {
          highest = change;
        }
      }
    }
    if (changes.size() < rules.quorum()) {
      return;
    }
    if (highest == null) {
      if (policy.onlyFirstRoundWaits() || wall >= blockTime()) {
        build(changes);
      }
    } else {
      propose(Proposals.withRound(highest.block(), round), changes, highest.prepares());
    }
  }

  /// Asks for a block. What justifies it is kept meanwhile: validators may move on.
  private void build(List<RoundChange> changes) {
    building = round;
    justification = changes;
    workBefore = workCount;
    long earliest = rules.parent().timestamp() + settings.blockPeriodSeconds();
    actions.add(new Action.Build(rules.parent(), round, Math.max(earliest, wall / 1000)));
  }

  private void built(Event.Built built) {
    if (rules == null
        || built.height() != rules.height()
        || built.round() != round
        || building != round
        || !maySign()) {
      return;
    }
    long emptyTime = rules.parent().timestamp() * 1000 + settings.emptyPeriodMillis();
    if (built.empty() && wall < emptyTime && (round == 0 || !policy.onlyFirstRoundWaits())) {
      building = -1;
      working = workCount != workBefore; // something has come in while it was being built
      return;
    }
    verdicts.put(built.block().header().hash(), Verdict.VALID);
    propose(built.block(), justification, List.of());
  }

  private void propose(Block block, List<RoundChange> changes, List<Prepare> shown) {
    building = round;
    ownProposal = Proposal.sign(key, rules.height(), round, block, changes, shown);
    sign(ownProposal, null);
  }

  // ---- Preparing

  private void prepare() {
    Proposal proposal = proposals.of(proposer());
    if (proposal == null
        || proposal.round() != round
        || candidates.containsKey(proposal.digest())
        || !isAcceptable(proposal)) {
      return;
    }
    if (candidates.size() == MAX_CANDIDATES) {
      candidates.remove(candidates.keySet().iterator().next());
    }
    candidates.put(proposal.digest(), proposal);
    changed = true;
    if (roundBegan < 0) {
      roundBegan = mono;
    }
    if (maySign() && (ownPrepare == null || ownPrepare.round() < round)) {
      ownPrepare = Prepare.sign(key, rules.height(), round, proposal.digest());
      sign(ownPrepare, null);
    }
  }

  private boolean isAcceptable(Proposal proposal) {
    if (proposal != verified) {
      verified = proposal;
      Optional<String> wrong = rules.verify(proposal);
      wellFormed = wrong.isEmpty();
      wrong.ifPresent(why -> report(Action.Misconduct.INVALID_PROPOSAL, proposal.author(), why));
    }
    Header header = proposal.block().header();
    long latest = (wall + MAX_AHEAD_MILLIS) / 1000;
    if (!wellFormed || Long.compareUnsigned(header.timestamp(), latest) > 0) {
      return false;
    }
    Verdict verdict = verdicts.get(header.hash());
    if (verdict == null) {
      verdicts.put(header.hash(), Verdict.ASKED);
      actions.add(new Action.Check(proposal.block()));
    }
    return verdict == Verdict.VALID;
  }

  private void checked(Event.Checked checked) {
    if (rules != null && checked.height() == rules.height()) {
      verdicts.put(checked.blockHash(), checked.valid() ? Verdict.VALID : Verdict.INVALID);
    }
  }

  // ---- Committing

  private void commit() {
    Proposal proposal = proposals.of(proposer());
    if (proposal == null || proposal.round() != round) {
      return;
    }
    boolean signs = maySign() && (ownCommit == null || ownCommit.round() < round);
    if (!candidates.containsKey(proposal.digest()) || isPrepared() && !signs) {
      return;
    }
    List<Prepare> shown = new ArrayList<>();
    for (Prepare prepare : prepares.all()) {
      if (prepare.round() == round && prepare.digest().equals(proposal.digest())) {
        shown.add(prepare);
      }
    }
    if (shown.size() < rules.quorum()) {
      return;
    }
    changed = true;
    prepared = new Certificate(round, proposal.digest(), proposal.block(), List.copyOf(shown));
    if (signs) {
      ownCommit = Commit.sign(key, rules.height(), round, proposal.digest());
      sign(ownCommit, prepared);
    }
  }

  /// Seals of different rounds are over different hashes and never stand in one header.
  private void decide() {
    Map<Object, List<Commit>> groups = new HashMap<>();
    for (Commit commit : commits.all()) {
      Proposal proposal = known(commit.digest());
      if (proposal == null) {
        continue;
      }
      Object of =
          policy.commitKey(commit.round(), commit.digest(), proposal.block().header().hash());
      List<Commit> group = groups.computeIfAbsent(of, k -> new ArrayList<>());
      group.add(commit);
      if (group.size() >= rules.quorum()) {
        List<Signature> seals = group.stream().map(Commit::seal).toList();
        QbftExtraData extra = proposal.block().header().qbft().orElseThrow();
        decided = true;
        actions.add(new Action.Import(Proposals.withExtra(proposal.block(), extra.sealed(seals))));
        return;
      }
    }
  }

  /// The proposal with a digest, `null` where it has not come in. A quorum that commits to it
  /// vouches for it.
  private Proposal known(Hash32 digest) {
    Proposal candidate = candidates.get(digest);
    if (candidate != null) {
      return candidate;
    }
    for (Proposal proposal : proposals.all()) {
      if (proposal.digest().equals(digest)) {
        return proposal;
      }
    }
    return null;
  }

  // ---- Time

  private void sendAgain() {
    if (!policy.sendsAgain() || mono - sentAt < resendMillis() || !maySign()) {
      return;
    }
    sentAt = mono;
    sendsSoon = false;
    for (QbftMessage message :
        new QbftMessage[] {ownRoundChange, ownProposal, ownPrepare, ownCommit}) {
      boolean waits = pending.stream().anyMatch(p -> p.message() == message);
      if (message != null && !waits && (message.round() == round || message == ownCommit)) {
        actions.add(new Action.Broadcast(message));
      }
    }
  }

  private long resendMillis() {
    return sendsSoon ? SOON_MILLIS : RESEND_MILLIS;
  }

  private long nextWake() {
    long wake = mono + RESEND_MILLIS;
    if (maySign()) {
      wake = sentAt + resendMillis();
    }
    if (roundBegan >= 0) {
      wake = Math.min(wake, roundBegan + timeoutMillis());
    } else if (round == 0) {
      wake = Math.min(wake, mono + Math.max(0, blockTime() - wall));
    }
    return Math.max(wake, mono + 1);
  }

  // ---- Status

  /// Where a validator stands, for people.
  ///
  /// @param reached the highest round each validator has been heard in at this height
  public record Status(
      long height,
      int round,
      boolean signing,
      Address proposer,
      List<Address> validators,
      Map<Address, Integer> reached,
      int preparedRound) {}

  /// Empty before the first head.
  public Optional<Status> status() {
    return rules == null
        ? Optional.empty()
        : Optional.of(
            new Status(
                rules.height(),
                round,
                maySign(),
                proposer(),
                rules.validators(),
                Map.copyOf(heard),
                prepared == null ? -1 : prepared.round()));
  }

  /// Messages held, which is what others can make grow.
  int held() {
    return rules == null
        ? 0
        : proposals.count() + prepares.count() + commits.count() + roundChanges.count();
  }
}
