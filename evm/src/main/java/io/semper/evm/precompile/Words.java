package io.semper.evm.precompile;

/// Prices that grow with the words of the input.
final class Words {
  private Words() {}

  static long gas(byte[] input, long fixed, long perWord) {
    return fixed + perWord * ((input.length + 31L) / 32);
  }
}
