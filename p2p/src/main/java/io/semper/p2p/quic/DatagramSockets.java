package io.semper.p2p.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;

/// The UDP sockets below QUIC. Where the system has epoll, one call sends or receives many
/// datagrams, and the system joins those of one sender; one call for each would cost more than all
/// else.
final class DatagramSockets {
  /// Longest datagram sent or received: what fits an Ethernet frame.
  static final int MAX_DATAGRAM_BYTES = 1452;

  /// Datagrams of one call that sends.
  private static final int BATCH = 32;

  /// What one call receives: datagrams that the system has joined, or one.
  private static final int JOINED_BYTES = 64 << 10;

  /// Datagrams received before they are answered: each answer costs a call.
  private static final int UNANSWERED = 256;

  /// What the system is asked to hold; it may grant less.
  private static final int SYSTEM_BUFFER_BYTES = 4 << 20;

  private static final boolean EPOLL = Epoll.isAvailable();

  private DatagramSockets() {}

  static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(
        1, EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  static Bootstrap bootstrap(EventLoopGroup loop) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .option(ChannelOption.SO_RCVBUF, SYSTEM_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, SYSTEM_BUFFER_BYTES);
    return EPOLL
        ? bootstrap
            .channel(EpollDatagramChannel.class)
            .option(EpollChannelOption.UDP_GRO, true)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(JOINED_BYTES).maxMessagesPerRead(UNANSWERED))
        : bootstrap.channel(NioDatagramChannel.class);
  }

  /// Joins datagrams for one connection, where the system takes them so.
  static SegmentedDatagramPacketAllocator segments() {
    return EPOLL
        ? EpollQuicUtils.newSegmentedAllocator(BATCH)
        : SegmentedDatagramPacketAllocator.NONE;
  }
}
