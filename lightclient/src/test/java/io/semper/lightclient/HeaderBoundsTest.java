package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.LieException;
import org.junit.jupiter.api.Test;

/// What nobody has verified may outlive the reply it came in: a header that waits to be compared.
class HeaderBoundsTest {
  private static JsonNode withExtraData(int bytes) {
    return HeaderText.json(Header.builder().extraData(new byte[bytes]).build());
  }

  @Test
  void extraDataIsBounded() throws LieException {
    int most = QbftExtraData.MAX_BYTES;
    assertThat(BlockJson.header(withExtraData(most)).extraData()).hasSize(most);
    assertThatThrownBy(() -> BlockJson.header(withExtraData(most + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("extraData");
  }
}
