/// A libp2p of its own: peers, streams, topics and bytes. Nothing in this module knows Ethereum.
///
/// A [Host] listens, dials and serves protocols. Its calls block and are meant for virtual threads:
///
/// ```java
/// PrivateKey key = PrivateKey.newEd25519(new SecureRandom());
/// HostOptions options =
///     HostOptions.of(key, "example/1.0").withListen(Multiaddr.parse("/ip4/0.0.0.0/tcp/9000"));
/// try (Host host = Host.start(options)) {
///   // Serve a protocol: one virtual thread a stream, at most four streams of one connection.
///   host.handle("/example/echo/1", 4, stream -> {
///     stream.timeoutMillis(10_000);
///     stream.write(Delimited.encode(Delimited.read(stream, 1 << 20)));
///   });
///
///   // Dial a peer and open a stream. Agreeing on the protocol costs no round trip: the answer is
///   // read before the first data, and a refusal is thrown there.
///   Connection peer = host.connect(Multiaddr.parse("/ip4/10.0.0.7/tcp/9000/p2p/16Uiu2H..."));
///   Stream stream = peer.open("/example/echo/1");
///   try {
///     stream.write(Delimited.encode(message));
///     byte[] answer = Delimited.read(stream, 1 << 20);
///   } finally {
///     stream.close();
///   }
/// }
/// ```
///
/// Questions with one answer or many go through `reqresp`: a protocol there is one class, and the
/// engine bounds sizes, times and numbers. `peers` keeps a target number of connections, an address
/// book and bans; `gossip` spreads messages by topic.
///
/// A [HostListener] hears of peers that come, tell about themselves and go; a [Gate] decides who
/// may. Every bound is in `limits.Limits`. From the socket upwards the layers are `transport`,
/// `negotiate`, `security` (Noise, TLS 1.3), `mux` (Yamux), `protocol` (identify, ping, perf).
package io.semper.p2p;
