package io.semper.p2p.mux;

import io.semper.p2p.wire.Duplex;
import java.io.IOException;

/// One stream of a multiplexed connection.
///
/// One thread at a time reads and one writes. Reads and writes throw `StreamResetException` once
/// either side has reset the stream and `SocketTimeoutException` when the time given has passed.
public interface MuxedStream extends Duplex, AutoCloseable {
  long id();

  /// How long one read or write may block; 0 is for ever.
  void timeoutMillis(int timeoutMillis);

  /// Writes and, with the last byte, ends the writing side.
  void writeLast(byte[] from, int offset, int length) throws IOException;

  /// Ends the writing side; the other side reads to the end. Does nothing if that was done.
  void closeWrite() throws IOException;

  /// Ends both sides at once and drops what is buffered.
  ///
  /// @param code what the other side is told, where the multiplexer can; 0 says nothing
  void reset(long code);

  /// Ends the writing side and reads no more.
  @Override
  void close();
}
