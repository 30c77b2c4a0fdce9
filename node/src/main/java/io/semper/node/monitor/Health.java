package io.semper.node.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Whether the node can do its work, asked anew each time.
public final class Health {
  private static final String READY = "ready";

  private final List<Check> checks;

  /// @param status in a word what the node is while there is this problem
  /// @param problem empty while all is well; answers at once
  public record Check(String name, String status, Supplier<Optional<String>> problem) {}

  /// One thing that stands in the way.
  public record Problem(String check, String problem) {}

  /// As JSON: what `/health/ready` answers.
  ///
  /// @param status `ready`, or what the first problem makes of the node
  public record Readiness(boolean ready, String status, List<Problem> problems) {}

  public Health(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  public Readiness readiness() {
    List<Problem> problems = new ArrayList<>();
    String status = READY;
    for (Check check : checks) {
      Optional<String> problem = check.problem().get();
      if (problem.isPresent()) {
        status = problems.isEmpty() ? check.status() : status;
        problems.add(new Problem(check.name(), problem.get()));
      }
    }
    return new Readiness(problems.isEmpty(), status, problems);
  }
}
