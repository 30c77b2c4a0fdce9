package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hex;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A node that changes anything in its replies. Each conversation with an honest node is recorded,
/// and repeated with one reply changed in one place, or given in the place of another: alone, the
/// liar brings about no answer or the right one; beside an honest node, always the right one. That
/// the conversation as it was brings about the right answer shows that a refusal is the change's.
///
/// A seeded sample of all changes; as many of them as the system property `semper.light.mutations`
/// says.
class LyingUpstreamTest {
  private static final int MUTATIONS = Integer.getInteger("semper.light.mutations", 150);

  /// Where those stand still who know of no newer block.
  private static final long OLD_BLOCK = 3;

  private static final String AGED = "that of an old block";

  private static final int MISPLACED_PER_TALK = 3;

  /// About as many replies does a method take, both times that it is asked.
  private static final int REPLIES_OF_A_KIND = 4;

  private static final long SEED = Long.getLong("semper.seed", 1);
  private static final URI LIAR = URI.create("http://liar.example");
  private static final URI HONEST = URI.create("http://honest.example");

  /// Times that a conversation as it was may come too late on a busy machine.
  private static final int CONTROLS = 5;

  /// No need to wait for who will not answer.
  private static final UpstreamLimits LIMITS = new UpstreamLimits(32 << 20, 5_000, 90, 60, 16);

  /// An honest node answers, however long it takes.
  private static final UpstreamLimits PATIENT = new UpstreamLimits(32 << 20, 5_000, 30_000, 60, 16);

  /// Whose absence nobody can prove.
  private static final Set<String> LOOKUPS =
      Set.of(
          "eth_getBlockByHash",
          "eth_getHeaderByHash",
          "eth_getBlockTransactionCountByHash",
          "eth_getUncleCountByBlockHash",
          "eth_getTransactionByHash",
          "eth_getTransactionByBlockHashAndIndex",
          "eth_getRawTransactionByBlockHashAndIndex",
          "eth_getUncleByBlockHashAndIndex",
          "debug_getRawTransaction",
          "eth_getRawTransactionByHash",
          "eth_getBlockReceipts",
          "eth_getTransactionReceipt");

  private static final Pattern NUMBER = Pattern.compile("(?<=\"number\":\")0x[0-9a-f]+");
  private static final Pattern EXTRA_DATA = Pattern.compile("(?<=\"extraData\":\")0x[0-9a-f]+");

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
  private record Lie(Talk talk, String request, Mutations.Mutant mutant) {
    byte[] said(byte[] body) throws IOException {
      return text(body).equals(request) ? mutant.reply() : talk.recording().replay(body);
    }

    /// Whether it is the answer of who has learnt of no block since, or not of the newest.
    boolean isTrueOfThePast(String answer) {
      return request.contains("\"latest\"")
          && (answer.equals(unmoved()) || mutant.what().equals(AGED) && answer.equals(old()));
    }

    private String unmoved() {
      return ask(
          talk.query(),
          (url, body, max, millis) -> {
            if (text(body).equals(request)) {
              throw new IOException("nothing new");
            }
            return talk.recording().replay(body);
          },
          LIAR);
    }

    private String old() {
      return ask(talk.query(), (url, body, max, millis) -> aged(text(body)), HONEST);
    }

    @Override
    public String toString() {
      return talk.query() + ", in reply to " + request + ": " + mutant.what();
    }
  }

  /// What an answered question was and how the conversation went.
  private record Talk(Queries.Query query, String right, Recording recording) {}

  /// Questions of a kind that are answered, so many of them unless that takes too long.
  private static List<Talk> talks(int kind, int wanted) {
    List<Talk> talks = new ArrayList<>();
    for (int tries = 0; talks.size() < wanted && tries < 10 * wanted; tries++) {
      Queries.Query query = queries.next(kind);
      Recording recording = new Recording();
      String right = ask(query, recording::record, HONEST);
      if (!right.startsWith(LightRpc.ERROR) && !isNothing(query, right)) {
        Talk talk = new Talk(query, right, recording);
        assertThat(isRepeatable(talk)).as("%s answered %s again", query, right).isTrue();
        talks.add(talk);
      }
    }
    return talks;
  }

  private static boolean isRepeatable(Talk talk) {
    for (int i = 0; i < CONTROLS; i++) {
      String again =
          ask(talk.query(), (url, body, max, millis) -> talk.recording().replay(body), LIAR);
      if (again.equals(talk.right())) {
        return true;
      }
    }
    return false;
  }

  /// That there is no such thing.
  private static boolean isNothing(Queries.Query query, String answer) {
    return answer.equals("null") || answer.equals("\"0x\"") && isLookup(query);
  }

  /// Whether it asks for what nobody can prove that there is not. Blocks of numbers are proven.
  private static boolean isLookup(Queries.Query query) {
    return LOOKUPS.contains(query.method())
        && (!query.method().equals("eth_getBlockReceipts") || query.params().contains("blockHash"));
  }

  /// An answer without the seals of its header, which no hash names: what is said where nobody has
  /// any that can be proven. Those of the head have been.
  private static String withoutSeals(String method, String answer) {
    if (number(method, answer) == network.ledger().head().number()) {
      return answer;
    }
    return switch (method) {
      case "debug_getRawHeader" ->
          quoted(bare(Header.decode(Hex.decode(unquoted(answer)))).encode());
      case "debug_getRawBlock" -> {
        Block block = Block.decode(Hex.decode(unquoted(answer)));
        Block shown =
            new Block(
                bare(block.header()), block.transactions(), block.ommers(), block.withdrawals());
        yield quoted(shown.encode());
      }
      default ->
          EXTRA_DATA
              .matcher(answer)
              .replaceAll(extra -> Hex.encode(bare(Hex.decode(extra.group()))));
    };
  }

  /// Of the block that is answered, -1 where it is something else.
  private static long number(String method, String answer) {
    return switch (method) {
      case "debug_getRawHeader" -> Header.decode(Hex.decode(unquoted(answer))).number();
      case "debug_getRawBlock" -> Block.decode(Hex.decode(unquoted(answer))).header().number();
      default -> {
        Matcher number = NUMBER.matcher(answer);
        yield number.find() ? Long.decode(number.group()) : -1;
      }
    };
  }

  private static String unquoted(String answer) {
    return answer.substring(1, answer.length() - 1);
  }

  private static String quoted(byte[] bytes) {
    return '"' + Hex.encode(bytes) + '"';
  }

  private static Header bare(Header header) {
    return header.toBuilder().extraData(bare(header.extraData())).build();
  }

  private static byte[] bare(byte[] extraData) {
    return QbftExtraData.decode(extraData).unsealed(0).encode();
  }

  private static List<Lie> changes(Random random) {
    List<Lie> lies = new ArrayList<>();
    int perReply = Math.max(1, MUTATIONS / (REPLIES_OF_A_KIND * queries.kinds()));
    for (int kind = 0; kind < queries.kinds(); kind++) {
      for (Talk talk : talks(kind, 2)) {
        talk.recording.replies.forEach((request, reply) ->
            Mutations.some(reply, perReply, random)
                .forEach(mutant -> lies.add(new Lie(talk, request, mutant))));
      }
    }
    return lies;
  }

  /// What one who stands still at an old block says to a question.
  private static byte[] aged(String request) throws IOException {
    String head = network.ledger().head().hash().toString();
    String old = network.ledger().header(OLD_BLOCK).orElseThrow().hash().toString();
    String earlier =
        request
            .replace("\"latest\"", "\"0x" + Long.toHexString(OLD_BLOCK) + "\"")
            .replace(head, old);
    byte[] body = earlier.getBytes(StandardCharsets.UTF_8);
    try (Allowance room = Allowance.of(LIMITS.replyBytes())) {
      return new HttpTransport().post(full, body, room, PATIENT.requestMillis());
    }
  }

  /// Replies as an honest node gave them, to the same question earlier or to another question, in
  /// the place of a few of each conversation.
  private static List<Lie> misplaced() throws IOException {
    List<Lie> lies = new ArrayList<>();
    Random random = new Random(SEED);
    for (int kind = 0; kind < queries.kinds(); kind++) {
      for (Talk talk : talks(kind, 1)) {
        List<String> requests = new ArrayList<>(talk.recording.replies.keySet());
        Collections.shuffle(requests, random);
        for (int i = 0; i < Math.min(MISPLACED_PER_TALK, requests.size()); i++) {
          String request = requests.get(i);
          String other = requests.get((i + 1) % requests.size());
          byte[] aged = aged(request);
          byte[] swapped = talk.recording.replies.get(other);
          byte[] right = talk.recording.replies.get(request);
          if (!Arrays.equals(aged, right)) {
            lies.add(new Lie(talk, request, new Mutations.Mutant(AGED, aged)));
          }
          if (!Arrays.equals(swapped, right)) {
            lies.add(new Lie(talk, request, new Mutations.Mutant("that to " + other, swapped)));
          }
        }
      }
    }
    return lies;
  }

  @Test
  void noChangeInAnyReplyBringsAboutAWrongAnswer() {
    Random random = new Random(SEED);
    List<Lie> all = changes(random);
    Collections.shuffle(all, random);
    judge("changes", all.subList(0, Math.min(MUTATIONS, all.size())));
  }

  @Test
  void noReplyThatIsOldOrToAnotherQuestionBringsAboutAWrongAnswer() throws IOException {
    judge("misplaced replies", misplaced());
  }

  private static void judge(String what, List<Lie> lies) {
    List<String> wrong = new ArrayList<>();
    Set<String> methods = new HashSet<>();
    int refused = 0;
    for (Lie lie : lies) {
      String method = lie.talk().query().method();
      String right = lie.talk().right();
      Recording recording = lie.talk().recording();
      String alone = ask(lie.talk().query(), (url, body, max, millis) -> lie.said(body), LIAR);
      boolean unprovable = isLookup(lie.talk().query()) && isNothing(lie.talk().query(), alone);
      boolean no = alone.startsWith(LightRpc.ERROR);
      refused += no ? 1 : 0;
      boolean harmless =
          alone.equals(right)
              || alone.equals(withoutSeals(method, right))
              || lie.isTrueOfThePast(alone);
      if (!no && !unprovable && !harmless) {
        wrong.add(lie + "\n  gave " + alone + "\n  not " + right);
      }
      String helped =
          ask(
              lie.talk().query(),
              (url, body, max, millis) ->
                  url.equals(LIAR) ? lie.said(body) : recording.replay(body),
              LIAR,
              HONEST);
      if (!helped.equals(right)) {
        wrong.add(lie + "\n  beside an honest node " + helped + "\n  not " + right);
      }
      methods.add(method);
    }
    System.out.printf(
        "%d %s over %d methods: %d refused, %d harmless, %d wrong%n",
        lies.size(), what, methods.size(), refused, lies.size() - refused, wrong.size());
    assertThat(wrong).isEmpty();
  }
}
