package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/// Replies that leave before they are complete.
final class ReplyBufferTest {
  private static final byte[] CHUNK = new byte[8000];

  private static final class Counting extends OutputStream {
    private long bytes;
    private boolean closed;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      bytes += length;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void aLongReplyLeavesWhileLittleOfItIsKept() throws IOException {
    Counting wire = new Counting();
    ReplyBuffer buffer = new ReplyBuffer();
    buffer.limit(200_000_000);
    buffer.sendTo(() -> wire);
    for (int i = 0; i < 20_000; i++) {
      buffer.write(CHUNK, 0, CHUNK.length);
      assertThat(buffer.size()).isLessThan(300_000);
    }
    buffer.sendRest();
    buffer.end();
    assertThat(wire.bytes).isEqualTo(20_000L * CHUNK.length);
    assertThat(wire.closed).isTrue();
  }

  @Test
  void aShortReplyStaysAndCanBeTakenBack() throws IOException {
    ReplyBuffer buffer = new ReplyBuffer();
    buffer.limit(1 << 20);
    buffer.sendTo(() -> {
      throw new IOException("nothing was to leave");
    });
    buffer.write(CHUNK, 0, CHUNK.length);
    assertThat(buffer.hasLeft()).isFalse();
    buffer.truncate(3);
    assertThat(buffer.toBytes()).hasSize(3);
  }

  @Test
  void theLimitCountsWhatHasLeft() throws IOException {
    ReplyBuffer buffer = new ReplyBuffer();
    buffer.limit(1_000_000);
    buffer.sendTo(Counting::new);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 200; i++) {
                buffer.write(CHUNK, 0, CHUNK.length);
              }
            })
        .isInstanceOf(ReplyBuffer.Full.class);
    assertThat(buffer.hasLeft()).isTrue();
  }
}
