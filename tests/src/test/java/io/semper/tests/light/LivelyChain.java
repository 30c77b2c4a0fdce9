package io.semper.tests.light;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A chain with transfers, contracts, logs, failed calls, transactions replaced by others before
/// they were included, and validators that come and go. A seed makes the same chain again, but for
/// its time.
final class LivelyChain {
  static final int SLOTS = 12;

  private final SealedNetwork network;
  private final Random random;
  private final Address register;
  private final Address forwarder;
  private final List<Hash32> transactions = new ArrayList<>();
  private final List<Hash32> included = new ArrayList<>();

  LivelyChain(SealedNetwork network, int blocks, long seed) {
    this.network = network;
    random = new Random(seed);
    register = network.deploy(LightClientTest.REGISTER);
    forwarder = network.deploy(LightClientTest.forwarder(register));
    Address newcomer = network.newKey("newcomer", 0);
    for (int i = 0; i < blocks; i++) {
      for (int k = random.nextInt(4); k > 0; k--) {
        add();
      }
      boolean come = i > blocks / 4 && i < blocks / 4 + 6;
      boolean go = i > blocks / 2 && i < blocks / 2 + 6;
      List<Address> set = network.validators();
      boolean vote = come && !set.contains(newcomer) || go && set.contains(newcomer);
      network.seal(vote ? new QbftExtraData.Vote(newcomer, come) : null);
    }
  }

  /// Sends one, or one and another in its place, of which only that is included.
  private void add() {
    Transaction sent = send();
    transactions.add(sent.hash());
    Transaction last = random.nextInt(4) == 0 ? network.replace(sent) : sent;
    if (last != sent) {
      transactions.add(last.hash());
    }
    included.add(last.hash());
  }

  private Transaction send() {
    Address from = account();
    return switch (random.nextInt(4)) {
      case 0 ->
          network.send(from, account(), UInt256.of(random.nextInt(1000)), new byte[0], 21_000);
      case 1 ->
          network.send(
              from,
              random.nextBoolean() ? register : forwarder,
              UInt256.ZERO,
              LightClientTest.words(random.nextInt(SLOTS), random.nextInt(5)),
              150_000);
      case 2 -> network.send(from, register, UInt256.ZERO, LightClientTest.words(1, 2), 22_500);
      default ->
          network.send(from, Address.of(random.nextInt(40)), UInt256.of(1), new byte[0], 200_000);
    };
  }

  Address account() {
    return network.accounts().get(random.nextInt(network.accounts().size()));
  }

  Address register() {
    return register;
  }

  Address forwarder() {
    return forwarder;
  }

  /// All that were sent.
  List<Hash32> transactions() {
    return transactions;
  }

  /// Those that were not replaced, in blocks or to be in the next one.
  List<Hash32> included() {
    return included;
  }

  Block seal() {
    add();
    return network.seal();
  }
}
