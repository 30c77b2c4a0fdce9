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
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  static final long RESEND_MILLIS = 1_000;

  /// The same once one is heard that was silent: several of them come back at about the same time.
  private static final long SOON_MILLIS = 250;

  /// Of a round's time, what a proposer gets of whom nothing is heard, and the least of it.
  private static final int SILENT_SHARE = 8;

  private static final long SILENT_MILLIS = 250;

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

  private final Presence presence = new Presence();
  private final Mandate mandate;
  private boolean couldSign;

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
    mandate =
        new Mandate(
            self,
            presence,
            role -> persist(role, null),
            why -> report(Action.Misconduct.FOREIGN_SIGNATURE, self, why));
    for (VoteRecord record : log) {
      switch (record) {
        case VoteRecord.Signed vote -> {
          votes.add(vote);
          mandate.voted(vote.height());
        }
        case VoteRecord.Role role -> mandate.recall(role);
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
      case Event.TakeOver takeOver -> mandate.takeOver(takeOver.force());
      case Event.Gone gone -> presence.gone(gone.validator());
      case Event.StandBy standBy -> mandate.standBy(standBy.takeOverMillis(), mono);
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
    rules = new Proposals(network, policy, head, validators);
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
    candidates.clear();
    verdicts.clear();
    verified = null;
    answered.clear();
    // Longer than there is between what one sends.
    presence.begin(validators, settings.emptyPeriodMillis() + 2 * RESEND_MILLIS);
    mandate.begin(rules, hasCommitted(head.number()), mono);
    headWall = head.timestamp() * 1000;
    headMono = mono;
    building = -1;
    roundBegan = -1;
    sentAt = mono;
    // The last height voted at stays known, whatever its age.
    long needed = Math.min(rules.height(), mandate.highestVote());
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
    if (message.author().equals(self) && mandate.isForeign(message, own(message), mono)) {
      mandate.foreign(message.height(), mono);
      return;
    }
    if (!rules.isValidator(message.author()) || message.author().equals(self)) {
      return;
    }
    if (message.height() >= rules.height() - 1) { // who is further behind cannot propose yet
      sendsSoon |= isSilent(message.author()); // it has missed what was sent last
      presence.heard(message.author(), mono);
    }
    mandate.listen(message.author(), message.height(), mono);
    presence.at(message.author(), message.height());
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

  /// The newest message of its kind that was signed here at this height, or `null`.
  private QbftMessage own(QbftMessage message) {
    return switch (message) {
      case Proposal p -> ownProposal;
      case Prepare p -> ownPrepare;
      case Commit c -> ownCommit;
      case RoundChange r -> ownRoundChange;
    };
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
          reportDouble(proposals.of(p.author()), p);
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
          reportDouble(prepares.of(p.author()), p);
        }
      }
      case Commit c -> {
        if (!c.author().equals(recovery.recover(c.digest(), c.seal()))) {
          return;
        }
        if (!commits.keep(c, true)) {
          reportDouble(commits.of(c.author()), c);
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
      presence.reached(author, itsRound);
    }
  }

  private void reportDouble(QbftMessage kept, QbftMessage other) {
    if (kept == null || kept.round() != other.round() || kept.digest().equals(other.digest())) {
      return;
    }
    report(
        Action.Misconduct.EQUIVOCATION,
        other.author(),
        kept.getClass().getSimpleName()
            + "s for "
            + kept.digest()
            + " and "
            + other.digest()
            + " at height "
            + other.height()
            + " round "
            + other.round());
  }

  private void report(Action.Misconduct kind, Address validator, String message) {
    actions.add(new Action.Report(kind, validator, message));
  }

  // ---- Signing

  private boolean maySign() {
    return mandate.maySign(mono);
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
    mandate.voted(message.height());
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
    mandate.advance(mono);
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
    int reached = presence.roundReachedBy(needed);
    if (reached > round) {
      changeRound(reached);
    }
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
      if (presence.round(validator) > round) {
        left++;
      } else if (validator.equals(self) || !isSilent(validator)) {
        there++;
      }
    }
    return left > 0 && there < rules.quorum() && policy.joinsRoundsAhead();
  }

  private boolean isSilent(Address validator) {
    return presence.isSilent(validator, mono);
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
    for (Map.Entry<Address, Integer> entry : presence.rounds().entrySet()) {
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
  /// @param standby whether it is not to sign at all
  /// @param reached the highest round each validator has been heard in at this height
  public record Status(
      long height,
      int round,
      boolean signing,
      boolean standby,
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
                mandate.isStandby(),
                proposer(),
                rules.validators(),
                Map.copyOf(presence.rounds()),
                prepared == null ? -1 : prepared.round()));
  }

  /// Messages held, which is what others can make grow.
  int held() {
    return rules == null
        ? 0
        : proposals.count() + prepares.count() + commits.count() + roundChanges.count();
  }
}
