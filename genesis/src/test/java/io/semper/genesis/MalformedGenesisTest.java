package io.semper.genesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an operator reads when a genesis file is wrong: the field, and what was expected there.
class MalformedGenesisTest {

  @ParameterizedTest(name = "{2}: {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "chainId": 9 | "chainId": "nine" | config.chainId | expected a number, decimal or in hexadecimal digits after 0x, found "nine"
          "chainId": 9, | `` | config.chainId | expected a number, found nothing
          "chainId": 9 | "chainId": 0 | config.chainId | expected a number above zero, found "0"
          "chainId": 9 | "chainId": {} | config.chainId | expected a number, found an object
          "config" | "configuration" | config | expected an object, found nothing
          "alloc" | "accounts" | alloc | expected an object of accounts, found nothing
          "homesteadBlock": 0 | "homesteadBlock": -1 | config.homesteadBlock | expected a number not below zero, found "-1"
          "homesteadBlock": 0 | "homesteadBlock": 1.5 | config.homesteadBlock | expected a number, found "1.5"
          "homesteadBlock": 0 | "homesteadBlock": true | config.homesteadBlock | expected a number, found "true"
          "homesteadBlock": 0 | "homesteadBlock": "0xffffffffffffffff" | config.homesteadBlock | expected a number below 2^63, found "0xffffffffffffffff"
          "londonBlock": 12 | "londonBlock": 3 | config.londonBlock | expected at least 6, where config.byzantiumBlock stands, found 3
          "eip155Block": 4 | "eip155Block": 5 | config.eip155Block | expected 4 as in config.eip158Block, found 5
          "terminalTotalDifficulty": 0, | `` | config.terminalTotalDifficulty | expected a number, since config.shanghaiTime schedules a fork that only proof of stake enters, found nothing
          "cancunTime": 100 | "cancunTime": 10 | config.cancunTime | expected at least 50, where config.shanghaiTime stands, found 10
          "max": 6, | `` | config.blobSchedule.cancun.max | expected a number, found nothing
          "max": 6 | "max": 2 | config.blobSchedule.cancun.max | expected at least the target of 3, found 2
          "baseFeeUpdateFraction": 3338477 | "baseFeeUpdateFraction": 0 | config.blobSchedule.cancun.baseFeeUpdateFraction | expected a number above zero, found "0"
          "depositContractAddress": "0x4242424242424242424242424242424242424242" | "depositContractAddress": "0x42" | config.depositContractAddress | expected an address of 20 bytes, found "0x42"
          "daoForkSupport": true | "daoForkSupport": "yes" | config.daoForkSupport | expected true or false, found "yes"
          "maxCodeSizeConfig": [{"block": 0, "size": 32}] | "maxCodeSizeConfig": [{"size": 32}] | config.maxCodeSizeConfig[0].block | expected a number, found nothing
          "maxCodeSizeConfig": [{"block": 0, "size": 32}] | "maxCodeSizeConfig": [] | config.maxCodeSizeConfig | expected an array of one limit, since limits that change are not supported, found an array
          "gasLimit": "0x1388" | "gasLimit": "" | gasLimit | expected a number, decimal or in hexadecimal digits after 0x, found ""
          "extraData": "0x11" | "extraData": "0x111" | extraData | expected bytes as an even number of hexadecimal digits after 0x, found "0x111"
          "extraData": "0x11" | "extraData": 11 | extraData | expected bytes as a string of hexadecimal digits after 0x, found "11"
          "number": 0 | "number": 1 | number | expected 0, found "1"
          "nonce": "0x42" | "nonce": "0x10000000000000000" | nonce | expected a number of at most 64 bits, found "0x10000000000000000"
          "mixHash": null | "mixHash": "0x1234" | mixHash | expected a hash of 32 bytes, found "0x1234"
          "mixHash": null | "mixHash": null, "GasLimit": 5 | GasLimit | differs from gasLimit, the same name
          "mixHash": null | "Alloc": {} | alloc | given twice
          "mixHash": null | "Alloc": [] | Alloc | expected an object, found an array
          "0x00000000000000000000000000000000000000aa" | "0xaa" | alloc.0xaa | expected the name to be an address of 40 hexadecimal digits
          "0x00000000000000000000000000000000000000aa" | "00000000000000000000000000000000000000BB" | alloc.00000000000000000000000000000000000000bb | account given twice
          "balance": "1" | "balance": "0x1 ether" | alloc.0x00000000000000000000000000000000000000aa.balance | expected a number, decimal or in hexadecimal digits after 0x, found "0x1 ether"
          "balance": "1" | "balance": "0x10000000000000000000000000000000000000000000000000000000000000000" | alloc.0x00000000000000000000000000000000000000aa.balance | expected a number of at most 256 bits, found "0x1000000000000000000000000000000000000000000000..." (67 characters)
          "code": "0x00" | "code": "PUSH1" | alloc.00000000000000000000000000000000000000bb.code | expected bytes as an even number of hexadecimal digits after 0x, found "PUSH1"
          "0x01": "0x02" | "0x01": "two" | alloc.00000000000000000000000000000000000000bb.storage.0x01 | expected up to 32 bytes of hexadecimal digits after 0x, found "two"
          "0x01": "0x02" | "0x01": 2 | alloc.00000000000000000000000000000000000000bb.storage.0x01 | expected a string, found "2"
          "0x01": "0x02" | "slot": "0x02" | alloc.00000000000000000000000000000000000000bb.storage.slot | expected up to 32 bytes of hexadecimal digits after 0x, found "slot"
          "0x01": "0x02" | "0x01": "0x02", "0x1": "0x03" | alloc.00000000000000000000000000000000000000bb.storage.0x1 | slot given twice
          """)
  void names_the_field_and_what_was_expected(
      String valid, String broken, String field, String problem) {
    assertThat(FILE).contains(valid);
    byte[] json = FILE.replace(valid, broken).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Genesis.read(json))
        .isInstanceOf(MalformedGenesisException.class)
        .hasMessage(field + ": " + problem)
        .extracting("field")
        .isEqualTo(field);
  }

  private static final String FILE =
      """
      {"config": {"chainId": 9, "homesteadBlock": 0, "eip155Block": 4, "eip158Block": 4,
          "byzantiumBlock": 6, "londonBlock": 12, "daoForkSupport": true,
          "terminalTotalDifficulty": 0, "shanghaiTime": 50, "cancunTime": 100,
          "blobSchedule": {"cancun":
              {"target": 3, "max": 6, "baseFeeUpdateFraction": 3338477}},
          "maxCodeSizeConfig": [{"block": 0, "size": 32}],
          "depositContractAddress": "0x4242424242424242424242424242424242424242"},
       "nonce": "0x42", "number": 0, "gasLimit": "0x1388", "extraData": "0x11", "mixHash": null,
       "alloc": {
         "0x00000000000000000000000000000000000000aa": {"balance": "1"},
         "00000000000000000000000000000000000000bb":
             {"code": "0x00", "storage": {"0x01": "0x02"}}}}
      """;

  @Test
  void the_file_the_table_starts_from_is_valid() {
    Network network = Genesis.read(FILE.getBytes(StandardCharsets.UTF_8));
    assertThat(network.contractSizeLimit()).isEqualTo(32 * 1024);
  }

  @Test
  void text_that_is_no_json_is_placed_by_line_and_column() {
    assertThatThrownBy(() -> Genesis.read("{\n  \"config\": {,".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedGenesisException.class)
        .hasMessageStartingWith("genesis file: expected JSON: ")
        .hasMessageContaining("line 2, column");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `` | expected a JSON object
          [] | expected a JSON object
          {"alloc": {} | expected JSON: Unexpected end-of-input
          {"alloc": {"a": | expected JSON: Unexpected end-of-input
          {"alloc": {}} trailing | expected JSON: Unrecognized token 'trailing'
          {"alloc": {}} {} | expected nothing after the JSON object
          {} {} | expected nothing after the JSON object
          {"a": 1, "a": 2} | expected JSON: Duplicate
          """)
  void other_text_is_refused(String text, String problem) {
    assertThatThrownBy(() -> Genesis.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedGenesisException.class)
        .hasMessageStartingWith("genesis file: " + problem);
  }

  @Test
  void nesting_is_bounded() {
    for (String begin : new String[] {"{\"a\": ", "{\"alloc\": {\"a\": "}) {
      byte[] deep = (begin + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> Genesis.read(deep))
          .isInstanceOf(MalformedGenesisException.class)
          .hasMessageContaining("nesting depth");
    }
  }

  @Test
  void size_is_bounded() {
    byte[] large = new byte[Genesis.MAX_BYTES + 1];
    Arrays.fill(large, (byte) ' ');
    assertThatThrownBy(() -> Genesis.read(large))
        .isInstanceOf(MalformedGenesisException.class)
        .hasMessage("genesis file: expected at most 268435456 bytes, found 268435457");
  }
}
