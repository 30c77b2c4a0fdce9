package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.lightclient.StateCache.AccountKey;
import io.semper.lightclient.upstream.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a light client leaves on disk.
class LightStoreTest {
  @TempDir Path folder;

  private static Account account(long balance) {
    return new Account(0, UInt256.of(balance), Account.EMPTY_ROOT, Keccak.EMPTY);
  }

  /// Two blocks of one number, as Ethereum has them until one is final: what was proven of one is
  /// not said of the other.
  @Test
  void accountsAreStoredWithTheirBlocksHash() throws IOException {
    List<Address> set = ForgedChain.validators(1, 4);
    Header one = ForgedChain.header(9, Hash32.ZERO, 90, set, set, Hash32.of(1, 1, 1, 1));
    Header two = ForgedChain.header(9, Hash32.ZERO, 91, set, set, Hash32.of(2, 2, 2, 2));
    Address left = Address.of(1);
    Address right = Address.of(2);
    StateCache cache = new StateCache();
    cache.account(one, left, Optional.of(account(11)));
    cache.account(two, right, Optional.of(account(22)));
    LightStore store = new LightStore(folder.resolve("store"), Hash32.of(7, 7, 7, 7));
    store.write(
        new LightStore.Content(List.of(TrustedHeader.of(two, set)), two, Optional.empty(), 8),
        cache);
    StateCache read = new StateCache();
    LightStore.Content content = store.read(read).orElseThrow();
    assertThat(content.diverged()).isEqualTo(8);
    assertThat(content.head()).isEqualTo(two);
    assertThat(read.seen.get(left).at()).isEqualTo(one);
    assertThat(read.seen.get(right).at()).isEqualTo(two);
    assertThat(read.accounts.get(new AccountKey(one.stateRoot(), left))).contains(account(11));
    assertThat(read.accounts.get(new AccountKey(two.stateRoot(), left))).isNull();
    assertThat(read.accounts.get(new AccountKey(one.stateRoot(), right))).isNull();
  }

  @Test
  void evidenceIsKeptAndBounded() throws IOException {
    EvidenceFile file = EvidenceFile.beside(folder.resolve("store"));
    int lies = 100;
    for (int i = 1; i <= lies; i++) {
      byte[] reply = new byte[Evidence.MAX_BYTES];
      file.add(new Evidence("http://liar", i, "lie " + i, new byte[] {'{', '}'}, reply));
    }
    Path now = folder.resolve("store.evidence");
    Path old = folder.resolve("store.evidence.old");
    assertThat(Files.size(now)).isLessThanOrEqualTo(EvidenceFile.MAX_BYTES);
    assertThat(Files.size(old)).isLessThanOrEqualTo(EvidenceFile.MAX_BYTES);
    List<String> lines = Files.readAllLines(now);
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(last.get("timeMillis").asInt()).isEqualTo(lies);
    assertThat(last.get("kind").asText()).isEqualTo("lie");
    assertThat(last.get("request").asText()).isEqualTo("{}");
    assertThat(Hex.decode(last.get("reply").asText())).hasSize(Evidence.MAX_BYTES);
    JsonNode first = new ObjectMapper().readTree(lines.getFirst());
    JsonNode before = new ObjectMapper().readTree(Files.readAllLines(old).getLast());
    assertThat(before.get("timeMillis").asInt() + 1).isEqualTo(first.get("timeMillis").asInt());
  }
}
