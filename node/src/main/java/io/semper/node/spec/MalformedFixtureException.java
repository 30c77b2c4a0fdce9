package io.semper.node.spec;

/// A file that does not hold what its format promises.
public final class MalformedFixtureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedFixtureException(String problem, Throwable cause) {
    super(problem, cause);
  }

  MalformedFixtureException(String problem) {
    super(problem);
  }
}
