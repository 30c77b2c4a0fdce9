package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.lightclient.HeaderVerifier.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Who must have sealed for how much to be believed, with keys in the hands of liars.
class TrustRuleTest {
  private static final long START = 1_700_000_000;
  private static QbftVerifier verifier;

  @BeforeAll
  static void read() {
    verifier = new QbftVerifier(RecordedChain.read().network());
  }

  private static TrustedHeader trusted(List<Address> set) {
    return new TrustedHeader(100, Hash32.of(1, 1, 1, 1), START, set);
  }

  private static Verdict<TrustedHeader> verify(TrustedHeader from, Header header) {
    return verifier.verify(from, QbftClaim.of(header), header.timestamp());
  }

  /// Two thirds rounded up of every size; one less is refused.
  @Test
  void aQuorumOfTheHeadersOwnSetMustSeal() {
    int[] quorums = {1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9};
    for (int n = 1; n <= quorums.length; n++) {
      List<Address> set = ForgedChain.validators(1, n);
      int quorum = quorums[n - 1];
      Hash32 parent = Hash32.ZERO;
      Header enough = ForgedChain.header(200, parent, START + 1000, set, quorum);
      assertThat(verify(trusted(set), enough)).isInstanceOf(Verdict.Accepted.class);
      Header few = ForgedChain.header(200, parent, START + 1000, set, quorum - 1);
      assertThat(verify(trusted(set), few)).isInstanceOf(Verdict.Refused.class);
    }
  }

  /// Six validators, of whom two may be faulty: three old ones convince, two do not.
  @Test
  void moreThanTheFaultyOfTheTrustedSetMustSeal() {
    for (int n : new int[] {4, 6, 7, 10, 13}) {
      List<Address> old = ForgedChain.validators(1, n);
      int faulty = (n - 1) / 3;
      for (int stolen = 0; stolen <= faulty + 1; stolen++) {
        List<Address> set = new ArrayList<>(ForgedChain.validators(100, 99 + n));
        for (int k = 0; k < stolen; k++) {
          set.set(k, old.get(k));
        }
        List<Address> sorted = set.stream().sorted().toList();
        Header header = ForgedChain.header(500, Hash32.ZERO, START + 5000, sorted, n);
        assertThat(verify(trusted(old), header))
            .as("%d keys of %d", stolen, n)
            .isInstanceOf(stolen > faulty ? Verdict.Accepted.class : Verdict.Unconnected.class);
      }
    }
  }

  /// All keys of the old set, sold after the trusting period, are of no use.
  @Test
  void stolenKeysAreWorthNothingAfterTheTrustingPeriod() {
    List<Address> old = ForgedChain.validators(1, 4);
    long late = START + QbftVerifier.TRUSTING_SECONDS;
    Header forged = ForgedChain.header(500, Hash32.ZERO, late, old, 4);
    assertThat(verify(trusted(old), forged)).isInstanceOf(Verdict.Expired.class);
    Header backdated = ForgedChain.header(500, Hash32.ZERO, START + 5000, old, 4);
    assertThat(verifier.verify(trusted(old), QbftClaim.of(backdated), late))
        .isInstanceOf(Verdict.Expired.class);
  }

  @Test
  void theNextBlockMustBeTheChildAndChangeOneValidatorAtMost() {
    List<Address> set = ForgedChain.validators(1, 7);
    TrustedHeader from = trusted(set);
    long time = START + 10;
    Header child = ForgedChain.header(101, from.hash(), time, set, 7);
    assertThat(verify(from, child)).isInstanceOf(Verdict.Accepted.class);
    Header stranger = ForgedChain.header(101, Hash32.of(2, 2, 2, 2), time, set, 7);
    assertThat(verify(from, stranger)).isInstanceOf(Verdict.Refused.class);
    List<Address> one = ForgedChain.validators(1, 8);
    assertThat(verify(from, ForgedChain.header(101, from.hash(), time, one, 8)))
        .isInstanceOf(Verdict.Accepted.class);
    List<Address> two = ForgedChain.validators(1, 9);
    assertThat(verify(from, ForgedChain.header(101, from.hash(), time, two, 9)))
        .isInstanceOf(Verdict.Refused.class);
  }

  /// One of two is voted out, and the one who stays seals alone: the next block may say so, a later
  /// one not.
  @Test
  void aSetMayShrinkToOne() {
    List<Address> two = ForgedChain.validators(1, 2);
    TrustedHeader from = trusted(two);
    List<Address> one = two.subList(1, 2);
    Header next = ForgedChain.header(101, from.hash(), START + 10, one, 1);
    assertThat(verify(from, next)).isInstanceOf(Verdict.Accepted.class);
    Header later = ForgedChain.header(102, next.hash(), START + 20, one, 1);
    assertThat(verify(from, later)).isInstanceOf(Verdict.Unconnected.class);
    assertThat(verify(TrustedHeader.of(next, one), later)).isInstanceOf(Verdict.Accepted.class);
    List<Address> strangers = ForgedChain.validators(3, 3);
    Header forged = ForgedChain.header(101, from.hash(), START + 10, strangers, 1);
    assertThat(verify(from, forged)).isNotInstanceOf(Verdict.Accepted.class);
  }

  /// A block at which a contract begins to name the validators and the network's file names others:
  /// the contract's count, and a header that names its own is none of the network's.
  @Test
  void validatorsNamedAtTheBlockOfAContractAreNotBelieved() {
    List<Address> old = ForgedChain.validators(1, 4);
    List<Address> own = ForgedChain.validators(50, 53);
    String network =
        """
        {"config": {"chainId": 7, "berlinBlock": 0,
          "qbft": {"blockperiodseconds": 1, "epochlength": 100, "requesttimeoutseconds": 2},
          "transitions": {"qbft": [{"block": 101, "validators": ["%s"],
            "validatorselectionmode": "contract",
            "validatorcontractaddress": "0x0000000000000000000000000000000000007777"}]}},
         "difficulty": "0x1", "gasLimit": "0x1000000", "mixHash": "%s",
         "extraData": "%s", "alloc": {}}
        """
            .formatted(
                old.getFirst(),
                QbftExtraData.MIX_HASH,
                Hex.encode(new QbftExtraData(new byte[32], old, null, 0, List.of()).encode()));
    QbftVerifier changing =
        new QbftVerifier(Genesis.read(network.getBytes(StandardCharsets.UTF_8)));
    TrustedHeader from = trusted(old);
    long time = START + 10;
    Header forged = ForgedChain.header(101, from.hash(), time, own, 4);
    assertThat(changing.verify(from, QbftClaim.of(forged), time))
        .isInstanceOf(Verdict.Refused.class);
    Header named = ForgedChain.header(101, from.hash(), time, old, 4);
    assertThat(changing.verify(from, QbftClaim.of(named), time))
        .isInstanceOf(Verdict.Refused.class);
    // As the contract has it, and nobody else.
    Header unnamed = ForgedChain.unnamed(101, from.hash(), time, own, 4);
    assertThat(changing.verify(from, new QbftClaim(unnamed, own), time))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(changing.verify(from, new QbftClaim(unnamed, old), time))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void blocksCannotComeFasterThanTheNetworksPeriod() {
    List<Address> set = ForgedChain.validators(1, 4);
    Header tooFast = ForgedChain.header(1_000_000, Hash32.ZERO, START + 10, set, 4);
    assertThat(verify(trusted(set), tooFast)).isInstanceOf(Verdict.Refused.class);
  }

  /// A network all of whose validators are replaced, one every 20 blocks, several times over.
  @Test
  void bisectionFindsTheWayOverChangingSets() {
    Map<Long, Header> headers = new HashMap<>();
    List<List<Address>> sets = new ArrayList<>();
    Hash32 parent = Hash32.of(1, 1, 1, 1);
    for (int number = 101; number <= 700; number++) {
      int first = 1 + (number - 101) / 20;
      List<Address> set = ForgedChain.validators(first, first + 3);
      sets.add(set);
      Header header = ForgedChain.header(number, parent, START + 10L * (number - 100), set, 4);
      headers.put((long) number, header);
      parent = header.hash();
    }
    TrustedHeader start = TrustedHeader.of(headers.get(101L), sets.getFirst());
    List<Long> asked = new ArrayList<>();
    Header target = headers.get(700L);
    Verdict<TrustedHeader> verdict =
        Bisection.advance(
            verifier,
            start,
            QbftClaim.of(target),
            number -> {
              asked.add(number);
              return QbftClaim.of(headers.get(number));
            },
            target.timestamp());
    assertThat(verdict).isEqualTo(new Verdict.Accepted<>(TrustedHeader.of(target, sets.getLast())));
    assertThat(asked).hasSizeLessThan(60);
  }

  /// Whoever holds f keys of each set on the way convinces of nothing, whatever he serves.
  @Test
  void bisectionEndsWhereTooManyAreFaulty() {
    List<Address> old = ForgedChain.validators(1, 4);
    List<Address> forged = new ArrayList<>(ForgedChain.validators(50, 52));
    forged.add(old.get(0));
    List<Address> set = forged.stream().sorted().toList();
    Header target = ForgedChain.header(1000, Hash32.ZERO, START + 100_000, set, 4);
    Random random = new Random(1);
    Verdict<TrustedHeader> verdict =
        Bisection.advance(
            verifier,
            trusted(old),
            QbftClaim.of(target),
            number ->
                QbftClaim.of(
                    ForgedChain.header(
                        number,
                        Hash32.ZERO,
                        START + (number - 100) * 100,
                        set,
                        3 + random.nextInt(2))),
            target.timestamp());
    assertThat(verdict).isInstanceOfAny(Verdict.Unconnected.class, Verdict.Refused.class);
  }
}
