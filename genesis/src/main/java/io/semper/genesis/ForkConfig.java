package io.semper.genesis;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads the fork schedule out of a genesis file's `config`.
///
/// The same forks go by several names, and a file may leave out forks that a later one implies.
final class ForkConfig {
  /// Names of a fork's activation, in the order in which they are looked for.
  private static final Map<Fork, List<String>> KEYS = keys();

  /// Settings of consensus engines whose networks enter timed forks without a merge.
  private static final List<String> OWN_CONSENSUS = List.of("qbft", "ibft", "ibft2", "clique");

  private final Map<String, Field> config;
  private final EnumMap<Fork, Long> activations = new EnumMap<>(Fork.class);
  private final EnumMap<Fork, Field> origins = new EnumMap<>(Fork.class);

  private ForkConfig(Map<String, Field> config) {
    this.config = config;
  }

  private static Map<Fork, List<String>> keys() {
    EnumMap<Fork, List<String>> keys = new EnumMap<>(Fork.class);
    keys.put(Fork.HOMESTEAD, List.of("homesteadblock"));
    keys.put(Fork.DAO, List.of("daoforkblock"));
    keys.put(Fork.TANGERINE_WHISTLE, List.of("eip150block"));
    keys.put(Fork.SPURIOUS_DRAGON, List.of("eip158block", "eip155block"));
    keys.put(Fork.BYZANTIUM, List.of("byzantiumblock"));
    keys.put(Fork.CONSTANTINOPLE, List.of("constantinopleblock"));
    keys.put(Fork.PETERSBURG, List.of("petersburgblock", "constantinoplefixblock"));
    keys.put(Fork.ISTANBUL, List.of("istanbulblock"));
    keys.put(Fork.MUIR_GLACIER, List.of("muirglacierblock"));
    keys.put(Fork.BERLIN, List.of("berlinblock"));
    keys.put(Fork.LONDON, List.of("londonblock"));
    keys.put(Fork.ARROW_GLACIER, List.of("arrowglacierblock"));
    keys.put(Fork.GRAY_GLACIER, List.of("grayglacierblock"));
    keys.put(Fork.PARIS, List.of("mergenetsplitblock"));
    for (Fork fork : Fork.values()) {
      if (fork.byTime()) {
        keys.put(fork, List.of(fork.name().toLowerCase(Locale.ROOT) + "time"));
      }
    }
    return keys;
  }

  /// @param config members of `config` by lower-case name
  static ForkSchedule read(Map<String, Field> config) {
    return new ForkConfig(config).schedule();
  }

  private ForkSchedule schedule() {
    for (Map.Entry<Fork, List<String>> entry : KEYS.entrySet()) {
      readActivation(entry.getKey(), entry.getValue());
    }
    // Ethereum's clients agree that Constantinople alone means Constantinople with its fix.
    if (activations.containsKey(Fork.CONSTANTINOPLE) && !activations.containsKey(Fork.PETERSBURG)) {
      activations.put(Fork.PETERSBURG, activations.get(Fork.CONSTANTINOPLE));
      origins.put(Fork.PETERSBURG, origins.get(Fork.CONSTANTINOPLE));
    }
    checkOrder(true);
    checkOrder(false);
    UInt256 terminal = terminalTotalDifficulty();
    return new ForkSchedule(activations, blobSchedule(), terminal, terminal == null && consensus());
  }

  private void readActivation(Fork fork, List<String> names) {
    for (String name : names) {
      Field field = config.get(name);
      if (field == null || !field.present()) {
        continue;
      }
      long at = field.longNumber();
      Long before = activations.putIfAbsent(fork, at);
      if (before == null) {
        origins.put(fork, field);
      } else if (before != at) {
        throw field.malformed(
            "expected " + before + " as in " + origins.get(fork).path() + ", found " + at);
      }
    }
  }

  private void checkOrder(boolean byNumber) {
    Fork last = null;
    for (Map.Entry<Fork, Long> entry : activations.entrySet()) {
      Fork fork = entry.getKey();
      if (fork.byNumber() != byNumber || fork == Fork.PARIS) {
        continue;
      }
      if (last != null && entry.getValue() < activations.get(last)) {
        throw origins
            .get(fork)
            .malformed(
                "expected at least "
                    + activations.get(last)
                    + ", where "
                    + origins.get(last).path()
                    + " stands, found "
                    + entry.getValue());
      }
      last = fork;
    }
  }

  private UInt256 terminalTotalDifficulty() {
    Field field = config.get("terminaltotaldifficulty");
    if (field != null && field.present()) {
      return field.number();
    }
    Field passed = config.get("terminaltotaldifficultypassed");
    if (passed != null && passed.present() && passed.bool()) {
      return UInt256.ZERO;
    }
    for (Fork fork : activations.keySet()) {
      if (fork.byTime() && !consensus()) {
        throw new MalformedGenesisException(
            "config.terminalTotalDifficulty",
            "expected a number, since "
                + origins.get(fork).path()
                + " schedules a fork that only"
                + " proof of stake enters, found nothing");
      }
    }
    return null;
  }

  /// Whether the network has a consensus of its own.
  private boolean consensus() {
    return OWN_CONSENSUS.stream().anyMatch(config::containsKey);
  }

  private Map<Fork, BlobParams> blobSchedule() {
    EnumMap<Fork, BlobParams> schedule = new EnumMap<>(Fork.class);
    Field field = config.get("blobschedule");
    if (field == null || !field.present()) {
      return schedule;
    }
    Map<String, Field> entries = field.membersIgnoringCase();
    for (Fork fork : Fork.values()) {
      Field entry = entries.get(fork.name().toLowerCase(Locale.ROOT));
      if (fork.atLeast(Fork.CANCUN) && entry != null && entry.present()) {
        schedule.put(fork, blobParams(entry));
      }
    }
    return schedule;
  }

  private static BlobParams blobParams(Field entry) {
    Map<String, Field> members = entry.membersIgnoringCase();
    int target = required(entry, members, "target").intNumber(0);
    Field maxField = required(entry, members, "max");
    int max = maxField.intNumber(0);
    if (max < target) {
      throw maxField.malformed("expected at least the target of " + target + ", found " + max);
    }
    Field fractionField = required(entry, members, "baseFeeUpdateFraction");
    long fraction = fractionField.longNumber();
    if (fraction == 0) {
      throw fractionField.expected("a number above zero");
    }
    return new BlobParams(target, max, fraction);
  }

  private static Field required(Field parent, Map<String, Field> members, String name) {
    Field field = members.get(name.toLowerCase(Locale.ROOT));
    if (field == null || !field.present()) {
      throw parent.get(name).expected("a number");
    }
    return field;
  }
}
