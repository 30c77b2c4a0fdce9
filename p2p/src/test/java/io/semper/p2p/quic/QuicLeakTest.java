package io.semper.p2p.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.TestHosts;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Attack T12: whatever peers do to their streams, every buffer of netty's is given back. In a
/// process of its own, all of whose buffers netty follows.
class QuicLeakTest {
  private static final Multiaddr ANY = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");
  private static final String ECHO = "/test/echo/1";
  private static final String LEAK = "LEAK: ByteBuf.release() was not called";
  private static final String NOW_ON_PURPOSE = "from now on buffers are lost on purpose";

  /// The process: two hosts that treat each other's streams in every way there is.
  static final class Hosts {
    private Hosts() {}

    public static void main(String[] arguments) throws Exception {
      for (int round = 0; round < 3; round++) {
        try (Host alice = Host.start(TestHosts.options(1).withListen(ANY));
            Host bob = Host.start(TestHosts.options(2).withListen(ANY))) {
          talk(alice, bob);
        }
        collect();
      }
      System.err.println(NOW_ON_PURPOSE);
      for (int i = 0; i < 20; i++) {
        ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(16);
        lost.writeInt(i);
      }
      collect();
    }

    /// Lost buffers are noticed when others are allocated after a collection, and after the thread
    /// that hands out what was collected has come to it.
    private static void collect() throws InterruptedException {
      for (int i = 0; i < 5; i++) {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        WeakReference<Object> lost = new WeakReference<>(new Object(), collected);
        System.gc();
        assertThat(collected.remove()).isSameAs(lost);
        for (int k = 0; k < 100; k++) {
          PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
      }
    }

    private static void talk(Host alice, Host bob) throws IOException {
      bob.handle(
          ECHO, 99, stream -> stream.write(Delimited.encode(Delimited.read(stream, 1 << 22))));
      bob.handle("/test/reset/1", 99, stream -> stream.reset(7));
      bob.handle("/test/enough/1", 99, stream -> stream.readFully(new byte[1], 0, 1));
      bob.handle(
          "/test/unread/1",
          99,
          stream -> {
            stream.flush();
            Await.until("end", () -> bob.connections().isEmpty());
          });
      try {
        alice.connect(bob.addresses().getFirst().withPeerId(alice.id()));
      } catch (IOException refused) {
        // Its own id.
      }
      try {
        alice.connect(
            bob.addresses().getFirst().withPeerId(TestHosts.options(9).identity().peerId()));
      } catch (IOException refused) {
        // Somebody else's.
      }
      Connection connection = alice.connect(TestHosts.address(bob));
      for (int i = 0; i < 20; i++) {
        use(connection, ECHO, 100_000, true);
        use(connection, "/test/reset/1", 100_000, true);
        use(connection, "/test/enough/1", 300_000, false);
        use(connection, "/unknown/1", 100, true);
        connection.open(ECHO).reset(0);
      }
      use(connection, "/test/unread/1", 300_000, false);
      alice.disconnect(bob.id());
      Await.until("end", () -> bob.connections().isEmpty() && alice.connections().isEmpty());
    }

    private static void use(Connection connection, String protocol, int bytes, boolean answered) {
      try (Stream stream = connection.open(protocol)) {
        stream.timeoutMillis(20_000);
        stream.write(Delimited.encode(new byte[bytes]));
        if (answered) {
          Delimited.read(stream, 1 << 22);
        }
      } catch (IOException refused) {
        // As some of them are meant to.
      }
    }
  }

  @Test
  @Timeout(180)
  void everyBufferIsGivenBack() throws Exception {
    assumeTrue(QuicTransport.isAvailable(), "no QUIC on this platform");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-Dio.netty.leakDetection.level=paranoid",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                Hosts.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      int end = said.indexOf(NOW_ON_PURPOSE);
      assertThat(end).as(said).isNotNegative();
      assertThat(said.substring(0, end)).doesNotContain(LEAK);
      assertThat(said.substring(end)).contains(LEAK);
    } finally {
      process.destroyForcibly();
    }
  }
}
