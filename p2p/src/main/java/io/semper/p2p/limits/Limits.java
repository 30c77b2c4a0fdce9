package io.semper.p2p.limits;

/// Every bound of the module that a peer can run into. All are checked before anything is allocated
/// or begun for the peer.
///
/// @param handshakeMillis from an accepted or dialled socket to a secured, multiplexed connection
/// @param dialMillis until a TCP or QUIC dial has a socket
/// @param negotiateMillis to agree on a stream's protocol
/// @param pendingHandshakes inbound connections not yet authenticated, all peers together
/// @param connections established connections
/// @param connectionsPerIp inbound connections of one IP address, established or not
/// @param acceptsPerIpPerSecond inbound connections a second of one IP address, on average
/// @param inboundStreams concurrent streams a peer may have opened on one connection; further ones
///   are reset
/// @param outboundStreams concurrent streams we open on one connection; more throws
/// @param unansweredOpens streams opened and not acknowledged yet; further ones wait
/// @param opensPerSecond streams a peer may open a second, on average; further ones are reset, and
///   persistence ends the connection
/// @param idleFramesPerSecond frames a peer may send a second that carry nothing and change nothing
/// @param maxWindowBytes receive window up to which a stream's grows
/// @param connectionWindowBytes sum of the windows beyond 256 KiB of one connection's streams
/// @param peerBytes memory held for one peer in buffers
/// @param totalBytes memory held for all peers in buffers
/// @param keepAliveMillis between pings on a connection
/// @param pingMillis until a ping is answered, or the connection is dead
/// @param writeStallMillis a write to the socket may stand still before the connection is dead
/// @param drainMillis streams may still run after either side said it goes away
/// @param identifyMillis for the identify exchange
public record Limits(
    int handshakeMillis,
    int dialMillis,
    int negotiateMillis,
    int pendingHandshakes,
    int connections,
    int connectionsPerIp,
    int acceptsPerIpPerSecond,
    int inboundStreams,
    int outboundStreams,
    int unansweredOpens,
    int opensPerSecond,
    int idleFramesPerSecond,
    int maxWindowBytes,
    int connectionWindowBytes,
    long peerBytes,
    long totalBytes,
    int keepAliveMillis,
    int pingMillis,
    int writeStallMillis,
    int drainMillis,
    int identifyMillis) {

  /// The same with a dead connection found out sooner or later.
  public Limits withKeepAlive(int everyMillis, int answerMillis, int stallMillis) {
    return new Limits(
        handshakeMillis,
        dialMillis,
        negotiateMillis,
        pendingHandshakes,
        connections,
        connectionsPerIp,
        acceptsPerIpPerSecond,
        inboundStreams,
        outboundStreams,
        unansweredOpens,
        opensPerSecond,
        idleFramesPerSecond,
        maxWindowBytes,
        connectionWindowBytes,
        peerBytes,
        totalBytes,
        everyMillis,
        answerMillis,
        stallMillis,
        drainMillis,
        identifyMillis);
  }

  public static Limits defaults() {
    return new Limits(
        10_000, 5_000, 10_000, 32, 1_024, 8, 5, 256, 512, 256, 2_000, 1_000, 16 << 20, 32 << 20,
        96L << 20, 1L << 30, 30_000, 20_000, 30_000, 30_000, 5_000);
  }
}
