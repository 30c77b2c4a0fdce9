/// Hosts against other hosts, and against peers that do as they like.
///
/// Attacks known from other implementations have numbers, which stand in the comments of the tests
/// that make them. What bounds a victim is said by `Limits`, `GossipLimits` and `RequestLimits`;
/// the figures are their defaults. A connection that goes beyond ends, unless something milder is
/// said.
///
/// | attack | the victim's bound | tests |
/// |---|---|---|
/// | T01 window updates whose sum overflows | a window is below 2^32 | `YamuxAttackTest` |
/// | T02 a first frame larger than the window | 256 KiB a stream | `YamuxAttackTest` |
/// | T03 a frame of 4 GiB | nothing is allocated for a length | `YamuxAttackTest`, `MplexTest` |
/// | T04 streams without end | 256 at once, 2,000 a second; further ones are reset, 1,000 a second | `YamuxAttackTest`, `MplexTest` |
/// | T05 a reader that does not read | 256 KiB a stream (growing to 16 MiB while read, 32 MiB a connection), 96 MiB a peer, 1 GiB in all | `YamuxTest`, `QuicTest`, `MplexTest` |
/// | T06 two writers that do not read | as T05; the session goes on | `YamuxTest` |
/// | T07 frames after a reset, numbers used again, stream 0 | nothing is held; what is no mistake of haste ends it | `YamuxAttackTest` |
/// | T08 flags that come together | | `YamuxAttackTest` |
/// | T09 a peer that goes away and stays | 30 s | `YamuxAttackTest` |
/// | T10 pings without end | 10 a second | `YamuxAttackTest` |
/// | T11 frames without content | 1,000 a second | `YamuxAttackTest`, `MplexTest` |
/// | T12 lost buffers | none: only QUIC has buffers that are counted | `QuicLeakTest` |
/// | T13 streams opened and reset at once | 2,000 a second | `YamuxAttackTest`; over QUIC 2 KiB each of the 96 MiB, `QuicTest` |
/// | T14 reads of single bytes | credit is returned by halves of the window | `YamuxAttackTest` |
/// | T20 garbage, and sockets that say nothing | 32 handshakes, 10 s each; 8 connections and 5 a second from one address | `HostTest`, `HandshakeTest` |
/// | T21 multistream messages too long, without end | 1 KiB a message, 16 proposals, 10 s | `MultistreamTest` |
/// | T22 Noise: wrong signatures, keys, points, nonces, a huge RSA key | 8 KiB a message, 8,192 bits | `HandshakeTest`, `NoiseCipherTest`, `KeysTest` |
/// | T23 no multiplexer in common | | `HandshakeTest` |
/// | T24 TLS: certificates expired, two, none, forged; older versions | 16 KiB a certificate | `TlsCertificateTest`, `HandshakeTest` |
/// | T25 errors of the Java machine | end their stream or connection, and are told | `HostTest`, `QuicTest` |
/// | T26 a handshake byte by byte, or all at once | | `HandshakeTest`, `MultistreamTest` |
/// | T30 lengths that are none, or of which nothing comes | at most 64 KiB before its bytes are there | `VarintTest`, `RequestsTest`, `RpcTest` |
/// | T31 unknown, repeated and empty fields | 512 subscriptions, 5,000 messages, 1,024 control entries an RPC | `RpcTest` |
/// | T40 subscriptions to ever new topics | 256 topics a peer, gone with it | `FloodTest` |
/// | T41 prunes that never end | an hour; 4,096 peers a topic | `MeshTest`, `FloodTest` |
/// | T42 announcements of what does not exist | 10 announcements and 5,000 identifiers a heartbeat, then the score | `LazyGossipTest` |
/// | T43 the same asked for again | 3 times, 16 MiB a heartbeat | `LazyGossipTest` |
/// | T44 IDONTWANT without end | 1,000 of a peer, within 3 heartbeats | `IdontwantTest` |
/// | T45 grafts without end, too early, of no topic | the score | `MeshTest` |
/// | T46 fields that an unsigned message must not have | | `SignaturePolicyTest` |
/// | T47 one content in several encodings | one identifier, where content is compressed at all | `BeaconGossipTest` of `node` |
/// | T48 little that decompresses to much | the topic's or protocol's longest message, checked first | `SnappyTest` |
/// | T49 a message again after it was forgotten | 131,072 remembered for 2 minutes; then only the application can tell | `ValidationTest` |
/// | T50 more messages than can be validated | 4,096 or 128 MiB, 256 of a peer; further ones are dropped | `ValidationTest` |
/// | T51 own messages that are too large | | `PublishTest` |
/// | T52 a second stream, streams that break | one each way | `GossipTest` |
/// | T53 recommended peers without a signature | 16 dials on one's word | `PeerExchangeTest` of `gossip` |
/// | T54 strangers who graft | 12 in a mesh, of them 2 that were dialled | `MeshTest` |
/// | T55 sybils, censors, spammers, eclipse, covert flash | 99 % of messages reach the honest | `SimulationTest` |
/// | T56 who leaves because of its score | kept for ten minutes, of 4,096 | `ScoresTest` |
/// | T57 a pause of this side | nobody is blamed | `LazyGossipTest`, `YamuxAttackTest` |
/// | T58 preambles | not spoken: the version that has them is a draft | |
/// | T59 RPCs half sent, messages without end | what came is of the 96 MiB, 30 s for the rest; 10,000 messages a second over ten | `RpcReaderTest`, `LinkTest` |
/// | T60 records of ever new peers | of peers that are connected, 8 KiB each | `PeerExchangeTest` of `peers`, `RequestsTest` |
/// | T61 addresses by the thousand, private ones, names | 128 told, 8 kept, of 2,048 peers | `PeersTest`, `PeerExchangeTest` of `peers` |
/// | T62 another peer than the one dialled | | `HostTest`, `HandshakeTest`, `QuicTest` |
/// | T63 both dial at once | one connection survives | `HostTest`, `ConnectionsTest` |
/// | T64 connections cut at any byte, peers that come and go | nothing stays behind | `CutConnectionTest`, `HostTest` |
/// | T70 connection ids, path frames | quiche's own; migration is off | |
/// | T71 first packets from forged addresses | 8 handshakes, then a token first | `QuicTest` |
/// | T72 resets, STOP_SENDING, half-closed streams | | `QuicTest` |
/// | T73 more streams than are allowed | they wait | `QuicTest` |
/// | T80 questions and answers that trickle | 5 s, 10 s a chunk, 20 s and 16 KiB a second, 2 minutes in all | `RequestsTest` |
/// | T81 more chunks than asked for | | `RequestsTest` |
/// | T82 chunks that lie about their length, sum or fork | | `RequestsTest`, `BeaconLinkTest` of `node` |
/// | T83 bytes after a question | | `RequestsTest` |
/// | T84 a third question at once | 2 of a protocol and peer | `HostTest` |
/// | T85 who asks and leaves | what makes the answer ends | `RequestsTest`, `QuicTest` |
/// | T86 memory for all used up | who holds most of it ends | `AccountTest` |
///
/// What 1,000 idle connections cost is in `IdleConnectionsTest`. Every decoder has a `*FuzzTest`.
package io.semper.p2p;
