package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The examples of EIP-55.
class ChecksumAddressTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
      })
  void casesLettersByTheHash(String text) {
    assertThat(ChecksumAddress.format(Address.of(text))).isEqualTo(text);
    assertThat(ChecksumAddress.isValid(text)).isTrue();
    assertThat(ChecksumAddress.isValid(text.toLowerCase(Locale.ROOT))).isTrue();
  }

  @Test
  void aWronglyCasedLetterIsAnError() {
    assertThat(ChecksumAddress.isValid("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed")).isFalse();
    assertThat(ChecksumAddress.isValid("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")).isFalse();
    assertThat(ChecksumAddress.isValid("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe")).isFalse();
    assertThat(ChecksumAddress.isValid("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg")).isFalse();
  }
}
