package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.MemoryStore;

class MemoryStateStoreTest extends StateStoreContract {
  @Override
  KeyValueStore open() {
    return new MemoryStore();
  }
}
