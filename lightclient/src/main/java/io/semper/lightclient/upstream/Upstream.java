package io.semper.lightclient.upstream;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// What is known of one node: how it answers, and whether it may be asked. Times are of a clock
/// that never goes back, in milliseconds. Safe for use by several threads.
final class Upstream {
  /// Failures in a row after which it is left alone for a while.
  private static final int FAILURES_TO_OPEN = 3;

  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final int MAX_DOUBLINGS = 6;
  private static final long RATE_PAUSE_MILLIS = 1_000;
  private static final long BAN_MILLIS = 24 * 3600_000L;
  private static final long UNSUPPORTED_MILLIS = 3600_000;
  private static final int MAX_METHODS = 256;
  private static final double START_MILLIS = 100;
  private static final double MIN_HEDGE_MILLIS = 20;

  private final URI url;
  private final String name;
  private final Map<String, Long> unsupported = new HashMap<>();
  private double latency = START_MILLIS;
  private double deviation = START_MILLIS / 2;
  private int failures;
  private long closedUntil = Long.MIN_VALUE;
  private long bannedUntil = Long.MIN_VALUE;
  private String problem;
  private int inFlight;
  private boolean single;
  private long requests;
  private long failed;
  private long bytes;

  /// Bytes that replies of it may still take at the same time.
  private final AtomicLong room;

  private Upstream(URI url, String name, int replyBytes) {
    this.url = url;
    this.name = name;
    room = new AtomicLong(replyBytes);
  }

  /// Names are different from each other, and hold neither credentials nor the keys that providers
  /// put into paths.
  static List<Upstream> all(List<URI> urls, int replyBytes) {
    List<Upstream> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (URI url : urls) {
      String port = url.getPort() < 0 ? "" : ":" + url.getPort();
      String plain = url.getScheme() + "://" + url.getHost() + port;
      String name = plain;
      for (int n = 2; !names.add(name); n++) {
        name = plain + "#" + n;
      }
      all.add(new Upstream(url, name, replyBytes));
    }
    return List.copyOf(all);
  }

  URI url() {
    return url;
  }

  String name() {
    return name;
  }

  AtomicLong room() {
    return room;
  }

  synchronized boolean banned(long now) {
    return now < bannedUntil;
  }

  synchronized boolean open(long now, int maxInFlight) {
    return now >= closedUntil && inFlight < maxInFlight;
  }

  synchronized boolean supports(List<Call> calls, long now) {
    for (Call call : calls) {
      Long until = unsupported.get(call.method());
      if (until != null && now < until) {
        return false;
      }
    }
    return true;
  }

  /// The lower the sooner it is asked.
  synchronized double cost() {
    return latency * (1 + failures) + 5.0 * inFlight;
  }

  /// After so long without an answer another node is asked as well.
  synchronized long hedgeMillis(long most) {
    return Math.min(most, Math.round(Math.max(MIN_HEDGE_MILLIS, latency + 4 * deviation)));
  }

  synchronized void begin() {
    inFlight++;
    requests++;
  }

  /// Begins a request unless there are as many already.
  synchronized boolean tryBegin(int maxInFlight) {
    if (inFlight >= maxInFlight) {
      return false;
    }
    begin();
    return true;
  }

  synchronized void end() {
    inFlight--;
  }

  synchronized void answered(long millis, long replyBytes) {
    sample((double) millis);
    bytes += replyBytes;
    failures = 0;
    problem = null;
  }

  private void sample(double millis) {
    deviation += 0.25 * (Math.abs(millis - latency) - deviation);
    latency += 0.125 * (millis - latency);
  }

  /// It has not answered yet, after so long.
  synchronized void slow(long millis) {
    sample(2.0 * millis + latency);
  }

  synchronized void failed(String what, long now) {
    failed++;
    failures = Math.min(failures + 1, FAILURES_TO_OPEN + MAX_DOUBLINGS);
    problem = what;
    if (failures >= FAILURES_TO_OPEN) {
      closedUntil = now + (FIRST_PAUSE_MILLIS << (failures - FAILURES_TO_OPEN));
    }
  }

  /// It asked for less.
  synchronized void pause(long millis, long now) {
    closedUntil = Math.max(closedUntil, now + Math.max(millis, RATE_PAUSE_MILLIS));
    problem = "asked for fewer requests";
  }

  synchronized void unsupported(String method, long now) {
    if (unsupported.size() < MAX_METHODS) {
      unsupported.put(method, now + UNSUPPORTED_MILLIS);
    }
  }

  synchronized void ban(String why, long now) {
    bannedUntil = now + BAN_MILLIS;
    problem = why;
  }

  synchronized boolean single() {
    return single;
  }

  synchronized void takesNoBatches() {
    single = true;
  }

  synchronized UpstreamPool.Status status(long now) {
    UpstreamPool.State state =
        banned(now)
            ? UpstreamPool.State.BANNED
            : now < closedUntil ? UpstreamPool.State.PAUSED : UpstreamPool.State.GOOD;
    return new UpstreamPool.Status(
        name, state, problem, Math.round(latency), requests, failed, bytes);
  }
}
