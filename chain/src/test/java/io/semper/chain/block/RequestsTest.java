package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Bloom;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// EIP-7685 request lists and the deposits of EIP-6110.
class RequestsTest {
  private static final Address CONTRACT = Address.of("0x00000000219ab540356cbb839cbe05303d7705fa");
  private static final Hash32 DEPOSIT_EVENT =
      Hash32.of("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

  @Test
  void theHashOfNoRequestsIsThatOfNothing() {
    assertThat(Requests.hash(List.of()))
        .hasToString("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void theHashCoversTheListsInOrder() {
    byte[] deposits = {0, 1, 2};
    byte[] withdrawals = {1, 3};

    assertThat(Requests.hash(List.of(deposits, withdrawals)))
        .isNotEqualTo(Requests.hash(List.of(withdrawals, deposits)));
  }

  @Test
  void aDepositIsKeyCredentialsAmountSignatureAndIndex() {
    byte[] data = event();
    Log log = new Log(CONTRACT, List.of(DEPOSIT_EVENT), data);

    byte[] deposits = Requests.deposits(List.of(receipt(log), receipt(log)), CONTRACT);

    assertThat(deposits).hasSize(2 * 192);
    assertThat(Arrays.copyOfRange(deposits, 0, 48)).containsOnly(1);
    assertThat(Arrays.copyOfRange(deposits, 48, 80)).containsOnly(2);
    assertThat(Arrays.copyOfRange(deposits, 80, 88)).containsOnly(3);
    assertThat(Arrays.copyOfRange(deposits, 88, 184)).containsOnly(4);
    assertThat(Arrays.copyOfRange(deposits, 184, 192)).containsOnly(5);
  }

  @Test
  void otherLogsAreNoDeposits() {
    byte[] data = event();
    Log otherContract = new Log(Address.ZERO, List.of(DEPOSIT_EVENT), data);
    Log otherEvent = new Log(CONTRACT, List.of(Hash32.ZERO), new byte[3]);
    Log anonymous = new Log(CONTRACT, List.of(), new byte[3]);

    assertThat(
            Requests.deposits(
                List.of(receipt(otherContract), receipt(otherEvent), receipt(anonymous)), CONTRACT))
        .isEmpty();
  }

  @Test
  void anEventLaidOutOtherwiseIsRefused() {
    assertRefused(new byte[575], "deposit event of 575 bytes, expected 576");
    for (int word = 0; word < 5; word++) {
      byte[] wrongOffset = event();
      wrongOffset[32 * word + 31]++;
      assertRefused(wrongOffset, "deposit event offset");
      byte[] wideOffset = event();
      wideOffset[32 * word] = 1;
      assertRefused(wideOffset, "deposit event offset");
    }
    for (int at : new int[] {160, 256, 320, 384, 512}) {
      byte[] wrongLength = event();
      wrongLength[at + 31]++;
      assertRefused(wrongLength, "deposit event length");
    }
  }

  private static void assertRefused(byte[] data, String message) {
    Log log = new Log(CONTRACT, List.of(DEPOSIT_EVENT), data);
    assertThatThrownBy(() -> Requests.deposits(List.of(receipt(log)), CONTRACT))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining(message);
  }

  private static Receipt receipt(Log log) {
    List<Log> logs = List.of(log);
    return new Receipt(2, null, true, 21_000, Bloom.ofLogs(logs), logs);
  }

  /// The ABI encoding of five byte strings, filled with 1 to 5.
  private static byte[] event() {
    String head = word(160) + word(256) + word(320) + word(384) + word(512);
    return Hex.decode(
        head
            + word(48)
            + "01".repeat(48)
            + "00".repeat(16)
            + word(32)
            + "02".repeat(32)
            + word(8)
            + "03".repeat(8)
            + "00".repeat(24)
            + word(96)
            + "04".repeat(96)
            + word(8)
            + "05".repeat(8)
            + "00".repeat(24));
  }

  private static String word(int value) {
    return String.format("%064x", value);
  }
}
