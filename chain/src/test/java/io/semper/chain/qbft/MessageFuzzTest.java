package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.ValidatorList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Messages of consensus, where every signature is somebody's: a good one costs the attacker
/// nothing that a random one does not. The records of them, and what a contract answers.
class MessageFuzzTest {
  private static final MessageCodec CODEC =
      new MessageCodec((hash, signature) -> Address.of(signature.r().limb0()));

  private static void thereAndBack(byte[] in) {
    QbftMessage message = CODEC.decode(in);
    assertThat(CODEC.decode(MessageCodec.encode(message))).isEqualTo(message);
  }

  private static void recordThereAndBack(byte[] in) {
    VoteRecord record = VoteLog.decode(in, CODEC);
    assertThat(VoteLog.decode(VoteLog.encode(record), CODEC)).isEqualTo(record);
  }

  /// What stands behind the list is not looked at, as of any answer of a contract.
  private static void listThereAndBack(byte[] in) {
    List<Address> named = ValidatorList.decode(in);
    if (named == null) {
      throw new MalformedInputException("no list", 0);
    }
    assertThat(named).hasSizeBetween(1, QbftExtraData.MAX_VALIDATORS);
    byte[] list = answer(named);
    assertThat(Arrays.copyOf(in, list.length)).isEqualTo(list);
  }

  /// As a contract answers `address[]`.
  private static byte[] answer(List<Address> named) {
    byte[] answer = new byte[(2 + named.size()) * 32];
    answer[31] = 32;
    answer[62] = (byte) (named.size() >> 8);
    answer[63] = (byte) named.size();
    for (int i = 0; i < named.size(); i++) {
      System.arraycopy(named.get(i).toBytes(), 0, answer, (2 + i) * 32 + 12, Address.BYTES);
    }
    return answer;
  }

  private static byte[] answer(int count) {
    return answer(LongStream.rangeClosed(1, count).mapToObj(Address::of).toList());
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[][] messages =
        MessageCodecTest.messages().stream().map(MessageCodec::encode).toArray(byte[][]::new);
    byte[][] records =
        MessageCodecTest.records().stream().map(VoteLog::encode).toArray(byte[][]::new);
    return List.of(
        Fuzz.of("QBFT message", MessageFuzzTest::thereAndBack, messages),
        Fuzz.of("vote record", MessageFuzzTest::recordThereAndBack, records),
        Fuzz.of(
            "contract's validators",
            MessageFuzzTest::listThereAndBack,
            answer(1),
            answer(4),
            answer(QbftExtraData.MAX_VALIDATORS)));
  }
}
