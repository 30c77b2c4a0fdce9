package io.semper.p2p.reqresp;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.fuzz.Fuzz;
import io.semper.p2p.wire.Replay;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
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

  /// Chunks with a context of four bytes.
  private static final class Forks implements Protocol<byte[], byte[]> {
    @Override
    public String id() {
      return "/test/forks/1";
    }

    @Override
    public int maxRequestBytes() {
      return 10;
    }

    @Override
    public int maxChunkBytes() {
      return 1_000;
    }

    @Override
    public int maxChunks(byte[] question) {
      return 3;
    }

    @Override
    public byte[] encodeRequest(byte[] question) {
      return question;
    }

    @Override
    public byte[] decodeRequest(byte[] bytes) {
      return bytes;
    }

    @Override
    public byte[] encodeChunk(byte[] chunk) {
      return chunk;
    }

    @Override
    public byte[] decodeChunk(byte[] bytes) {
      throw new IllegalStateException("no chunk comes without its context");
    }

    @Override
    public int contextBytes() {
      return 4;
    }

    @Override
    public byte[] decodeChunk(byte[] context, byte[] bytes) {
      assertThat(context).hasSize(4);
      return bytes;
    }
  }

  private static void answer(byte[] in) throws IOException {
    RequestLimits patient =
        new RequestLimits(1, 3_600_000, 3_600_000, 3_600_000, 3_600_000, 1 << 20);
    try (Answer<byte[]> answer =
        new Answer<>(new Replay(in), new Forks(), 3, patient, new Semaphore(1))) {
      for (byte[] chunk; (chunk = answer.next()) != null; ) {
        assertThat(chunk).hasSizeLessThanOrEqualTo(1_000);
      }
    }
  }

  private static byte[] chunk(int code, byte[] context, byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(code);
    out.writeBytes(context);
    out.writeBytes(framed(message));
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[] noise = new byte[300];
    new Random(1).nextBytes(noise);
    byte[] first = chunk(0, new byte[] {1, 2, 3, 4}, noise);
    byte[] second = chunk(0, new byte[4], new byte[900]);
    byte[] refusal = chunk(2, new byte[0], new byte[] {'n', 'o'});
    return List.of(
        Fuzz.of("answer", FramesFuzzTest::answer, concat(first, second), second, first),
        Fuzz.of(
            "answer refused",
            in -> {
              try {
                answer(in);
              } catch (RefusedException said) {
                assertThat(said.getMessage()).hasSizeLessThanOrEqualTo(256);
              }
            },
            refusal,
            concat(first, refusal)),
        Fuzz.of(
            "framed message",
            FramesFuzzTest::read,
            framed(noise),
            framed(new byte[2_000]),
            framed(new byte[0])));
  }
}
