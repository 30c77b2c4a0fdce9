package io.semper.node.light;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.lightclient.beacon.BeaconChunks;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.Claim;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.beacon.LightClientBootstrap;
import io.semper.lightclient.beacon.LightClientUpdate;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import io.semper.p2p.Host;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.reqresp.Answer;
import io.semper.p2p.reqresp.Protocol;
import io.semper.p2p.reqresp.Requests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A beacon node asked over libp2p, by the four request protocols of light clients
/// (consensus-specs, `altair/light-client/p2p-interface.md`). Dialled when there is a question and
/// no connection.
final class BeaconPeer implements BeaconSource {
  private final Host host;
  private final Requests requests;
  private final Multiaddr address;
  private final PeerId peer;
  private final Consumer<PeerId> shunned;
  private final Question<Hash32, Claim<LightClientBootstrap>> bootstrap;
  private final Question<Range, Claim<LightClientUpdate>> updates;
  private final Question<Void, Claim<LightClientUpdate>> finality;
  private final Question<Void, Claim<LightClientUpdate>> optimistic;

  /// Periods of updates.
  private record Range(long start, int count) {}

  /// Makes a container of a digest and bytes.
  private interface Reading<A> {
    A read(int digest, byte[] ssz);
  }

  /// One of the four protocols; asked only, never served.
  private record Question<Q, A>(String name, int maxChunkBytes, Reading<A> reading)
      implements Protocol<Q, A> {
    @Override
    public String id() {
      return "/eth2/beacon_chain/req/light_client_%s/1/ssz_snappy".formatted(name);
    }

    @Override
    public int maxRequestBytes() {
      return Hash32.BYTES;
    }

    @Override
    public int maxChunks(Q question) {
      return question instanceof Range range ? range.count() : 1;
    }

    @Override
    public boolean isBodiless() {
      return name.endsWith("_update");
    }

    @Override
    public boolean endsRequest() {
      return true;
    }

    @Override
    public byte[] encodeRequest(Q question) {
      return switch (question) {
        case Hash32 root -> root.toBytes();
        case Range range -> {
          byte[] both = new byte[2 * Long.BYTES];
          BigEndian.putLong(both, 0, Long.reverseBytes(range.start()));
          BigEndian.putLong(both, Long.BYTES, Long.reverseBytes(range.count()));
          yield both;
        }
        default -> throw new IllegalArgumentException("no question of these protocols");
      };
    }

    @Override
    public int contextBytes() {
      return Integer.BYTES;
    }

    @Override
    public A decodeChunk(byte[] context, byte[] bytes) {
      return reading.read(BigEndian.getInt(context, 0), bytes);
    }

    @Override
    public Q decodeRequest(byte[] bytes) {
      throw new UnsupportedOperationException("never served");
    }

    @Override
    public byte[] encodeChunk(A chunk) {
      throw new UnsupportedOperationException("never served");
    }

    @Override
    public A decodeChunk(byte[] bytes) {
      throw new UnsupportedOperationException("chunks have a context");
    }
  }

  /// @param host connects to it; several peers share one
  /// @param shunned told if there is to be no more dealing with it; does not block
  BeaconPeer(
      ConsensusNetwork network,
      Host host,
      Requests requests,
      Multiaddr address,
      Consumer<PeerId> shunned) {
    this.host = host;
    this.shunned = shunned;
    this.requests = requests;
    this.address = address;
    peer =
        address
            .peerId()
            .orElseThrow(() -> new IllegalArgumentException("address names no peer: " + address));
    BeaconChunks containers = new BeaconChunks(network);
    int most = containers.maxBytes();
    bootstrap = new Question<>("bootstrap", most, containers::bootstrap);
    updates = new Question<>("updates_by_range", most, reading(containers, Kind.FULL));
    finality = new Question<>("finality_update", most, reading(containers, Kind.FINALITY));
    optimistic = new Question<>("optimistic_update", most, reading(containers, Kind.OPTIMISTIC));
  }

  private static Reading<Claim<LightClientUpdate>> reading(BeaconChunks containers, Kind kind) {
    return (digest, ssz) -> containers.update(digest, ssz, kind);
  }

  @Override
  public String name() {
    return address.toString();
  }

  private <Q, A> List<A> ask(Question<Q, A> question, Q what) throws IOException {
    host.connect(address);
    List<A> chunks = new ArrayList<>();
    try (Answer<A> answer = requests.ask(peer, question, what)) {
      for (A chunk = answer.next(); chunk != null; chunk = answer.next()) {
        chunks.add(chunk);
      }
    }
    if (chunks.isEmpty()) {
      throw new IOException("no answer");
    }
    return chunks;
  }

  @Override
  public Claim<LightClientBootstrap> bootstrap(Hash32 blockRoot) throws IOException {
    return ask(bootstrap, blockRoot).getFirst();
  }

  @Override
  public List<Claim<LightClientUpdate>> updates(long startPeriod, int count) throws IOException {
    return ask(updates, new Range(startPeriod, count));
  }

  @Override
  public Claim<LightClientUpdate> finalityUpdate() throws IOException {
    return ask(finality, null).getFirst();
  }

  @Override
  public Claim<LightClientUpdate> optimisticUpdate() throws IOException {
    return ask(optimistic, null).getFirst();
  }

  @Override
  public boolean speaksAs(String other) {
    return peer.toString().equals(other);
  }

  @Override
  public void shun() {
    shunned.accept(peer);
  }
}
