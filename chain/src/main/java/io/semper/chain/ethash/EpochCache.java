package io.semper.chain.ethash;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;

/// The pseudorandom cache of an epoch, from which every item of its dataset can be computed.
///
/// Rows of 64 bytes, kept as sixteen little-endian words each in one `int[]`: mixing works on
/// words, so that the loops over a row compile to vector instructions. Immutable.
final class EpochCache {
  static final int BLOCKS_PER_EPOCH = 30_000;

  /// Beyond 61 million blocks no chain of proof of work ever came; it bounds a cache at 285 MB.
  static final int MAX_EPOCHS = 2_048;

  static final int ROW_WORDS = 16;

  private static final long CACHE_BYTES_INITIAL = 1L << 24;
  private static final long CACHE_BYTES_GROWTH = 1L << 17;
  private static final long DATASET_BYTES_INITIAL = 1L << 30;
  private static final long DATASET_BYTES_GROWTH = 1L << 23;
  private static final int ROW_BYTES = 64;
  private static final int PAGE_BYTES = 128;
  private static final int ROUNDS = 3;
  private static final int PARENTS = 256;
  private static final int FNV_PRIME = 0x01000193;

  private final int rows;
  private final int pages;
  private final int[] words;

  private EpochCache(int rows, int pages, int[] words) {
    this.rows = rows;
    this.pages = pages;
    this.words = words;
  }

  static EpochCache generate(int epoch) {
    int rows = (int) (cacheBytes(epoch) / ROW_BYTES);
    int pages = (int) (datasetBytes(epoch) / PAGE_BYTES);
    int[] words = new int[rows * ROW_WORDS];
    long[] state = new long[Keccak.STATE_LANES];
    byte[] first = Keccak.hash512(seed(epoch).toBytes());
    for (int i = 0; i < ROW_WORDS; i++) {
      words[i] = Integer.reverseBytes(BigEndian.getInt(first, 4 * i));
    }
    int[] row = new int[ROW_WORDS];
    System.arraycopy(words, 0, row, 0, ROW_WORDS);
    for (int i = 1; i < rows; i++) {
      hash512(row, state);
      System.arraycopy(row, 0, words, i * ROW_WORDS, ROW_WORDS);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < rows; i++) {
        int before = (i == 0 ? rows - 1 : i - 1) * ROW_WORDS;
        int other = Integer.remainderUnsigned(words[i * ROW_WORDS], rows) * ROW_WORDS;
        for (int k = 0; k < ROW_WORDS; k++) {
          row[k] = words[before + k] ^ words[other + k];
        }
        hash512(row, state);
        System.arraycopy(row, 0, words, i * ROW_WORDS, ROW_WORDS);
      }
    }
    return new EpochCache(rows, pages, words);
  }

  /// Pages of two items in the epoch's dataset.
  int pages() {
    return pages;
  }

  /// The cache as the bytes it stands for.
  byte[] toBytes() {
    byte[] out = new byte[words.length * 4];
    for (int i = 0; i < words.length; i++) {
      BigEndian.putInt(out, 4 * i, Integer.reverseBytes(words[i]));
    }
    return out;
  }

  /// Computes the two items of a page of the dataset.
  ///
  /// Each step of an item depends on the one before and waits for a row from far memory. The two
  /// items are independent, so their waits overlap: twice as fast as one after the other (1.7 ms a
  /// header against 3.4 on a busy machine of 2026).
  ///
  /// @param even sixteen words, filled with the first item
  /// @param odd sixteen words, filled with the second item
  /// @param state scratch for hashing
  void page(int page, int[] even, int[] odd, long[] state) {
    int index = 2 * page;
    start(index, even, state);
    start(index + 1, odd, state);
    for (int j = 0; j < PARENTS; j++) {
      int word = j & (ROW_WORDS - 1);
      int a = Integer.remainderUnsigned(fnv(index ^ j, even[word]), rows) * ROW_WORDS;
      int b = Integer.remainderUnsigned(fnv((index + 1) ^ j, odd[word]), rows) * ROW_WORDS;
      mix(even, a);
      mix(odd, b);
    }
    hash512(even, state);
    hash512(odd, state);
  }

  private void start(int index, int[] item, long[] state) {
    System.arraycopy(words, Integer.remainderUnsigned(index, rows) * ROW_WORDS, item, 0, ROW_WORDS);
    item[0] ^= index;
    hash512(item, state);
  }

  private void mix(int[] item, int row) {
    for (int k = 0; k < ROW_WORDS; k++) {
      item[k] = item[k] * FNV_PRIME ^ words[row + k];
    }
  }

  static int fnv(int a, int b) {
    return a * FNV_PRIME ^ b;
  }

  /// Replaces a row by its Keccak-512.
  private static void hash512(int[] row, long[] state) {
    for (int i = 0; i < 8; i++) {
      state[i] = row[2 * i] & 0xFFFFFFFFL | (long) row[2 * i + 1] << 32;
    }
    Keccak.hash512Lanes(state);
    for (int i = 0; i < 8; i++) {
      row[2 * i] = (int) state[i];
      row[2 * i + 1] = (int) (state[i] >>> 32);
    }
  }

  static Hash32 seed(int epoch) {
    Hash32 seed = Hash32.ZERO;
    for (int i = 0; i < epoch; i++) {
      seed = Keccak.hash(seed.toBytes());
    }
    return seed;
  }

  /// The largest size below the epoch's bound that is a prime number of rows.
  static long cacheBytes(int epoch) {
    long bytes = CACHE_BYTES_INITIAL + CACHE_BYTES_GROWTH * epoch - ROW_BYTES;
    while (!prime(bytes / ROW_BYTES)) {
      bytes -= 2 * ROW_BYTES;
    }
    return bytes;
  }

  /// The largest size below the epoch's bound that is a prime number of pages.
  static long datasetBytes(int epoch) {
    long bytes = DATASET_BYTES_INITIAL + DATASET_BYTES_GROWTH * epoch - PAGE_BYTES;
    while (!prime(bytes / PAGE_BYTES)) {
      bytes -= 2 * PAGE_BYTES;
    }
    return bytes;
  }

  private static boolean prime(long odd) {
    for (long divisor = 3; divisor * divisor <= odd; divisor += 2) {
      if (odd % divisor == 0) {
        return false;
      }
    }
    return true;
  }
}
