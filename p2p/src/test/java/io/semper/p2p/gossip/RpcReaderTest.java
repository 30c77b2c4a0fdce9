package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.TestHosts;
import io.semper.p2p.limits.Account;
import io.semper.p2p.mux.StreamResetException;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Replay;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// What a peer's RPCs may hold, and for how long.
class RpcReaderTest {
  private static final int MAX = 1 << 20;

  private final Account account = new Account(200_000);

  private RpcReader reader(byte[] sent) {
    return new RpcReader(new Replay(sent), account, MAX, 60_000);
  }

  @Test
  void whatWasReadIsHeldUntilTheNextIs() throws IOException {
    byte[] two = Arrays.copyOf(Delimited.encode(new byte[100_000]), 100_003 + 6);
    two[100_003] = 5;
    try (RpcReader reader = reader(two)) {
      assertThat(reader.read()).hasSize(100_000);
      assertThat(account.heldBytes()).isEqualTo(100_000);
      assertThat(reader.read()).hasSize(5);
      assertThat(account.heldBytes()).isEqualTo(5);
      assertThat(reader.read()).isNull();
    }
    assertThat(account.heldBytes()).isZero();
  }

  @Test
  void halfAnRpcIsHeldAsWell() {
    byte[] half = Arrays.copyOf(Delimited.encode(new byte[150_000]), 100_000);
    try (RpcReader reader = reader(half)) {
      assertThatThrownBy(reader::read).isInstanceOf(EOFException.class);
      assertThat(account.heldBytes()).isBetween(100_000L, 150_000L);
    }
    assertThat(account.heldBytes()).isZero();
  }

  @Test
  void anRpcBeyondTheAccountIsRefused() {
    try (RpcReader reader = reader(Delimited.encode(new byte[300_000]))) {
      assertThatThrownBy(reader::read).hasMessageContaining("account is exhausted");
    }
    assertThat(account.heldBytes()).isZero();
  }

  /// However many bytes come on the way.
  @Test
  void anRpcThatDoesNotEndIsGivenUp() throws Exception {
    try (Host ours = TestHosts.start(1);
        Host theirs = TestHosts.start(2)) {
      BlockingQueue<Exception> ends = new LinkedBlockingQueue<>();
      ours.handle(
          "/test/rpc/1",
          1,
          stream -> {
            try (RpcReader reader = new RpcReader(stream, account, MAX, 100)) {
              reader.read();
            } catch (IOException e) {
              ends.add(e);
            }
          });
      Stream stream = theirs.connect(TestHosts.address(ours)).open("/test/rpc/1");
      stream.write(Arrays.copyOf(Delimited.encode(new byte[1_000]), 2));
      try {
        for (int i = 0; i < 500 && ends.isEmpty(); i++) {
          stream.write(new byte[1]);
          LockSupport.parkNanos(10_000_000);
        }
      } catch (StreamResetException givenUp) {
        // It is told so before the end is seen here.
      }
      assertThat(ends.poll(60, TimeUnit.SECONDS)).isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(account.heldBytes()).isZero();
  }
}
