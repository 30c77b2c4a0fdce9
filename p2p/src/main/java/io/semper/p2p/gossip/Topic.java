package io.semper.p2p.gossip;

import io.semper.core.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// All the router knows of a topic.
///
/// @param maxBytes most bytes of a message's data; longer ones count as invalid
/// @param score what peers gain and lose on this topic
/// @param gatherMillis how long its messages wait after others of their kind have left to the same
///   peer, unless something leaves that cannot wait. They leave together; whichever the peer sends
///   itself meanwhile does not leave at all
public record Topic(
    String name,
    SignaturePolicy policy,
    MessageIdFunction id,
    int maxBytes,
    TopicScore score,
    int gatherMillis) {
  /// Most bytes of a topic's name, in UTF-8.
  static final int MAX_NAME_BYTES = 256;

  private static final int CONTENT_ID_BYTES = 20;

  public Topic {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_NAME_BYTES) {
      throw new IllegalArgumentException("topic name of " + bytes + " bytes");
    }
  }

  /// A topic whose messages leave at once.
  public Topic(
      String name, SignaturePolicy policy, MessageIdFunction id, int maxBytes, TopicScore score) {
    this(name, policy, id, maxBytes, score, 0);
  }

  /// A topic of unsigned messages known by the hash of topic and data.
  public static Topic unsigned(String name, int maxBytes, TopicScore score) {
    return new Topic(name, SignaturePolicy.STRICT_NO_SIGN, Topic::contentId, maxBytes, score);
  }

  /// A topic of signed messages known by author and sequence number.
  public static Topic signed(String name, int maxBytes, TopicScore score) {
    return new Topic(name, SignaturePolicy.STRICT_SIGN, Topic::authorId, maxBytes, score);
  }

  /// The same with messages that wait for each other.
  public Topic gathering(int millis) {
    return new Topic(name, policy, id, maxBytes, score, millis);
  }

  /// The first 20 bytes of sha256(topic ‖ data).
  public static MessageId contentId(GossipMessage message) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(message.topic().getBytes(StandardCharsets.UTF_8));
    message.updateWithData(digest);
    return new MessageId(Arrays.copyOf(digest.digest(), CONTENT_ID_BYTES));
  }

  /// from ‖ seqno, the identifier of gossipsub where nothing else is said.
  public static MessageId authorId(GossipMessage message) {
    byte[] from = message.from();
    byte[] seqno = message.seqno();
    byte[] id = Arrays.copyOf(from, from.length + seqno.length);
    System.arraycopy(seqno, 0, id, from.length, seqno.length);
    return new MessageId(id);
  }

  /// Computes the identifier of a message. Called once for each copy, on the thread that read it,
  /// after the fields the topic's policy asks for are known to be there.
  @FunctionalInterface
  public interface MessageIdFunction {
    MessageId id(GossipMessage message);
  }
}
