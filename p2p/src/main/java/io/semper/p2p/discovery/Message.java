package io.semper.p2p.discovery;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What nodes say to each other within a session: a byte for the kind, and a list that begins with
/// the number of the question.
sealed interface Message {
  int MAX_ID_BYTES = 8;

  /// So many fit into one packet, and more distances than nodes have buckets are none.
  int MAX_ITEMS = 256;

  byte[] requestId();

  byte[] encode();

  /// @param sequence of the sender's record
  record Ping(byte[] requestId, long sequence) implements Message {
    @Override
    public byte[] encode() {
      return end(1, start(requestId).number(sequence));
    }
  }

  /// @param seen where the ping came from
  record Pong(byte[] requestId, long sequence, InetSocketAddress seen) implements Message {
    @Override
    public byte[] encode() {
      RlpWriter out = start(requestId).number(sequence);
      return end(2, out.bytes(seen.getAddress().getAddress()).number(seen.getPort()));
    }
  }

  /// Asks for nodes at distances: the number of bits by which ids differ, leading equal ones not
  /// counted.
  record FindNode(byte[] requestId, List<Integer> distances) implements Message {
    @Override
    public byte[] encode() {
      RlpWriter out = start(requestId).startList();
      distances.forEach(out::number);
      return end(3, out.endList());
    }
  }

  /// One of the packets of an answer.
  ///
  /// @param total how many there are
  /// @param records as they are sent; to verify them costs something, and is for who has asked
  record Nodes(byte[] requestId, int total, List<byte[]> records) implements Message {
    @Override
    public byte[] encode() {
      RlpWriter out = start(requestId).number(total).startList();
      records.forEach(out::raw);
      return end(4, out.endList());
    }
  }

  /// Asks within another protocol, of which none is spoken here.
  record TalkRequest(byte[] requestId) implements Message {
    @Override
    public byte[] encode() {
      return end(5, start(requestId).bytes(new byte[0]).bytes(new byte[0]));
    }
  }

  /// An empty one says that the protocol is not spoken.
  record TalkResponse(byte[] requestId) implements Message {
    @Override
    public byte[] encode() {
      return end(6, start(requestId).bytes(new byte[0]));
    }
  }

  private static RlpWriter start(byte[] requestId) {
    return new RlpWriter().startList().bytes(requestId);
  }

  private static byte[] end(int kind, RlpWriter list) {
    byte[] rlp = list.endList().toBytes();
    byte[] out = new byte[1 + rlp.length];
    out[0] = (byte) kind;
    System.arraycopy(rlp, 0, out, 1, rlp.length);
    return out;
  }

  /// Reads what is of use to who only asks.
  ///
  /// @throws MalformedInputException where it is no message
  static Message decode(byte[] bytes) {
    if (bytes.length == 0) {
      throw new MalformedInputException("empty message", 0);
    }
    RlpReader in = new RlpReader(Arrays.copyOfRange(bytes, 1, bytes.length));
    in.enterList();
    byte[] id = in.readBytesUpTo(MAX_ID_BYTES);
    return switch (bytes[0]) {
      case 1 -> new Ping(id, in.readUnsignedLong());
      case 2 -> new Pong(id, in.readUnsignedLong(), null);
      case 3 -> new FindNode(id, distances(in));
      case 4 -> new Nodes(id, (int) Math.min(in.readLong(), Integer.MAX_VALUE), records(in));
      case 5 -> new TalkRequest(id);
      case 6 -> new TalkResponse(id);
      default -> throw new MalformedInputException("message of kind " + bytes[0], 0);
    };
  }

  private static List<Integer> distances(RlpReader in) {
    List<Integer> distances = new ArrayList<>();
    in.enterList();
    while (in.hasNext() && distances.size() < MAX_ITEMS) {
      distances.add((int) Math.min(in.readLong(), Integer.MAX_VALUE));
    }
    return distances;
  }

  private static List<byte[]> records(RlpReader in) {
    List<byte[]> records = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      records.add(in.readRaw());
    }
    return records;
  }
}
