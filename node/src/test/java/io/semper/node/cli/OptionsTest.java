package io.semper.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Where options come from, and what is said about those that do not exist.
class OptionsTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Map<String, String> environment, String... args) {
    CommandLine line = SemperCommand.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return SemperCommand.run(line, args, environment);
  }

  private String config(String toml) throws IOException {
    return Files.writeString(folder.resolve("semper.toml"), toml).toString();
  }

  /// Lists the keystore that the options lead to and tells by its contents which it was.
  private String listed(Map<String, String> environment, String... args) {
    assertThat(run(environment, args)).as(err.toString()).isZero();
    return out.toString();
  }

  private Path keystore(String name, String address) throws IOException {
    Path keys = Files.createDirectories(folder.resolve(name));
    Files.writeString(keys.resolve("key"), "{\"address\": \"" + address.repeat(40) + "\"}");
    return keys;
  }

  @Test
  void commandLineGoesBeforeEnvironmentAndEnvironmentBeforeFile() throws IOException {
    Path a = keystore("a", "a");
    Path b = keystore("b", "b");
    Path c = keystore("c", "c");
    String file = config("keystore = \"" + a + "\"\n");
    assertThat(listed(Map.of(), "account", "list", "--config", file)).contains("/a/key");
    Map<String, String> environment = Map.of("SEMPER_KEYSTORE", b.toString());
    assertThat(listed(environment, "account", "list", "--config", file)).contains("/b/key");
    assertThat(listed(environment, "account", "list", "--config=" + file, "--keystore", "" + c))
        .contains("/c/key");
  }

  @Test
  void aCommandsTableGoesBeforeTheTop() throws IOException {
    Path a = keystore("a", "a");
    Path b = keystore("b", "b");
    String file =
        config("keystore = \"" + a + "\"\n[\"account list\"]\nkeystore = \"" + b + "\"\n");
    assertThat(listed(Map.of("SEMPER_CONFIG", file), "account", "list")).contains("/b/key");
  }

  @Test
  void unknownKeysAreRefusedWithASuggestion() throws IOException {
    assertThat(run(Map.of(), "version", "--config", config("data-dri = \"x\""))).isEqualTo(2);
    assertThat(err.toString()).contains("unknown option 'data-dri'; did you mean 'data-dir'?");
    assertThat(run(Map.of(), "version", "--config", config("[nod]\nport = 1"))).isEqualTo(2);
    assertThat(err.toString()).contains("unknown command 'nod'; did you mean 'node'?");
    assertThat(run(Map.of(), "version", "--config", config("[node]\nblock-time = 1"))).isEqualTo(2);
    assertThat(err.toString()).contains("unknown option of 'node' 'block-time'");
  }

  @Test
  void brokenAndMissingFilesAreRefused() throws IOException {
    assertThat(run(Map.of(), "version", "--config", config("port = = 1"))).isEqualTo(2);
    assertThat(err.toString()).contains("semper.toml:1");
    assertThat(run(Map.of(), "version", "--config", "/nowhere.toml")).isEqualTo(2);
    assertThat(err.toString()).contains("cannot read configuration file");
  }

  @Test
  void unknownOptionsAreRefusedWithASuggestion() {
    assertThat(run(Map.of(), "node", "--data-dir", "x", "--prot", "1")).isEqualTo(2);
    assertThat(err.toString()).contains("--prot").contains("Did you mean --port?");
  }

  @Test
  void failuresOfTheirUserAreTold() {
    String nowhere = folder.resolve("nowhere").toString();
    assertThat(run(Map.of(), "db", "stats", "--data-dir", nowhere)).isEqualTo(1);
    assertThat(err.toString()).contains("semper: " + nowhere + " holds no chain");
    assertThat(run(Map.of(), "import", "--data-dir", nowhere, "x")).isEqualTo(1);
    assertThat(err.toString()).contains("say which network with --network NAME or --genesis FILE");
    assertThat(run(Map.of(), "node", "--data-dir", nowhere, "--network", "sepolai")).isEqualTo(1);
    assertThat(err.toString()).contains("unknown network 'sepolai'; known are mainnet, sepolia");
  }

  /// A node that served with these could answer nobody.
  @Test
  void numbersThatCannotBeAreRefused() {
    List<List<String>> refused =
        List.of(
            List.of("--rpc-max-body-bytes", "-1", "1"),
            List.of("--rpc-max-concurrent", "0", "1"),
            List.of("--rpc-timeout-seconds", "-5", "1"),
            List.of("--rpc-max-filters", "-1", "0"),
            List.of("--rpc-gas-cap", "0", "1"),
            List.of("--gas-limit", "4999", "5000"));
    for (List<String> each : refused) {
      String option = each.get(0);
      String number = each.get(1);
      assertThat(run(Map.of(), "dev", "--port", "0", option, number)).as(option).isEqualTo(1);
      assertThat(err.toString())
          .contains("semper: " + option + ": " + number + " is less than " + each.get(2));
    }
    assertThat(run(Map.of(), "dev", "--metrics-port", "65536")).isEqualTo(1);
    assertThat(err.toString()).contains("--metrics-port: not a TCP port: 65536");
  }

  @Test
  void theVersionIsSaidByCommandAndOption() {
    assertThat(run(Map.of(), "version")).isZero();
    String said = out.toString();
    assertThat(said).startsWith("Semper ").contains("Java ");
    assertThat(run(Map.of(), "--version")).isZero();
    assertThat(out.toString()).isEqualTo(said + said);
  }

  @Test
  void aCommandIsLookedUpAloneAndUnknownOnesAmongAll() {
    assertThat(SemperCommand.commandLine("db", "stats").getSubcommands()).containsOnlyKeys("db");
    assertThat(SemperCommand.commandLine().getSubcommands()).hasSize(12);
    assertThat(run(Map.of(), "vresion")).isEqualTo(2);
    assertThat(err.toString()).contains("version");
  }

  @Test
  void completionKnowsTheCommands() {
    assertThat(run(Map.of(), "completion")).isZero();
    assertThat(out.toString()).contains("dev node light network demo import export db account");
  }
}
