package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// QBFT's extra data and the three encodings of its headers.
class QbftExtraDataTest {
  private static final Address ONE = Address.of(1);
  private static final Address TWO = Address.of(2);
  private static final String VANITY =
      "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
  private static final Signature SEAL = seal(1, 10);
  private static final Signature OTHER_SEAL = seal(10, 1);

  /// The vector with which Besu tests its codec.
  private static final QbftExtraData KNOWN =
      new QbftExtraData(
          Hex.decode(VANITY),
          List.of(ONE, TWO),
          new QbftExtraData.Vote(ONE, true),
          0xFEDCBA,
          List.of(SEAL, OTHER_SEAL));

  private static Signature seal(long r, long s) {
    return new Signature(0, UInt256.of(r), UInt256.of(s));
  }

  @Test
  void theKnownVector() {
    String encoded =
        "0xf8f0a0"
            + VANITY
            + "ea940000000000000000000000000000000000000001"
            + "940000000000000000000000000000000000000002"
            + "d794000000000000000000000000000000000000000181ff"
            + "83fedcba"
            + "f886b841"
            + "0".repeat(63)
            + "1"
            + "0".repeat(63)
            + "a00"
            + "b841"
            + "0".repeat(63)
            + "a"
            + "0".repeat(63)
            + "100";
    assertThat(Hex.encode(KNOWN.encode())).isEqualTo(encoded);
    assertSame(QbftExtraData.decode(Hex.decode(encoded)), KNOWN);
  }

  @Test
  void aGenesisBlockWithAContractOfValidators() {
    QbftExtraData extra = new QbftExtraData(new byte[32], List.of(), null, 0, List.of());
    assertThat(Hex.encode(extra.encode())).isEqualTo("0xe5a0" + "00".repeat(32) + "c0c080c0");
    assertSame(QbftExtraData.decode(extra.encode()), extra);
  }

  @Test
  void aVoteToDrop() {
    QbftExtraData drop =
        new QbftExtraData(
            new byte[32], List.of(ONE), new QbftExtraData.Vote(TWO, false), 1, List.of());
    assertThat(Hex.encode(drop.encode()))
        .contains("d694" + TWO.toString().substring(2) + "80" + "01" + "c0");
    assertSame(QbftExtraData.decode(drop.encode()), drop);
  }

  @Test
  void badEncodingsAreRefused() {
    refused(extra(b -> b.bytes(new byte[] {0, 1}).startList().endList()), "leading zero");
    refused(extra(b -> b.bytes(new byte[4]).startList().endList()), "leading zero");
    refused(extra(b -> b.number(1L << 31).startList().endList()), "31 bits");
    refused(extra(b -> b.number(0).startList().bytes(new byte[64]).endList()), "expected 65");
    byte[] v27 = new byte[65];
    v27[64] = 27;
    refused(extra(b -> b.number(0).startList().bytes(v27).endList()), "v is 27");
    refused(extra(b -> b.number(0)), "missing item");
    RlpWriter vote = new RlpWriter().startList().bytes(new byte[32]).startList().endList();
    vote.startList().address(ONE).bytes(new byte[] {1}).endList();
    refused(vote.number(0).startList().endList().endList().toBytes(), "neither");
    refused(new byte[QbftExtraData.MAX_BYTES + 1], "at most");
    List<Address> crowd =
        IntStream.rangeClosed(0, QbftExtraData.MAX_VALIDATORS).mapToObj(Address::of).toList();
    refused(new QbftExtraData(new byte[32], crowd, null, 0, List.of()).encode(), "more than 256");
    byte[] trailing = Arrays.copyOf(KNOWN.encode(), KNOWN.encode().length + 1);
    refused(trailing, "trailing");
  }

  private interface Tail {
    RlpWriter write(RlpWriter out);
  }

  /// Vanity, no validators, no vote, then what `tail` writes.
  private static byte[] extra(Tail tail) {
    RlpWriter out = new RlpWriter().startList().bytes(new byte[32]);
    out.startList().endList().startList().endList();
    return tail.write(out).endList().toBytes();
  }

  private static void refused(byte[] encoded, String why) {
    assertThatThrownBy(() -> QbftExtraData.decode(encoded))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining(why);
  }

  /// No input makes the decoder do anything but decode or refuse; what it decodes it encodes again.
  @Test
  void mutatedBytesAreDecodedOrRefused() {
    Random random = new Random(5);
    byte[] good = KNOWN.encode();
    int decoded = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes =
          Arrays.copyOf(good, random.nextInt(8) == 0 ? random.nextInt(300) : good.length);
      for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        byte[] once = QbftExtraData.decode(bytes).encode();
        assertThat(QbftExtraData.decode(once).encode()).isEqualTo(once);
        decoded++;
      } catch (MalformedInputException refused) {
        assertThat(refused).hasMessageNotContaining("null");
      }
    }
    assertThat(decoded).isPositive();
  }

  private static Header header(QbftExtraData extra) {
    return Header.builder()
        .number(7)
        .difficulty(UInt256.ONE)
        .mixHash(QbftExtraData.MIX_HASH)
        .extraData(extra.encode())
        .build();
  }

  private static Header raw(byte[] extraData) {
    return header(KNOWN).toBuilder().extraData(extraData).build();
  }

  @Test
  void theHashLeavesOutRoundAndSeals() {
    Header header = header(KNOWN);
    Header plain = header(KNOWN.unsealed(0));
    assertThat(header.hash()).isEqualTo(Keccak.hash(plain.encode())).isEqualTo(plain.hash());
    assertThat(header.hash()).isEqualTo(header(KNOWN.sealed(List.of(SEAL)).unsealed(3)).hash());
    assertThat(header.hash()).isNotEqualTo(Keccak.hash(header.encode()));
    QbftExtraData voteless =
        new QbftExtraData(KNOWN.vanity(), KNOWN.validators(), null, 0, List.of());
    assertThat(header.hash()).isNotEqualTo(header(voteless).hash());
  }

  @Test
  void theSealHashHasTheRound() {
    Header header = header(KNOWN);
    assertThat(header.sealHash())
        .isEqualTo(Keccak.hash(header(KNOWN.unsealed(KNOWN.round())).encode()))
        .isEqualTo(header(KNOWN.sealed(List.of())).sealHash())
        .isNotEqualTo(header.hash())
        .isNotEqualTo(header(KNOWN.unsealed(1)).sealHash());
    assertThat(header(KNOWN.unsealed(0)).sealHash()).isEqualTo(header.hash());
  }

  @Test
  void otherHeadersAreHashedWhole() {
    Header genesis = header(KNOWN).toBuilder().number(0).build();
    Header otherMix = header(KNOWN).toBuilder().mixHash(Keccak.hash(new byte[1])).build();
    Header noExtra = raw(new byte[40]);
    // Every other network's extra data, whatever its mix, has at most 32 bytes.
    Header tiny = raw(Hex.decode("0xc580c0c080c0"));
    for (Header header : Stream.of(genesis, otherMix, noExtra, tiny).toList()) {
      assertThat(header.qbft()).isEmpty();
      assertThat(header.hash()).isEqualTo(Keccak.hash(header.encode()));
    }
  }

  @Test
  void whatNothingCoversIsLeftOut() {
    byte[] good = KNOWN.encode();
    byte[] items = Arrays.copyOfRange(good, 2, good.length);
    byte[] longer = Arrays.copyOf(items, items.length + 1);
    longer[items.length] = 5;
    byte[] padded = concat(new byte[] {(byte) 0xF8, (byte) longer.length}, longer);
    Header decoded = Header.decode(raw(padded).encode());
    assertThat(decoded.extraData()).isEqualTo(good);
    assertThat(decoded.hash()).isEqualTo(raw(padded).hash()).isEqualTo(header(KNOWN).hash());
    assertThat(decoded.encode()).isEqualTo(header(KNOWN).encode());
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static void assertSame(QbftExtraData actual, QbftExtraData expected) {
    assertThat(actual.vanity()).isEqualTo(expected.vanity());
    assertThat(actual.validators()).isEqualTo(expected.validators());
    assertThat(actual.vote()).isEqualTo(expected.vote());
    assertThat(actual.round()).isEqualTo(expected.round());
    assertThat(actual.seals()).isEqualTo(expected.seals());
  }
}
