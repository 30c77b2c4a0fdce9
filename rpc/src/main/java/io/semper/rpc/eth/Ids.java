package io.semper.rpc.eth;

import java.security.SecureRandom;

/// Names of filters and subscriptions, which strangers must not guess.
final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /// 128 random bits, in the form of go-ethereum's: a quantity without leading zeros.
  static String next() {
    long high = RANDOM.nextLong() | Long.MIN_VALUE;
    return "0x%016x%016x".formatted(high, RANDOM.nextLong());
  }
}
