package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.lightclient.HeaderVerifier.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Headers of another implementation, true and changed.
class QbftVerifierTest {
  private static RecordedChain chain;
  private static QbftVerifier verifier;

  /// Its genesis block is of the year 2020, three years before the first block.
  private static QbftVerifier patient;

  private static final long YEAR_SECONDS = 365 * 24 * 3600;

  @BeforeAll
  static void read() {
    chain = RecordedChain.read();
    verifier = new QbftVerifier(chain.network());
    patient = new QbftVerifier(chain.network(), 10 * YEAR_SECONDS);
  }

  private static TrustedHeader genesis() {
    return QbftVerifier.genesis(chain.network()).orElseThrow();
  }

  private static TrustedHeader trusted(int number) {
    Verdict<TrustedHeader> verdict = verifier.checkpoint(chain.header(number), null, chain.now());
    return ((Verdict.Accepted<TrustedHeader>) verdict).next();
  }

  private static Verdict<TrustedHeader> verify(TrustedHeader trusted, Header header) {
    QbftVerifier by = trusted.number() == 0 ? patient : verifier;
    return by.verify(trusted, QbftClaim.of(header), chain.now());
  }

  private static void refused(Verdict<TrustedHeader> verdict, String why) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    assertThat(((Verdict.Refused<TrustedHeader>) verdict).reason()).contains(why);
  }

  @Test
  void everyHeaderFollowsFromTheOneBefore() {
    TrustedHeader at = genesis();
    for (int number = 1; number <= 240; number++) {
      Verdict<TrustedHeader> verdict = verify(at, chain.header(number));
      assertThat(verdict).as("block %d", number).isInstanceOf(Verdict.Accepted.class);
      at = ((Verdict.Accepted<TrustedHeader>) verdict).next();
      assertThat(at.hash()).isEqualTo(chain.header(number).hash());
    }
  }

  @Test
  void everyHeaderFollowsFromGenesisAndFromThreeBlocksInOneStep() {
    for (int from : new int[] {0, 1, 50, 120}) {
      TrustedHeader start = from == 0 ? genesis() : trusted(from);
      for (int number = from + 1; number <= 240; number++) {
        assertThat(verify(start, chain.header(number)))
            .as("from %d to %d", from, number)
            .isInstanceOf(Verdict.Accepted.class);
      }
    }
  }

  @Test
  void aHeaderWithAnySealChangedIsRefused() {
    TrustedHeader start = genesis();
    for (Header header : List.of(chain.header(1), chain.header(60), chain.header(200))) {
      List<Signature> seals = header.qbft().orElseThrow().seals();
      for (int i = 0; i < seals.size(); i++) {
        Signature s = seals.get(i);
        List<Signature> changes =
            List.of(
                new Signature(1 - s.yParity(), s.r(), s.s()),
                new Signature(s.yParity(), s.r().plus(UInt256.ONE), s.s()),
                new Signature(s.yParity(), s.r(), s.s().plus(UInt256.ONE)),
                new Signature(s.yParity(), UInt256.ZERO, s.s()));
        for (Signature change : changes) {
          List<Signature> changed = new ArrayList<>(seals);
          changed.set(i, change);
          refused(verify(start, withSeals(header, changed)), "no validator");
        }
        List<Signature> twice = new ArrayList<>(seals);
        twice.set(i, seals.get((i + 1) % seals.size()));
        refused(verify(start, withSeals(header, twice)), "two seals");
      }
      int quorum = (2 * header.qbft().orElseThrow().validators().size() + 2) / 3;
      for (int count = 0; count < quorum; count++) {
        refused(verify(start, withSeals(header, seals.subList(0, count))), "needed");
      }
    }
  }

  @Test
  void theSealsOfAnotherBlockOrRoundAreRefused() {
    Header header = chain.header(100);
    List<Signature> others = chain.header(101).qbft().orElseThrow().seals();
    refused(verify(genesis(), withSeals(header, others)), "no validator");
    refused(
        verify(
            genesis(),
            with(
                header,
                e ->
                    new QbftExtraData(
                        e.vanity(), e.validators(), e.vote(), e.round() + 1, e.seals()))),
        "no validator");
  }

  @Test
  void aHeaderWithAnotherSetIsRefused() {
    Header header = chain.header(100);
    List<Address> set = header.qbft().orElseThrow().validators();
    List<Address> more = new ArrayList<>(set);
    more.add(Address.of(1));
    for (List<Address> wrong :
        List.of(
            set.subList(1, set.size()),
            more,
            more.stream().sorted().toList(),
            set.reversed(),
            List.<Address>of())) {
      Header changed =
          with(header, e -> new QbftExtraData(e.vanity(), wrong, e.vote(), e.round(), e.seals()));
      assertThat(verify(genesis(), changed)).isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void aHeaderWithAnyFieldChangedIsRefused() {
    Header h = chain.header(100);
    Hash32 other = Hash32.of(1, 2, 3, 4);
    List<UnaryOperator<Header.Builder>> changes =
        List.of(
            b -> b.parentHash(other),
            b -> b.ommersHash(other),
            b -> b.beneficiary(h.qbft().orElseThrow().validators().get(0)),
            b -> b.beneficiary(h.qbft().orElseThrow().validators().get(1)),
            b -> b.beneficiary(Address.of(7)),
            b -> b.stateRoot(other),
            b -> b.transactionsRoot(other),
            b -> b.receiptsRoot(other),
            b -> b.difficulty(UInt256.of(2)),
            b -> b.number(h.number() + 1),
            b -> b.gasLimit(h.gasLimit() + 1),
            b -> b.gasUsed(h.gasUsed() + 1),
            b -> b.timestamp(h.timestamp() + 1),
            b -> b.mixHash(other),
            b -> b.nonce(1),
            b -> b.baseFeePerGas(UInt256.ONE),
            b -> b.extraData(new byte[0]));
    for (int i = 0; i < changes.size(); i++) {
      Header changed = changes.get(i).apply(h.toBuilder()).build();
      if (!changed.hash().equals(h.hash())) {
        assertThat(verify(genesis(), changed))
            .as("change %d", i)
            .isInstanceOf(Verdict.Refused.class);
      }
    }
  }

  @Test
  void timesMustFit() {
    TrustedHeader start = trusted(50);
    Header later = chain.header(51);
    long expiry = start.timestamp() + QbftVerifier.TRUSTING_SECONDS;
    assertThat(verifier.verify(start, QbftClaim.of(later), expiry))
        .isInstanceOf(Verdict.Expired.class);
    assertThat(verifier.verify(start, QbftClaim.of(later), expiry - 1))
        .isInstanceOf(Verdict.Accepted.class);
    long drift = QbftVerifier.CLOCK_DRIFT_SECONDS;
    refused(
        verifier.verify(start, QbftClaim.of(later), later.timestamp() - drift - 1), "ahead of now");
    assertThat(verifier.verify(start, QbftClaim.of(later), later.timestamp() - drift))
        .isInstanceOf(Verdict.Accepted.class);
    refused(verify(start, chain.header(50)), "not above");
    refused(verify(start, chain.header(3)), "not above");
  }

  private static Header withSeals(Header header, List<Signature> seals) {
    return with(header, extra -> extra.sealed(seals));
  }

  static Header with(Header header, UnaryOperator<QbftExtraData> change) {
    byte[] extra = change.apply(header.qbft().orElseThrow()).encode();
    return header.toBuilder().extraData(extra).build();
  }
}
