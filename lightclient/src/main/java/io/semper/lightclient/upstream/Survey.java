package io.semper.lightclient.upstream;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;

/// A question to every node that may be asked, put again and again. Who answers late is heard the
/// next time and not asked again before, so that whoever answers quickly keeps nobody from being
/// heard. Used by one thread.
public final class Survey<T> {
  private final UpstreamPool pool;
  private final List<Call> calls;
  private final byte[] request;
  private final Reader<T> reader;
  private final BlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
  private final Set<Upstream> asked = new HashSet<>();

  /// What was heard.
  ///
  /// @param silent who may have the question and has said nothing that can be read
  public record Heard<T>(List<Answer<T>> answers, List<String> silent) {}

  Survey(UpstreamPool pool, List<Call> calls, Reader<T> reader) {
    this.pool = pool;
    this.calls = calls;
    this.reader = reader;
    request = Wire.encode(calls);
  }

  /// Asks without listening.
  public void put() {
    submit();
  }

  private Set<Upstream> submit() {
    Set<Upstream> awaited = new HashSet<>();
    for (Upstream each : pool.askable(calls)) {
      if (asked.add(each)) {
        awaited.add(each);
        pool.submit(each, calls, request, reader, outcomes, false);
      }
    }
    return awaited;
  }

  /// Asks, and listens until all have answered or patience ends.
  ///
  /// @param news what is worth not waiting for others
  /// @param newsMillis for the others, once there was news
  /// @param millis for the others, once one has answered
  public Heard<T> ask(Predicate<T> news, long newsMillis, long millis) {
    Set<Upstream> awaited = submit();
    List<Answer<T>> answers = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    long end = pool.nowMillis() + pool.requestMillis();
    while (!awaited.isEmpty() || !outcomes.isEmpty()) {
      Outcome<T> outcome = UpstreamPool.poll(outcomes, end - pool.nowMillis());
      if (outcome == null) {
        break;
      }
      asked.remove(outcome.from());
      awaited.remove(outcome.from());
      switch (outcome) {
        case Outcome.Good<T> good -> {
          answers.add(new Answer<>(good.value(), good.from().name()));
          long patience = news.test(good.value()) ? newsMillis : millis;
          end = Math.min(end, pool.nowMillis() + patience);
        }
        case Outcome.Bad<T> bad -> {
          if (bad.kind() == Outcome.Kind.FAILED) {
            failed.add(bad.from().name());
          }
        }
      }
    }
    asked.forEach(each -> failed.add(each.name()));
    return new Heard<>(List.copyOf(answers), List.copyOf(failed));
  }
}
