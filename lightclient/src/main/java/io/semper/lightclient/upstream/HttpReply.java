package io.semper.lightclient.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A reply as HTTP/1.1 frames it (RFC 9112), read within bounds: what is not of its body is bounded
/// here, its body by an [Allowance].
final class HttpReply {
  /// Of its head, of those that come before it (100 to 199) and of the fields behind its body.
  static final int MAX_HEAD_BYTES = 16 << 10;

  /// Of what stands before each part of a body in parts.
  static final int MAX_PART_HEAD_BYTES = 1 << 10;

  private static final long MAX_RETRY_AFTER_SECONDS = 3600;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) (\\d{3})( .*)?");
  private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
  private static final Pattern PART = Pattern.compile("([0-9a-fA-F]{1,8})[ \\t]*(;.*)?");

  private final InputStream in;
  private final Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private int headBytesLeft = MAX_HEAD_BYTES;
  private int status;
  private boolean lasting;

  private HttpReply(InputStream in) {
    this.in = in;
  }

  /// Reads the head.
  static HttpReply read(InputStream in) throws IOException {
    HttpReply reply = new HttpReply(in);
    do {
      reply.head();
    } while (reply.status < 200);
    return reply;
  }

  private void head() throws IOException {
    Matcher first = STATUS.matcher(headLine());
    if (!first.matches()) {
      throw new IOException("no reply over HTTP/1.1");
    }
    status = Integer.parseInt(first.group(2));
    lasting = first.group(1).equals("1");
    fields.clear();
    for (String line = headLine(); !line.isEmpty(); line = headLine()) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IOException("malformed head of a reply");
      }
      fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 1).strip());
    }
  }

  private String headLine() throws IOException {
    String line = line(headBytesLeft);
    headBytesLeft -= line.length() + 1;
    return line;
  }

  /// A line without its end.
  private String line(int most) throws IOException {
    StringBuilder line = new StringBuilder();
    int c = in.read();
    for (; c != '\n'; c = in.read()) {
      if (c < 0) {
        throw cutShort();
      }
      if (line.length() + 1 >= most) {
        throw new IOException("reply with too much beside its body");
      }
      line.append((char) c);
    }
    int last = line.length() - 1;
    return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
  }

  private static IOException cutShort() {
    return new IOException("reply cut short");
  }

  int status() {
    return status;
  }

  /// `null` where there is none of the name.
  String field(String name) {
    return fields.get(name);
  }

  /// What the reply asks for, 0 for nothing.
  long retryAfterMillis() {
    String text = field("Retry-After");
    if (text == null || !text.matches("\\d{1,6}")) {
      return 0;
    }
    return TimeUnit.SECONDS.toMillis(Math.min(Long.parseLong(text), MAX_RETRY_AFTER_SECONDS));
  }

  /// Whether there may be another reply behind this one, once its body is read.
  boolean lasts() {
    boolean delimited = field("Transfer-Encoding") != null || field("Content-Length") != null;
    return lasting && delimited && !"close".equalsIgnoreCase(field("Connection"));
  }

  /// Reads the body to its end.
  byte[] body(Allowance allowance) throws IOException {
    String encoding = field("Transfer-Encoding");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new IOException("reply in an encoding that was not asked for");
      }
      return new Body(allowance, true, 0).readAllBytes();
    }
    String length = field("Content-Length");
    if (length == null) {
      return new Body(allowance, false, Long.MAX_VALUE).readAllBytes();
    }
    if (!LENGTH.matcher(length).matches()) {
      throw new IOException("reply of no length");
    }
    long bytes = Long.parseLong(length);
    if (bytes > allowance.most()) {
      throw allowance.tooLong();
    }
    return new Body(allowance, false, bytes).readAllBytes();
  }

  /// A body without what wraps it. Read in pieces that are joined once: a buffer that doubles would
  /// take three times as much.
  private final class Body extends InputStream {
    private final Allowance allowance;
    private final boolean inParts;

    /// Of this part or of the whole body; the greatest number where the connection's end is its.
    private long left;

    private boolean within;
    private boolean ended;

    private Body(Allowance allowance, boolean inParts, long left) {
      this.allowance = allowance;
      this.inParts = inParts;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int at, int most) throws IOException {
      if (left == 0 && inParts && !ended) {
        nextPart();
      }
      if (left == 0 || ended) {
        return -1;
      }
      int n = in.read(to, at, (int) Math.min(most, left));
      if (n < 0) {
        if (left != Long.MAX_VALUE) {
          throw cutShort();
        }
        ended = true;
        return -1;
      }
      allowance.take(n);
      left -= left == Long.MAX_VALUE ? 0 : n;
      return n;
    }

    private void nextPart() throws IOException {
      if (within && !line(MAX_PART_HEAD_BYTES).isEmpty()) {
        throw new IOException("part of a reply that is longer than it says");
      }
      Matcher head = PART.matcher(line(MAX_PART_HEAD_BYTES));
      if (!head.matches()) {
        throw new IOException("malformed part of a reply");
      }
      within = true;
      left = Long.parseLong(head.group(1), 16);
      if (left == 0) {
        ended = true;
        String field;
        do {
          field = headLine();
        } while (!field.isEmpty());
      }
    }
  }
}
