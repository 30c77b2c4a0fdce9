package io.semper.chain.db;

class MemoryStoreTest extends KeyValueStoreContract {
  @Override
  KeyValueStore open() {
    return new MemoryStore();
  }
}
