package io.semper.p2p.reqresp;

import io.semper.core.fuzz.Fuzz;
import io.semper.p2p.wire.Replay;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Questions and chunks of answers.
class FramesFuzzTest {
  private static byte[] framed(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SnappyFrames.write(message, out);
    return out.toByteArray();
  }

  private static void read(byte[] in) throws IOException {
    TimedInput input = new TimedInput(new Replay(in));
    input.deadline(System.nanoTime() + 3_600_000_000_000L);
    SnappyFrames.read(input, 1 << 20);
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[] noise = new byte[300];
    new Random(1).nextBytes(noise);
    return List.of(
        Fuzz.of(
            "framed message",
            FramesFuzzTest::read,
            framed(noise),
            framed(new byte[2_000]),
            framed(new byte[0])));
  }
}
