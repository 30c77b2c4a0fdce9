package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractAddressTest {
  @Test
  void ofACreatorAndItsNonce() {
    Address creator = Address.of("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
    assertThat(ContractAddress.of(creator, 0))
        .isEqualTo(Address.of("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"));
    assertThat(ContractAddress.of(creator, 1))
        .isEqualTo(Address.of("0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"));
  }

  /// The examples of EIP-1014.
  @ParameterizedTest
  @CsvSource({
    "0x0000000000000000000000000000000000000000, 0x00, 0x00,"
        + " 0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38",
    "0xdeadbeef00000000000000000000000000000000, 0x00, 0x00,"
        + " 0xb928f69bb1d91cd65274e3c79d8986362984fda3",
    "0x00000000000000000000000000000000deadbeef, 0xcafebabe, 0xdeadbeef,"
        + " 0x60f3f640a8508fc6a86d45df051962668e1e8ac7"
  })
  void ofACreatorASaltAndInitialisationCode(
      String creator, String salt, String initCode, String contract) {
    Hash32 padded = Hash32.of("0x" + "0".repeat(66 - salt.length()) + salt.substring(2));
    Hash32 codeHash = Keccak.hash(Hex.decode(initCode));
    assertThat(ContractAddress.of(Address.of(creator), padded, codeHash))
        .isEqualTo(Address.of(contract));
  }
}
