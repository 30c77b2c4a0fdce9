package io.semper.p2p.negotiate;

import io.semper.p2p.wire.Duplex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/// multistream-select 1.0. A message is a varint length, a line of UTF-8 and a line feed; each side
/// begins with the header, the initiator proposes until the responder echoes.
///
/// Time is bounded by whoever bounds the flow's reads.
public final class Multistream {
  public static final String HEADER = "/multistream/1.0.0";
  private static final String REFUSAL = "na";

  /// Longest message read, with its line feed.
  public static final int MAX_MESSAGE_BYTES = 1024;

  /// Proposals a responder refuses before it gives up.
  public static final int MAX_PROPOSALS = 16;

  private Multistream() {}

  /// Proposes the protocols in order; header and first proposal leave in one write.
  ///
  /// @return the protocol agreed on
  /// @throws NegotiationException if the other side speaks none of them
  public static String propose(Duplex flow, List<String> protocols) throws IOException {
    boolean first = true;
    for (String protocol : protocols) {
      flow.write(first ? opening(protocol) : message(protocol));
      if (first) {
        expectHeader(flow);
        first = false;
      }
      if (readAnswer(flow, protocol)) {
        return protocol;
      }
    }
    throw new NegotiationException("the peer speaks none of " + protocols);
  }

  /// Header and proposal, for an initiator that sends its data along and reads the answer later
  /// with [#readOpeningAnswer].
  public static byte[] opening(String protocol) {
    byte[] header = message(HEADER);
    byte[] proposal = message(protocol);
    byte[] both = new byte[header.length + proposal.length];
    System.arraycopy(header, 0, both, 0, header.length);
    System.arraycopy(proposal, 0, both, header.length, proposal.length);
    return both;
  }

  /// Reads the answer to [#opening].
  ///
  /// @throws NegotiationException if the protocol was refused
  public static void readOpeningAnswer(Duplex flow, String protocol) throws IOException {
    expectHeader(flow);
    if (!readAnswer(flow, protocol)) {
      throw new NegotiationException("the peer does not speak " + protocol);
    }
  }

  /// Answers proposals until one is supported.
  ///
  /// @return the protocol agreed on
  public static String respond(Duplex flow, Predicate<String> supported) throws IOException {
    flow.write(message(HEADER));
    expectHeader(flow);
    for (int i = 0; i < MAX_PROPOSALS; i++) {
      String proposal = read(flow);
      if (supported.test(proposal)) {
        flow.write(message(proposal));
        return proposal;
      }
      flow.write(message(REFUSAL));
    }
    throw new NegotiationException("none of " + MAX_PROPOSALS + " proposals is spoken here");
  }

  private static void expectHeader(Duplex flow) throws IOException {
    String header = read(flow);
    if (!header.equals(HEADER)) {
      throw new NegotiationException("peer does not begin with " + HEADER);
    }
  }

  private static boolean readAnswer(Duplex flow, String protocol) throws IOException {
    String answer = read(flow);
    if (answer.equals(protocol)) {
      return true;
    }
    if (answer.equals(REFUSAL)) {
      return false;
    }
    throw new NegotiationException("peer answers with what was not proposed");
  }

  static byte[] message(String line) {
    byte[] text = line.getBytes(StandardCharsets.UTF_8);
    int length = text.length + 1;
    if (length > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException("protocol name too long");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 2);
    if (length >= 0x80) {
      out.write(length & 0x7f | 0x80);
      out.write(length >>> 7);
    } else {
      out.write(length);
    }
    out.writeBytes(text);
    out.write('\n');
    return out.toByteArray();
  }

  private static String read(Duplex flow) throws IOException {
    byte[] one = new byte[1];
    flow.readFully(one, 0, 1);
    int length = one[0];
    if (length < 0) {
      flow.readFully(one, 0, 1);
      length = length & 0x7f | one[0] << 7;
      if (one[0] <= 0) {
        throw new NegotiationException("length out of range");
      }
    }
    if (length == 0 || length > MAX_MESSAGE_BYTES) {
      throw new NegotiationException("message of " + length + " bytes");
    }
    byte[] text = new byte[length];
    flow.readFully(text, 0, length);
    if (text[length - 1] != '\n') {
      throw new NegotiationException("message without line feed");
    }
    return new String(text, 0, length - 1, StandardCharsets.UTF_8);
  }
}
