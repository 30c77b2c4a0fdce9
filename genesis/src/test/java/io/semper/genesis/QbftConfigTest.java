package io.semper.genesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// QBFT's settings in the dialects of Besu and GoQuorum.
class QbftConfigTest {
  private static final Address CONTRACT = Address.of(0x7777);

  private static Network read(String config) {
    String json =
        "{\"config\": {\"chainId\": 1, \"berlinBlock\": 0, "
            + config
            + "}, \"alloc\": {}, \"difficulty\": 1}";
    return Genesis.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String config, String field, String why) {
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(MalformedGenesisException.class)
        .hasMessageContaining(field)
        .hasMessageContaining(why);
  }

  @Test
  void defaultsAreBesus() {
    Qbft.Settings settings = read("\"qbft\": {}").qbft().initial();
    assertThat(settings).isEqualTo(new Qbft.Settings(30_000, 1, 0, 1, 0, null, null, UInt256.ZERO));
    assertThat(settings.emptyPeriodMillis()).isEqualTo(1000);
    assertThat(read("\"clique\": {}").qbft()).isNull();
  }

  @Test
  void besusDialect() {
    Qbft qbft =
        read("\"qbft\": {\"epochlength\": 100, \"blockperiodseconds\": 2, "
                + "\"xemptyblockperiodseconds\": 60, \"requesttimeoutseconds\": 4, "
                + "\"miningbeneficiary\": \""
                + CONTRACT
                + "\", \"blockreward\": \"0x5\"}, \"transitions\": {\"qbft\": ["
                + "{\"block\": 10, \"blockperiodseconds\": 5},"
                + "{\"timestamp\": 1000, \"blockperiodseconds\": 7},"
                + "{\"block\": 20, \"validatorselectionmode\": \"contract\", "
                + "\"validatorcontractaddress\": \""
                + CONTRACT
                + "\"},"
                + "{\"block\": 30, \"validatorselectionmode\": \"blockheader\", "
                + "\"validators\": [\""
                + Address.of(2)
                + "\", \""
                + Address.of(1)
                + "\"], \"miningbeneficiary\": \"\"}]}")
            .qbft();
    assertThat(qbft.freeGasLimit()).isFalse();
    Qbft.Settings first = qbft.at(9, 999);
    assertThat(first).isEqualTo(new Qbft.Settings(100, 2, 60, 4, 0, null, CONTRACT, UInt256.of(5)));
    assertThat(qbft.at(10, 999).blockPeriodSeconds()).isEqualTo(5);
    assertThat(qbft.at(9, 1000).blockPeriodSeconds()).isEqualTo(7);
    assertThat(qbft.at(10, 1000).blockPeriodSeconds()).isEqualTo(7);
    // A transition touches nothing it does not name.
    assertThat(qbft.at(10, 0).emptyBlockPeriodSeconds()).isEqualTo(60);
    assertThat(qbft.at(20, 0).validatorContract()).isEqualTo(CONTRACT);
    assertThat(qbft.at(20, 0).blockPeriodSeconds()).isEqualTo(5);
    assertThat(qbft.at(30, 0).validatorContract()).isNull();
    assertThat(qbft.replacedAt(30)).isEqualTo(List.of(Address.of(1), Address.of(2)));
    assertThat(qbft.replacedAt(31)).isNull();
    assertThat(qbft.beneficiary(29, Address.ZERO)).isEqualTo(CONTRACT);
    assertThat(qbft.beneficiary(30, Address.ZERO)).isEqualTo(Address.ZERO);
  }

  @Test
  void goQuorumsDialect() {
    Qbft qbft =
        read("\"isQuorum\": true, \"qbft\": {\"policy\": 0, \"epoch\": 60, "
                + "\"ceil2Nby3Block\": 0, \"testQBFTBlock\": 0, \"blockperiodseconds\": 1, "
                + "\"emptyblockperiodseconds\": 1, \"requesttimeoutseconds\": 2, "
                + "\"maxRequestTimeoutSeconds\": 9, \"validatorcontractaddress\": "
                + "\"0x0000000000000000000000000000000000000000\"}, "
                + "\"transitions\": [{\"block\": 4, \"algorithm\": \"qbft\", "
                + "\"epochLength\": 80, \"transactionSizeLimit\": 64}]")
            .qbft();
    assertThat(qbft.freeGasLimit()).isTrue();
    assertThat(qbft.at(3, 0))
        .isEqualTo(new Qbft.Settings(60, 1, 1, 2, 9, null, null, UInt256.ZERO));
    assertThat(qbft.at(4, 0).epochLength()).isEqualTo(80);
  }

  @Test
  void timeoutsDoubleUpToACap() {
    Qbft.Settings uncapped = read("\"qbft\": {\"requesttimeoutseconds\": 3}").qbft().initial();
    assertThat(uncapped.timeoutMillis(0)).isEqualTo(3_000);
    assertThat(uncapped.timeoutMillis(1)).isEqualTo(6_000);
    assertThat(uncapped.timeoutMillis(2)).isEqualTo(12_000);
    assertThat(uncapped.timeoutMillis(Integer.MAX_VALUE)).isEqualTo(12_000);
    Qbft.Settings capped =
        read("\"qbft\": {\"requesttimeoutseconds\": 3, \"maxrequesttimeoutseconds\": 4}")
            .qbft()
            .initial();
    assertThat(capped.timeoutMillis(0)).isEqualTo(3_000);
    assertThat(capped.timeoutMillis(7)).isEqualTo(4_000);
  }

  @Test
  void timedForksNeedNoMerge() {
    Network network = read("\"londonBlock\": 0, \"shanghaiTime\": 50, \"qbft\": {}");
    assertThat(network.forks().at(5, 49, false)).isEqualTo(Fork.LONDON);
    assertThat(network.forks().at(5, 50, false)).isEqualTo(Fork.SHANGHAI);
  }

  @Test
  void whatWouldMakeOtherBlocksIsRefused() {
    refused("\"ecCurve\": \"secp256r1\", \"qbft\": {}", "config.ecCurve", "secp256k1");
    refused("\"qbft\": {\"xblockperiodmilliseconds\": 100}", "xblockperiod", "not supported");
    refused("\"qbft\": {\"startblock\": 5}", "config.qbft.startblock", "another consensus");
    refused("\"qbft\": {\"beneficiaryMode\": \"list\"}", "beneficiaryMode", "fixed");
    refused("\"qbft\": {\"epochlength\": 0}", "epochlength", "from 1");
    refused("\"qbft\": {\"blockperiodseconds\": 99999999999999}", "blockperiodseconds", "from 1");
    refused("\"qbft\": {}, \"transitions\": {\"qbft\": [{}]}", "transitions.qbft[0]", "either");
    refused(
        "\"qbft\": {}, \"transitions\": {\"qbft\": [{\"block\": 5}, {\"block\": 4}]}",
        "transitions.qbft[1]",
        "ascending");
    refused(
        "\"qbft\": {}, \"transitions\": [{\"block\": 5, \"algorithm\": \"ibft\"}]",
        "algorithm",
        "qbft");
    refused(
        "\"qbft\": {}, \"transitions\": {\"qbft\": [{\"timestamp\": 5, \"blockreward\": 4}]}",
        "blockreward",
        "at a block only");
    refused(
        "\"qbft\": {}, \"transitions\": {\"qbft\": [{\"block\": 5, \"validators\": []}]}",
        "validators",
        "array of addresses");
  }
}
