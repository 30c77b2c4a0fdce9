package io.semper.chain.db;

/// A store that does as another does, but for what a subclass overrides.
public abstract class ForwardingStore implements KeyValueStore {
  protected final KeyValueStore store;

  protected ForwardingStore(KeyValueStore store) {
    this.store = store;
  }

  @Override
  public byte[] get(byte[] key) {
    return store.get(key);
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    store.write(batch, sync);
  }

  @Override
  public Cursor cursor() {
    return store.cursor();
  }

  @Override
  public long approximateBytes() {
    return store.approximateBytes();
  }

  @Override
  public long approximateBytes(byte[] from, byte[] to) {
    return store.approximateBytes(from, to);
  }

  @Override
  public String statistics() {
    return store.statistics();
  }

  @Override
  public void close() {
    store.close();
  }
}
