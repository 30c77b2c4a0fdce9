package io.semper.chain.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatestCacheTest {
  @Test
  void takesItsShareOfTheHeapWithinBounds() {
    long heap = Runtime.getRuntime().maxMemory();
    int places = LatestCache.places(8 << 10);
    assertThat(Integer.bitCount(places)).isEqualTo(1);
    assertThat(places * 8192L)
        .isLessThanOrEqualTo(Math.max(heap, LatestCache.MIN_PLACES * 8192L))
        .isGreaterThan(Math.min(heap, LatestCache.MAX_PLACES * 8192L) / 2);
    assertThat(LatestCache.places(1)).isEqualTo(LatestCache.MAX_PLACES);
    assertThat(LatestCache.places(Integer.MAX_VALUE)).isEqualTo(LatestCache.MIN_PLACES);
  }

  @Test
  void knowsNothingOnceCleared() {
    LatestCache<Integer, String> cache = new LatestCache<>(256);
    for (int key = 0; key < 256; key++) {
      cache.put(key, "value");
    }
    assertThat(cache.get(255).value()).isEqualTo("value");
    cache.clear();
    for (int key = 0; key < 256; key++) {
      assertThat(cache.get(key)).isNull();
    }
  }
}
