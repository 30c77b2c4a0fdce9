/// Publish and subscribe over meshes of peers: gossipsub 1.0, 1.1 and 1.2.
///
/// [Router] is the protocol as a state machine: events go in (a peer came, an RPC arrived, a
/// verdict is known, time passed), [Action]s come out. It has no thread, reads no clock and no
/// network, and draws its random numbers from a generator it is given, so a thousand of them run on
/// virtual time in one test. [Gossip] is the shell around it: the one thread that owns the router,
/// the streams to the peers and the threads that validate.
///
/// Invariants: every collection a peer can grow has a bound in [GossipLimits] that is checked
/// before anything is allocated; a message is seen once its signature is known to be good, and
/// forwarded once its topic's validator accepted it. Only the shell ([Gossip] and [Link]) imports
/// the host and its streams.
package io.semper.p2p.gossip;
