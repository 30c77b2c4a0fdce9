package io.semper.chain.db;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LevelDbNativeTest extends KeyValueStoreContract {
  @TempDir Path folder;

  @Override
  KeyValueStore open() {
    return LevelDbStore.open(folder, Engine.NATIVE);
  }
}
