package io.semper.node.cli;

import io.semper.core.bytes.UInt256;
import io.semper.node.local.NetworkLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper network init`: keys, genesis file and a folder for each validator.
@Command(name = "init", description = "Make the keys and files of a new network.")
final class NetworkInitCommand implements Callable<Integer> {
  private static final int MAX_VALIDATORS = 100;
  private static final int MAX_BASE_PORT = 65_000;

  @Option(
      names = "--validators",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many validators (default: 4, of which one may fail).")
  private int validators;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "Where to write; must not exist, or be empty.")
  private Path directory;

  @Option(
      names = "--base-port",
      paramLabel = "PORT",
      defaultValue = "8545",
      description = "JSON-RPC port of the first node; libp2p is 100 above (default: 8545).")
  private int basePort;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address at which nodes reach each other.")
  private String host;

  @Option(
      names = "--dev-accounts",
      description = "Fund the ten accounts of development chains, whose keys are public.")
  private boolean devAccounts;

  @Option(
      names = "--block-period",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "Time between blocks.")
  private int blockPeriodSeconds;

  @Option(names = "--zero-fee", description = "No base fee: transactions need not pay anything.")
  private boolean zeroFee;

  @Option(
      names = "--min-gas-price",
      paramLabel = "WEI",
      defaultValue = "0",
      description = "Least price of a unit of gas that validators take.")
  private BigInteger minGasPrice;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (validators < 1 || validators > MAX_VALIDATORS) {
      throw new Failure("--validators: 1 to " + MAX_VALIDATORS + " are possible");
    }
    if (basePort < 1 || basePort > MAX_BASE_PORT) {
      throw new Failure("--base-port: 1 to " + MAX_BASE_PORT + " are possible");
    }
    if (blockPeriodSeconds < 1) {
      throw new Failure("--block-period: not a number of seconds: " + blockPeriodSeconds);
    }
    if (Files.exists(directory) && !isEmpty(directory)) {
      throw new Failure("--dir: " + directory + " is not empty");
    }
    if (minGasPrice.signum() < 0 || minGasPrice.bitLength() > 256) {
      throw new Failure("--min-gas-price: not an amount of wei: " + minGasPrice);
    }
    NetworkLayout.Terms terms =
        new NetworkLayout.Terms(devAccounts, blockPeriodSeconds, zeroFee, UInt256.of(minGasPrice));
    NetworkLayout layout =
        NetworkLayout.create(directory, Collections.nCopies(validators, host), basePort, terms);
    PrintWriter out = spec.commandLine().getOut();
    out.println(directory.resolve("network.json") + " is all that other nodes need to join");
    layout
        .nodes()
        .forEach(node ->
            out.println(
                node.directory()
                    + ": validator "
                    + node.validator()
                    + ", JSON-RPC on "
                    + node.rpcPort()
                    + ", libp2p on "
                    + node.peerPort()));
    out.println(
        "start one with its `start`, all of them with: semper network run --dir " + directory);
    out.flush();
    return 0;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }
}
