package io.semper.evm.state;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.StateView;
import java.util.Iterator;
import java.util.LinkedHashMap;

/// Analysed code by hash, shared by everything that executes in this process.
///
/// Asked once per account and block, so a plain lock does.
final class CodeCache {
  static final int MAX_BYTES = 64 << 20;

  /// Of an entry, besides the code's bytes and its jump destinations.
  static final int ENTRY_BYTES = 200;

  private static final LinkedHashMap<Hash32, Code> CACHE = new LinkedHashMap<>(256, 0.75f, true);
  private static long bytes;

  private CodeCache() {}

  static Code get(Hash32 hash, StateView base) {
    synchronized (CACHE) {
      Code cached = CACHE.get(hash);
      if (cached != null) {
        return cached;
      }
    }
    byte[] bytes = base.code(hash);
    // Who guesses before he asks gives none at first, which must not be remembered: no account
    // that has code has none.
    return bytes.length == 0
        ? Code.EMPTY
        : keep(new Code(bytes, hash, base.jumpDestinations(hash)));
  }

  /// The cached code with these bytes, which takes them up where it is new.
  static Code of(byte[] bytes) {
    Hash32 hash = Keccak.hash(bytes);
    synchronized (CACHE) {
      Code cached = CACHE.get(hash);
      if (cached != null) {
        return cached;
      }
    }
    return keep(new Code(bytes, hash));
  }

  private static Code keep(Code code) {
    synchronized (CACHE) {
      Code other = CACHE.putIfAbsent(code.hash(), code);
      if (other != null) {
        return other;
      }
      bytes += weight(code);
      for (Iterator<Code> oldest = CACHE.values().iterator(); bytes > MAX_BYTES; ) {
        bytes -= weight(oldest.next());
        oldest.remove();
      }
    }
    return code;
  }

  private static long weight(Code code) {
    return ENTRY_BYTES + code.padded().length + (long) Code.words(code.length()) * Long.BYTES;
  }
}
