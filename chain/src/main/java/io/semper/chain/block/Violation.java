package io.semper.chain.block;

/// Why a block is not valid.
///
/// @param message a sentence with the offending numbers
public record Violation(Rule rule, String message) {
  @Override
  public String toString() {
    return rule + ": " + message;
  }
}
