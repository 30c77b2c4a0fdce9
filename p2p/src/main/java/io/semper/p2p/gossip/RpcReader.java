package io.semper.p2p.gossip;

import io.semper.p2p.limits.Account;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.protocol.Delimited;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/// Reads RPCs off a peer's stream. What has come of one is on the peer's account until the next is
/// read, and the rest must come in time: a peer that begins and does not end holds memory as well.
final class RpcReader implements AutoCloseable {
  /// From an RPC's length to its last byte.
  static final int RPC_MILLIS = 30_000;

  /// A claimed length is not believed: memory is taken as bytes arrive, at first so much.
  private static final int FIRST_BYTES = 64 << 10;

  private final MuxedStream stream;
  private final Account account;
  private final int maxBytes;
  private final int millis;
  private int held;

  /// @param maxBytes of an RPC
  /// @param millis from an RPC's length to its last byte
  RpcReader(MuxedStream stream, Account account, int maxBytes, int millis) {
    this.stream = stream;
    this.account = account;
    this.maxBytes = maxBytes;
    this.millis = millis;
  }

  /// The next RPC, or null at the end of the stream.
  byte[] read() throws IOException {
    close();
    stream.timeoutMillis(0);
    int length = Delimited.readLength(stream, maxBytes);
    if (length < 0) {
      return null;
    }
    long deadline = System.nanoTime() + millis * 1_000_000L;
    byte[] rpc = new byte[hold(Math.min(length, FIRST_BYTES))];
    for (int done = 0; done < length; ) {
      if (done == rpc.length) {
        rpc = Arrays.copyOf(rpc, hold(Math.min(length, 2 * done)));
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new SocketTimeoutException("an RPC did not arrive in " + millis + " ms");
      }
      stream.timeoutMillis((int) (1 + left / 1_000_000));
      int n = stream.read(rpc, done, rpc.length - done);
      if (n < 0) {
        throw new EOFException("stream ended within an RPC");
      }
      done += n;
    }
    return rpc;
  }

  private int hold(int bytes) throws IOException {
    if (!account.tryReserve(bytes - held)) {
      throw new IOException("the peer's account is exhausted");
    }
    held = bytes;
    return bytes;
  }

  /// Takes what was read last off the account.
  @Override
  public void close() {
    account.release(held);
    held = 0;
  }
}
