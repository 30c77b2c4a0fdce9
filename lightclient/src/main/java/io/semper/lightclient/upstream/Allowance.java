package io.semper.lightclient.upstream;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of a reply may be kept: so many of this one, and of all that one node sends at
/// the same time no more than it has room for. The reply's tokens are paid for by it as well
/// ([UpstreamLimits#TOKEN_BYTES]). Taken before anything is kept; used by one thread.
public final class Allowance implements AutoCloseable {
  private final int most;
  private final AtomicLong room;
  private int taken;

  /// @param room shared with other replies
  Allowance(int most, AtomicLong room) {
    this.most = most;
    this.room = room;
  }

  /// For one reply alone.
  public static Allowance of(int most) {
    return new Allowance(most, new AtomicLong(most));
  }

  /// How long the reply may be.
  public int most() {
    return most;
  }

  /// Takes so many bytes more.
  ///
  /// @throws IOException where the reply is too long, or the node's others leave no room for it
  public void take(int bytes) throws IOException {
    if (bytes > most - taken) {
      throw tooLong();
    }
    if (room.addAndGet(-bytes) < 0) {
      room.addAndGet(bytes);
      throw new NoRoomException();
    }
    taken += bytes;
  }

  IOException tooLong() {
    return new IOException("reply of more than " + most + " bytes");
  }

  int taken() {
    return taken;
  }

  /// Gives back what was taken, when nothing of the reply is kept any more.
  @Override
  public void close() {
    room.addAndGet(taken);
    taken = 0;
  }

  /// Too many long replies of one node at once. Says nothing about the node.
  static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    private NoRoomException() {
      super("too many bytes of one node at once");
    }
  }
}
