package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.StorageException;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.DevChain;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.Transaction;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Four validators with real ledgers, pools, keys and vote logs, in one process.
class EngineTest {
  private static final long DEADLINE_MILLIS = 60_000;

  @TempDir private Path folder;
  private final List<Validator> validators = new ArrayList<>();
  private final ExecutorService wire = Executors.newVirtualThreadPerTaskExecutor();
  private Network network;

  /// What the validators' clocks are ahead of the machine's, all of them.
  private volatile long aheadSeconds;

  private final class TestClock extends Clock {
    @Override
    public Instant instant() {
      return Instant.now().plusSeconds(aheadSeconds);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  private record Key(byte[] secret, Address address) implements Signer {
    static Key of(int index) {
      byte[] secret = DevChain.key(100 + index);
      return new Key(secret, Secp256k1.address(Secp256k1.publicKey(secret)));
    }

    @Override
    public Signature sign(Hash32 hash) {
      return Secp256k1.sign(hash, secret);
    }
  }

  /// A validator whose disk outlives its process.
  private final class Validator implements Transport {
    final Key key;
    final MemoryStore store = new MemoryStore();
    final Path log;
    volatile QbftEngine engine;
    Ledger ledger;
    BlockImporter importer;
    TxPool pool;

    Validator(int index) {
      key = Key.of(index);
      log = folder.resolve("votes-" + index);
    }

    void start() {
      ledger = Ledger.open(store, network, Seals.of(network));
      importer = new BlockImporter(ledger);
      BlockBuilder builder =
          new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
      pool =
          new TxPool(
              network,
              ledger,
              head -> builder.fork(head, head.timestamp() + 1),
              PoolLimits.DEFAULT.withMinimumTip(UInt256.ZERO),
              sidecar -> true,
              null,
              Clock.systemUTC());
      engine =
          QbftEngine.start(
              new QbftEngine.Parts(
                  network,
                  ledger,
                  importer,
                  pool,
                  builder,
                  key,
                  VoteLog.open(log, Secp256k1::recover),
                  this,
                  new TestClock(),
                  30_000_000,
                  Optional.empty()));
    }

    void stop() {
      QbftEngine stopping = engine;
      engine = null;
      if (stopping != null) {
        stopping.close();
        pool.close();
        importer.close();
      }
    }

    boolean signs() {
      return engine.status().map(QbftEngine.Status::signing).orElse(false);
    }

    long height() {
      return ledger.head().number();
    }

    @Override
    public void broadcast(byte[] message) {
      for (Validator to : validators) {
        if (to != this) {
          carry(() -> {
            QbftEngine at = to.engine;
            if (at != null) {
              at.receive(message, this);
            }
          });
        }
      }
    }

    @Override
    public void help(Address validator, long fromNumber) {
      Validator to = of(validator);
      carry(() -> {
        for (long number = fromNumber; number <= height() && to.engine != null; number++) {
          Header header = ledger.header(number).orElseThrow();
          to.importer.importBlock(ledger.block(header.hash()).orElseThrow());
        }
      });
    }

    @Override
    public void requestBlocks(Address validator, long fromNumber) {
      Validator from = of(validator);
      carry(() -> {
        if (from.engine != null) {
          from.help(key.address(), fromNumber);
        }
      });
    }
  }

  private interface Delivery {
    void run() throws InterruptedException;
  }

  /// What reaches a validator that is just stopping is lost, as on any network.
  private void carry(Delivery delivery) {
    wire.execute(() -> {
      try {
        delivery.run();
      } catch (InterruptedException | IllegalStateException stopping) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private Validator of(Address address) {
    return validators.stream()
        .filter(v -> v.key.address().equals(address))
        .findFirst()
        .orElseThrow();
  }

  private void network(int members, String settings, String forks) {
    List<Address> set =
        IntStream.range(0, members).mapToObj(i -> Key.of(i).address()).sorted().toList();
    network(settings, forks, set, "");
  }

  private void network(String settings, String forks, List<Address> set, String accounts) {
    String json =
        "{\"config\": {\"chainId\": 31337, \"londonBlock\": 0, \"zeroBaseFee\": true, "
            + forks
            + "\"qbft\": {\"requesttimeoutseconds\": 1, \"blockperiodseconds\": 1"
            + settings
            + "}}, \"gasLimit\": 30000000, \"difficulty\": 1, \"mixHash\": \""
            + QbftExtraData.MIX_HASH
            + "\", \"extraData\": \""
            + Hex.encode(new QbftExtraData(new byte[32], set, null, 0, List.of()).encode())
            + "\", \"alloc\": {\""
            + DevChain.address(0)
            + "\": {\"balance\": \"0xde0b6b3a7640000\"}"
            + accounts
            + "}}";
    network = Genesis.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private void create(int many) {
    for (int i = 0; i < many; i++) {
      validators.add(new Validator(i));
      VoteLog.create(validators.get(i).log);
    }
  }

  private void start(int many) {
    create(many);
    validators.forEach(Validator::start);
  }

  @AfterEach
  void stop() {
    validators.forEach(Validator::stop);
    wire.shutdownNow();
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE_MILLIS * 1_000_000;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain for " + what).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private void awaitHeight(long height, Validator... of) throws InterruptedException {
    for (Validator validator : of) {
      await("block " + height, () -> validator.height() >= height);
    }
  }

  private Validator[] all() {
    return validators.toArray(new Validator[0]);
  }

  private static Transaction transfer(long nonce) {
    return DevChain.transfer(
        0, nonce, UInt256.ONE, UInt256.ZERO, DevChain.GWEI, 21_000, DevNetwork.CHAIN_ID);
  }

  /// Validators that are too slow for a block get a smaller one, until they are not.
  @Test
  void blocksAreFilledForLessTimeTheMoreRoundsHaveFailed() {
    network(4, "", "");
    Qbft.Settings settings = network.qbft().initial();
    assertThat(QbftEngine.fillMillis(settings, 0)).isEqualTo(250);
    assertThat(QbftEngine.fillMillis(settings, 1)).isEqualTo(250); // one dead proposer says nothing
    assertThat(QbftEngine.fillMillis(settings, 2)).isEqualTo(125);
    assertThat(QbftEngine.fillMillis(settings, 1_000)).isEqualTo(250 / 16);
  }

  @Test
  void blocksAreAgreedOnThroughAStopARestartAndAVote() throws Exception {
    network(4, ", \"epochlength\": 1000", "\"shanghaiTime\": 0, ");
    start(4);
    for (Validator validator : validators) {
      validator.pool.submit(new PooledTransaction(transfer(0), null));
    }
    awaitHeight(2, all());
    Hash32 sent = transfer(0).hash();
    await("the transaction", () -> validators.get(0).ledger.locate(sent).isPresent());

    // One of four may be away.
    Validator away = validators.get(3);
    away.stop();
    long before = validators.get(0).height();
    awaitHeight(before + 3, validators.get(0), validators.get(1), validators.get(2));
    away.start();
    awaitHeight(validators.get(0).height(), away);

    // Three of four vote the fourth out.
    for (Validator validator : validators.subList(0, 3)) {
      validator.engine.proposeVote(away.key.address(), false);
    }
    await(
        "the vote",
        () -> {
          Header head = validators.get(0).ledger.head();
          return validators.get(0).engine.validators().after(head).size() == 3;
        });
    awaitHeight(validators.get(0).height() + 2, validators.get(0));
    assertThat(validators.get(0).engine.pendingVotes()).isEmpty();

    long common = validators.get(0).height() - 1;
    awaitHeight(common, validators.get(1), validators.get(2));
    for (long number = 1; number <= common; number++) {
      Header header = validators.get(0).ledger.header(number).orElseThrow();
      assertThat(validators.get(1).ledger.header(number)).contains(header);
      assertThat(validators.get(2).ledger.header(number)).contains(header);
    }
    await("no complaint", () -> validators.get(0).engine.problem().isEmpty());
    await("the quorum", () -> validators.get(0).engine.status().orElseThrow().quorum() == 2);
  }

  /// Who restarts one after the other waits for each to take part, not only to run.
  @Test
  void aValidatorIsStartingUntilItTakesPart() throws Exception {
    network(4, "", "");
    create(4);
    Validator first = validators.getFirst();
    first.start();
    await("its status", () -> first.engine.status().isPresent());
    assertThat(first.engine.starting().orElseThrow())
        .contains("1 of 4 validators are there, 3 needed");
    // One who says two things is counted.
    for (Hash32 digest : List.of(Hash32.ZERO, network.genesis().hash())) {
      QbftMessage said = QbftMessage.Prepare.sign(validators.get(1).key, 1, 2, digest);
      first.engine.receive(MessageCodec.encode(said), this);
    }
    await("the report", () -> first.engine.misconduct().get(Action.Misconduct.EQUIVOCATION) == 1);
    validators.subList(1, 4).forEach(Validator::start);
    for (Validator each : validators) {
      await("its part", () -> each.engine.starting().isEmpty());
    }
  }

  @Test
  void withoutAQuorumItSaysWhoIsMissingAndGoesOnWhenTheyAreBack() throws Exception {
    network(4, ", \"maxrequesttimeoutseconds\": 1", "");
    start(4);
    awaitHeight(1, all());
    validators.get(2).stop();
    validators.get(3).stop();
    List<Address> away =
        Stream.of(validators.get(2), validators.get(3)).map(v -> v.key.address()).sorted().toList();
    String missing = "2 of 4 validators are there, 3 needed; missing " + away;
    await(
        "the complaint",
        () -> validators.get(0).engine.problem().filter(why -> why.contains(missing)).isPresent());
    long stalledAt = Math.max(validators.get(0).height(), validators.get(1).height());
    validators.get(2).start();
    awaitHeight(stalledAt + 2, validators.get(0), validators.get(1), validators.get(2));
    await("no complaint", () -> validators.get(0).engine.problem().isEmpty());
  }

  @Test
  void aContractNamesTheValidators() throws Exception {
    List<Address> set = IntStream.range(0, 4).mapToObj(i -> Key.of(i).address()).toList();
    Address contract = Address.of(0x8888);
    network(
        ", \"validatorcontractaddress\": \"" + contract + "\"",
        "",
        List.of(),
        ", \""
            + contract
            + "\": {\"balance\": 0, \"code\": \""
            + Hex.encode(Timeline.code(set))
            + "\"}");
    start(4);
    awaitHeight(2, all());
    Header header = validators.getFirst().ledger.header(2).orElseThrow();
    assertThat(header.qbft().orElseThrow().validators()).isEmpty();
    assertThat(validators.getFirst().engine.validators().after(header))
        .containsExactlyInAnyOrderElementsOf(set);
  }

  @Test
  void validatorsAndPeriodChangeAtABlockAndAtATime() throws Exception {
    List<Address> three =
        IntStream.range(0, 3).mapToObj(i -> Key.of(i).address()).sorted().toList();
    String names = String.join("\", \"", three.stream().map(Address::toString).toList());
    long later = System.currentTimeMillis() / 1000 + 6;
    network(
        4,
        "",
        "\"transitions\": {\"qbft\": [{\"block\": 2, \"validators\": [\""
            + names
            + "\"]}, {\"block\": 3, \"blockperiodseconds\": 2}, {\"timestamp\": "
            + later
            + ", \"blockperiodseconds\": 1}]}, ");
    start(4);
    awaitHeight(6, validators.get(0), validators.get(1), validators.get(2));
    Ledger ledger = validators.getFirst().ledger;
    assertThat(ledger.header(1).orElseThrow().qbft().orElseThrow().validators()).hasSize(4);
    assertThat(ledger.header(2).orElseThrow().qbft().orElseThrow().validators()).isEqualTo(three);
    for (long number = 3; number <= 6; number++) {
      long parent = ledger.header(number - 1).orElseThrow().timestamp();
      assertThat(ledger.header(number).orElseThrow().timestamp() - parent)
          .isGreaterThanOrEqualTo(parent >= later ? 1 : 2);
    }
  }

  /// From votes in headers to a contract and back, at blocks and then at times. The contract leaves
  /// out the fourth, whom a vote brings back in the end.
  @Test
  void headersGiveWayToAContractAndComeBack() throws Exception {
    List<Address> four = IntStream.range(0, 4).mapToObj(i -> Key.of(i).address()).sorted().toList();
    List<Address> three =
        IntStream.range(0, 3).mapToObj(i -> Key.of(i).address()).sorted().toList();
    Address contract = Address.of(0x8888);
    String toContract =
        "\"validatorselectionmode\": \"contract\", \"validatorcontractaddress\": \""
            + contract
            + "\"}";
    String toHeaders = "\"validatorselectionmode\": \"blockheader\"}";
    long step = 1_000_000;
    long later = System.currentTimeMillis() / 1000 + step;
    network(
        "",
        "\"transitions\": {\"qbft\": [{\"block\": 2, "
            + toContract
            + ", {\"block\": 4, "
            + toHeaders
            + ", {\"timestamp\": "
            + later
            + ", "
            + toContract
            + ", {\"timestamp\": "
            + (later + step)
            + ", "
            + toHeaders
            + "]}, ",
        four,
        ", \""
            + contract
            + "\": {\"balance\": 0, \"code\": \""
            + Hex.encode(Timeline.code(three))
            + "\"}");
    start(4);
    Ledger ledger = validators.getFirst().ledger;
    awaitHeight(5, validators.getFirst());
    aheadSeconds = step;
    await("the contract", () -> ledger.head().qbft().orElseThrow().validators().isEmpty());
    aheadSeconds = 2 * step;
    await("the last change", () -> ledger.head().timestamp() >= later + step);
    for (Validator validator : validators.subList(0, 3)) {
      validator.engine.proposeVote(Key.of(3).address(), true);
    }
    Validator fourth = validators.get(3);
    await("the vote", () -> fourth.engine.validators().after(fourth.ledger.head()).size() == 4);
    awaitHeight(fourth.height() + 1, all());

    Validators sets = new Validators(network, ledger); // as of a node that has just started
    boolean returned = false;
    for (long number = 1; number <= fourth.height(); number++) {
      Header header = ledger.header(number).orElseThrow();
      Header parent = ledger.header(number - 1).orElseThrow();
      assertThat(fourth.ledger.header(number)).contains(header);
      long time = parent.timestamp();
      boolean named = number == 2 || number == 3 || time >= later && time < later + step;
      List<Address> listed = header.qbft().orElseThrow().validators();
      List<Address> set = sets.after(parent);
      assertThat(listed).as("block %d", number).isEqualTo(named ? List.of() : set);
      returned |= number > 1 && set.equals(four);
      assertThat(set).as("block %d", number).isEqualTo(number == 1 || returned ? four : three);
      assertThat(returned && time < later + step).as("block %d", number).isFalse();
    }
    assertThat(returned).isTrue();
    await("its signature", fourth::signs);
  }

  /// Without its vote log a validator does not know what it has signed: it is silent at first, and
  /// signs again when the network is past that.
  @Test
  void aWipedValidatorComesBack() throws Exception {
    network(4, "", "");
    start(4);
    awaitHeight(1, all());
    Validator wiped = validators.get(2);
    wiped.stop();
    validators.set(2, new Validator(2));
    Files.delete(wiped.log);
    validators.get(2).start();
    assertThat(validators.get(2).height()).isZero();
    await("its signature", () -> validators.get(2).signs());
    assertThat(validators.get(2).height()).isPositive();
  }

  /// As after a restore of all of them: nobody can tell what was signed, but the operator.
  @Test
  void allThatHaveLostTheirLogsGoOnByForce() throws Exception {
    network(4, "", "");
    start(4);
    awaitHeight(6, all());
    validators.forEach(Validator::stop);
    for (Validator each : validators) {
      Files.delete(each.log);
      each.start();
    }
    long highest = validators.stream().mapToLong(Validator::height).max().orElseThrow();
    for (Validator each : validators) {
      assertThat(each.signs()).isFalse();
      each.engine.takeOver(true);
    }
    awaitHeight(highest + 2, all());
  }

  /// Data directories that nobody prepared, and a genesis file.
  @Test
  void aNetworkBeginsWithoutLogs() throws Exception {
    network(4, "", "");
    for (int i = 0; i < 4; i++) {
      validators.add(new Validator(i));
      validators.getLast().start();
    }
    awaitHeight(2, all());
  }

  @Test
  void oneValidatorAlone() throws Exception {
    network(1, "", "");
    start(1);
    awaitHeight(1, all());
    validators.getFirst().stop();
    validators.getFirst().start();
    awaitHeight(validators.getFirst().height() + 1, all());
    assertThatThrownBy(() -> VoteLog.open(validators.getFirst().log, Secp256k1::recover))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in use");
  }
}
