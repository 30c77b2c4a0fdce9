package io.semper.p2p;

import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.negotiate.Multistream;
import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/// A stream to a peer, speaking one protocol.
///
/// Agreeing on the protocol costs no round trip: what is to be said about it is held back and
/// leaves with the first data, or before a read that would wait. One thread at a time reads and one
/// writes.
///
/// To give a stream up from another thread, [#reset] it: whoever reads or writes gets an
/// `IOException`. So it does when it is interrupted while it waits, for the peer's data, for window
/// or for others that write; but an interrupt within the socket's own write closes the socket, as
/// `java.nio` has it, and ends the connection.
public final class Stream implements MuxedStream {
  /// Data up to this size is joined with what was held back, so that both leave in one frame.
  private static final int JOINED_BYTES = 4096;

  private final MuxedStream muxed;
  private final Connection connection;
  private final int negotiateMillis;
  private final Object holding = new Object();
  private final Object answering = new Object();
  private volatile String protocol;
  private volatile byte[] held;
  private volatile boolean answerDue;

  /// Whether the peer is to serve the stream, and has not been seen to yet.
  private volatile boolean handlerDue;

  private volatile int timeoutMillis;

  private Stream(MuxedStream muxed, Connection connection, int negotiateMillis) {
    this.muxed = muxed;
    this.connection = connection;
    this.negotiateMillis = negotiateMillis;
  }

  /// A stream of our own for `protocol`, whose answer is read when there is something to read.
  static Stream propose(
      MuxedStream muxed, Connection connection, int negotiateMillis, String protocol) {
    Stream stream = new Stream(muxed, connection, negotiateMillis);
    stream.handlerDue = true;
    stream.protocol = protocol;
    stream.held = Multistream.opening(protocol);
    stream.answerDue = true;
    return stream;
  }

  /// A stream of our own for the first of `protocols` that the peer speaks.
  static Stream propose(
      MuxedStream muxed, Connection connection, int negotiateMillis, List<String> protocols)
      throws IOException {
    Stream stream = new Stream(muxed, connection, negotiateMillis);
    stream.handlerDue = true;
    muxed.timeoutMillis(negotiateMillis);
    stream.protocol = Multistream.propose(muxed, protocols);
    muxed.timeoutMillis(0);
    return stream;
  }

  /// A stream of the peer's, for whatever of ours it proposes.
  static Stream respond(
      MuxedStream muxed, Connection connection, int negotiateMillis, Predicate<String> supported)
      throws IOException {
    Stream stream = new Stream(muxed, connection, negotiateMillis);
    muxed.timeoutMillis(negotiateMillis);
    stream.protocol = Multistream.respond(stream.new HoldingBack(), supported);
    muxed.timeoutMillis(0);
    if (muxed.available() == 0) {
      // The peer waits for the answer before it says more.
      stream.flush();
    }
    return stream;
  }

  public String protocol() {
    return protocol;
  }

  public Connection connection() {
    return connection;
  }

  @Override
  public long id() {
    return muxed.id();
  }

  @Override
  public void timeoutMillis(int millis) {
    timeoutMillis = millis;
    muxed.timeoutMillis(millis);
  }

  @Override
  public int available() {
    return answerDue ? 0 : muxed.available();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (answerDue) {
      awaitProtocol();
    } else if (held != null && muxed.available() == 0) {
      flush();
    }
    int n = muxed.read(into, offset, length);
    handlerDue = false;
    return n;
  }

  /// Waits until the peer has agreed to the protocol.
  ///
  /// @throws io.semper.p2p.negotiate.NegotiationException if it does not
  public void awaitProtocol() throws IOException {
    flush();
    synchronized (answering) {
      if (answerDue) {
        int given = timeoutMillis;
        muxed.timeoutMillis(given == 0 ? negotiateMillis : Math.min(given, negotiateMillis));
        try {
          Multistream.readOpeningAnswer(muxed, protocol);
        } catch (IOException e) {
          muxed.reset(0);
          throw e;
        }
        muxed.timeoutMillis(given);
        answerDue = false;
      }
    }
  }

  /// Sends what was held back.
  public void flush() throws IOException {
    if (held != null) {
      synchronized (holding) {
        byte[] bytes = held;
        if (bytes != null) {
          muxed.write(bytes);
          held = null;
        }
      }
    }
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length, false);
  }

  /// Writes and ends the writing side. Where the peer has not begun to serve the stream yet the end
  /// follows later, as by [#closeWrite].
  @Override
  public void writeLast(byte[] from, int offset, int length) throws IOException {
    boolean last = !handlerDue;
    write(from, offset, length, last);
    if (!last) {
      closeWrite();
    }
  }

  private void write(byte[] from, int offset, int length, boolean last) throws IOException {
    if (held != null) {
      synchronized (holding) {
        byte[] bytes = held;
        if (bytes != null && length <= JOINED_BYTES) {
          byte[] both = Arrays.copyOf(bytes, bytes.length + length);
          System.arraycopy(from, offset, both, bytes.length, length);
          put(both, 0, both.length, last);
          held = null;
          return;
        }
      }
      flush();
    }
    put(from, offset, length, last);
  }

  private void put(byte[] from, int offset, int length, boolean last) throws IOException {
    if (last) {
      muxed.writeLast(from, offset, length);
    } else {
      muxed.write(from, offset, length);
    }
  }

  /// Ends the writing side, after the peer has agreed to the protocol and, where it would lose an
  /// earlier end, has begun to serve it.
  @Override
  public void closeWrite() throws IOException {
    if (answerDue) {
      awaitProtocol();
    } else {
      flush();
    }
    if (handlerDue) {
      connection.awaitHandlers();
      handlerDue = false;
    }
    muxed.closeWrite();
  }

  @Override
  public void reset(long code) {
    muxed.reset(code);
  }

  @Override
  public void close() {
    try {
      closeWrite();
    } catch (IOException e) {
      muxed.reset(0);
    }
    muxed.close();
  }

  /// The stream while the peer's proposal is answered: what is written is held back.
  private final class HoldingBack implements Duplex {
    /// Messages: the header, then answers.
    private int written;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      // A refusal leaves at once: what follows it may be data for the protocol that was refused.
      if (muxed.available() == 0 || written > 1) {
        flush();
      }
      return muxed.read(into, offset, length);
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      written++;
      byte[] before = held == null ? new byte[0] : held;
      byte[] both = Arrays.copyOf(before, before.length + length);
      System.arraycopy(from, offset, both, before.length, length);
      held = both;
    }

    @Override
    public int available() {
      return muxed.available();
    }
  }
}
