package io.semper.p2p.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes protocol buffers messages into an array that grows: fields in the order of the calls,
/// minimal varints, nothing omitted.
public final class ProtoWriter {
  private byte[] data;
  private int size;

  public ProtoWriter() {
    this(128);
  }

  public ProtoWriter(int expectedBytes) {
    data = new byte[Math.max(16, expectedBytes)];
  }

  public ProtoWriter varint(int field, long value) {
    tag(field, ProtoReader.VARINT);
    raw(value);
    return this;
  }

  public ProtoWriter bool(int field, boolean value) {
    return varint(field, value ? 1 : 0);
  }

  public ProtoWriter bytes(int field, byte[] value) {
    return bytes(field, value, 0, value.length);
  }

  public ProtoWriter bytes(int field, byte[] value, int offset, int length) {
    tag(field, ProtoReader.BYTES);
    raw(length);
    return append(value, offset, length);
  }

  public ProtoWriter string(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public ProtoWriter message(int field, ProtoWriter nested) {
    return bytes(field, nested.data, 0, nested.size);
  }

  /// Bytes as they are: an encoded field, or a length prefix's content.
  public ProtoWriter append(byte[] value, int offset, int length) {
    ensure(length);
    System.arraycopy(value, offset, data, size, length);
    size += length;
    return this;
  }

  /// A varint without a tag: a length prefix before the message.
  public ProtoWriter raw(long value) {
    ensure(10);
    size = Varint.write(value, data, size);
    return this;
  }

  public int size() {
    return size;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(data, size);
  }

  /// The message after its length as a varint, as libp2p streams carry it.
  public byte[] toDelimited() {
    int prefix = Varint.size(size);
    byte[] out = new byte[prefix + size];
    Varint.write(size, out, 0);
    System.arraycopy(data, 0, out, prefix, size);
    return out;
  }

  /// The bytes a length-delimited field takes: tag, length and content.
  public static int sizeOfBytes(int field, int length) {
    return Varint.size((long) field << 3) + Varint.size(length) + length;
  }

  private void tag(int field, int wireType) {
    raw((long) field << 3 | wireType);
  }

  private void ensure(int more) {
    if (more > data.length - size) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, Math.addExact(size, more)));
    }
  }
}
