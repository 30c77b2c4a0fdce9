package io.semper.core.crypto;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import supranational.blst.BLST_ERROR;
import supranational.blst.P1;
import supranational.blst.P1_Affine;
import supranational.blst.P2_Affine;

/// Keys of a committee through blst's Java binding, where the application brings that library
/// along.
final class NativeBlsKeys implements BlsKeys {
  private static final int INFINITY = 0x40;

  /// How the name of the binding's folder begins.
  private static final String FOLDER = "blst@";

  private final byte[] publicKeys;
  private final byte[] aggregate;

  /// Decompressed when first needed; the last one is the aggregate. Guarded by this.
  private final P1_Affine[] points;

  NativeBlsKeys(byte[] publicKeys, byte[] aggregate) {
    this.publicKeys = publicKeys;
    this.aggregate = aggregate;
    points = new P1_Affine[publicKeys.length / Bls12381Encoding.G1_BYTES + 1];
  }

  /// Whether the library's classes and its binary for this platform are there.
  static boolean isPresent() {
    try {
      boolean present = !P1_Affine.generator().is_inf();
      deleteLoaded();
      return present;
    } catch (LinkageError absent) {
      return false;
    }
  }

  /// The binding writes its binary to a folder of its own, to be deleted when the process ends: it
  /// would stay wherever one is killed. Once it is loaded nobody needs it there; Linux tells where.
  private static void deleteLoaded() {
    try {
      for (String mapped : Files.readAllLines(Path.of("/proc/self/maps"))) {
        if (mapped.contains("/" + FOLDER) && mapped.endsWith(".so")) {
          Path binary = Path.of(mapped.substring(mapped.indexOf('/')));
          Files.deleteIfExists(binary);
          Files.deleteIfExists(binary.getParent());
        }
      }
    } catch (IOException elsewhere) {
      // The binding does it when the process ends.
    }
  }

  /// An exception is the library's way to say that bytes are no point.
  @Override
  public boolean verify(boolean subtract, int[] members, byte[] message, byte[] signature) {
    try {
      P2_Affine s = new P2_Affine(signature);
      if (s.is_inf() || !s.in_group()) {
        return false;
      }
      P1_Affine key = sum(subtract, members).to_affine();
      return !key.is_inf()
          && s.core_verify(key, true, message, Bls12381Signatures.CIPHERSUITE)
              == BLST_ERROR.BLST_SUCCESS;
    } catch (RuntimeException noPoint) {
      return false;
    }
  }

  private synchronized P1 sum(boolean subtract, int[] members) {
    P1 listed = new P1();
    for (int member : members) {
      listed = listed.add(point(member));
    }
    return subtract ? listed.neg().add(point(points.length - 1)) : listed;
  }

  private P1_Affine point(int index) {
    if (points[index] == null) {
      int from = index * Bls12381Encoding.G1_BYTES;
      byte[] key =
          index == points.length - 1
              ? aggregate
              : Arrays.copyOfRange(publicKeys, from, from + Bls12381Encoding.G1_BYTES);
      if ((key[0] & INFINITY) != 0) {
        throw new IllegalArgumentException("a key at infinity");
      }
      points[index] = new P1_Affine(key);
    }
    return points[index];
  }
}
