package io.semper.chain.ethash;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/// The light evaluation of ethash (Yellow Paper, appendix J): what mix and result a nonce gives.
final class Ethash {
  /// Epoch caches kept, of 16 MB at the first epoch to 75 MB at the end of mainnet's proof of work.
  /// Two serve the border between epochs, the third a branch that lags behind.
  static final int MAX_CACHES = 3;

  private static final int ACCESSES = 64;
  private static final int MIX_WORDS = 2 * EpochCache.ROW_WORDS;

  private final IntFunction<EpochCache> generator;

  /// By epoch, least recently used first.
  private final Map<Integer, EpochCache> caches = new LinkedHashMap<>(8, 0.75f, true);

  Ethash(IntFunction<EpochCache> generator) {
    this.generator = generator;
  }

  /// @param mix what the header must carry
  /// @param result what must not exceed the target, as a number
  record Proof(Hash32 mix, Hash32 result) {}

  /// Making a cache takes about half a second, during which others wait: epochs are long.
  synchronized EpochCache cache(int epoch) {
    EpochCache cache = caches.get(epoch);
    if (cache == null) {
      cache = generator.apply(epoch);
      caches.put(epoch, cache);
      if (caches.size() > MAX_CACHES) {
        caches.remove(caches.keySet().iterator().next());
      }
    }
    return cache;
  }

  static Proof evaluate(EpochCache cache, Hash32 sealHash, long nonce) {
    byte[] seed = new byte[40];
    sealHash.writeTo(seed, 0);
    BigEndian.putLong(seed, 32, Long.reverseBytes(nonce));
    byte[] start = Keccak.hash512(seed);
    int[] mix = new int[MIX_WORDS];
    for (int i = 0; i < MIX_WORDS; i++) {
      mix[i] = Integer.reverseBytes(BigEndian.getInt(start, 4 * (i % EpochCache.ROW_WORDS)));
    }
    int first = mix[0];
    int[] even = new int[EpochCache.ROW_WORDS];
    int[] odd = new int[EpochCache.ROW_WORDS];
    long[] state = new long[Keccak.STATE_LANES];
    for (int i = 0; i < ACCESSES; i++) {
      int page =
          Integer.remainderUnsigned(EpochCache.fnv(i ^ first, mix[i % MIX_WORDS]), cache.pages());
      cache.page(page, even, odd, state);
      for (int k = 0; k < EpochCache.ROW_WORDS; k++) {
        mix[k] = EpochCache.fnv(mix[k], even[k]);
        mix[k + EpochCache.ROW_WORDS] = EpochCache.fnv(mix[k + EpochCache.ROW_WORDS], odd[k]);
      }
    }
    byte[] sealed = new byte[96];
    System.arraycopy(start, 0, sealed, 0, 64);
    for (int i = 0; i < MIX_WORDS; i += 4) {
      int word = EpochCache.fnv(mix[i], mix[i + 1]);
      word = EpochCache.fnv(EpochCache.fnv(word, mix[i + 2]), mix[i + 3]);
      BigEndian.putInt(sealed, 64 + i, Integer.reverseBytes(word));
    }
    return new Proof(Hash32.of(sealed, 64), Keccak.hash(sealed));
  }
}
