package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.fuzz.Fuzz;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Messages of consensus, where every signature is somebody's: a good one costs the attacker
/// nothing that a random one does not.
class MessageFuzzTest {
  private static final MessageCodec CODEC =
      new MessageCodec((hash, signature) -> Address.of(signature.r().limb0()));

  private static void thereAndBack(byte[] in) {
    QbftMessage message = CODEC.decode(in);
    assertThat(CODEC.decode(MessageCodec.encode(message))).isEqualTo(message);
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[][] messages =
        MessageCodecTest.messages().stream().map(MessageCodec::encode).toArray(byte[][]::new);
    return List.of(Fuzz.of("QBFT message", MessageFuzzTest::thereAndBack, messages));
  }
}
