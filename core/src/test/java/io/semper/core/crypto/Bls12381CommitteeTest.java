package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Aggregates of a committee by both makers, which have to agree with each other and with the sum
/// of the signers' keys.
class Bls12381CommitteeTest {
  private static final int SIZE = 32;
  private static final byte[] MESSAGE = new byte[32];
  private static final int LOADED = 7;

  private static final Random RANDOM = new Random(381);
  private static final List<BigInteger> SECRETS = new ArrayList<>();
  private static final byte[] KEYS = new byte[SIZE * 48];
  private static byte[] aggregate;

  enum Maker {
    JAVA,
    NATIVE;

    Bls12381Committee of(byte[] keys, byte[] aggregate) {
      return this == JAVA
          ? Bls12381Committee.inJava(keys, aggregate)
          : Bls12381Committee.inNativeCode(keys, aggregate);
    }
  }

  @BeforeAll
  static void makeKeys() {
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < SIZE; i++) {
      BigInteger secret = new BigInteger(250, RANDOM);
      SECRETS.add(secret);
      sum = sum.add(secret);
      System.arraycopy(TestBlsKeys.publicKey(secret), 0, KEYS, 48 * i, 48);
    }
    aggregate = TestBlsKeys.publicKey(sum.mod(TestBlsKeys.ORDER));
  }

  /// Ends as a killed process does, without any clean-up.
  static final class Killed {
    public static void main(String[] arguments) {
      Runtime.getRuntime().halt(Bls12381Committee.isNative() ? LOADED : 1);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aKilledProcessLeavesNoBinaryBehind(@TempDir Path folder) throws Exception {
    assertThat(KilledProcess.run(Killed.class, folder)).isEqualTo(LOADED);
    assertThat(folder).isEmptyDirectory();
  }

  private static Bls12381Committee committee(Maker maker) {
    assumeThat(maker == Maker.JAVA || Bls12381Committee.isNative()).isTrue();
    return maker.of(KEYS, aggregate);
  }

  private static byte[] sign(byte[] bits) {
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < SIZE; i++) {
      if ((bits[i / 8] >>> i % 8 & 1) != 0) {
        sum = sum.add(SECRETS.get(i));
      }
    }
    return TestBlsKeys.sign(sum.mod(TestBlsKeys.ORDER), MESSAGE);
  }

  @ParameterizedTest
  @EnumSource
  void acceptsExactlyTheSigners(Maker maker) {
    Bls12381Committee committee = committee(maker);
    for (int missing : new int[] {0, 1, 3, 15, 16, 17, 30, 31}) {
      byte[] bits = new byte[SIZE / 8];
      List<byte[]> signers = new ArrayList<>();
      for (int i = missing; i < SIZE; i++) {
        int member = (7 * i + 3) % SIZE;
        bits[member / 8] |= (byte) (1 << member % 8);
        signers.add(Arrays.copyOfRange(KEYS, 48 * member, 48 * member + 48));
      }
      byte[] signature = sign(bits);
      assertThat(Bls12381Signatures.fastAggregateVerify(signers, MESSAGE, signature)).isTrue();
      assertThat(committee.verify(bits, MESSAGE, signature)).as("%d missing", missing).isTrue();
      byte[] others = bits.clone();
      others[missing % 4] ^= 0x10;
      assertThat(committee.verify(others, MESSAGE, signature)).isFalse();
      assertThat(committee.verify(bits, new byte[] {1}, signature)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatIsNoSignature(Maker maker) {
    Bls12381Committee committee = committee(maker);
    byte[] all = {-1, -1, -1, -1};
    byte[] good = sign(all);
    assertThat(committee.verify(all, MESSAGE, good)).isTrue();
    byte[] infinity = new byte[96];
    infinity[0] = (byte) 0xc0;
    assertThat(committee.verify(all, MESSAGE, infinity)).isFalse();
    assertThat(committee.verify(new byte[4], MESSAGE, infinity)).isFalse();
    assertThat(committee.verify(new byte[4], MESSAGE, good)).isFalse();
    assertThat(committee.verify(all, MESSAGE, new byte[96])).isFalse();
    assertThat(committee.verify(all, MESSAGE, Arrays.copyOf(good, 95))).isFalse();
    assertThat(committee.verify(new byte[] {-1, -1, -1}, MESSAGE, good)).isFalse();
    byte[] opposite = good.clone();
    opposite[0] ^= 0x20;
    assertThat(committee.verify(all, MESSAGE, opposite)).isFalse();
    byte[] outside = TestBlsKeys.outsideOfTheSubgroup();
    assertThat(committee.verify(all, MESSAGE, outside)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void aMemberWithoutAKeyIsSkippedUnlessListed(Maker maker) {
    committee(maker);
    byte[] keys = KEYS.clone();
    Arrays.fill(keys, 0, 48, (byte) 0);
    byte[] all = {-1, -1, -1, -1};
    Bls12381Committee committee = maker.of(keys, aggregate);
    assertThat(committee.verify(all, MESSAGE, sign(all))).isTrue();
    byte[] others = {-2, -1, -1, -1};
    assertThat(committee.verify(others, MESSAGE, sign(others))).isFalse();
    keys[0] = (byte) 0xc0;
    assertThat(maker.of(keys, aggregate).verify(others, MESSAGE, sign(others))).isFalse();
  }

  /// Keys that cancel out: nobody's key, and the signature everybody can make for it.
  @ParameterizedTest
  @EnumSource
  void refusesAnInfiniteSum(Maker maker) {
    committee(maker);
    byte[] keys = new byte[8 * 48];
    for (int i = 0; i < 8; i++) {
      BigInteger secret = BigInteger.valueOf(1 + i / 2);
      BigInteger signed = i % 2 == 0 ? secret : TestBlsKeys.ORDER.subtract(secret);
      System.arraycopy(TestBlsKeys.publicKey(signed), 0, keys, 48 * i, 48);
    }
    Bls12381Committee committee = maker.of(keys, aggregate);
    byte[] infinity = new byte[96];
    infinity[0] = (byte) 0xc0;
    assertThat(committee.verify(new byte[] {3}, MESSAGE, infinity)).isFalse();
  }
}
