package io.semper.chain.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryStoreTest extends KeyValueStoreContract {
  @Override
  KeyValueStore open() {
    return new MemoryStore();
  }

  @Test
  void keysThatComeAndGoStayInOrder() {
    try (KeyValueStore store = open()) {
      store.write(new WriteBatch().put(key('c'), key(1)), false);
      for (int i = 0; i < 2_000; i++) {
        store.write(new WriteBatch().put(key('b'), key(2)), false);
        store.write(new WriteBatch().delete(key('b')), false);
      }
      try (KeyValueStore.Cursor cursor = store.cursor()) {
        assertThat(cursor.seek(key('a'))).isTrue();
        assertThat(cursor.key()).isEqualTo(key('c'));
        store.write(new WriteBatch().put(key('b'), key(3)).delete(key('c')), false);
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.seek(key('a'))).isTrue();
        assertThat(cursor.value()).isEqualTo(key(3));
      }
    }
  }
}
