package io.semper.node.light;

import io.semper.lightclient.beacon.BeaconFollower.Offered;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.BeaconStatus;
import io.semper.lightclient.beacon.Claim;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.beacon.LightClientUpdate;
import io.semper.p2p.Gate;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.mux.Mplex;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.reqresp.RequestLimits;
import io.semper.p2p.reqresp.Requests;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// A light client's place in the beacon chain's own network: its nodes are asked there, and heard.
final class BeaconLink implements AutoCloseable {
  private static final int ANSWER_MILLIS = 10_000;

  /// Whoever lied is not dealt with for so long.
  private static final long SHUN_NANOS = TimeUnit.DAYS.toNanos(1);

  /// Where more have lied, the first of them are forgotten.
  private static final int MAX_SHUNNED = 1_024;

  private final ConsensusNetwork network;
  private final PrivateKey identity;
  private final Host host;
  private final Requests requests;
  private final BeaconHandshake handshake;
  private final Shunned shunned;

  /// Keeps liars out, whoever has them dialled.
  private static final class Shunned implements Gate {
    private final SequencedMap<PeerId, Long> sinceNanos = new LinkedHashMap<>();

    private synchronized void add(PeerId peer) {
      sinceNanos.putIfAbsent(peer, System.nanoTime());
      if (sinceNanos.size() > MAX_SHUNNED) {
        sinceNanos.pollFirstEntry();
      }
    }

    private synchronized boolean isIn(PeerId peer) {
      Long since = sinceNanos.get(peer);
      if (since != null && System.nanoTime() - since > SHUN_NANOS) {
        sinceNanos.remove(peer);
        return false;
      }
      return since != null;
    }

    @Override
    public boolean mayDial(PeerId peer, Multiaddr address) {
      return !isIn(peer);
    }

    @Override
    public boolean mayConnect(PeerId peer, boolean outbound) {
      return !isIn(peer);
    }
  }

  private BeaconLink(ConsensusNetwork network, PrivateKey identity, Host host, Shunned shunned) {
    this.network = network;
    this.identity = identity;
    this.host = host;
    this.shunned = shunned;
    requests = new Requests(host, limits());
    handshake =
        new BeaconHandshake(
            host, requests, () -> BeaconStatus.atStart(network, System.currentTimeMillis()));
  }

  /// Listens nowhere; some beacon nodes speak no other multiplexer than mplex.
  static BeaconLink start(ConsensusNetwork network, String agent) throws IOException {
    PrivateKey identity = PrivateKey.secp256k1(newScalar());
    Shunned shunned = new Shunned();
    HostOptions options =
        HostOptions.of(identity, agent).withMuxers(Yamux.ID, Mplex.ID).withGate(shunned);
    return new BeaconLink(network, identity, Host.start(options), shunned);
  }

  /// A new identity of the kind beacon nodes have: a private key of secp256k1.
  static byte[] newScalar() {
    byte[] scalar = new byte[32];
    new SecureRandom().nextBytes(scalar);
    // Below the order, whose first four bytes are ones.
    scalar[0] &= 0x7f;
    return scalar;
  }

  private static RequestLimits limits() {
    RequestLimits standard = RequestLimits.defaults();
    return new RequestLimits(
        standard.concurrent(),
        ANSWER_MILLIS / 2,
        ANSWER_MILLIS,
        ANSWER_MILLIS,
        2 * ANSWER_MILLIS,
        standard.bytesPerSecond());
  }

  /// A beacon node, which is dialled when it is asked.
  BeaconSource peer(Multiaddr address) {
    return new BeaconPeer(network, host, requests, address, this::shun);
  }

  /// Ends the connection with a liar, on a thread of its own, and makes no other.
  private void shun(PeerId peer) {
    shunned.add(peer);
    Thread.ofVirtual().name("beacon-shun").start(() -> host.disconnect(peer));
  }

  /// Tells a client's status, and has it judge what is said unasked.
  BeaconGossip listen(
      Supplier<BeaconStatus> status, BiFunction<String, Claim<LightClientUpdate>, Offered> offer) {
    handshake.tell(status);
    return new BeaconGossip(network, host, identity, offer, this::shun);
  }

  @Override
  public void close() {
    host.close();
  }
}
