package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.HeaderVerifier.Verdict;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The rules of the sync protocol, each by somebody who breaks it and holds every key he could
/// have.
class SyncProtocolTest {
  private static final int SLOTS_PER_PERIOD = 64;

  private final TestBeacon chain = new TestBeacon(TestNetworks.minimal(1000), 1);
  private final ConsensusNetwork network = chain.network;
  private final SyncCommitteeVerifier verifier = new SyncCommitteeVerifier(network);
  private final LightClientStore start = begin(chain, 16);

  private static LightClientStore begin(TestBeacon chain, long slot) {
    Verdict<LightClientStore> verdict =
        new SyncCommitteeVerifier(chain.network)
            .checkpoint(chain.root(slot), chain.bootstrap(slot), now(chain.network, slot + 1));
    return ((Verdict.Accepted<LightClientStore>) verdict).next();
  }

  private static long now(ConsensusNetwork network, long slot) {
    return network.timeMillisOf(slot);
  }

  private Verdict<LightClientStore> verify(LightClientStore store, LightClientUpdate update) {
    return verifier.verifyAt(store, update, now(network, update.signatureSlot()));
  }

  private LightClientStore apply(LightClientStore store, LightClientUpdate update) {
    Verdict<LightClientStore> verdict = verify(store, update);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    return ((Verdict.Accepted<LightClientStore>) verdict).next();
  }

  private static void refused(Verdict<LightClientStore> verdict, String why) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    assertThat(((Verdict.Refused<LightClientStore>) verdict).reason()).contains(why);
  }

  private static void useless(Verdict<LightClientStore> verdict, String why) {
    assertThat(verdict).isInstanceOf(Verdict.Unconnected.class);
    assertThat(((Verdict.Unconnected<LightClientStore>) verdict).reason()).contains(why);
  }

  /// Eight periods over every fork from Altair to Gloas, one update of each kind in each epoch.
  @Test
  void followsOverEveryFork() {
    TestBeacon all = new TestBeacon(TestNetworks.everyFork(), 2);
    SyncCommitteeVerifier by = new SyncCommitteeVerifier(all.network);
    LightClientStore store = begin(all, 8);
    for (long epoch = 3; epoch < 40; epoch++) {
      for (Kind kind : Kind.values()) {
        long slot = 8 * epoch + kind.ordinal();
        ConsensusFork fork = all.network.forkAtSlot(slot);
        byte[] ssz = TestSsz.encode(all.update(slot, kind), kind, fork, 32);
        LightClientUpdate update = LightClientUpdate.read(ssz, kind, fork, 32);
        Verdict<LightClientStore> verdict = by.verifyAt(store, update, now(all.network, slot + 1));
        assertThat(verdict).as("slot %d", slot).isInstanceOf(Verdict.Accepted.class);
        store = ((Verdict.Accepted<LightClientStore>) verdict).next();
        assertThat(store.optimisticHeader().slot()).isEqualTo(slot);
        assertThat(store.optimisticHeader().executionBlockHash())
            .isEqualTo(all.executionHash(slot));
        long finalized = Math.max(8, all.finalizedSlot(8 * epoch));
        assertThat(store.finalizedHeader().slot()).isEqualTo(finalized);
        assertThat(store.finalizedHeader().executionBlockHash())
            .isEqualTo(all.executionHash(finalized));
        store = LightClientStore.decode(store.encode(), 32);
      }
    }
    assertThat(store.finalizedHeader().slot()).isEqualTo(8 * 37);
  }

  @Test
  void anUpdateReadAsOfAnotherForkIsRefused() {
    TestBeacon all = new TestBeacon(TestNetworks.everyFork(), 2);
    SyncCommitteeVerifier by = new SyncCommitteeVerifier(all.network);
    for (ConsensusFork fork : ConsensusFork.values()) {
      if (fork == ConsensusFork.PHASE0) {
        continue;
      }
      long slot = 32L * (fork.ordinal() - 1) + 24;
      LightClientStore store = begin(all, slot - 8);
      for (Kind kind : Kind.values()) {
        byte[] ssz = TestSsz.encode(all.update(slot, kind), kind, fork, 32);
        for (ConsensusFork other : ConsensusFork.values()) {
          if (other == ConsensusFork.PHASE0) {
            continue;
          }
          Verdict<LightClientStore> verdict;
          try {
            LightClientUpdate read = LightClientUpdate.read(ssz, kind, other, 32);
            verdict = by.verifyAt(store, read, now(all.network, slot + 1));
          } catch (MalformedInputException differently) {
            continue;
          }
          // Some neighbours share their containers.
          boolean same =
              other == fork
                  || LightClientHeader.fixedBytes(fork) == LightClientHeader.fixedBytes(other)
                      && fork.finalizedRootIndex == other.finalizedRootIndex
                  || kind == Kind.OPTIMISTIC;
          assertThat(verdict instanceof Verdict.Accepted)
              .as("%s as %s", fork, other)
              .isEqualTo(same);
        }
      }
    }
  }

  /// One bit of every byte of every container; what is still believed is the same as before.
  @Test
  void aChangedByteIsRefusedOrChangesNothing() {
    TestBeacon all = new TestBeacon(TestNetworks.everyFork(), 2);
    SyncCommitteeVerifier by = new SyncCommitteeVerifier(all.network);
    Random random = new Random(5);
    int harmless = 0;
    for (ConsensusFork fork :
        new ConsensusFork[] {ConsensusFork.ALTAIR, ConsensusFork.FULU, ConsensusFork.GLOAS}) {
      long slot = 32L * (fork.ordinal() - 1) + 27;
      LightClientStore store = begin(all, slot - 19);
      for (Kind kind : fork == ConsensusFork.FULU ? Kind.values() : new Kind[] {Kind.FULL}) {
        byte[] ssz = TestSsz.encode(all.update(slot, kind), kind, fork, 32);
        LightClientStore expected = accepted(by, store, ssz, kind, fork, slot + 1);
        for (int at = 0; at < ssz.length; at++) {
          byte[] changed = ssz.clone();
          changed[at] ^= (byte) (1 << random.nextInt(8));
          LightClientStore believed;
          try {
            believed = accepted(by, store, changed, kind, fork, slot + 40);
          } catch (MalformedInputException unreadable) {
            continue;
          }
          if (believed != null) {
            harmless++;
            assertThat(believed.finalizedHeader().encode())
                .isEqualTo(expected.finalizedHeader().encode());
            assertThat(believed.optimisticHeader().encode())
                .isEqualTo(expected.optimisticHeader().encode());
            assertThat(believed.nextSyncCommittee()).isEqualTo(expected.nextSyncCommittee());
          }
        }
      }
    }
    // Only the slot of the signature, which nobody signs, can change within its period.
    assertThat(harmless).isLessThan(10);
  }

  private static LightClientStore accepted(
      SyncCommitteeVerifier by,
      LightClientStore store,
      byte[] ssz,
      Kind kind,
      ConsensusFork fork,
      long nowSlot) {
    LightClientUpdate update = LightClientUpdate.read(ssz, kind, fork, 32);
    Verdict<LightClientStore> verdict = by.verifyAt(store, update, now(by.network(), nowSlot));
    return verdict instanceof Verdict.Accepted<LightClientStore> accepted ? accepted.next() : null;
  }

  @Test
  void aChangedByteOfABootstrapIsRefused() {
    ConsensusFork fork = ConsensusFork.DENEB;
    byte[] ssz = TestSsz.encode(chain.bootstrap(16), fork);
    Random random = new Random(6);
    for (int at = 0; at < ssz.length; at++) {
      byte[] changed = ssz.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      try {
        LightClientBootstrap bootstrap = LightClientBootstrap.read(changed, fork, 32);
        assertThat(verifier.checkpoint(chain.root(16), bootstrap, now(network, 17)))
            .as("byte %d", at)
            .isInstanceOf(Verdict.Refused.class);
      } catch (MalformedInputException unreadable) {
        // As good as refused.
      }
    }
  }

  @Test
  void everyLengthButTheRightOneIsMalformed() {
    for (Kind kind : Kind.values()) {
      byte[] ssz = TestSsz.encode(chain.update(20, kind), kind, ConsensusFork.DENEB, 32);
      for (int length = 0; length < ssz.length + 40; length++) {
        if (length == ssz.length) {
          continue;
        }
        byte[] cut = Arrays.copyOf(ssz, length);
        try {
          LightClientUpdate read = LightClientUpdate.read(cut, kind, ConsensusFork.DENEB, 32);
          // Extra data alone may have another length.
          assertThat(verify(start, read)).isInstanceOf(Verdict.Refused.class);
        } catch (MalformedInputException malformed) {
          assertThat(malformed).hasMessageContaining("at byte");
        }
      }
    }
  }

  @Test
  void twoThirdsHaveToSign() {
    TestBeacon large = new TestBeacon(TestNetworks.large(), 3);
    SyncCommitteeVerifier by = new SyncCommitteeVerifier(large.network);
    LightClientStore store = begin(large, 16);
    long when = now(large.network, 25);
    LightClientUpdate few = large.update(24, 25, Kind.FINALITY, TestBeacon.first(341));
    assertThat(new SyncProtocol(large.network).verifyUpdate(store, few, 25)).isNull();
    useless(by.verifyAt(store, few, when), "341 of 512");
    LightClientUpdate enough = large.update(24, 25, Kind.FINALITY, TestBeacon.first(342));
    assertThat(by.verifyAt(store, enough, when)).isInstanceOf(Verdict.Accepted.class);
    LightClientUpdate nobody = large.update(24, 25, Kind.FINALITY, TestBeacon.first(0));
    assertThat(new SyncProtocol(large.network).verifyUpdate(store, nobody, 25).reason())
        .contains("nobody");
    // The bits of 342 over the signature of 341.
    SyncAggregate claimed =
        new SyncAggregate(enough.syncAggregate().bits(), few.syncAggregate().signature());
    refused(by.verifyAt(store, large.update(24, 25, Kind.FINALITY, claimed), when), "signature");
  }

  /// The protocol alone would take a minority's header for the newest when nothing was seen before.
  @Test
  void aMinorityMovesNothing() {
    SyncProtocol protocol = new SyncProtocol(network);
    LightClientUpdate one = chain.update(24, 25, Kind.FINALITY, TestBeacon.first(1));
    LightClientStore naive = protocol.apply(start, one, 25);
    assertThat(naive.optimisticHeader().slot()).isEqualTo(24);
    assertThat(naive.finalizedHeader()).isEqualTo(start.finalizedHeader());
    useless(verify(start, one), "1 of 32");
  }

  @Test
  void theSignatureIsMadeWithTheVersionOfTheSlotBefore() {
    // Electra begins with the second period.
    TestBeacon forking = new TestBeacon(TestNetworks.minimal(8), 4);
    ConsensusNetwork net = forking.network;
    SyncCommitteeVerifier by = new SyncCommitteeVerifier(net);
    LightClientStore store = begin(forking, 48);
    long last = SLOTS_PER_PERIOD - 1;
    Verdict<LightClientStore> known =
        by.verifyAt(store, forking.update(last - 1, Kind.FULL), now(net, last));
    store = ((Verdict.Accepted<LightClientStore>) known).next();
    long when = now(net, last + 1);
    // The last block of Deneb, signed by the next committee, in the first slot of Electra.
    LightClientUpdate right = forking.update(last, last + 1, Kind.OPTIMISTIC, TestBeacon.all());
    assertThat(by.verifyAt(store, right, when)).isInstanceOf(Verdict.Accepted.class);
    Hash32 electra = net.syncSigningRoot(forking.root(last), last + 2);
    assertThat(electra).isNotEqualTo(net.syncSigningRoot(forking.root(last), last + 1));
    SyncAggregate early = forking.sign(1, electra, TestBeacon.all());
    refused(
        by.verifyAt(store, forking.update(last, last + 1, Kind.OPTIMISTIC, early), when),
        "signature");
    Hash32 deneb = net.syncSigningRoot(forking.root(last + 1), last + 1);
    SyncAggregate late = forking.sign(1, deneb, TestBeacon.all());
    refused(
        by.verifyAt(
            store, forking.update(last + 1, last + 2, Kind.OPTIMISTIC, late), now(net, last + 2)),
        "signature");
    // The committee whose period is over.
    Hash32 message = net.syncSigningRoot(forking.root(last), last + 1);
    SyncAggregate old = forking.sign(0, message, TestBeacon.all());
    refused(
        by.verifyAt(store, forking.update(last, last + 1, Kind.OPTIMISTIC, old), when),
        "signature");
  }

  @Test
  void noPeriodIsSkipped() {
    useless(verify(start, chain.update(2 * SLOTS_PER_PERIOD + 20, Kind.FULL)), "period 2");
    // The next committee is not yet known.
    useless(verify(start, chain.update(SLOTS_PER_PERIOD + 20, Kind.FULL)), "period 1");
    LightClientStore knowing = apply(start, chain.update(40, Kind.FULL));
    LightClientStore next = apply(knowing, chain.update(SLOTS_PER_PERIOD + 20, Kind.FULL));
    assertThat(next.currentSyncCommittee()).isEqualTo(chain.committee(1));
    assertThat(next.nextSyncCommittee()).isEqualTo(chain.committee(2));
    useless(verify(knowing, chain.update(2 * SLOTS_PER_PERIOD + 20, Kind.FULL)), "period 2");
  }

  @Test
  void whatIsOldChangesNothing() {
    LightClientUpdate old = chain.update(40, Kind.FULL);
    LightClientStore knowing = apply(start, old);
    LightClientStore next = apply(knowing, chain.update(SLOTS_PER_PERIOD + 20, Kind.FULL));
    long when = now(network, SLOTS_PER_PERIOD + 30);
    for (LightClientUpdate replayed :
        new LightClientUpdate[] {
          old, chain.update(20, Kind.OPTIMISTIC), chain.update(50, Kind.FINALITY)
        }) {
      assertThat(verifier.verifyAt(next, replayed, when)).isInstanceOf(Verdict.Unconnected.class);
    }
    useless(verify(knowing, old), "nothing new");
  }

  @Test
  void whatIsNotYetIsNotBelieved() {
    LightClientUpdate update = chain.update(40, Kind.FULL);
    assertThat(verifier.verifyAt(start, update, now(network, 41) - 500))
        .isInstanceOf(Verdict.Accepted.class);
    useless(verifier.verifyAt(start, update, now(network, 41) - 501), "now it is 40");
  }

  @Test
  void slotsHaveToBeInOrder() {
    for (long signature : new long[] {40, 39, 17, 0}) {
      LightClientUpdate update = chain.update(40, signature, Kind.FULL, TestBeacon.all());
      refused(verifier.verifyAt(start, update, now(network, 60)), "out of order");
    }
    LightClientUpdate huge =
        chain.update(
            40,
            -1,
            Kind.FULL,
            new SyncAggregate(chain.update(40, Kind.FULL).syncAggregate().bits(), new byte[96]));
    useless(verifier.verifyAt(start, huge, now(network, 60)), "now it is 60");
  }

  /// The committee's signature is good, but over a block whose state names another next committee
  /// than one that was proven before.
  @Test
  void aKnownNextCommitteeIsNotReplaced() {
    LightClientStore knowing = apply(start, chain.update(40, Kind.FULL));
    LightClientStore misled =
        new LightClientStore(
            knowing.finalizedHeader(),
            knowing.currentSyncCommittee(),
            chain.committee(5),
            knowing.optimisticHeader(),
            32,
            32,
            knowing.timeout());
    useless(verify(misled, chain.update(50, Kind.FULL)), "another next sync committee");
  }

  @Test
  void partsWithoutProofAreRefused() {
    LightClientUpdate u = chain.update(40, Kind.FULL);
    LightClientUpdate optimistic = chain.update(40, Kind.OPTIMISTIC);
    refused(
        verify(
            start,
            new LightClientUpdate(
                u.attestedHeader(),
                u.nextSyncCommittee(),
                optimistic.nextSyncCommitteeBranch(),
                u.finalizedHeader(),
                u.finalityBranch(),
                u.syncAggregate(),
                u.signatureSlot())),
        "committee without proof");
    refused(
        verify(
            start,
            new LightClientUpdate(
                u.attestedHeader(),
                null,
                u.nextSyncCommitteeBranch(),
                u.finalizedHeader(),
                u.finalityBranch(),
                u.syncAggregate(),
                u.signatureSlot())),
        "committee is not proven");
    refused(
        verify(
            start,
            new LightClientUpdate(
                u.attestedHeader(),
                u.nextSyncCommittee(),
                u.nextSyncCommitteeBranch(),
                u.finalizedHeader(),
                optimistic.finalityBranch(),
                u.syncAggregate(),
                u.signatureSlot())),
        "header without proof");
    refused(
        verify(
            start,
            new LightClientUpdate(
                u.attestedHeader(),
                chain.committee(9),
                u.nextSyncCommitteeBranch(),
                u.finalizedHeader(),
                u.finalityBranch(),
                u.syncAggregate(),
                u.signatureSlot())),
        "committee is not proven");
  }

  @Test
  void anOldCheckpointIsRefusedWithWhatToDo() {
    long late = now(network, 16) + SyncCommitteeVerifier.TRUSTING_PERIOD.toMillis();
    assertThat(verifier.checkpoint(chain.root(16), chain.bootstrap(16), late))
        .isInstanceOf(Verdict.Accepted.class);
    Verdict<LightClientStore> tooLate =
        verifier.checkpoint(chain.root(16), chain.bootstrap(16), late + 1);
    assertThat(((Verdict.Expired<LightClientStore>) tooLate).reason())
        .contains("14 days ago", "newer finalised block");
    assertThat(verifier.verifyAt(start, chain.update(40, Kind.FULL), late + 1))
        .isInstanceOf(Verdict.Expired.class);
    refused(verifier.checkpoint(chain.root(8), chain.bootstrap(16), now(network, 20)), "not of");
  }
}
