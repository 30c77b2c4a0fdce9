package io.semper.p2p.security;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import javax.crypto.AEADBadTagException;

/// By OpenSSL's libcrypto, where the system has it.
final class LibcryptoAead implements Aead {
  private static final String[] LIBRARIES = {
    "libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll"
  };
  private static final int GET_TAG = 0x10;
  private static final int SET_TAG = 0x11;
  private static final Cleaner CLEANER = Cleaner.create();

  /// The functions of the library, or null where it is not there.
  private static final Functions LIBRARY = load();

  // Constants, so that calls through them are compiled to calls.
  private static final MethodHandle INIT = LIBRARY == null ? null : LIBRARY.init;
  private static final MethodHandle UPDATE = LIBRARY == null ? null : LIBRARY.update;
  private static final MethodHandle FINISH = LIBRARY == null ? null : LIBRARY.finish;
  private static final MethodHandle CONTROL = LIBRARY == null ? null : LIBRARY.control;

  private record Functions(
      MemorySegment cipher,
      MethodHandle create,
      MethodHandle free,
      MethodHandle init,
      MethodHandle update,
      MethodHandle finish,
      MethodHandle control) {}

  private final MemorySegment context;
  private final int encrypts;
  private final MemorySegment length = MemorySegment.ofArray(new int[1]);

  /// @param encrypts whether to encrypt, else to decrypt
  LibcryptoAead(byte[] key, boolean encrypts) {
    this.encrypts = encrypts ? 1 : 0;
    try {
      context = (MemorySegment) LIBRARY.create.invokeExact();
      MemorySegment none = MemorySegment.NULL;
      int done =
          (int)
              INIT.invokeExact(
                  context, LIBRARY.cipher, none, MemorySegment.ofArray(key), none, this.encrypts);
      if (done != 1) {
        throw new IllegalStateException("libcrypto refuses the key");
      }
    } catch (Throwable e) {
      throw failure(e);
    }
    MemorySegment freed = context;
    CLEANER.register(this, () -> free(freed));
  }

  static boolean isAvailable() {
    return LIBRARY != null;
  }

  @SuppressWarnings("restricted")
  private static Functions load() {
    for (String name : LIBRARIES) {
      try {
        SymbolLookup library = SymbolLookup.libraryLookup(name, Arena.global());
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfInt number = ValueLayout.JAVA_INT;
        var pointer = ValueLayout.ADDRESS;
        Linker.Option onHeap = Linker.Option.critical(true);
        MethodHandle cipher =
            linker.downcallHandle(
                library.findOrThrow("EVP_chacha20_poly1305"), FunctionDescriptor.of(pointer));
        return new Functions(
            (MemorySegment) cipher.invokeExact(),
            linker.downcallHandle(
                library.findOrThrow("EVP_CIPHER_CTX_new"), FunctionDescriptor.of(pointer)),
            linker.downcallHandle(
                library.findOrThrow("EVP_CIPHER_CTX_free"), FunctionDescriptor.ofVoid(pointer)),
            linker.downcallHandle(
                library.findOrThrow("EVP_CipherInit_ex"),
                FunctionDescriptor.of(number, pointer, pointer, pointer, pointer, pointer, number),
                onHeap),
            linker.downcallHandle(
                library.findOrThrow("EVP_CipherUpdate"),
                FunctionDescriptor.of(number, pointer, pointer, pointer, pointer, number),
                onHeap),
            linker.downcallHandle(
                library.findOrThrow("EVP_CipherFinal_ex"),
                FunctionDescriptor.of(number, pointer, pointer, pointer),
                onHeap),
            linker.downcallHandle(
                library.findOrThrow("EVP_CIPHER_CTX_ctrl"),
                FunctionDescriptor.of(number, pointer, number, number, pointer),
                onHeap));
      } catch (Throwable absent) {
        // Another name may be there; without any the JDK's cipher does the work.
      }
    }
    return null;
  }

  private static void free(MemorySegment context) {
    try {
      LIBRARY.free.invokeExact(context);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  @Override
  public void seal(byte[] nonce, ByteBuffer buffer, int offset, int length) {
    MemorySegment all = whole(buffer);
    try {
      begin(nonce);
      update(all, offset, length);
      end(all, offset + length);
      MemorySegment tag = all.asSlice(offset + length, TAG_BYTES);
      check((int) CONTROL.invokeExact(context, GET_TAG, TAG_BYTES, tag));
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  @Override
  public void open(byte[] nonce, ByteBuffer buffer, int offset, int length)
      throws AEADBadTagException {
    MemorySegment all = whole(buffer);
    int plain = length - TAG_BYTES;
    try {
      begin(nonce);
      MemorySegment tag = all.asSlice(offset + plain, TAG_BYTES);
      check((int) CONTROL.invokeExact(context, SET_TAG, TAG_BYTES, tag));
      update(all, offset, plain);
      if (!end(all, offset)) {
        throw new AEADBadTagException("wrong tag");
      }
    } catch (AEADBadTagException e) {
      throw e;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private static MemorySegment whole(ByteBuffer buffer) {
    return MemorySegment.ofBuffer(buffer.duplicate().clear());
  }

  private void begin(byte[] nonce) throws Throwable {
    MemorySegment none = MemorySegment.NULL;
    check(
        (int) INIT.invokeExact(context, none, none, none, MemorySegment.ofArray(nonce), encrypts));
  }

  private void update(MemorySegment all, int offset, int size) throws Throwable {
    if (size > 0) {
      MemorySegment at = all.asSlice(offset);
      check((int) UPDATE.invokeExact(context, at, length, at, size));
    }
  }

  private boolean end(MemorySegment to, int at) throws Throwable {
    return (int) FINISH.invokeExact(context, to.asSlice(at), length) == 1;
  }

  private static void check(int done) {
    if (done != 1) {
      throw new IllegalStateException("libcrypto failed");
    }
  }

  private static RuntimeException failure(Throwable e) {
    if (e instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }
}
