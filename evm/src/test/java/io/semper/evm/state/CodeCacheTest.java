package io.semper.evm.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CodeCacheTest {
  /// A state that knows nothing but one code.
  private record OneCode(byte[] bytes, long[] jumpDestinations) implements StateView {
    OneCode(byte[] bytes) {
      this(bytes, null);
    }

    @Override
    public Account account(Address address) {
      return null;
    }

    @Override
    public UInt256 storage(Address address, UInt256 slot) {
      return UInt256.ZERO;
    }

    @Override
    public byte[] code(Hash32 hash) {
      return bytes;
    }

    @Override
    public long[] jumpDestinations(Hash32 hash) {
      return jumpDestinations;
    }
  }

  /// A light client executes with no code where it has yet to be fetched, and then again.
  @Test
  void codeThatIsNotYetKnownIsNotRemembered() {
    byte[] bytes = {0x60, 0x01, 0x60, 0x02, 0x50, 0x50, 0x00, 0x77};
    Hash32 hash = Keccak.hash(bytes);
    assertThat(CodeCache.get(hash, new OneCode(new byte[0])).length()).isZero();
    Code known = CodeCache.get(hash, new OneCode(bytes));
    assertThat(known.length()).isEqualTo(bytes.length);
    assertThat(CodeCache.get(hash, new OneCode(new byte[0]))).isSameAs(known);
  }

  @Test
  void theOldestIsForgottenBeforeTheCacheOutgrowsItsLimit() {
    forgotten(24_576, CodeCache.MAX_BYTES / 24_576);
    forgotten(4, CodeCache.MAX_BYTES / CodeCache.ENTRY_BYTES);
  }

  private static void forgotten(int length, int count) {
    byte[] first = ByteBuffer.allocate(length).putInt(-1).array();
    Code code = CodeCache.of(first);
    assertThat(CodeCache.of(first)).isSameAs(code);
    for (int i = 0; i < count; i++) {
      CodeCache.of(ByteBuffer.allocate(length).putInt(i).array());
    }
    assertThat(CodeCache.of(first)).isNotSameAs(code);
  }

  @Test
  void jumpDestinationsThatTheStateKnowsAreNotLookedForAgain() {
    byte[] bytes = {0x5B, 0x00, 0x5B, 0x11, 0x22};
    long[] known = {0b101};
    Code code = CodeCache.get(Keccak.hash(bytes), new OneCode(bytes, known));
    assertThat(code.jumpDestinations()).isSameAs(known);
    assertThat(code.isJumpDestination(1)).isFalse();
    assertThat(code.isJumpDestination(2)).isTrue();
  }
}
