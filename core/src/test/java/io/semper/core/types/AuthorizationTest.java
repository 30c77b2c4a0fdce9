package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import org.junit.jupiter.api.Test;

/// Who granted a delegation (EIP-7702).
class AuthorizationTest {
  private static final byte[] KEY = UInt256.of(0xC0FFEE).toBytes();
  private static final Address OWNER = Secp256k1.address(Secp256k1.publicKey(KEY));
  private static final Address CODE = Address.of(0x1234);

  private static Authorization signed(UInt256 chainId, long nonce) {
    Hash32 hash = Authorization.signingHash(chainId, CODE, nonce);
    Signature s = Secp256k1.sign(hash, KEY);
    return new Authorization(chainId, CODE, nonce, s.yParity(), s.r(), s.s());
  }

  @Test
  void theSignerIsTheAuthority() {
    for (UInt256 chainId : new UInt256[] {UInt256.ZERO, UInt256.ONE, UInt256.MAX}) {
      for (long nonce : new long[] {0, 1, Long.MAX_VALUE, -1}) {
        assertThat(signed(chainId, nonce).authority()).isEqualTo(OWNER);
      }
    }
  }

  @Test
  void anythingElseHasAnotherAuthorityOrNone() {
    Authorization a = signed(UInt256.ONE, 3);
    assertThat(new Authorization(a.chainId(), CODE, 4, a.yParity(), a.r(), a.s()).authority())
        .isNotEqualTo(OWNER);
    assertThat(new Authorization(a.chainId(), CODE, 3, 2, a.r(), a.s()).authority()).isNull();
    assertThat(new Authorization(a.chainId(), CODE, 3, 0, UInt256.ZERO, a.s()).authority())
        .isNull();
    assertThat(new Authorization(a.chainId(), CODE, 3, 0, a.r(), UInt256.ZERO).authority())
        .isNull();
  }

  /// The mirrored signature recovers to the same key, but EIP-2 refuses its high s.
  @Test
  void highSIsRefused() {
    Authorization a = signed(UInt256.ONE, 3);
    UInt256 high = Secp256k1.N.minus(a.s());
    Authorization mirrored = new Authorization(a.chainId(), CODE, 3, 1 - a.yParity(), a.r(), high);
    assertThat(
            Secp256k1.recover(
                Authorization.signingHash(a.chainId(), CODE, 3),
                new Signature(mirrored.yParity(), mirrored.r(), mirrored.s())))
        .isEqualTo(OWNER);
    assertThat(mirrored.authority()).isNull();
  }
}
