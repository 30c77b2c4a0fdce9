package io.semper.evm.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Jump destinations are the JUMPDESTs that are instructions (Yellow Paper, 9.4.3).
class CodeTest {
  @Test
  void destinationsAreInstructionsAndNotOperands() {
    Random random = new Random(5);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[random.nextInt(300)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            switch (random.nextInt(3)) {
              case 0 -> 0x5B;
              case 1 -> (byte) (0x5F + random.nextInt(34));
              default -> (byte) random.nextInt();
            };
      }
      Code code = new Code(bytes, null);
      boolean[] expected = new boolean[bytes.length];
      for (int pc = 0; pc < bytes.length; pc++) {
        int op = bytes[pc] & 0xFF;
        expected[pc] = op == 0x5B;
        pc += op >= 0x60 && op <= 0x7F ? op - 0x5F : 0;
      }
      for (int pc = 0; pc < bytes.length; pc++) {
        assertThat(code.isJumpDestination(pc))
            .as("%d in round %d", pc, round)
            .isEqualTo(expected[pc]);
      }
    }
  }
}
