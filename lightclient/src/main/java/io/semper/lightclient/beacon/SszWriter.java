package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import java.io.ByteArrayOutputStream;

/// Writes Simple Serialize.
final class SszWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  SszWriter uint64(long value) {
    for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
      out.write((int) (value >>> i));
    }
    return this;
  }

  SszWriter uint32(int value) {
    for (int i = 0; i < Integer.SIZE; i += Byte.SIZE) {
      out.write(value >>> i);
    }
    return this;
  }

  SszWriter hash(Hash32 value) {
    return bytes(value.toBytes());
  }

  SszWriter hashes(Hash32[] values) {
    for (Hash32 value : values) {
      hash(value);
    }
    return this;
  }

  SszWriter bytes(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  byte[] toBytes() {
    return out.toByteArray();
  }
}
