package io.semper.lightclient.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.view.UnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Whom the pool asks, and what it makes of silence, ignorance and lies.
class UpstreamPoolTest {
  private static final UpstreamLimits LIMITS = new UpstreamLimits(1 << 20, 60_000, 60_000, 50, 4);

  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final List<Evidence> lies = new CopyOnWriteArrayList<>();

  private interface Node {
    String reply(String request) throws IOException;
  }

  private UpstreamPool pool(Map<String, Node> nodes, String... order) {
    List<URI> urls = new ArrayList<>();
    for (String each : order) {
      urls.add(URI.create("http://" + each));
    }
    Transport transport =
        (url, body, allowance, millis) -> {
          asked.computeIfAbsent(url.getHost(), h -> new AtomicInteger()).incrementAndGet();
          String request = new String(body, StandardCharsets.UTF_8);
          return nodes.get(url.getHost()).reply(request).getBytes(StandardCharsets.UTF_8);
        };
    return new UpstreamPool(
        urls, transport, LIMITS, () -> System.nanoTime() / 1_000_000, lies::add);
  }

  private static String result(String json) {
    return "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":" + json + "}";
  }

  private static String error(int code, String message) {
    return "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":%d,\"message\":\"%s\"}}"
        .formatted(code, message);
  }

  private static final List<Call> CALL = List.of(Call.of("eth_test", "0x1"));

  /// Takes the right answer and knows a wrong one.
  private static String read(List<Reply> replies) throws Reply.RefusedException, LieException {
    String text = Fields.text(Reply.found(replies.get(0)));
    if (text.equals("wrong")) {
      throw new LieException("wrong");
    }
    return text;
  }

  @Test
  void whoFailsOrDoesNotKnowIsFollowedByTheNext() {
    Map<String, Node> nodes =
        Map.of(
            "gone",
            r -> {
              throw new ConnectException("refused");
            },
            "empty",
            r -> result("null"),
            "busy",
            r -> error(-32000, "busy"),
            "good",
            r -> result("\"right\""));
    try (UpstreamPool pool = pool(nodes, "gone", "empty", "busy", "good")) {
      Answer<String> answer = pool.ask(CALL, UpstreamPoolTest::read);
      assertThat(answer).isEqualTo(new Answer<>("right", "http://good"));
      assertThat(lies).isEmpty();
    }
  }

  @Test
  void whoLiesIsNeverAskedAgain() {
    Map<String, Node> nodes =
        Map.of("liar", r -> result("\"wrong\""), "good", r -> result("\"right\""));
    try (UpstreamPool pool = pool(nodes, "liar", "good")) {
      for (int i = 0; i < 5; i++) {
        assertThat(pool.ask(CALL, UpstreamPoolTest::read).value()).isEqualTo("right");
      }
      assertThat(asked.get("liar")).hasValue(1);
      assertThat(pool.evidence()).hasSize(1);
      assertThat(new String(pool.evidence().getFirst().reply(), StandardCharsets.UTF_8))
          .contains("wrong");
      assertThat(pool.status().getFirst().state()).isEqualTo(UpstreamPool.State.BANNED);
    }
  }

  /// Does not answer until `end`, or until it is interrupted, and then not either.
  private static String silence(CountDownLatch end) throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException("closed");
  }

  @Test
  void whoIsSilentIsNotWaitedFor() {
    CountDownLatch never = new CountDownLatch(1);
    Map<String, Node> nodes =
        Map.of("silent", r -> silence(never), "good", r -> result("\"right\""));
    try (UpstreamPool pool = pool(nodes, "silent", "good")) {
      assertThat(pool.ask(CALL, UpstreamPoolTest::read).upstream()).isEqualTo("http://good");
      // The silent one is thought slow from now on, as soon as the good one is quicker.
      int before;
      do {
        before = asked.get("silent").get();
        assertThat(pool.ask(CALL, UpstreamPoolTest::read).upstream()).isEqualTo("http://good");
      } while (asked.get("silent").get() > before && before < LIMITS.inFlight() - 1);
      assertThat(asked.get("silent")).hasValue(before);
    } finally {
      never.countDown();
    }
  }

  /// Waking another thread is worth it only where there is somebody else to turn to meanwhile.
  @Test
  void whoIsTheOnlyOneIsAskedByTheThreadThatWantsToKnow() {
    List<Thread> askers = new CopyOnWriteArrayList<>();
    Node good =
        r -> {
          askers.add(Thread.currentThread());
          return result("\"right\"");
        };
    try (UpstreamPool pool = pool(Map.of("good", good), "good")) {
      assertThat(pool.ask(CALL, UpstreamPoolTest::read).value()).isEqualTo("right");
    }
    try (UpstreamPool pool = pool(Map.of("good", good, "other", good), "good", "other")) {
      assertThat(pool.ask(CALL, UpstreamPoolTest::read).value()).isEqualTo("right");
    }
    assertThat(askers.getFirst()).isEqualTo(Thread.currentThread());
    assertThat(askers.subList(1, askers.size())).doesNotContain(Thread.currentThread());
  }

  @Test
  void aMethodThatANodeLacksIsNotAskedOfItAgain() {
    Map<String, Node> nodes =
        Map.of(
            "old",
            r -> r.contains("eth_test") ? error(-32601, "no such method") : result("\"right\""),
            "good",
            r -> result("\"right\""));
    try (UpstreamPool pool = pool(nodes, "old", "good")) {
      pool.ask(CALL, UpstreamPoolTest::read);
      pool.ask(CALL, UpstreamPoolTest::read);
      assertThat(asked.get("old")).hasValue(1);
      List<Call> other = List.of(Call.of("eth_other"));
      pool.ask(other, UpstreamPoolTest::read);
      assertThat(asked.get("old").get() + asked.get("good").get()).isEqualTo(4);
    }
  }

  @Test
  void whoTakesNoBatchesIsAskedOneByOne() {
    Map<String, Node> nodes =
        Map.of(
            "single", r -> r.startsWith("[") ? error(-32600, "no batches") : result("\"right\""));
    List<Call> two = List.of(Call.of("eth_one"), Call.of("eth_two"));
    try (UpstreamPool pool = pool(nodes, "single")) {
      List<String> both =
          pool.ask(two, r -> List.of(read(r.subList(0, 1)), read(r.subList(1, 2)))).value();
      assertThat(both).containsExactly("right", "right");
      assertThat(asked.get("single")).hasValue(3);
    }
  }

  /// Whoever was not heard may be the only one who would have told.
  @Test
  void notToBeKnownIsAnAnswerOnlyWhereAllSaySo() {
    Map<String, Node> nodes =
        Map.of(
            "empty",
            r -> result("null"),
            "blank",
            r -> result("null"),
            "liar",
            r -> result("\"wrong\""),
            "gone",
            r -> {
              throw new ConnectException("refused");
            });
    try (UpstreamPool pool = pool(nodes, "liar", "empty", "blank")) {
      assertThat(pool.find(CALL, UpstreamPoolTest::read)).isEmpty();
      assertThat(pool.find(CALL, UpstreamPoolTest::read, Set.of("http://blank"))).isEmpty();
    }
    for (String[] order : new String[][] {{"gone", "empty"}, {"empty", "gone"}}) {
      try (UpstreamPool pool = pool(nodes, order)) {
        assertThatThrownBy(() -> pool.find(CALL, UpstreamPoolTest::read))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("http://gone: refused")
            .hasMessageContaining("http://empty: not known there");
        assertThat(pool.find(CALL, UpstreamPoolTest::read, Set.of("http://gone"))).isEmpty();
      }
    }
    try (UpstreamPool pool = pool(nodes, "gone")) {
      assertThatThrownBy(() -> pool.find(CALL, UpstreamPoolTest::read))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("refused");
    }
  }

  /// Each reply is within the limit, two at the same time are not.
  @Test
  void repliesOfOneNodeAtTheSameTimeAreBoundedTogether() {
    String large = result("\"" + "x".repeat(700_000) + "\"");
    try (UpstreamPool pool = pool(Map.of("large", r -> large), "large")) {
      String outer =
          pool.askOne(
              "http://large",
              CALL,
              replies -> {
                assertThatThrownBy(() -> pool.askOne("http://large", CALL, UpstreamPoolTest::read))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("too many bytes");
                return read(replies);
              });
      assertThat(outer).hasSize(700_000);
      // It is not the node's fault, and there is room again.
      assertThat(pool.status().getFirst().failed()).isZero();
      assertThat(pool.askOne("http://large", CALL, UpstreamPoolTest::read)).hasSize(700_000);
    }
  }

  /// Brackets are few bytes and become many.
  @Test
  void bracketsAreBounded() {
    String some = result("[" + "{},".repeat(25_000) + "0]");
    String many = result("[" + "{},".repeat(50_000) + "0]");
    assertThat(many.length()).isLessThan(LIMITS.replyBytes() / 4);
    try (UpstreamPool pool = pool(Map.of("some", r -> some, "many", r -> many), "some", "many")) {
      assertThatThrownBy(() -> pool.askOne("http://many", CALL, replies -> "read"))
          .hasMessageContaining("reply of more than " + LIMITS.replyBytes() + " bytes");
      String outer =
          pool.askOne(
              "http://some",
              CALL,
              replies -> {
                assertThatThrownBy(() -> pool.askOne("http://some", CALL, inner -> "read"))
                    .hasMessageContaining("too many bytes");
                return "read";
              });
      assertThat(outer).isEqualTo("read");
      String again = pool.askOne("http://some", CALL, replies -> "again");
      assertThat(again).isEqualTo("again");
    }
  }

  /// However many questions one node leaves open.
  @Test
  void whoIsSilentHoldsNoThreadOfOthers() {
    CountDownLatch never = new CountDownLatch(1);
    Map<String, Node> nodes =
        Map.of("silent", r -> silence(never), "good", r -> result("\"right\""));
    try (UpstreamPool pool = pool(nodes, "silent", "good")) {
      for (int i = 0; i < 10 * LIMITS.inFlight(); i++) {
        pool.survey(CALL, UpstreamPoolTest::read).put();
      }
      assertThat(pool.ask(CALL, UpstreamPoolTest::read).upstream()).isEqualTo("http://good");
      assertThat(asked.get("silent").get()).isLessThanOrEqualTo(LIMITS.inFlight());
    } finally {
      never.countDown();
    }
  }

  /// A quick node with nothing new does not keep a slow one from being heard.
  @Test
  void whoAnswersLateIsHeardTheNextTime() {
    CountDownLatch later = new CountDownLatch(1);
    Map<String, Node> nodes =
        Map.of(
            "quick",
            r -> result("\"old\""),
            "slow",
            r -> {
              try {
                later.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return result("\"new\"");
            });
    try (UpstreamPool pool = pool(nodes, "quick", "slow")) {
      Survey<String> survey = pool.survey(CALL, UpstreamPoolTest::read);
      Survey.Heard<String> heard = survey.ask("new"::equals, 1, 20);
      assertThat(heard.answers()).containsExactly(new Answer<>("old", "http://quick"));
      assertThat(heard.silent()).containsExactly("http://slow");
      later.countDown();
      Answer<String> late = new Answer<>("new", "http://slow");
      long end = System.nanoTime() + 60_000_000_000L;
      do {
        heard = survey.ask("new"::equals, 1, 20);
      } while (!heard.answers().contains(late) && System.nanoTime() < end);
      assertThat(heard.answers()).contains(late);
      assertThat(asked.get("slow")).hasValue(1);
    }
  }

  @Test
  void bombsAndGarbageAreFailuresAndNoMore() {
    for (String bomb :
        List.of(
            "[".repeat(500_000),
            "[" + "[],".repeat(300_000) + "[]]",
            "{\"result\":" + "9".repeat(100_000) + "}",
            "",
            "null",
            "7",
            "{}",
            "{\"jsonrpc\":\"2.0\",\"id\":0}")) {
      try (UpstreamPool pool =
          pool(Map.of("bad", r -> bomb, "good", r -> result("\"right\"")), "bad", "good")) {
        assertThat(pool.ask(CALL, UpstreamPoolTest::read).value()).isEqualTo("right");
      }
    }
  }
}
