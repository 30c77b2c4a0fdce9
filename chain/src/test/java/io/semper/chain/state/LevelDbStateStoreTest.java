package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.LevelDbStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LevelDbStateStoreTest extends StateStoreContract {
  @TempDir Path folder;

  @Override
  KeyValueStore open() {
    return LevelDbStore.open(folder);
  }
}
