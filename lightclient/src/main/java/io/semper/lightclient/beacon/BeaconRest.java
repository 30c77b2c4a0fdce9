package io.semper.lightclient.beacon;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import io.semper.lightclient.upstream.Transport.StatusException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A beacon node's REST interface (beacon-APIs, `light_client`). Asks for SSZ, takes JSON where the
/// server has nothing else.
public final class BeaconRest implements BeaconSource {
  static final String SSZ = "application/octet-stream";
  private static final String ACCEPT = SSZ + ",application/json;q=0.9";
  private static final String PATH = "/eth/v1/beacon/light_client/";

  /// JSON takes a little more than two characters a byte of keys and proofs.
  private static final int MAX_HEADER_REPLY_BYTES = 64 << 10;

  private static final int MAX_KEY_CHARS = 128;
  private static final int LENGTH_BYTES = Long.BYTES;
  private static final int DIGEST_BYTES = Integer.BYTES;

  private final ConsensusNetwork network;
  private final BeaconJson json;
  private final BeaconChunks containers;
  private final String base;
  private final String name;
  private final BeaconHttp http;

  /// @param base the part of the address before `/eth`
  public BeaconRest(ConsensusNetwork network, URI base) {
    this(network, base, new BeaconHttp());
  }

  BeaconRest(ConsensusNetwork network, URI base, BeaconHttp http) {
    this.network = network;
    this.http = http;
    json = new BeaconJson(network.syncCommitteeSize());
    containers = new BeaconChunks(network);
    String text = base.toString();
    this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    // Neither credentials nor the keys that providers put into paths belong into logs.
    name =
        base.getScheme()
            + "://"
            + base.getHost()
            + (base.getPort() < 0 ? "" : ":" + base.getPort());
  }

  @Override
  public String name() {
    return name;
  }

  private int maxCommitteeReplyBytes() {
    return MAX_HEADER_REPLY_BYTES + network.syncCommitteeSize() * MAX_KEY_CHARS;
  }

  @Override
  public Claim<LightClientBootstrap> bootstrap(Hash32 blockRoot) throws IOException {
    BeaconHttp.Reply reply = get("bootstrap/" + blockRoot, maxCommitteeReplyBytes());
    int size = network.syncCommitteeSize();
    return new Claim<>(
        isSsz(reply)
            ? LightClientBootstrap.read(reply.body(), fork(reply), size)
            : json.bootstrap(BeaconJson.unwrap(BeaconJson.parse(reply.body()))),
        reply.body());
  }

  /// Some servers refuse a range that reaches into the present period as a whole; its first is then
  /// asked for alone.
  @Override
  public List<Claim<LightClientUpdate>> updates(long startPeriod, int count) throws IOException {
    try {
      return range(startPeriod, count);
    } catch (StatusException refused) {
      if (count == 1) {
        throw refused;
      }
      return range(startPeriod, 1);
    }
  }

  private List<Claim<LightClientUpdate>> range(long start, int count) throws IOException {
    String query = "updates?start_period=" + start + "&count=" + count;
    BeaconHttp.Reply reply = get(query, count * maxCommitteeReplyBytes());
    if (isSsz(reply)) {
      return chunks(reply.body(), count);
    }
    List<Claim<LightClientUpdate>> updates = new ArrayList<>();
    for (JsonNode one : BeaconJson.list(BeaconJson.parse(reply.body()), count)) {
      byte[] evidence = one.toString().getBytes(StandardCharsets.UTF_8);
      updates.add(new Claim<>(json.update(one, Kind.FULL), evidence));
    }
    return updates;
  }

  /// Repeated: length of the rest, fork digest, update.
  private List<Claim<LightClientUpdate>> chunks(byte[] body, int most) {
    List<Claim<LightClientUpdate>> updates = new ArrayList<>();
    int at = 0;
    while (at < body.length) {
      if (updates.size() == most) {
        throw new MalformedInputException("more than the " + most + " updates asked for", at);
      }
      if (body.length - at < LENGTH_BYTES + DIGEST_BYTES) {
        throw new MalformedInputException("update cut short", at);
      }
      long length = Long.reverseBytes(BigEndian.getLong(body, at));
      at += LENGTH_BYTES;
      if (length < DIGEST_BYTES || length > body.length - at) {
        throw new MalformedInputException("update of length " + length, at);
      }
      int digest = BigEndian.getInt(body, at);
      int end = at + (int) length;
      byte[] ssz = Arrays.copyOfRange(body, at + DIGEST_BYTES, end);
      updates.add(containers.update(digest, ssz, Kind.FULL));
      at = end;
    }
    return updates;
  }

  @Override
  public Claim<LightClientUpdate> finalityUpdate() throws IOException {
    return update("finality_update", Kind.FINALITY);
  }

  @Override
  public Claim<LightClientUpdate> optimisticUpdate() throws IOException {
    return update("optimistic_update", Kind.OPTIMISTIC);
  }

  private Claim<LightClientUpdate> update(String path, Kind kind) throws IOException {
    BeaconHttp.Reply reply = get(path, MAX_HEADER_REPLY_BYTES);
    return new Claim<>(
        isSsz(reply)
            ? LightClientUpdate.read(reply.body(), kind, fork(reply), network.syncCommitteeSize())
            : json.update(BeaconJson.unwrap(BeaconJson.parse(reply.body())), kind),
        reply.body());
  }

  private BeaconHttp.Reply get(String path, int maxBytes) throws IOException {
    return http.get(URI.create(base + PATH + path), ACCEPT, maxBytes);
  }

  private static boolean isSsz(BeaconHttp.Reply reply) {
    return reply.contentType().startsWith(SSZ);
  }

  private static ConsensusFork fork(BeaconHttp.Reply reply) {
    String name = reply.consensusVersion().toLowerCase(Locale.ROOT);
    return ConsensusNetwork.forkNamed(name)
        .orElseThrow(() -> new MalformedInputException("unknown consensus version " + name, 0));
  }
}
