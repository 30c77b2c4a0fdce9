package io.semper.lightclient.upstream;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.UnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// The nodes there are to ask. A question goes to the one that answers best; where it is slow, also
/// to the next; where it fails or does not know, to the others in turn. The first answer that its
/// reader accepts is the answer.
///
/// Whether a node can be reached and whether it tells the truth are two things: failures cost it a
/// pause, one lie bans it.
public final class UpstreamPool implements AutoCloseable {
  private static final int MAX_EVIDENCE = 32;
  private static final long IDLE_SECONDS = 30;

  /// How often everybody is asked again where nobody could answer, and after which pause first.
  private static final int MAX_RETRIES = 5;

  private static final long FIRST_RETRY_MILLIS = 100;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int METHOD_NOT_SUPPORTED = -32004;
  private static final int LIMIT_EXCEEDED = -32005;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final AtomicInteger POOLS = new AtomicInteger();

  private final List<Upstream> upstreams;
  private final Transport transport;
  private final UpstreamLimits limits;
  private final LongSupplier millis;
  private final ThreadPoolExecutor threads;
  private final Consumer<Evidence> onLie;
  private final Deque<Evidence> evidence = new ArrayDeque<>();
  private final AtomicLong bytesSent = new AtomicLong();
  private final AtomicLong bytesReceived = new AtomicLong();
  private final AtomicLong rounds = new AtomicLong();

  /// How a node stands.
  public enum State {
    GOOD,
    /// Left alone for a while.
    PAUSED,
    /// Said something that was proven wrong.
    BANNED
  }

  /// A node as it is now.
  ///
  /// @param problem its last one, `null` for none
  public record Status(
      String upstream,
      State state,
      String problem,
      long latencyMillis,
      long requests,
      long failed,
      long bytes) {}

  /// What all nodes together have cost.
  ///
  /// @param rounds questions asked, each one round trip where nothing failed
  public record Traffic(long rounds, long bytesSent, long bytesReceived) {}

  /// @param millis a clock that never goes back
  /// @param onLie told of every lie, on any thread
  public UpstreamPool(
      List<URI> urls,
      Transport transport,
      UpstreamLimits limits,
      LongSupplier millis,
      Consumer<Evidence> onLie) {
    upstreams = Upstream.all(urls, limits.replyBytes());
    this.transport = transport;
    this.limits = limits;
    this.millis = millis;
    this.onLie = onLie;
    // As many as all nodes may hold: none can hold those that wait for others.
    int most = Math.max(1, limits.inFlight() * urls.size());
    String prefix = "light-" + POOLS.incrementAndGet() + "-upstream-";
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            0,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, prefix + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  public int size() {
    return upstreams.size();
  }

  public List<Status> status() {
    long now = millis.getAsLong();
    return upstreams.stream().map(each -> each.status(now)).toList();
  }

  public Traffic traffic() {
    return new Traffic(rounds.get(), bytesSent.get(), bytesReceived.get());
  }

  /// The newest lies, oldest first.
  public synchronized List<Evidence> evidence() {
    return List.copyOf(evidence);
  }

  /// Asks until a node gives what `reader` accepts.
  ///
  /// @throws UnavailableException where none does, saying why each did not
  public <T> Answer<T> ask(List<Call> calls, Reader<T> reader) {
    List<String> problems = new ArrayList<>();
    return first(calls, reader, problems, Set.of())
        .orElseThrow(() ->
            new UnavailableException(
                problems.isEmpty() ? "not known anywhere" : String.join("; ", problems)));
  }

  /// The same for what need not exist: empty where every node that may be asked says that it has
  /// none.
  ///
  /// @throws UnavailableException where none has it and one could not be heard, or there is nobody
  public <T> Optional<Answer<T>> find(List<Call> calls, Reader<T> reader) {
    return find(calls, reader, Set.of());
  }

  /// @param except who is not asked, and whose word does not count
  public <T> Optional<Answer<T>> find(List<Call> calls, Reader<T> reader, Set<String> except) {
    return first(calls, reader, null, except);
  }

  /// @param why receives why nobody answered; where it is `null`, not to know is an answer
  private <T> Optional<Answer<T>> first(
      List<Call> calls, Reader<T> reader, List<String> why, Set<String> except) {
    long now = millis.getAsLong();
    long end = now + limits.answerMillis();
    Deque<Upstream> next = new ArrayDeque<>(candidates(calls, now, except));
    if (next.isEmpty()) {
      throw new UnavailableException(nobody(calls, now));
    }
    rounds.incrementAndGet();
    byte[] request = Wire.encode(calls);
    BlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
    List<String> problems = why == null ? new ArrayList<>() : why;
    boolean unknown = false;
    boolean unheard = false;
    int round = 0;
    int waiting = 0;
    Upstream last = null;
    long asked = now;
    while (true) {
      if (next.isEmpty() && waiting == 0) {
        boolean missing = why == null && unknown;
        if (missing && !unheard) {
          return Optional.empty();
        }
        long pause = FIRST_RETRY_MILLIS << round;
        if (round++ == (missing ? 1 : MAX_RETRIES) || millis.getAsLong() + pause >= end) {
          throw new UnavailableException(String.join("; ", problems));
        }
        poll(outcomes, pause);
        problems.clear();
        unknown = false;
        unheard = false;
        next.addAll(candidates(calls, millis.getAsLong(), except));
        if (next.isEmpty()) {
          throw new UnavailableException(nobody(calls, millis.getAsLong()));
        }
      }
      if ((waiting == 0 || last == null) && !next.isEmpty()) {
        last = next.poll();
        asked = millis.getAsLong();
        if (waiting == 0 && next.isEmpty()) {
          // Nobody else to turn to meanwhile: no other thread has to be woken, twice.
          last.begin();
          outcomes.add(answer(last, calls, request, reader, end - asked));
        } else {
          submit(last, calls, request, reader, outcomes, waiting == 0);
        }
        waiting++;
      }
      long hedge =
          last == null || next.isEmpty()
              ? Long.MAX_VALUE
              : last.hedgeMillis(limits.maxHedgeMillis());
      long patience = end - millis.getAsLong();
      Outcome<T> outcome = poll(outcomes, Math.min(hedge, patience));
      switch (outcome) {
        case Outcome.Good<T> good -> {
          return Optional.of(new Answer<>(good.value(), good.from().name()));
        }
        case Outcome.Bad<T> bad -> {
          waiting--;
          problems.add(bad.from().name() + ": " + bad.why());
          unknown |= bad.kind() == Outcome.Kind.UNKNOWN;
          unheard |= bad.kind() == Outcome.Kind.FAILED || bad.kind() == Outcome.Kind.UNREACHED;
          if (bad.from() == last) {
            last = null;
          }
        }
        case null -> {
          if (millis.getAsLong() >= end) {
            problems.add("no answer within " + limits.answerMillis() + " ms");
            throw new UnavailableException(String.join("; ", problems));
          }
          if (last != null) {
            last.slow(millis.getAsLong() - asked);
            last = null;
          }
        }
      }
    }
  }

  /// A question to everybody, to be put as often as needed.
  public <T> Survey<T> survey(List<Call> calls, Reader<T> reader) {
    return new Survey<>(this, calls, reader);
  }

  /// Whom a survey asks: all that are not banned and not left alone, or else everybody.
  List<Upstream> askable(List<Call> calls) {
    long now = millis.getAsLong();
    rounds.incrementAndGet();
    List<Upstream> all =
        upstreams.stream()
            .filter(each -> !each.banned(now))
            .filter(each -> open(each, now))
            .toList();
    return all.isEmpty() ? candidates(calls, now, Set.of()) : all;
  }

  long requestMillis() {
    return limits.requestMillis();
  }

  /// The clock that deadlines are of.
  public long nowMillis() {
    return millis.getAsLong();
  }

  /// Asks one node.
  ///
  /// @throws UnavailableException where it does not give what `reader` accepts
  public <T> T askOne(String upstream, List<Call> calls, Reader<T> reader) {
    rounds.incrementAndGet();
    for (Upstream each : upstreams) {
      if (each.name().equals(upstream) && !each.banned(millis.getAsLong())) {
        each.begin();
        try {
          return switch (exchange(
              each, calls, Wire.encode(calls), reader, limits.requestMillis())) {
            case Outcome.Good<T> good -> good.value();
            case Outcome.Bad<T> bad -> throw new UnavailableException(upstream + ": " + bad.why());
          };
        } finally {
          each.end();
        }
      }
    }
    throw new UnavailableException(upstream + " is not asked any more");
  }

  /// Bans a node for what it said earlier.
  public void ban(String upstream, String why, byte[] said) {
    for (Upstream each : upstreams) {
      if (each.name().equals(upstream)) {
        lied(each, why, new byte[0], said);
      }
    }
  }

  private boolean open(Upstream upstream, long now) {
    return upstream.open(now, limits.inFlight());
  }

  /// Best first. Those that are left alone come last: better asked too early than not at all.
  private List<Upstream> candidates(List<Call> calls, long now, Set<String> except) {
    List<Upstream> good = new ArrayList<>();
    List<Upstream> resting = new ArrayList<>();
    for (Upstream each : upstreams) {
      boolean asked = !each.banned(now) && !except.contains(each.name());
      if (asked && each.supports(calls, now)) {
        (open(each, now) ? good : resting).add(each);
      }
    }
    List<Upstream> sorted = sorted(good);
    sorted.addAll(sorted(resting));
    return sorted;
  }

  /// Costs change while others ask: they are read once.
  private static List<Upstream> sorted(List<Upstream> list) {
    record Priced(Upstream upstream, double cost) {}
    List<Upstream> sorted = new ArrayList<>();
    list.stream()
        .map(each -> new Priced(each, each.cost()))
        .sorted(Comparator.comparingDouble(Priced::cost))
        .forEach(each -> sorted.add(each.upstream()));
    return sorted;
  }

  private String nobody(List<Call> calls, long now) {
    if (upstreams.stream().allMatch(each -> each.banned(now))) {
      return "every upstream has been caught lying: "
          + String.join(
              "; ", status().stream().map(s -> s.upstream() + ": " + s.problem()).toList());
    }
    return "no upstream answers " + calls.stream().map(Call::method).distinct().toList();
  }

  /// Asks on a thread of the pool. Where the node holds as many of these as it may, on this one, or
  /// not at all.
  <T> void submit(
      Upstream upstream,
      List<Call> calls,
      byte[] request,
      Reader<T> reader,
      BlockingQueue<Outcome<T>> outcomes,
      boolean orHere) {
    Runnable asking =
        () -> outcomes.add(answer(upstream, calls, request, reader, limits.requestMillis()));
    if (upstream.tryBegin(limits.inFlight())) {
      try {
        threads.execute(asking);
        return;
      } catch (RejectedExecutionException full) {
        upstream.end();
      }
    }
    if (orHere) {
      upstream.begin();
      asking.run();
    } else {
      outcomes.add(
          new Outcome.Bad<>(upstream, "too many requests at once", Outcome.Kind.UNREACHED));
    }
  }

  /// What comes of a question to a node that has [Upstream#begin]-ed it.
  private <T> Outcome<T> answer(
      Upstream upstream, List<Call> calls, byte[] request, Reader<T> reader, long mostMillis) {
    try {
      return exchange(upstream, calls, request, reader, mostMillis);
    } catch (RuntimeException | StackOverflowError bug) {
      return new Outcome.Bad<>(upstream, "reply could not be read: " + bug, Outcome.Kind.FAILED);
    } finally {
      upstream.end();
    }
  }

  private <T> Outcome<T> exchange(
      Upstream upstream, List<Call> calls, byte[] request, Reader<T> reader, long mostMillis) {
    long began = millis.getAsLong();
    byte[][] said = {new byte[0]};
    try (Allowance allowance = new Allowance(limits.replyBytes(), upstream.room())) {
      long each = Math.min(limits.requestMillis(), mostMillis);
      List<Reply> replies = replies(upstream, calls, request, said, allowance, each);
      learn(upstream, calls, replies);
      T value = reader.read(replies);
      upstream.answered(millis.getAsLong() - began, said[0].length);
      return new Outcome.Good<>(upstream, value);
    } catch (LieException lie) {
      lied(upstream, lie.getMessage(), request, said[0]);
      return new Outcome.Bad<>(upstream, "lied: " + lie.getMessage(), Outcome.Kind.LIED);
    } catch (Reply.RefusedException refused) {
      upstream.answered(millis.getAsLong() - began, said[0].length);
      return new Outcome.Bad<>(
          upstream,
          refused.getMessage(),
          refused.unknown() ? Outcome.Kind.UNKNOWN : Outcome.Kind.FAILED);
    } catch (Transport.StatusException status) {
      boolean later = status.status() == TOO_MANY_REQUESTS || status.retryAfterMillis() > 0;
      if (later) {
        upstream.pause(status.retryAfterMillis(), millis.getAsLong());
      } else {
        upstream.failed(status.getMessage(), millis.getAsLong());
      }
      return new Outcome.Bad<>(
          upstream, status.getMessage(), later ? Outcome.Kind.UNREACHED : Outcome.Kind.FAILED);
    } catch (Allowance.NoRoomException busy) {
      return new Outcome.Bad<>(upstream, busy.getMessage(), Outcome.Kind.FAILED);
    } catch (ConnectException | UnknownHostException | NoRouteToHostException absent) {
      upstream.failed(why(absent), millis.getAsLong());
      return new Outcome.Bad<>(upstream, why(absent), Outcome.Kind.UNREACHED);
    } catch (IOException | MalformedInputException | IllegalArgumentException unreadable) {
      upstream.failed(why(unreadable), millis.getAsLong());
      return new Outcome.Bad<>(upstream, why(unreadable), Outcome.Kind.FAILED);
    }
  }

  private static String why(Exception problem) {
    return problem.getMessage() == null ? problem.toString() : problem.getMessage();
  }

  /// Asks in one request where the node takes batches, else one by one.
  private List<Reply> replies(
      Upstream upstream,
      List<Call> calls,
      byte[] request,
      byte[][] said,
      Allowance allowance,
      long millisEach)
      throws IOException {
    int batch = upstream.single() ? 1 : UpstreamLimits.MAX_BATCH;
    if (calls.size() <= batch) {
      said[0] = post(upstream, request, allowance, millisEach);
      try {
        return Wire.decode(said[0], calls.size(), allowance);
      } catch (Wire.BatchRefusedException refused) {
        upstream.takesNoBatches();
        batch = 1;
      }
    }
    List<Reply> replies = new ArrayList<>();
    for (int from = 0; from < calls.size(); from += batch) {
      List<Call> part = calls.subList(from, Math.min(from + batch, calls.size()));
      said[0] = post(upstream, Wire.encode(part), allowance, millisEach);
      replies.addAll(Wire.decode(said[0], part.size(), allowance));
    }
    return replies;
  }

  private byte[] post(Upstream upstream, byte[] request, Allowance allowance, long mostMillis)
      throws IOException {
    bytesSent.addAndGet(request.length);
    int before = allowance.taken();
    byte[] reply = transport.post(upstream.url(), request, allowance, mostMillis);
    int untold = reply.length - (allowance.taken() - before);
    if (untold > 0) {
      allowance.take(untold);
    }
    bytesReceived.addAndGet(reply.length);
    return reply;
  }

  private void learn(Upstream upstream, List<Call> calls, List<Reply> replies) {
    for (int i = 0; i < replies.size(); i++) {
      if (replies.get(i) instanceof Reply.Failure failure) {
        if (failure.code() == METHOD_NOT_FOUND || failure.code() == METHOD_NOT_SUPPORTED) {
          upstream.unsupported(calls.get(i).method(), millis.getAsLong());
        } else if (failure.code() == LIMIT_EXCEEDED && failure.message().contains("rate")) {
          upstream.pause(0, millis.getAsLong());
        }
      }
    }
  }

  private void lied(Upstream upstream, String problem, byte[] request, byte[] reply) {
    upstream.ban(problem, millis.getAsLong());
    Evidence kept =
        new Evidence(
            upstream.name(), System.currentTimeMillis(), problem, cut(request), cut(reply));
    synchronized (this) {
      if (evidence.size() == MAX_EVIDENCE) {
        evidence.removeFirst();
      }
      evidence.addLast(kept);
    }
    onLie.accept(kept);
  }

  private static byte[] cut(byte[] bytes) {
    return bytes.length <= Evidence.MAX_BYTES ? bytes : Arrays.copyOf(bytes, Evidence.MAX_BYTES);
  }

  static <T> T poll(BlockingQueue<T> queue, long millis) {
    try {
      return millis <= 0 ? queue.poll() : queue.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
