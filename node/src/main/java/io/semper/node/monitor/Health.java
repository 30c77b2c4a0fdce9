package io.semper.node.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Whether the node can do its work, asked anew each time.
public final class Health {
  private final List<Check> checks;

  /// @param problem empty while all is well; answers at once
  public record Check(String name, Supplier<Optional<String>> problem) {}

  /// One thing that stands in the way.
  public record Problem(String check, String problem) {}

  /// As JSON: what `/health/ready` answers.
  public record Readiness(boolean ready, List<Problem> problems) {}

  public Health(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  public Readiness readiness() {
    List<Problem> problems = new ArrayList<>();
    for (Check check : checks) {
      check.problem().get().ifPresent(text -> problems.add(new Problem(check.name(), text)));
    }
    return new Readiness(problems.isEmpty(), problems);
  }
}
