package io.semper.p2p.gossip;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/// One published message, kept and passed on in the bytes it came in: a signature covers fields
/// this version does not know.
///
/// Two objects are equal only if they are the same: a copy from another peer is another message
/// until its signature is checked.
public final class GossipMessage {
  static final int SEQNO_BYTES = 8;

  private static final byte[] SIGNING_PREFIX = "libp2p-pubsub:".getBytes(StandardCharsets.UTF_8);
  private static final int MAX_FROM_BYTES = 64;

  private static final int FROM = 1;
  private static final int DATA = 2;
  private static final int SEQNO = 3;
  private static final int TOPIC = 4;
  private static final int SIGNATURE = 5;
  private static final int KEY = 6;

  private final byte[] encoded;
  private final String topic;
  private final int dataOffset;
  private final int dataLength;
  private final byte[] from;
  private final byte[] seqno;
  private final byte[] signature;
  private final byte[] key;

  // Computed once; threads that race compute the same.
  private volatile MessageId id;

  private GossipMessage(byte[] encoded) {
    ProtoReader in = new ProtoReader(encoded);
    String topic = "";
    int offset = 0;
    int length = 0;
    byte[] from = null;
    byte[] seqno = null;
    byte[] signature = null;
    byte[] key = null;
    while (in.next()) {
      switch (in.field()) {
        case FROM -> from = in.bytes(MAX_FROM_BYTES);
        case DATA -> {
          length = in.slice(Integer.MAX_VALUE).remaining();
          offset = in.position() - length;
        }
        case SEQNO -> seqno = in.bytes(SEQNO_BYTES);
        case TOPIC -> topic = in.string(Topic.MAX_NAME_BYTES);
        case SIGNATURE -> signature = in.bytes(PublicKey.MAX_SIGNATURE_BYTES);
        case KEY -> key = in.bytes(PublicKey.MAX_BYTES);
        default -> in.skip();
      }
    }
    this.encoded = encoded;
    this.topic = topic;
    this.dataOffset = offset;
    this.dataLength = length;
    this.from = from;
    this.seqno = seqno;
    this.signature = signature;
    this.key = key;
  }

  /// Reads a message, which keeps `encoded`.
  static GossipMessage decode(byte[] encoded) {
    return new GossipMessage(encoded);
  }

  /// A message for a topic of [SignaturePolicy#STRICT_NO_SIGN].
  public static GossipMessage unsigned(String topic, byte[] data) {
    return decode(
        new ProtoWriter(data.length + 2 * Topic.MAX_NAME_BYTES)
            .bytes(DATA, data)
            .string(TOPIC, topic)
            .toByteArray());
  }

  /// A message for a topic of [SignaturePolicy#STRICT_SIGN].
  ///
  /// @param seqno greater than that of the author's last message
  public static GossipMessage signed(PrivateKey author, long seqno, String topic, byte[] data) {
    PeerId from = author.peerId();
    byte[] content =
        new ProtoWriter(data.length + 2 * Topic.MAX_NAME_BYTES)
            .bytes(FROM, from.toBytes())
            .bytes(DATA, data)
            .bytes(SEQNO, ByteBuffer.allocate(SEQNO_BYTES).putLong(seqno).array())
            .string(TOPIC, topic)
            .toByteArray();
    ProtoWriter out =
        new ProtoWriter(content.length + 256)
            .append(content, 0, content.length)
            .bytes(SIGNATURE, author.sign(prefixed(content, content.length)));
    if (from.publicKey().isEmpty()) {
      out.bytes(KEY, author.publicKey().encode());
    }
    return decode(out.toByteArray());
  }

  public String topic() {
    return topic;
  }

  /// A copy.
  public byte[] data() {
    return Arrays.copyOfRange(encoded, dataOffset, dataOffset + dataLength);
  }

  public int dataLength() {
    return dataLength;
  }

  public void updateWithData(MessageDigest digest) {
    digest.update(encoded, dataOffset, dataLength);
  }

  /// The author's peer id in bytes as the message has it, `null` where it has none.
  public byte[] from() {
    return from;
  }

  /// `null` where the message has none.
  public byte[] seqno() {
    return seqno;
  }

  byte[] encoded() {
    return encoded;
  }

  int encodedBytes() {
    return encoded.length;
  }

  /// The identifier in `topic`, whose policy the message must satisfy.
  public MessageId id(Topic topic) {
    MessageId known = id;
    if (known == null) {
      known = topic.id().id(this);
      id = known;
    }
    return known;
  }

  /// What is wrong with the fields that `policy` requires or forbids; says nothing of whether the
  /// signature is good.
  Optional<String> violation(SignaturePolicy policy) {
    return switch (policy) {
      case STRICT_NO_SIGN -> {
        if (from != null || seqno != null || signature != null || key != null) {
          yield Optional.of("author, sequence number, signature or key on an unsigned topic");
        }
        yield Optional.empty();
      }
      case STRICT_SIGN -> {
        if (from == null || seqno == null || signature == null) {
          yield Optional.of("no author, sequence number or signature on a signed topic");
        }
        if (seqno.length != SEQNO_BYTES) {
          yield Optional.of("sequence number of " + seqno.length + " bytes");
        }
        yield Optional.empty();
      }
    };
  }

  /// Whether the signature is that of the peer in [#from]: its key inlined there, or given along
  /// and hashing to it.
  public boolean isSignatureGood() {
    Signed signed = signed();
    return signed != null && signed.by.verify(signed.content, signature);
  }

  record Signed(PublicKey by, byte[] content) {}

  /// What the signature is to be over and whose it is to be; `null` where no key is the author's.
  Signed signed() {
    try {
      PeerId author = PeerId.decode(from);
      PublicKey signer = key == null ? author.publicKey().orElse(null) : PublicKey.decode(key);
      boolean authors = signer != null && PeerId.of(signer).equals(author);
      return authors ? new Signed(signer, signedBytes()) : null;
    } catch (MalformedInputException e) {
      return null;
    }
  }

  /// The message less signature and key, everything else where and as it stands.
  private byte[] signedBytes() {
    byte[] content = new byte[encoded.length];
    int length = 0;
    ProtoReader in = new ProtoReader(encoded);
    while (in.next()) {
      in.skip();
      if (in.field() != SIGNATURE && in.field() != KEY) {
        int bytes = in.position() - in.fieldStart();
        System.arraycopy(encoded, in.fieldStart(), content, length, bytes);
        length += bytes;
      }
    }
    return prefixed(content, length);
  }

  private static byte[] prefixed(byte[] content, int length) {
    byte[] out = Arrays.copyOf(SIGNING_PREFIX, SIGNING_PREFIX.length + length);
    System.arraycopy(content, 0, out, SIGNING_PREFIX.length, length);
    return out;
  }
}
