package io.semper.chain.qbft;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.ChainView.Subscription;
import io.semper.genesis.Network;
import io.semper.genesis.Qbft;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A validator at work: [Consensus] on a thread of its own, with the ledger, the pool, the vote log
/// and a [Transport] around it.
///
/// The owner thread does what must be in order: it feeds the state machine, makes records durable
/// and sends. Building, checking and importing blocks go to a second thread and come back as
/// events. Whatever goes wrong with disk or ledger stops the engine, which then says so
/// ([#problem]): a validator in doubt is silent.
public final class QbftEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QbftEngine.class);

  /// Messages of others that wait; more are dropped, since all that matters is sent again.
  private static final int MAX_WAITING_MESSAGES = 2_048;

  /// Of all of them together.
  private static final int MAX_WAITING_KIB = 64 << 10;

  /// Times the patience after which a network stands still even where enough validators are heard.
  private static final long LONG_PATIENCE = 3;

  /// Of a round's time, what filling a block may take. The others execute it as well before they
  /// agree: a block that slow machines cannot work off in time would be lost, and the next as well.
  private static final int BUILDING_SHARE = 4;

  /// From the third round on half as much each: what all of them fail at may be the block's size.
  private static final int MAX_HALVINGS = 4;

  /// Both threads have to end within it.
  private static final long CLOSE_MILLIS = 5_000;

  private final Network network;
  private final Ledger ledger;
  private final BlockImporter importer;
  private final TxPool pool;
  private final BlockBuilder builder;
  private final Validators validators;
  private final Transport transport;
  private final VoteLog log;
  private final Address self;
  private final Clock clock;
  private final long gasLimit;
  private final Consensus consensus;
  private final MessageCodec codec = new MessageCodec(Secp256k1::recover);
  private final LinkedBlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
  private final AtomicBoolean workWaits = new AtomicBoolean();
  private final AtomicInteger waitingMessages = new AtomicInteger();
  private final AtomicInteger waitingKib = new AtomicInteger();
  private final Wishes wishes = new Wishes();
  private final MisconductLog misconduct =
      new MisconductLog(QbftEngine::monotonicMillis, line -> LOG.warn("{}", line));
  private final Map<Address, Long> lastHeard = new HashMap<>();

  /// By whom each validator's last message came.
  private final Map<Address, Object> carriers = new ConcurrentHashMap<>();

  private final ExecutorService work = Executors.newSingleThreadExecutor(QbftEngine::thread);
  private final Subscription heads;
  private final Subscription pending;
  private final Thread owner;
  private long wakeAt = Long.MAX_VALUE;
  private long headSince;
  private Header announced;
  private volatile Set<Address> members = Set.of();
  private volatile Status status;
  private volatile Throwable failure;
  private volatile boolean begun;
  private volatile boolean closing;

  /// What a validator is made of.
  ///
  /// @param gasLimit what blocks should have, approached step by step
  /// @param standby whether to sign nothing until told, or the other process with this key is
  ///   silent
  public record Parts(
      Network network,
      Ledger ledger,
      BlockImporter importer,
      TxPool pool,
      BlockBuilder builder,
      Signer key,
      VoteLog log,
      Transport transport,
      Clock clock,
      long gasLimit,
      Optional<Event.StandBy> standby) {}

  /// Where the network stands as this validator sees it.
  ///
  /// @param signing whether this one signs
  /// @param heardMillisAgo of each other validator that has ever been heard
  /// @param headMillis since the head last changed
  /// @param quorum how many validators decide
  public record Status(
      long height,
      int round,
      boolean signing,
      Address self,
      Address proposer,
      List<Address> validators,
      Map<Address, Long> heardMillisAgo,
      long headMillis,
      int quorum,
      long patienceMillis) {

    /// Validators that have not been heard for longer than any round takes.
    public List<Address> missing() {
      return validators.stream()
          .filter(v -> !v.equals(self))
          .filter(v -> heardMillisAgo.getOrDefault(v, Long.MAX_VALUE) > patienceMillis)
          .toList();
    }

    private int there() {
      return validators.size() - missing().size();
    }

    /// Why no blocks are made, empty while they are.
    public Optional<String> stalled() {
      int there = there();
      boolean inDoubt = there >= quorum && headMillis <= LONG_PATIENCE * patienceMillis;
      if (headMillis <= patienceMillis || inDoubt) {
        return Optional.empty();
      }
      return Optional.of(
          "stalled at block "
              + (height - 1)
              + " for "
              + headMillis / 1000
              + " s, round "
              + round
              + ": "
              + there
              + " of "
              + validators.size()
              + " validators are there, "
              + quorum
              + " needed; missing "
              + missing()
              + (signing ? "" : "; this one does not sign"));
    }
  }

  private record Incoming(QbftMessage message, int kib) {}

  private enum Signal {
    HEAD,
    WORK,
    CLOSE
  }

  private QbftEngine(Parts parts) {
    network = parts.network();
    ledger = parts.ledger();
    importer = parts.importer();
    pool = parts.pool();
    builder = parts.builder();
    transport = parts.transport();
    log = parts.log();
    clock = parts.clock();
    gasLimit = parts.gasLimit();
    self = parts.key().address();
    validators = new Validators(network, ledger);
    consensus = new Consensus(network, parts.key(), Secp256k1::recover, log.records());
    headSince = monotonicMillis();
    parts.standby().ifPresent(inbox::add);
    heads = ledger.onHead(change -> inbox.add(Signal.HEAD));
    pending = pool.onPending(transaction -> tellWork());
    inbox.add(Signal.HEAD);
    owner = Thread.ofPlatform().name("qbft").start(this::run);
  }

  /// Starts a validator.
  public static QbftEngine start(Parts parts) {
    return new QbftEngine(parts);
  }

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("qbft-blocks").unstarted(task);
  }

  private static long monotonicMillis() {
    return System.nanoTime() / 1_000_000;
  }

  // ---- From the network, on any thread

  /// What became of a message, and what its carrier should do with it.
  public enum Reception {
    /// Of a validator: to be passed on.
    TAKEN,
    /// Of somebody who is no validator now, or more than can be worked off: to be dropped.
    DROPPED,
    /// No message: whoever sent it misbehaves.
    MALFORMED
  }

  /// Takes a message of another validator. Returns at once; where too many wait it is dropped.
  ///
  /// @param carrier who has published it, for [#lost]
  public Reception receive(byte[] encoded, Object carrier) {
    QbftMessage message;
    try {
      message = codec.decode(encoded, members::contains);
    } catch (MalformedInputException e) {
      return Reception.MALFORMED;
    }
    int kib = 1 + encoded.length / 1024;
    if (message == null
        || waitingMessages.get() >= MAX_WAITING_MESSAGES
        || waitingKib.get() + kib > MAX_WAITING_KIB) {
      return Reception.DROPPED;
    }
    carriers.put(message.author(), carrier);
    waitingMessages.incrementAndGet();
    waitingKib.addAndGet(kib);
    inbox.add(new Incoming(message, kib));
    return Reception.TAKEN;
  }

  /// Nothing more comes from a carrier, until something does: validators whose messages it has
  /// brought last cannot be reached.
  public void lost(Object carrier) {
    carriers.forEach((validator, of) -> {
      if (of.equals(carrier) && carriers.remove(validator, of)) {
        inbox.add(new Event.Gone(validator));
      }
    });
  }

  // ---- For the operator, on any thread

  /// Votes for or against a validator in the blocks this one proposes, until it has its way.
  ///
  /// @throws IllegalStateException where too many votes wait
  public void proposeVote(Address subject, boolean add) {
    wishes.add(subject, add);
    tellWork();
  }

  /// There is something to put into a block: told once, however much comes before it is heard.
  private void tellWork() {
    if (!workWaits.getAndSet(true)) {
      inbox.add(Signal.WORK);
    }
  }

  public void discardVote(Address subject) {
    wishes.remove(subject);
  }

  public Map<Address, Boolean> pendingVotes() {
    return wishes.all();
  }

  /// Makes a validator on standby sign once it knows from where on, unless the other process is
  /// heard meanwhile.
  ///
  /// @param force from this height on, also where it is not sure what it has signed: only where no
  ///   other process can have signed at it
  public void takeOver(boolean force) {
    inbox.add(new Event.TakeOver(force));
  }

  /// Empty before the first event.
  public Optional<Status> status() {
    return Optional.ofNullable(status);
  }

  /// The validators of the block after a header.
  public Validators validators() {
    return validators;
  }

  /// Why this validator does not work or the network does not, empty while both do.
  public Optional<String> problem() {
    Throwable broken = failure;
    if (broken != null) {
      return Optional.of("consensus has stopped: " + broken.getMessage());
    }
    return status().flatMap(Status::stalled);
  }

  /// Why it does not take part yet, empty once it has: since its start a quorum has been heard, and
  /// it signs, unless on standby or no validator.
  public Optional<String> starting() {
    if (begun) {
      return Optional.empty();
    }
    Status now = status;
    return Optional.of(
        now == null
            ? "consensus has not begun"
            : "not taking part yet: "
                + now.there()
                + " of "
                + now.validators().size()
                + " validators are there, "
                + now.quorum()
                + " needed"
                + (now.signing() ? "" : "; this one does not sign"));
  }

  /// How often validators have been seen to break the rules, of each kind.
  public Map<Action.Misconduct, Long> misconduct() {
    return misconduct.counts();
  }

  // ---- The owner thread

  private void run() {
    try {
      while (!closing) {
        long wait = Math.max(0, wakeAt - monotonicMillis());
        Object next = inbox.poll(Math.min(wait, 1_000), TimeUnit.MILLISECONDS);
        switch (next) {
          case null -> handle(new Event.Tick());
          case Incoming incoming -> {
            waitingMessages.decrementAndGet();
            waitingKib.addAndGet(-incoming.kib());
            lastHeard(incoming.message());
            handle(new Event.Received(incoming.message()));
          }
          case Event event -> handle(event);
          case Signal.HEAD -> head();
          case Signal.WORK -> {
            workWaits.set(false);
            handle(new Event.Work(true));
          }
          case Signal.CLOSE -> closing = true;
          default -> throw new IllegalStateException(next.toString());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      if (!closing) {
        failure = e;
        LOG.error("consensus stops at block {}", ledger.head().number(), e);
      }
    }
  }

  private void lastHeard(QbftMessage message) {
    Status known = status;
    if (known != null && Collections.binarySearch(known.validators(), message.author()) >= 0) {
      lastHeard.put(message.author(), monotonicMillis());
    }
  }

  /// A head counts once it would survive a power failure. Of many at once only the newest counts.
  private void head() throws InterruptedException {
    Header head = ledger.head();
    if (head.equals(announced)) {
      return;
    }
    importer.flush();
    announced = head;
    headSince = monotonicMillis();
    List<Address> set = validators.after(head);
    members = Set.copyOf(set);
    wishes.settle(set);
    lastHeard.keySet().retainAll(set);
    carriers.keySet().retainAll(set);
    handle(new Event.NewHead(head, set));
    handle(new Event.Work(!wishes.isEmpty() || pool.hasExecutable()));
  }

  private void handle(Event event) {
    List<Action> actions = consensus.handle(event, clock.millis(), monotonicMillis());
    long recorded = 0;
    for (Action action : actions) {
      if (action instanceof Action.Persist persist) {
        log.append(persist.record());
        recorded = persist.number();
      } else {
        act(action);
      }
    }
    if (recorded > 0) {
      log.sync();
      handle(new Event.Recorded(recorded));
    } else {
      publish();
    }
  }

  private void act(Action action) {
    switch (action) {
      case Action.WakeAt wake -> wakeAt = wake.monotonicMillis();
      case Action.Build build -> work(() -> build(build));
      case Action.Check check -> work(() -> check(check.block()));
      case Action.Persist persist -> throw new IllegalStateException("handled before");
      case Action.Forget forget -> log.forget(forget.belowHeight());
      case Action.Broadcast broadcast ->
          transport.broadcast(MessageCodec.encode(broadcast.message()));
      case Action.Import decided -> work(() -> importDecided(decided.block()));
      case Action.Help help -> transport.help(help.validator(), help.height());
      case Action.Follow follow ->
          transport.requestBlocks(follow.validator(), ledger.head().number() + 1);
      case Action.Report report -> misconduct.add(report);
    }
  }

  private void publish() {
    Consensus.Status now = consensus.status().orElse(null);
    if (now == null) {
      return;
    }
    Map<Address, Long> heard = new TreeMap<>();
    long millis = monotonicMillis();
    lastHeard.forEach((address, at) -> heard.put(address, millis - at));
    Status before = status;
    boolean known = before != null && before.height() == now.height();
    if (now.round() > 0 && !(known && before.round() == now.round())) {
      LOG.info(
          "block {}: round {}, {} proposes; rounds of others {}",
          now.height(),
          now.round(),
          now.proposer(),
          now.reached());
    }
    Qbft.Settings settings = network.qbft().at(now.height(), announced.timestamp());
    status =
        new Status(
            now.height(),
            now.round(),
            now.signing(),
            self,
            now.proposer(),
            now.validators(),
            heard,
            millis - headSince,
            Quorum.size(now.validators().size()),
            settings.patienceMillis());
    boolean placed = now.signing() || now.standby() || !now.validators().contains(self);
    begun |= placed && status.there() >= status.quorum();
  }

  // ---- Blocks, on the second thread

  private interface Work {
    void run() throws InterruptedException;
  }

  private void work(Work task) {
    work.execute(() -> {
      try {
        task.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException | Error e) {
        if (!closing) {
          failure = e;
          LOG.error("consensus stops at block {}", ledger.head().number(), e);
          inbox.add(Signal.CLOSE);
        }
      }
    });
  }

  private void build(Action.Build build) {
    Header parent = build.parent();
    if (!parent.equals(ledger.head())) {
      return;
    }
    List<Address> set = validators.after(parent);
    long number = parent.number() + 1;
    Qbft.Settings settings = network.qbft().at(number, parent.timestamp());
    boolean contract = settings.validatorContract() != null;
    // In a block that forgets votes none is cast.
    boolean votes = !contract && !validators.isEpoch(number, parent.timestamp());
    QbftExtraData.Vote vote = votes ? wishes.vote(number, set) : null;
    byte[] vanity = Arrays.copyOf("semper".getBytes(StandardCharsets.US_ASCII), 32);
    QbftExtraData extra =
        new QbftExtraData(vanity, contract ? List.of() : set, vote, build.round(), List.of());
    BlockBuilder.Attributes attributes =
        new BlockBuilder.Attributes(
            build.timestamp(),
            self,
            QbftExtraData.MIX_HASH,
            Hash32.ZERO,
            List.of(),
            gasLimit,
            extra.encode(),
            null);
    long until = monotonicMillis() + fillMillis(settings, build.round());
    Block block =
        builder
            .build(parent, attributes, pool.executable(), () -> monotonicMillis() >= until)
            .block();
    boolean empty = block.transactions().isEmpty() && vote == null;
    inbox.add(new Event.Built(number, build.round(), block, empty));
  }

  static long fillMillis(Qbft.Settings settings, int round) {
    int halvings = Math.clamp(round - 1, 0, MAX_HALVINGS);
    return settings.timeoutMillis(0) / BUILDING_SHARE >> halvings;
  }

  private void check(Block block) throws InterruptedException {
    Optional<?> broken = importer.check(block);
    broken.ifPresent(why -> LOG.warn("proposed block {}: {}", block.header().number(), why));
    inbox.add(new Event.Checked(block.header().number(), block.header().hash(), broken.isEmpty()));
  }

  /// A block that a quorum found valid and this ledger refuses is a bug, here or there.
  private void importDecided(Block block) throws InterruptedException {
    ImportResult result = importer.importBlock(block);
    if (!(result instanceof ImportResult.Imported || result instanceof ImportResult.AlreadyKnown)) {
      throw new IllegalStateException("a final block is refused: " + result);
    }
  }

  /// Ends the threads and closes the vote log. Closing twice is harmless.
  @Override
  public void close() {
    closing = true;
    heads.close();
    pending.close();
    inbox.add(Signal.CLOSE);
    work.shutdown();
    long end = monotonicMillis() + CLOSE_MILLIS;
    try {
      if (!work.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.warn("a block in work is not done after {} ms, closing without it", CLOSE_MILLIS);
        work.shutdownNow();
      }
      if (!owner.join(Duration.ofMillis(end - monotonicMillis()))) {
        LOG.warn("consensus has not ended after {} ms, closing without it", CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Whoever is late records nothing any more, and what is not recorded is not sent.
    log.close();
  }
}
