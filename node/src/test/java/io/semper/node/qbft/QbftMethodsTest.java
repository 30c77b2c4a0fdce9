package io.semper.node.qbft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.importer.Ledger;
import io.semper.chain.qbft.Validators;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.BlockRef;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `qbft_` methods over a chain recorded from another implementation's network.
class QbftMethodsTest {
  private static final Address JOINED = Address.of("0xb1b128268857381d754ebddadd527629fb54627f");

  @TempDir private Path folder;
  private Ledger ledger;
  private QbftMethods methods;

  @BeforeEach
  void read() throws Exception {
    ledger = RecordedNetwork.read(folder);
    methods = new QbftMethods(ledger.network(), ledger, new Validators(ledger.network(), ledger));
  }

  @Test
  void validatorsOfABlock() {
    assertThat(methods.validatorsByNumber(new BlockRef.Number(0))).hasSize(4);
    assertThat(methods.validatorsByNumber(new BlockRef.Number(48))).doesNotContain(JOINED);
    assertThat(methods.validatorsByNumber(new BlockRef.Number(49))).hasSize(5).contains(JOINED);
    assertThat(methods.validatorsByNumber(BlockRef.LATEST)).hasSize(4);
    assertThat(methods.validatorsByNumber(new BlockRef.Number(241))).isNull();
    assertThat(methods.validatorsByHash(ledger.head().hash())).hasSize(4);
    assertThat(methods.validatorsByHash(Hash32.ZERO)).isNull();
    assertThat(methods.requestTimeoutSeconds()).isEqualTo(2.0);
  }

  @Test
  void proposersAreCounted() {
    long proposed =
        methods.signerMetrics(new BlockRef.Number(1), new BlockRef.Number(240)).stream()
            .mapToLong(metric -> (long) metric.get("proposedBlockCount"))
            .sum();
    assertThat(proposed).isEqualTo(240);
    assertThat(methods.signerMetrics(BlockRef.LATEST, BlockRef.LATEST)).hasSize(4);
    assertThatThrownBy(() -> methods.signerMetrics(new BlockRef.Number(5), new BlockRef.Number(4)))
        .isInstanceOf(RpcException.class);
    assertThatThrownBy(
            () -> methods.signerMetrics(new BlockRef.Number(5), new BlockRef.Number(400)))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("not found");
  }
}
