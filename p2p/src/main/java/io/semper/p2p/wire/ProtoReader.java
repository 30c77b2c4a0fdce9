package io.semper.p2p.wire;

import io.semper.core.rlp.MalformedInputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Walks the fields of one protocol buffers message in place, copying only what is asked for.
///
/// ```java
/// ProtoReader in = new ProtoReader(message);
/// while (in.next()) {
///   switch (in.field()) {
///     case 1 -> key = in.bytes(64);
///     case 2 -> read(in.message());
///     default -> in.skip();
///   }
/// }
/// ```
///
/// After each [#next] exactly one of the value methods or [#skip] is called; a value of another
/// wire type than the method's is malformed. Groups (wire types 3 and 4) are malformed, as in every
/// libp2p schema. Counting repeated fields is the caller's: it knows the limit.
public final class ProtoReader {
  public static final int VARINT = 0;
  public static final int FIXED64 = 1;
  public static final int BYTES = 2;
  public static final int FIXED32 = 5;

  private final byte[] data;
  private final int end;
  private int position;
  private int start;
  private int field;
  private int wireType;

  public ProtoReader(byte[] data) {
    this(data, 0, data.length);
  }

  /// Reads `length` bytes of `data` from `offset` on; offsets in errors count from the start of
  /// `data`.
  public ProtoReader(byte[] data, int offset, int length) {
    if ((offset | length) < 0 || length > data.length - offset) {
      throw new IndexOutOfBoundsException();
    }
    this.data = data;
    this.position = offset;
    this.end = offset + length;
  }

  /// Reads the next field's tag.
  ///
  /// @return false at the end of the message
  public boolean next() {
    if (position == end) {
      return false;
    }
    start = position;
    long tag = readVarint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 32 != 0 || field == 0) {
      throw new MalformedInputException("field number out of range", start);
    }
    return true;
  }

  public int field() {
    return field;
  }

  public int wireType() {
    return wireType;
  }

  /// Where the current field's tag stands in the array given to the constructor.
  public int fieldStart() {
    return start;
  }

  /// The position after the last byte read, in the array given to the constructor.
  public int position() {
    return position;
  }

  /// A varint of up to ten bytes, its 64 bits as they are.
  public long varint() {
    expect(VARINT);
    return readVarint();
  }

  public boolean bool() {
    return varint() != 0;
  }

  /// A copy of a length-delimited value of at most `max` bytes.
  public byte[] bytes(int max) {
    int length = length(max);
    byte[] value = Arrays.copyOfRange(data, position, position + length);
    position += length;
    return value;
  }

  /// A length-delimited value as a view of the array, not copied.
  public ByteBuffer slice(int max) {
    int length = length(max);
    ByteBuffer view = ByteBuffer.wrap(data, position, length).slice().asReadOnlyBuffer();
    position += length;
    return view;
  }

  /// A string of at most `max` bytes of well-formed UTF-8.
  public String string(int max) {
    int at = position;
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(slice(max)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedInputException("string is not UTF-8", at);
    }
  }

  /// A reader of a nested message, which this one is then past.
  public ProtoReader message() {
    int length = length(Integer.MAX_VALUE);
    ProtoReader nested = new ProtoReader(data, position, length);
    position += length;
    return nested;
  }

  public void skip() {
    switch (wireType) {
      case VARINT -> readVarint();
      case FIXED64 -> advance(8);
      case FIXED32 -> advance(4);
      case BYTES -> advance(length(Integer.MAX_VALUE));
      default -> throw new MalformedInputException("wire type " + wireType, start);
    }
  }

  private int length(int max) {
    expect(BYTES);
    int at = position;
    long length = readVarint();
    if (length < 0 || length > end - position) {
      throw new MalformedInputException("length reaches beyond the message", at);
    }
    if (length > max) {
      throw new MalformedInputException("length " + length + " above the limit " + max, at);
    }
    return (int) length;
  }

  private void advance(int bytes) {
    if (bytes > end - position) {
      throw new MalformedInputException("value cut short", position);
    }
    position += bytes;
  }

  private void expect(int expected) {
    if (wireType != expected) {
      throw new MalformedInputException("field " + field + " of wire type " + wireType, start);
    }
  }

  private long readVarint() {
    int at = position;
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position == end) {
        throw new MalformedInputException("varint cut short", at);
      }
      byte b = data[position++];
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        if (shift == 63 && b > 1) {
          throw new MalformedInputException("varint above 64 bits", at);
        }
        return value;
      }
    }
    throw new MalformedInputException("varint longer than 10 bytes", at);
  }
}
