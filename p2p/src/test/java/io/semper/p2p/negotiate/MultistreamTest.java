package io.semper.p2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.wire.MemoryLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MultistreamTest {
  private final MemoryLink link = new MemoryLink(1 << 20);

  private void answerWith(String... supported) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            Multistream.respond(link.right(), List.of(supported)::contains);
          } catch (IOException e) {
            link.right().close();
          }
        });
  }

  private static byte[] text(String lines) {
    return lines.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void theFirstSupportedProposalWins() throws Exception {
    answerWith("/c", "/b");
    assertThat(Multistream.propose(link.left(), List.of("/a", "/b", "/c"))).isEqualTo("/b");
  }

  @Test
  void noneInCommonIsAnError() {
    answerWith("/c");
    assertThatThrownBy(() -> Multistream.propose(link.left(), List.of("/a", "/b")))
        .isInstanceOf(NegotiationException.class);
  }

  @Test
  void messagesAreAsSpecified() throws Exception {
    assertThat(Multistream.message("na")).containsExactly(3, 'n', 'a', '\n');
    assertThat(Multistream.message("x".repeat(200))).hasSize(203).startsWith(0xc9, 1);
    // Header, proposal and data in one piece: no byte of the data is lost.
    link.left().write(Multistream.opening("/a"));
    link.left().write(text("data"));
    assertThat(Multistream.respond(link.right(), "/a"::equals)).isEqualTo("/a");
    byte[] rest = new byte[4];
    link.right().readFully(rest, 0, 4);
    assertThat(rest).isEqualTo(text("data"));
    Multistream.readOpeningAnswer(link.left(), "/a");
  }

  /// T21: too long, without an end, not minimal, not the header.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000",
        "\u00ff\u00ff\u00ff\u00ff",
        "\u0081\u0008x",
        "\u0080\u0000",
        "\u0003abc",
        "\u0004/no\n",
        "\u0013/multistream/1.0.0x",
        "\u0013/multistream/2.0.0\n"
      })
  void otherMessagesEndIt(String bytes) throws Exception {
    link.left().write(text(bytes));
    link.left().finish();
    assertThatThrownBy(() -> Multistream.respond(link.right(), p -> true))
        .isInstanceOf(IOException.class);
  }

  /// T21: proposals without end are cut off.
  @Test
  void proposalsAreCounted() throws Exception {
    link.left().write(Multistream.message(Multistream.HEADER));
    for (int i = 0; i < Multistream.MAX_PROPOSALS + 5; i++) {
      link.left().write(Multistream.message("/unknown/" + i));
    }
    assertThatThrownBy(() -> Multistream.respond(link.right(), p -> false))
        .isInstanceOf(NegotiationException.class)
        .hasMessageContaining("proposals");
  }
}
