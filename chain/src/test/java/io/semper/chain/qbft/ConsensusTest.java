package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.qbft.QbftMessage.Commit;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Who may sign with a key, and when: restarts, standby, lost logs.
class ConsensusTest {
  private static final List<Address> SET = IntStream.range(1, 5).mapToObj(Address::of).toList();
  private static final StubKey KEY = new StubKey(SET.get(1));

  private final Network network = network();
  private long now;

  private static Network network() {
    byte[] extra = new QbftExtraData(new byte[32], SET, null, 0, List.of()).encode();
    String json =
        "{\"config\": {\"chainId\": 5, \"berlinBlock\": 0, \"qbft\": {}}, \"alloc\": {},"
            + " \"difficulty\": 1, \"extraData\": \""
            + Hex.encode(extra)
            + "\"}";
    return Genesis.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static final VoteRecord NOTHING_KNOWN =
      new VoteRecord.Role(false, VoteRecord.Role.UNKNOWN);

  private Consensus start(List<VoteRecord> log) {
    Consensus consensus = new Consensus(network, KEY, StubKey.RECOVERY, log);
    handle(consensus, new Event.NewHead(network.genesis(), SET));
    return consensus;
  }

  private final List<VoteRecord> recorded = new ArrayList<>();
  private final List<QbftMessage> sent = new ArrayList<>();
  private final List<Action.Report> reports = new ArrayList<>();
  private final List<Action.Import> imported = new ArrayList<>();

  private void handle(Consensus consensus, Event event) {
    for (Action action : consensus.handle(event, 1_000_000 + now, now)) {
      switch (action) {
        case Action.Persist persist -> {
          recorded.add(persist.record());
          handle(consensus, new Event.Recorded(persist.number()));
        }
        case Action.Broadcast broadcast -> sent.add(broadcast.message());
        case Action.Report report -> reports.add(report);
        case Action.Import decided -> imported.add(decided);
        default -> {}
      }
    }
  }

  /// Two others are in round 3: this one follows, and signs for it.
  private void othersAtRound(Consensus consensus, int round) {
    for (int i : new int[] {2, 3}) {
      RoundChange change = RoundChange.sign(new StubKey(SET.get(i)), 1, round, null);
      handle(consensus, new Event.Received(change));
    }
  }

  @Test
  void nothingIsSentBeforeItIsRecorded() {
    Consensus consensus = start(List.of());
    List<Action> actions = new ArrayList<>();
    for (int i : new int[] {2, 3}) {
      RoundChange change = RoundChange.sign(new StubKey(SET.get(i)), 1, 3, null);
      actions.addAll(consensus.handle(new Event.Received(change), 0, 0));
    }
    assertThat(actions).noneMatch(action -> action instanceof Action.Broadcast);
    long record =
        actions.stream()
            .filter(action -> action instanceof Action.Persist)
            .mapToLong(action -> ((Action.Persist) action).number())
            .sum();
    assertThat(consensus.handle(new Event.Recorded(record), 0, 0))
        .anyMatch(action -> action instanceof Action.Broadcast b && b.message().round() == 3);
  }

  @Test
  void aRestartedValidatorGoesOnInTheRoundItLeft() {
    othersAtRound(start(List.of()), 3);
    assertThat(recorded).hasSize(1);
    Consensus again = start(recorded);
    assertThat(again.status().orElseThrow().round()).isEqualTo(3);
    now += 2_000;
    sent.clear();
    handle(again, new Event.Tick());
    assertThat(sent).contains(((VoteRecord.Signed) recorded.getFirst()).message());
  }

  @Test
  void aSignatureItDidNotMakeStopsIt() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.Received(Prepare.sign(KEY, 1, 2, Hash32.ZERO)));
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().kind()).isEqualTo(Action.Misconduct.FOREIGN_SIGNATURE);
    othersAtRound(consensus, 5);
    assertThat(sent).isEmpty();
    // Also after a restart.
    Consensus again = start(recorded);
    othersAtRound(again, 5);
    assertThat(sent).isEmpty();
    assertThat(again.status().orElseThrow().signing()).isFalse();
  }

  @Test
  void itsOwnMessagesComingBackDoNot() {
    Consensus consensus = start(List.of());
    othersAtRound(consensus, 3);
    handle(consensus, new Event.Received(sent.getFirst()));
    othersAtRound(consensus, 4);
    handle(consensus, new Event.Received(sent.getFirst()));
    assertThat(reports).isEmpty();
    assertThat(consensus.status().orElseThrow().signing()).isTrue();
  }

  @Test
  void standbySignsNothingUntilItTakesOverAndThenAboveWhatItSaw() {
    Consensus consensus = start(List.of(new VoteRecord.Role(true, 0)));
    othersAtRound(consensus, 3);
    handle(consensus, new Event.Received(Prepare.sign(KEY, 1, 3, Hash32.ZERO)));
    assertThat(sent).isEmpty();
    assertThat(reports).isEmpty();
    handle(consensus, new Event.TakeOver(false));
    othersAtRound(consensus, 4);
    assertThat(sent).isEmpty(); // this height may have been signed elsewhere
    handle(consensus, new Event.TakeOver(true));
    assertThat(sent).hasSize(1);
    othersAtRound(consensus, 5);
    assertThat(sent).hasSize(2);
  }

  /// A chain of which the block with a number is the head.
  private Event.NewHead head(long number) {
    Header header =
        network.genesis().toBuilder()
            .number(number)
            .beneficiary(SET.getFirst())
            .timestamp(number)
            .build();
    return new Event.NewHead(header, SET);
  }

  private void othersAtHeight(Consensus consensus, long height, int round) {
    for (int i : new int[] {2, 3}) {
      RoundChange change = RoundChange.sign(new StubKey(SET.get(i)), height, round, null);
      handle(consensus, new Event.Received(change));
    }
  }

  /// The block of a round on top of the genesis block.
  private Block block(int round) {
    Header header =
        Header.builder()
            .parentHash(network.genesis().hash())
            .number(1)
            .difficulty(UInt256.ONE)
            .mixHash(QbftExtraData.MIX_HASH)
            .timestamp(10)
            .beneficiary(proposer(round))
            .extraData(new QbftExtraData(new byte[32], SET, null, round, List.of()).encode())
            .build();
    return new Block(header, List.of(), List.of(), null);
  }

  private Address proposer(int round) {
    return Quorum.proposer(SET, network.genesis().beneficiary(), round);
  }

  /// The others have prepared a round's block; this one has checked it.
  private void othersPrepare(Consensus consensus, int round, List<RoundChange> changes) {
    StubKey proposer = new StubKey(proposer(round));
    assertThat(proposer).isNotEqualTo(KEY);
    Proposal proposal = Proposal.sign(proposer, 1, round, block(round), changes, List.of());
    handle(consensus, new Event.Received(proposal));
    handle(consensus, new Event.Checked(1, block(round).header().hash(), true));
    for (int i : new int[] {0, 2, 3}) {
      Prepare prepare = Prepare.sign(new StubKey(SET.get(i)), 1, round, proposal.digest());
      handle(consensus, new Event.Received(prepare));
    }
    assertThat(consensus.status().orElseThrow().preparedRound()).isEqualTo(round);
  }

  /// Who takes over while a round is prepared commits to it.
  @Test
  void whoBeginsInAPreparedRoundHasItsPartInIt() {
    for (int round : IntStream.range(0, 4).filter(r -> !proposer(r).equals(SET.get(1))).toArray()) {
      Consensus consensus = start(List.of(new VoteRecord.Role(true, 0)));
      List<RoundChange> changes = new ArrayList<>();
      for (int i : new int[] {0, 2, 3}) {
        RoundChange change = RoundChange.sign(new StubKey(SET.get(i)), 1, round, null);
        changes.add(change);
        if (round > 0) {
          handle(consensus, new Event.Received(change));
        }
      }
      othersPrepare(consensus, round, round == 0 ? List.of() : changes);
      assertThat(sent).isEmpty();
      handle(consensus, new Event.TakeOver(true));
      assertThat(sent).hasSize(2);
      assertThat(sent.getFirst()).isInstanceOf(Prepare.class);
      assertThat(sent.getLast()).isInstanceOf(Commit.class);
      VoteRecord last = recorded.getLast();
      assertThat(((VoteRecord.Signed) last).prepared().round()).isEqualTo(round);
      sent.clear();
    }
  }

  /// A block that takes its time to be imported is not imported again for each message.
  @Test
  void whatIsDecidedIsImportedOnce() {
    Consensus consensus = start(List.of());
    int round = proposer(0).equals(SET.get(1)) ? 1 : 0;
    List<RoundChange> changes = new ArrayList<>();
    for (int i : new int[] {0, 2, 3}) {
      changes.add(RoundChange.sign(new StubKey(SET.get(i)), 1, round, null));
    }
    if (round > 0) {
      changes.forEach(change -> handle(consensus, new Event.Received(change)));
    }
    othersPrepare(consensus, round, round == 0 ? List.of() : changes);
    StubKey proposer = new StubKey(proposer(round));
    Proposal proposal =
        Proposal.sign(
            proposer, 1, round, block(round), round == 0 ? List.of() : changes, List.of());
    for (int i : new int[] {0, 2, 3}) {
      Commit commit = Commit.sign(new StubKey(SET.get(i)), 1, round, proposal.digest());
      handle(consensus, new Event.Received(commit));
      handle(consensus, new Event.Tick());
    }
    assertThat(imported).hasSize(1);
  }

  /// A validator that is back need not wait for what it missed.
  @Test
  void whoIsHeardAgainIsToldSoon() {
    Consensus consensus = start(List.of());
    othersAtRound(consensus, 3);
    assertThat(sent).hasSize(1);
    now += 300;
    handle(consensus, new Event.Received(RoundChange.sign(new StubKey(SET.get(0)), 1, 1, null)));
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast()).isEqualTo(sent.getFirst());
    now += 300;
    handle(consensus, new Event.Received(RoundChange.sign(new StubKey(SET.get(0)), 1, 2, null)));
    assertThat(sent).hasSize(2);
  }

  private void hears(Consensus consensus, int from, long height, int round) {
    RoundChange change = RoundChange.sign(new StubKey(SET.get(from)), height, round, null);
    handle(consensus, new Event.Received(change));
  }

  /// One validator is dead and one a round ahead, to which it cannot go back: two are no quorum.
  @Test
  void aRoundThatNeedsWhomItHasLostEndsSoon() {
    assertThat(proposer(2)).isEqualTo(SET.get(2));
    long whole = network.qbft().initial().timeoutMillis(2);
    for (boolean dead : new boolean[] {true, false}) {
      Consensus consensus = start(List.of());
      hears(consensus, 2, 1, 2);
      hears(consensus, 3, 1, 3);
      if (!dead) {
        hears(consensus, 0, 1, 2);
      }
      assertThat(consensus.status().orElseThrow().round()).isEqualTo(2);
      now += whole / 4;
      handle(consensus, new Event.Tick());
      assertThat(consensus.status().orElseThrow().round()).isEqualTo(dead ? 3 : 2);
    }
  }

  /// A proposer that has come back and is catching up is not there yet.
  @Test
  void whoIsHeardAtAHeightThatIsOverIsNotWaitedFor() {
    long whole = network.qbft().initial().timeoutMillis(0);
    for (long height : new long[] {17, 21}) {
      Consensus consensus = start(List.of());
      Header head = head(20).head().toBuilder().beneficiary(SET.get(1)).build();
      handle(consensus, new Event.NewHead(head, SET));
      assertThat(consensus.status().orElseThrow().proposer()).isEqualTo(SET.get(2));
      hears(consensus, 2, height, 0);
      now += whole / 4;
      handle(consensus, new Event.Tick());
      assertThat(consensus.status().orElseThrow().round()).isEqualTo(height < 20 ? 1 : 0);
    }
  }

  /// It would count as having been there just now, and no longer listen before it signs.
  @Test
  void nothingIsSignedAtAHeightThatIsOver() {
    Consensus consensus = start(List.of());
    hears(consensus, 2, 4, 0);
    othersAtRound(consensus, 3);
    assertThat(sent).isNotEmpty(); // a single one may say what it likes
    sent.clear();
    hears(consensus, 3, 4, 0);
    othersAtRound(consensus, 4);
    assertThat(sent).isEmpty();
    handle(consensus, head(3));
    othersAtHeight(consensus, 4, 1);
    assertThat(sent).hasSize(1);
  }

  @Test
  void standbyTakesOverFromOneThatIsSilentWhileTheNetworkGoesOn() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.StandBy(5_000));
    handle(consensus, new Event.Received(Prepare.sign(KEY, 1, 0, Hash32.ZERO)));
    now += 6_000;
    handle(consensus, head(8));
    othersAtHeight(consensus, 9, 1);
    assertThat(recorded).doesNotContain(new VoteRecord.Role(false, 10));
    handle(consensus, head(9)); // 10 is more than 8 above 1
    assertThat(recorded).doesNotContain(new VoteRecord.Role(false, 16));
    hears(consensus, 0, 10, 1);
    othersAtHeight(consensus, 10, 1);
    now += 4_000;
    hears(consensus, 0, 10, 1);
    assertThat(recorded).contains(new VoteRecord.Role(false, 16));
    networkGoesOn(consensus, 10, 15);
    assertThat(sent).isEmpty();
    handle(consensus, head(15));
    othersAtHeight(consensus, 16, 1);
    assertThat(sent).hasSize(1);
  }

  /// Some seconds a block.
  private void networkGoesOn(Consensus consensus, long from, long to) {
    for (long number = from; number < to; number++) {
      handle(consensus, head(number));
      othersAtHeight(consensus, number + 1, 1);
      now += 4_000;
      othersAtHeight(consensus, number + 1, 2);
    }
  }

  /// To vote where nobody else is any more shows nothing of who has signed meanwhile.
  @Test
  void whoVotedBehindTheNetworkListensAllTheSame() {
    VoteRecord vote = new VoteRecord.Signed(Prepare.sign(KEY, 6, 0, Hash32.ZERO), null);
    Consensus consensus = start(List.of(vote));
    handle(consensus, head(6));
    othersAtHeight(consensus, 7, 1);
    assertThat(sent).hasSize(1);
    handle(consensus, head(10));
    othersAtHeight(consensus, 11, 1);
    assertThat(sent).hasSize(1);
    now += 3_000;
    othersAtHeight(consensus, 11, 2);
    assertThat(sent.size()).isGreaterThan(1);
  }

  /// Not against the last vote of the other, at whatever height that was.
  @Test
  void standbyThatIsFarBehindDoesNotSignBelowTheOthersLastVote() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.StandBy(5_000));
    now += 60_000;
    for (long number = 100; number < 130; number++) {
      hears(consensus, 2, 1_000, 0);
      hears(consensus, 3, 1_000, 0);
      handle(consensus, head(number)); // fetched
    }
    handle(consensus, new Event.TakeOver(false));
    hears(consensus, 0, 1_000, 0);
    hears(consensus, 2, 1_000, 0);
    hears(consensus, 3, 1_000, 0);
    now += 4_000;
    hears(consensus, 0, 1_000, 0);
    handle(consensus, head(999));
    othersAtHeight(consensus, 1_000, 5);
    now += 10_000;
    othersAtHeight(consensus, 1_000, 6);
    assertThat(sent).isEmpty();
  }

  /// One that has just been told to, at height 10, and hears all others there.
  private Consensus standbyThatTakesOver() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.StandBy(5_000));
    handle(consensus, head(9));
    handle(consensus, new Event.TakeOver(false));
    for (int i : new int[] {0, 2, 3}) {
      hears(consensus, i, 10, 1);
    }
    return consensus;
  }

  /// Two processes with one key that both sign would both stop. One that takes over listens first.
  @Test
  void whoTakesOverWhileTheOtherLivesStandsBackAgain() {
    Consensus consensus = standbyThatTakesOver();
    now += 1_000;
    handle(consensus, new Event.Received(Prepare.sign(KEY, 10, 0, Hash32.ZERO)));
    assertThat(reports).hasSize(1);
    now += 10_000;
    for (int round = 2; round < 5; round++) {
      othersAtHeight(consensus, 10, round);
      hears(consensus, 0, 10, round);
      now += 10_000;
    }
    assertThat(sent).isEmpty();
    assertThat(recorded.getLast()).isEqualTo(new VoteRecord.Role(true, 11));
  }

  /// Also where it comes back after the other has taken over, before that has signed.
  @Test
  void whoHasTakenOverStandsBackWhenTheFirstIsBack() {
    Consensus consensus = standbyThatTakesOver();
    now += 4_000;
    hears(consensus, 0, 10, 1);
    assertThat(recorded.getLast()).isEqualTo(new VoteRecord.Role(false, 16));
    handle(consensus, new Event.Received(Prepare.sign(KEY, 10, 1, Hash32.ZERO)));
    assertThat(reports).hasSize(1);
    handle(consensus, head(15));
    othersAtHeight(consensus, 16, 1);
    now += 10_000;
    othersAtHeight(consensus, 16, 2);
    assertThat(sent).isEmpty();
  }

  /// The first was there at 9, perhaps at 11, and signs up to 15 without listening.
  @Test
  void whoTakesOverSignsFromWhereTheFirstWouldListen() {
    Consensus consensus = standbyThatTakesOver();
    now += 4_000;
    hears(consensus, 0, 10, 1);
    networkGoesOn(consensus, 10, 15);
    assertThat(sent).isEmpty();
    handle(consensus, head(15));
    othersAtHeight(consensus, 16, 1);
    assertThat(sent).hasSize(1);
    assertThat(reports).isEmpty();
  }

  /// What a restored validator has signed is not known to whoever asks it to sign.
  @Test
  void onlyForceMakesAForgetfulOneSign() {
    Consensus consensus = start(List.of(NOTHING_KNOWN));
    handle(consensus, head(100));
    handle(consensus, new Event.TakeOver(false));
    now += 60_000;
    othersAtHeight(consensus, 101, 1);
    assertThat(sent).isEmpty();
    handle(consensus, new Event.TakeOver(true));
    othersAtHeight(consensus, 101, 2);
    assertThat(sent).isNotEmpty();
  }

  /// Without a log of anybody's, but above no block: a network begins.
  @Test
  void aNetworkBeginsWithoutLogs() {
    Consensus consensus = start(List.of(NOTHING_KNOWN));
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
    now += 4_000;
    handle(consensus, new Event.Tick());
    assertThat(consensus.status().orElseThrow().signing()).isTrue();
    // Unless it turns out that it has long begun.
    handle(consensus, head(50));
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
    assertThat(recorded.getLast()).isEqualTo(NOTHING_KNOWN);
  }

  /// Where all listen nobody is heard.
  @Test
  void oneThatListensInVainBegins() {
    Consensus consensus = start(List.of());
    handle(consensus, head(20));
    now += 10_000;
    handle(consensus, new Event.Tick());
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
    now += 60_000;
    handle(consensus, new Event.Tick());
    assertThat(consensus.status().orElseThrow().signing()).isTrue();
  }

  /// Those that are ahead and gone are not waited for: a quorum is there without them.
  @Test
  void whoIsAheadAndGoneIsNotWaitedFor() {
    Consensus consensus = start(List.of());
    hears(consensus, 2, 2, 0);
    hears(consensus, 3, 2, 0);
    othersAtRound(consensus, 1);
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
    handle(consensus, new Event.Gone(SET.get(2)));
    assertThat(consensus.status().orElseThrow().signing()).isTrue();
  }

  @Test
  void standbyDoesNotTakeOverWhileTheOtherIsHeard() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.StandBy(5_000));
    for (long number = 1; number < 40; number++) {
      now += 1_000;
      handle(consensus, head(number));
      handle(consensus, new Event.Received(Prepare.sign(KEY, number + 1, 0, Hash32.ZERO)));
    }
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
    assertThat(reports).isEmpty();
  }

  @Test
  void oneThatWasAwayListensBeforeItSignsAgain() {
    Consensus consensus = start(List.of());
    othersAtRound(consensus, 1);
    assertThat(sent).hasSize(1);
    now += 60_000;
    handle(consensus, head(20));
    othersAtHeight(consensus, 21, 1);
    assertThat(sent).hasSize(1);
    // Another has taken over: it is heard, and this one stays silent.
    handle(consensus, new Event.Received(Prepare.sign(KEY, 21, 1, Hash32.ZERO)));
    now += 60_000;
    othersAtHeight(consensus, 21, 2);
    assertThat(sent).hasSize(1);
    assertThat(reports).hasSize(1);
  }

  @Test
  void oneThatWasAwayAndHearsNobodyInItsPlaceSignsAgain() {
    Consensus consensus = start(List.of());
    othersAtRound(consensus, 1);
    handle(consensus, head(20));
    othersAtHeight(consensus, 21, 1);
    now += 10_000;
    handle(consensus, new Event.Tick());
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast().height()).isEqualTo(21);
  }

  @Test
  void whoDoesNotSignDoesNotWakeAllTheTime() {
    Consensus consensus = start(List.of());
    handle(consensus, new Event.StandBy(0));
    now += 5_000;
    long wake = 0;
    for (Action action : consensus.handle(new Event.Tick(), 1_000_000 + now, now)) {
      wake = action instanceof Action.WakeAt at ? at.monotonicMillis() : wake;
    }
    assertThat(wake).isGreaterThanOrEqualTo(now + 100);
  }

  @Test
  void withoutItsLogItListensFirst() {
    Consensus consensus = start(List.of(NOTHING_KNOWN));
    othersAtRound(consensus, 3);
    assertThat(sent).isEmpty();
    assertThat(recorded).isEmpty(); // also after another start
    now += 10_000;
    handle(consensus, new Event.Received(Prepare.sign(new StubKey(SET.get(0)), 1, 3, Hash32.ZERO)));
    assertThat(recorded.getLast()).isEqualTo(new VoteRecord.Role(false, 3));
    assertThat(consensus.status().orElseThrow().signing()).isFalse();
  }
}
