package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// T64: connections that break at every point of dial, handshake and first stream leave nothing
/// behind, on either side.
@Timeout(120)
class CutConnectionTest {
  private static final String ECHO = "/test/echo/1";

  /// A wire between two hosts that breaks after a number of bytes of both directions together.
  private static final class Wire implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final InetSocketAddress target;
    private final AtomicInteger left;

    Wire(InetSocketAddress target, int bytes) throws IOException {
      this.target = target;
      this.left = new AtomicInteger(bytes);
      Thread.ofVirtual().start(this::connect);
    }

    private void connect() {
      try {
        Socket near = server.accept();
        Socket far = new Socket(target.getAddress(), target.getPort());
        Thread.ofVirtual().start(() -> carry(near, far));
        Thread.ofVirtual().start(() -> carry(far, near));
      } catch (IOException e) {
        // The test is over.
      }
    }

    private void carry(Socket from, Socket to) {
      byte[] block = new byte[4096];
      try (from;
          to) {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n; (n = in.read(block)) >= 0; ) {
          int before = left.getAndAdd(-n);
          out.write(block, 0, Math.clamp(before, 0, n));
          if (before < n) {
            return;
          }
        }
      } catch (IOException e) {
        // The other side is gone.
      }
    }

    Multiaddr address() {
      return Multiaddr.tcp((InetSocketAddress) server.getLocalSocketAddress());
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/noise", "/tls/1.0.0"})
  void nothingStaysBehind(String security) throws Exception {
    try (Host alice = Host.start(TestHosts.options(1).withSecurities(security));
        Host bob = Host.start(TestHosts.options(2).withSecurities(security))) {
      bob.handle(
          ECHO, 4, stream -> stream.write(Delimited.encode(Delimited.read(stream, 1 << 20))));
      int completed = 0;
      for (int bytes = 0; bytes < 6_000; bytes += 61) {
        try (Wire wire = new Wire(bob.addresses().getFirst().resolve(), bytes)) {
          Connection connection = alice.connect(wire.address().withPeerId(bob.id()));
          try (Stream stream = connection.open(ECHO)) {
            stream.timeoutMillis(10_000);
            stream.write(Delimited.encode(new byte[1_000]));
            completed += Delimited.read(stream, 1 << 20) == null ? 0 : 1;
          }
        } catch (IOException broken) {
          // As it should, unless all of it found room.
        }
        alice.disconnect(bob.id());
        Await.until(
            "end",
            () ->
                alice.connections().isEmpty()
                    && bob.connections().isEmpty()
                    && bob.pendingHandshakes() == 0);
      }
      assertThat(completed).isPositive();
      Await.until("nothing held", () -> alice.heldBytes() + bob.heldBytes() == 0);
    }
  }
}
