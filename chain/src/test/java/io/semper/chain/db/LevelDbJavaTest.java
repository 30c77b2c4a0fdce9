package io.semper.chain.db;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LevelDbJavaTest extends KeyValueStoreContract {
  @TempDir Path folder;

  @Override
  KeyValueStore open() {
    return LevelDbStore.open(folder, Engine.JAVA);
  }
}
