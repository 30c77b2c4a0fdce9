package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.lightclient.LightClient;
import io.semper.lightclient.upstream.Allowance;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.Transport;
import io.semper.lightclient.upstream.UpstreamLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A node that changes anything in its replies. Each conversation with an honest node is recorded,
/// and repeated with one reply changed in one place: alone, the liar brings about no answer or the
/// right one; beside an honest node, always the right one.
///
/// A seeded sample of all changes; as many of them as the system property `semper.light.mutations`
/// says.
class LyingUpstreamTest {
  private static final int MUTATIONS = Integer.getInteger("semper.light.mutations", 150);

  /// About as many replies does a method take, both times that it is asked.
  private static final int REPLIES_OF_A_KIND = 4;

  private static final long SEED = Long.getLong("semper.seed", 1);
  private static final URI LIAR = URI.create("http://liar.example");
  private static final URI HONEST = URI.create("http://honest.example");

  /// No need to wait for who will not answer.
  private static final UpstreamLimits LIMITS = new UpstreamLimits(32 << 20, 5_000, 90, 60, 64, 16);

  /// An honest node answers, however long it takes.
  private static final UpstreamLimits PATIENT =
      new UpstreamLimits(32 << 20, 5_000, 30_000, 60, 64, 16);

  /// Whose absence nobody can prove.
  private static final Set<String> LOOKUPS =
      Set.of(
          "eth_getBlockByHash",
          "eth_getHeaderByHash",
          "eth_getBlockTransactionCountByHash",
          "eth_getUncleCountByBlockHash",
          "eth_getTransactionByHash",
          "eth_getTransactionByBlockHashAndIndex",
          "eth_getRawTransactionByHash",
          "eth_getBlockReceipts",
          "eth_getTransactionReceipt");

  private static SealedNetwork network;
  private static URI full;
  private static Queries queries;

  @BeforeAll
  static void start() throws Exception {
    network = new SealedNetwork(4);
    LivelyChain chain = new LivelyChain(network, 40, SEED);
    full = network.serve();
    queries = new Queries(network, chain, SEED);
  }

  @AfterAll
  static void stop() {
    network.close();
  }

  /// What was asked and answered, in order.
  private static final class Recording {
    private final Map<String, byte[]> replies = Collections.synchronizedMap(new LinkedHashMap<>());
    private final HttpTransport http = new HttpTransport();

    byte[] record(URI url, byte[] body, Allowance max, long millis) throws IOException {
      byte[] reply = http.post(full, body, max, millis);
      replies.put(text(body), reply);
      return reply;
    }

    byte[] replay(byte[] body) throws IOException {
      byte[] reply = replies.get(text(body));
      if (reply == null) {
        throw new IOException("never asked before");
      }
      return reply;
    }
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  private static LightRpc client(Transport transport, URI... upstreams) {
    Instant now = Instant.ofEpochSecond(network.ledger().head().timestamp() + 1);
    LightClient.Builder builder =
        LightClient.builder(network.network())
            .transport(transport)
            .limits(upstreams.length == 1 && upstreams[0].equals(LIAR) ? LIMITS : PATIENT)
            .pollMillis(1_000_000)
            .clock(Clock.fixed(now, ZoneOffset.UTC));
    for (URI each : upstreams) {
      builder.upstream(each);
    }
    return new LightRpc(builder.build());
  }

  private static String ask(Queries.Query query, Transport transport, URI... upstreams) {
    try (LightRpc rpc = client(transport, upstreams)) {
      return rpc.ask(query);
    }
  }

  /// One conversation, and one reply of it changed.
  private record Lie(
      Queries.Query query, String right, Recording talk, String request, Mutations.Mutant mutant) {
    byte[] said(byte[] body) throws IOException {
      return text(body).equals(request) ? mutant.reply() : talk.replay(body);
    }

    /// The answer of who has learnt of no block since: true, and old.
    String unmoved() {
      return !request.contains("\"latest\"")
          ? right
          : ask(
              query,
              (url, body, max, millis) -> {
                if (text(body).equals(request)) {
                  throw new IOException("nothing new");
                }
                return talk.replay(body);
              },
              LIAR);
    }

    @Override
    public String toString() {
      return query + ", in reply to " + request + ": " + mutant.what();
    }
  }

  private static List<Lie> lies(Random random) {
    List<Lie> lies = new ArrayList<>();
    int perReply = Math.max(1, MUTATIONS / (REPLIES_OF_A_KIND * queries.kinds()));
    for (int kind = 0; kind < queries.kinds(); kind++) {
      for (int tries = 0, wanted = 2; wanted > 0 && tries < 20; tries++) {
        Queries.Query query = queries.next(kind);
        Recording talk = new Recording();
        String right = ask(query, talk::record, HONEST);
        if (right.startsWith(LightRpc.ERROR) || right.equals("null")) {
          continue;
        }
        wanted--;
        talk.replies.forEach((request, reply) ->
            Mutations.some(reply, perReply, random)
                .forEach(mutant -> lies.add(new Lie(query, right, talk, request, mutant))));
      }
    }
    return lies;
  }

  @Test
  void noChangeInAnyReplyBringsAboutAWrongAnswer() {
    Random random = new Random(SEED);
    List<Lie> all = lies(random);
    Collections.shuffle(all, random);
    List<String> wrong = new ArrayList<>();
    Map<String, Integer> methods = new HashMap<>();
    int refused = 0;
    List<Lie> sample = all.subList(0, Math.min(MUTATIONS, all.size()));
    for (Lie lie : sample) {
      String alone = ask(lie.query(), (url, body, max, millis) -> lie.said(body), LIAR);
      boolean unprovable =
          LOOKUPS.contains(lie.query().method())
              && (alone.equals("null") || alone.equals("\"0x\""));
      refused += alone.startsWith(LightRpc.ERROR) ? 1 : 0;
      boolean harmless = alone.equals(lie.right()) || unprovable || alone.equals(lie.unmoved());
      if (!harmless && !alone.startsWith(LightRpc.ERROR)) {
        wrong.add(lie + "\n  gave " + alone + "\n  not " + lie.right());
      }
      String helped =
          ask(
              lie.query(),
              (url, body, max, millis) ->
                  url.equals(LIAR) ? lie.said(body) : lie.talk().replay(body),
              LIAR,
              HONEST);
      if (!helped.equals(lie.right())) {
        wrong.add(lie + "\n  beside an honest node " + helped + "\n  not " + lie.right());
      }
      methods.merge(lie.query().method(), 1, Integer::sum);
    }
    System.out.printf(
        "%d of %d changes over %d methods: %d refused, %d harmless, %d wrong%n",
        sample.size(), all.size(), methods.size(), refused, sample.size() - refused, wrong.size());
    assertThat(wrong).isEmpty();
  }
}
