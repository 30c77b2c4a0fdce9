package io.semper.node.cli;

/// A command could not do what was asked, for a reason its user can mend: told in one line.
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failure(String message) {
    super(message);
  }
}
