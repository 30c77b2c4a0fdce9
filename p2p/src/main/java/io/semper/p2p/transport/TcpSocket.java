package io.semper.p2p.transport;

import io.semper.p2p.wire.Duplex;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// A TCP connection. It never waits to fill a packet, and closing it from another thread ends both
/// a read and a write that block.
public final class TcpSocket implements Duplex, Closeable {
  /// Reads shorter than this, as negotiation makes them, are served from a buffer of this size.
  private static final int SMALL_READ = 64;

  private final SocketChannel channel;
  private final InetSocketAddress remote;
  private final byte[] ahead = new byte[SMALL_READ * 4];
  private int position;
  private int limit;

  private TcpSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.remote = (InetSocketAddress) channel.getRemoteAddress();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /// Takes over a connected channel.
  public static TcpSocket of(SocketChannel channel) throws IOException {
    return new TcpSocket(channel);
  }

  /// Dials.
  ///
  /// @throws java.net.SocketTimeoutException if there is no connection after `timeoutMillis`
  public static TcpSocket dial(InetSocketAddress address, int timeoutMillis) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(address, timeoutMillis);
      return new TcpSocket(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (position == limit) {
      if (length >= SMALL_READ) {
        return channel.read(ByteBuffer.wrap(into, offset, length));
      }
      int n = channel.read(ByteBuffer.wrap(ahead));
      if (n < 0) {
        return -1;
      }
      position = 0;
      limit = n;
    }
    int n = Math.min(length, limit - position);
    System.arraycopy(ahead, position, into, offset, n);
    position += n;
    return n;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (position == limit) {
      return channel.read(into);
    }
    int n = Math.min(into.remaining(), limit - position);
    into.put(ahead, position, n);
    position += n;
    return n;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    write(ByteBuffer.wrap(from, offset, length));
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  @Override
  public int available() {
    return limit - position;
  }

  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
