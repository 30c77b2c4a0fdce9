package io.semper.node.light;

import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.Verified;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.beacon.BeaconFollower.Offered;
import io.semper.lightclient.upstream.Evidence;
import io.semper.lightclient.upstream.UpstreamPool;
import io.semper.rpc.Rpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the answers stand on: `semper_provenance`, and a header of every HTTP reply.
final class Provenance {
  static final String HEADER = "Semper-Provenance";

  private final LightClient client;
  private final Optional<BeaconGossip> gossip;

  Provenance(LightClient client, Optional<BeaconGossip> gossip) {
    this.client = client;
    this.gossip = gossip;
  }

  /// The newest verified block, how old it is and who named it; which nodes are asked, how they
  /// stand and what they said that was proven wrong.
  @Rpc("semper_provenance")
  Map<String, Object> provenance() {
    Map<String, Object> out = new LinkedHashMap<>();
    Optional<String> frozen = client.frozen();
    if (frozen.isPresent()) {
      out.put("frozen", frozen.get());
    } else {
      Verified<Header> head = client.head();
      out.put("block", block(head));
      out.put("ageSeconds", head.ageSeconds());
      out.put("trust", trust(head));
    }
    out.put("witnesses", (long) client.witnesses());
    List<Object> nodes = new ArrayList<>();
    client.upstreams().status().forEach(each -> nodes.add(node(each)));
    out.put("upstreams", nodes);
    List<Object> sources = new ArrayList<>();
    client.consensus().forEach(each -> sources.add(source(each)));
    out.put("consensus", sources);
    Map<String, Object> unasked = new LinkedHashMap<>();
    gossip.ifPresent(topics -> {
      for (Offered each : Offered.values()) {
        unasked.put(each.name().toLowerCase(Locale.ROOT), topics.count(each));
      }
    });
    out.put("gossip", unasked);
    UpstreamPool.Traffic traffic = client.upstreams().traffic();
    Map<String, Object> cost = new LinkedHashMap<>();
    cost.put("rounds", traffic.rounds());
    cost.put("bytesSent", traffic.bytesSent());
    cost.put("bytesReceived", traffic.bytesReceived());
    out.put("traffic", cost);
    List<Object> lies = new ArrayList<>();
    client.upstreams().evidence().forEach(each -> lies.add(lie(each)));
    client.consensusLies().forEach(each -> lies.add(lie(each)));
    out.put("lies", lies);
    return out;
  }

  private static Map<String, Object> block(Verified<Header> head) {
    Map<String, Object> block = new LinkedHashMap<>();
    block.put("number", head.block().number());
    block.put("hash", head.block().hash());
    block.put("timestamp", head.block().timestamp());
    return block;
  }

  private static String trust(Verified<?> answer) {
    return answer.trust().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, Object> node(UpstreamPool.Status status) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("url", status.upstream());
    node.put("state", status.state().name().toLowerCase(Locale.ROOT));
    node.put("problem", status.problem());
    node.put("latencyMillis", status.latencyMillis());
    node.put("requests", status.requests());
    node.put("failed", status.failed());
    node.put("bytes", status.bytes());
    return node;
  }

  private static Map<String, Object> source(BeaconFollower.Status status) {
    Map<String, Object> source = new LinkedHashMap<>();
    source.put("url", status.source());
    source.put("state", status.banned() ? "banned" : "good");
    source.put("problem", status.problem());
    return source;
  }

  private static Map<String, Object> lie(Evidence evidence) {
    Map<String, Object> lie = new LinkedHashMap<>();
    lie.put("url", evidence.upstream());
    lie.put("timeMillis", evidence.timeMillis());
    lie.put("problem", evidence.problem());
    return lie;
  }

  /// The block that answers given now are proven by, in one line.
  String line() {
    try {
      Verified<Header> head = client.head();
      return "block=%d; hash=%s; age=%d; trust=%s"
          .formatted(head.block().number(), head.block().hash(), head.ageSeconds(), trust(head));
    } catch (UnavailableException frozen) {
      return "none";
    }
  }
}
