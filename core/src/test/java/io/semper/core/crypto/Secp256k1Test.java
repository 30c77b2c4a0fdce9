package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Signing and recovery, natively and in Java: one behaviour.
class Secp256k1Test {
  private static final BigInteger ORDER = Secp256k1.N.toBigInteger();
  private static final BigInteger PRIME =
      BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));
  private static final UInt256 G_X =
      UInt256.ofHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  private static final byte[] G_PUBLIC =
      Hex.decode(
          "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
              + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");

  private static final int LOADED = 7;

  private final Random random = new Random(7);

  /// The native library is among the test dependencies, so both makers are compared.
  private static List<Ecdsa> makers() {
    List<Ecdsa> makers = new ArrayList<>();
    makers.add(new JavaEcdsa());
    assertThat(Secp256k1.isNative()).as("native library loads on this platform").isTrue();
    makers.add(NativeEcdsa.load());
    return makers;
  }

  /// Ends as a killed process does, without any clean-up.
  static final class Killed {
    public static void main(String[] arguments) {
      Runtime.getRuntime().halt(Secp256k1.isNative() ? LOADED : 1);
    }
  }

  @Test
  void aKilledProcessLeavesNoBinaryBehind(@TempDir Path folder) throws Exception {
    assertThat(KilledProcess.run(Killed.class, folder)).isEqualTo(LOADED);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void signsAsEip155Shows() {
    Hash32 hash = Hash32.of("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    byte[] key = Hex.decode("46".repeat(32));
    for (Ecdsa maker : makers()) {
      Signature signature = Secp256k1.sign(maker, hash, key);
      assertThat(signature)
          .isEqualTo(
              new Signature(
                  0,
                  UInt256.ofHex("28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
                  UInt256.ofHex(
                      "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")));
      assertThat(Secp256k1.address(Secp256k1.recoverKey(maker, hash, signature)))
          .isEqualTo(Address.of("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"));
    }
  }

  /// One x in two has points, and each byte of a point counts.
  @Test
  void decompressesWhatIsAPoint() {
    for (int i = 0; i < 64; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      key[0] &= 0x7f;
      byte[] point = Secp256k1.publicKey(key);
      byte[] compressed = new byte[33];
      compressed[0] = (byte) (2 + (point[63] & 1));
      System.arraycopy(point, 0, compressed, 1, 32);
      byte[] changed = compressed.clone();
      changed[1 + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      for (Ecdsa maker : makers()) {
        assertThat(Secp256k1.decompress(maker, compressed)).isEqualTo(point);
        assertThat(Secp256k1.decompress(maker, changed))
            .isEqualTo(Secp256k1.decompress(new JavaEcdsa(), changed))
            .isNotEqualTo(point);
      }
    }
    byte[] xIsThePrime = new byte[33];
    System.arraycopy(PRIME.toByteArray(), 1, xIsThePrime, 1, 32);
    for (Ecdsa maker : makers()) {
      for (int first : new int[] {0, 1, 2, 3, 4, 6}) {
        xIsThePrime[0] = (byte) first;
        assertThat(Secp256k1.decompress(maker, xIsThePrime)).isNull();
      }
      assertThat(Secp256k1.decompress(maker, new byte[0])).isNull();
      assertThat(Secp256k1.decompress(maker, new byte[65])).isNull();
    }
  }

  @Test
  void theKeyOneIsTheGenerator() {
    byte[] one = new byte[32];
    one[31] = 1;
    for (Ecdsa maker : makers()) {
      assertThat(maker.publicKey(one)).isEqualTo(G_PUBLIC);
    }
    assertThat(Secp256k1.publicKey(one)).isEqualTo(G_PUBLIC);
  }

  @Test
  void bothMakersSignAlikeAndRecoverTheSigner() {
    for (int i = 0; i < 200; i++) {
      byte[] key = randomBytes();
      key[0] &= 0x7F;
      Hash32 hash = Hash32.of(randomBytes());
      Signature expected = null;
      for (Ecdsa maker : makers()) {
        Signature signature = Secp256k1.sign(maker, hash, key);
        assertThat(signature.s()).isLessThanOrEqualTo(Secp256k1.HALF_N);
        assertThat(Secp256k1.recoverKey(maker, hash, signature)).isEqualTo(maker.publicKey(key));
        if (expected != null) {
          assertThat(signature).isEqualTo(expected);
        }
        expected = signature;
        // The mirrored signature is as good arithmetically.
        UInt256 high = UInt256.of(ORDER.subtract(signature.s().toBigInteger()));
        Signature mirrored = new Signature(1 - signature.yParity(), signature.r(), high);
        assertThat(Secp256k1.recoverKey(maker, hash, mirrored)).isEqualTo(maker.publicKey(key));
      }
    }
  }

  @Test
  void bothMakersAgreeOnArbitrarySignatures() {
    int recovered = 0;
    for (int i = 0; i < 500; i++) {
      Hash32 hash = Hash32.of(randomBytes());
      Signature signature =
          new Signature(i & 1, UInt256.of(randomBytes()), UInt256.of(randomBytes()));
      recovered += agreed(hash, signature) == null ? 0 : 1;
    }
    // About half of all x coordinates belong to a point.
    assertThat(recovered).isBetween(180, 320);
  }

  @Test
  void bothMakersAgreeAtTheEdges() {
    List<BigInteger> edges = new ArrayList<>();
    for (BigInteger centre :
        new BigInteger[] {
          BigInteger.ZERO,
          ORDER,
          PRIME,
          ORDER.shiftRight(1),
          PRIME.subtract(ORDER),
          BigInteger.TWO.pow(256).subtract(BigInteger.ONE),
          G_X.toBigInteger()
        }) {
      for (int d = -4; d <= 4; d++) {
        BigInteger value = centre.add(BigInteger.valueOf(d));
        if (value.signum() >= 0 && value.bitLength() <= 256) {
          edges.add(value);
        }
      }
    }
    Hash32[] hashes = {
      Hash32.ZERO, Secp256k1.N.toHash32(), UInt256.MAX.toHash32(), Hash32.of(randomBytes())
    };
    int recovered = 0;
    for (BigInteger r : edges) {
      for (BigInteger s : edges) {
        for (Hash32 hash : hashes) {
          for (int parity = 0; parity < 2; parity++) {
            Signature signature = new Signature(parity, UInt256.of(r), UInt256.of(s));
            byte[] key = agreed(hash, signature);
            boolean outside =
                r.signum() == 0
                    || s.signum() == 0
                    || r.compareTo(ORDER) >= 0
                    || s.compareTo(ORDER) >= 0;
            if (outside) {
              assertThat(key).isNull();
            }
            recovered += key == null ? 0 : 1;
          }
        }
      }
    }
    assertThat(recovered).isGreaterThan(1000);
  }

  /// With R = G, s = 1 and hash = 1 the key would be r⁻¹(G - G): infinity, which is no key.
  @Test
  void infinityIsNoKey() {
    Hash32 one = UInt256.ONE.toHash32();
    assertThat(agreed(one, new Signature(0, G_X, UInt256.ONE))).isNull();
    assertThat(agreed(one, new Signature(1, G_X, UInt256.ONE))).isNotNull();
  }

  @Test
  void privateKeysOutsideTheOrderAreRefused() {
    for (byte[] key : new byte[][] {new byte[32], Secp256k1.N.toBytes(), new byte[31]}) {
      assertThatThrownBy(() -> Secp256k1.sign(Hash32.ZERO, key))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Secp256k1.publicKey(key))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private byte[] agreed(Hash32 hash, Signature signature) {
    List<Ecdsa> makers = makers();
    byte[] first = Secp256k1.recoverKey(makers.get(0), hash, signature);
    byte[] second = Secp256k1.recoverKey(makers.get(1), hash, signature);
    assertThat(second).as("%s under %s", hash, signature).isEqualTo(first);
    return first;
  }

  private byte[] randomBytes() {
    byte[] out = new byte[32];
    random.nextBytes(out);
    return out;
  }
}
