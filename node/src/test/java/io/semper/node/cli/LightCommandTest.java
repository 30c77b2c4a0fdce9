package io.semper.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.node.local.NetworkLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What the options of `semper light` come to.
class LightCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();

  private int run(String... args) {
    out.getBuffer().setLength(0);
    CommandLine line = SemperCommand.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(out, true));
    return SemperCommand.run(line, args, Map.of());
  }

  private String[] light(String... options) {
    List<String> args = new ArrayList<>(List.of("light", "--port", "0"));
    args.addAll(List.of("--network", folder.resolve("net/network.json").toString()));
    args.addAll(List.of("--upstream", "http://127.0.0.1:1"));
    args.addAll(List.of(options));
    return args.toArray(String[]::new);
  }

  private UpstreamLimits limits(String... options) throws IOException {
    String[] args = light(options);
    CommandLine line = SemperCommand.commandLine(args);
    CommandLine light = line.parseArgs(args).subcommand().commandSpec().commandLine();
    return ((LightCommand) light.getCommand()).config().limits();
  }

  @BeforeEach
  void makeANetwork() throws Exception {
    String base = String.valueOf(NetworkLayout.freeBasePort(4));
    String net = folder.resolve("net").toString();
    assertThat(run("network", "init", "--dir", net, "--base-port", base)).isZero();
  }

  @Test
  void repliesOfAnUpstreamAreBoundedAsChosen() throws Exception {
    assertThat(limits()).isEqualTo(UpstreamLimits.DEFAULT);
    assertThat(limits("--upstream-max-reply-bytes", "65536"))
        .isEqualTo(UpstreamLimits.DEFAULT.withReplyBytes(65_536));
  }

  @Test
  void aBoundThatIsTooLowOrNoNumberIsRefused() {
    assertThat(run(light("--upstream-max-reply-bytes", "65535"))).isEqualTo(1);
    assertThat(out.toString()).contains("--upstream-max-reply-bytes: 65535 is less than 65536");
    assertThat(run(light("--upstream-max-reply-bytes", "1g"))).isEqualTo(2);
    assertThat(out.toString()).contains("--upstream-max-reply-bytes");
  }
}
