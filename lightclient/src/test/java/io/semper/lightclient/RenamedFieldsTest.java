package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.LieException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A header's hash is of its values in their order. A node that gives one another name keeps the
/// hash.
class RenamedFieldsTest {
  private static final Header LONDON = Header.builder().baseFeePerGas(UInt256.of(7)).build();
  private static final Header SHANGHAI =
      LONDON.toBuilder().withdrawalsRoot(Hash32.of(1, 2, 3, 4)).build();
  private static final Header PRAGUE =
      SHANGHAI.toBuilder()
          .blobGasUsed(1L)
          .excessBlobGas(2L)
          .parentBeaconBlockRoot(Hash32.of(5, 6, 7, 8))
          .requestsHash(Hash32.of(9, 9, 9, 9))
          .build();
  private static final Header AMSTERDAM =
      PRAGUE.toBuilder().blockAccessListHash(Hash32.of(8, 8, 8, 8)).slotNumber(3L).build();

  private static ObjectNode renamed(Header header, String from, String to) {
    ObjectNode json = HeaderText.json(header);
    json.set(to, json.remove(from));
    return json;
  }

  private static Header of(String fork) {
    return switch (fork) {
      case "london" -> LONDON;
      case "shanghai" -> SHANGHAI;
      default -> PRAGUE;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "london, baseFeePerGas, blobGasUsed",
    "london, baseFeePerGas, slotNumber",
    "shanghai, withdrawalsRoot, parentBeaconBlockRoot",
    "shanghai, withdrawalsRoot, requestsHash",
    "prague, requestsHash, blockAccessListHash"
  })
  void aRenamedFieldIsALie(String fork, String from, String to) {
    Header header = of(fork);
    ObjectNode json = renamed(header, from, to);
    assertThatThrownBy(() -> HeaderChain.ofHash(json, header.hash()))
        .isInstanceOf(LieException.class)
        .hasMessageContaining("leaves out a field");
  }

  /// A later fork may have put something else there.
  @Test
  void aGapBesideAnUnknownFieldIsNotUnderstood() {
    ObjectNode json = renamed(AMSTERDAM, "blockAccessListHash", "somethingNew");
    assertThatThrownBy(() -> BlockJson.header(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theHeadersOfEveryForkAreRead() throws LieException {
    Header frontier = Header.builder().build();
    for (Header header : new Header[] {frontier, LONDON, SHANGHAI, PRAGUE, AMSTERDAM}) {
      assertThat(BlockJson.header(HeaderText.json(header)).encode()).isEqualTo(header.encode());
    }
  }
}
