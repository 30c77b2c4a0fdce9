package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.core.view.PoolView;
import io.semper.core.view.StateView;
import io.semper.core.view.UnavailableException;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Simulation;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import io.semper.lightclient.HeaderVerifier.Verdict;
import io.semper.lightclient.StateCache.Seen;
import io.semper.lightclient.Verified.Point;
import io.semper.lightclient.Verified.Trust;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.beacon.BeaconRest;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.BeaconStatus;
import io.semper.lightclient.beacon.Claim;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.beacon.LightClientUpdate;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Evidence;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.Transport;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// A wallet's view of a network: every answer is proven against a header that the network's
/// validators sealed, whichever node it came from.
///
/// ```java
/// try (LightClient client = LightClient.builder(network)
///     .checkpoint(hash)
///     .upstream(URI.create("https://one.example"))
///     .upstream(URI.create("https://two.example"))
///     .build()) {
///   Verified<UInt256> balance = client.balance(address);
/// }
/// ```
///
/// Methods block until the answer is proven, and throw [UnavailableException] where no node proves
/// it in time. Safe for use by several threads.
public final class LightClient implements AutoCloseable {
  private static final long SAVE_MILLIS = 10_000;
  private static final int MAX_EXTRA_STEPS = 4;
  private static final int MAX_LIES = 32;
  private static final String DIVERGED = "the network has sealed two blocks ";

  private final Network network;
  private final Clock clock;
  private final UpstreamPool upstreams;
  private final StateCache cache = new StateCache();
  private final HeadFollower follower;
  private final LightChain chain;
  private final LightPool pool;
  private final Optional<LightStore> store;
  private final Optional<EvidenceFile> evidence;
  private final Consumer<Alert> alerts;
  private final boolean staleAnswers;
  private final long pollMillis;
  private final long callMillis;
  private final Thread thread;
  private final Object wake = new Object();
  private final Deque<Evidence> consensusLies = new ArrayDeque<>();
  private volatile boolean closed;
  private volatile int witnesses;
  private volatile long steps;
  private long saved;

  private LightClient(Builder b) {
    network = b.network;
    clock = b.clock;
    evidence = Optional.ofNullable(b.store).map(EvidenceFile::beside);
    alerts = b.alerts;
    staleAnswers = b.staleAnswers;
    pollMillis = b.pollMillis;
    callMillis = b.callMillis;
    upstreams =
        new UpstreamPool(
            b.upstreams, b.transport, b.limits, LightClient::monotonicMillis, this::lied);
    boolean complete = false;
    long diverged = 0;
    try {
      store = Optional.ofNullable(b.store).map(file -> new LightStore(file, network.genesisHash()));
      Header head;
      if (b.beacon == null) {
        QbftVerifier verifier = new QbftVerifier(network, b.trustingSeconds);
        LightStore.Content start = start(b.checkpoint, verifier);
        head = start.head();
        diverged = start.diverged();
        follower =
            new QbftFollower(
                network,
                verifier,
                upstreams,
                start.points(),
                diverged,
                this::alert,
                this::nowSeconds);
      } else {
        BeaconFollower beacon =
            new BeaconFollower(b.beacon, b.sources(), clock::millis, this::consensusLied);
        if (b.checkpoint != null) {
          beacon.trust(b.checkpoint);
        }
        SyncCommitteeFollower ethereum =
            new SyncCommitteeFollower(network.genesis(), beacon, upstreams, this::alert);
        head =
            stored()
                .filter(content -> content.beacon().isPresent())
                .map(ethereum::restore)
                .orElseGet(ethereum::begin);
        follower = ethereum;
      }
      HeaderChain headers =
          new HeaderChain(network.genesis(), network.forks(), head, cache, upstreams);
      chain = new LightChain(network, headers, cache, upstreams);
      if (diverged != 0) {
        chain.freeze(DIVERGED + diverged);
      }
      if (follower instanceof SyncCommitteeFollower ethereum) {
        chain.advance(head, ethereum.finalized());
      }
      pool = new LightPool(network, chain, upstreams);
      chain.waiting(pool::isWaiting);
      stepOrWait();
      complete = true;
    } finally {
      if (!complete) {
        upstreams.close();
      }
    }
    thread = new Thread(this::follow, "light-head");
    thread.setDaemon(true);
    thread.start();
  }

  /// @param network one of QBFT, or one with a beacon chain, which the builder has to be told of
  public static Builder builder(Network network) {
    return new Builder(network);
  }

  private static long monotonicMillis() {
    return System.nanoTime() / 1_000_000;
  }

  private long nowSeconds() {
    return clock.millis() / 1000;
  }

  private void lied(Evidence lie) {
    keep(file -> file.add(lie));
    alerts.accept(new Alert.Lied(lie));
  }

  private void keep(EvidenceFile.Addition addition) {
    if (evidence.isPresent()) {
      try {
        addition.addTo(evidence.get());
      } catch (IOException full) {
        alerts.accept(new Alert.Failed(new UncheckedIOException(full)));
      }
    }
  }

  private void consensusLied(Evidence lie) {
    synchronized (consensusLies) {
      if (consensusLies.size() == MAX_LIES) {
        consensusLies.removeFirst();
      }
      consensusLies.addLast(lie);
    }
    lied(lie);
  }

  private void alert(Alert alert) {
    if (alert instanceof Alert.Diverged found) {
      chain.freeze(DIVERGED + found.ours().number());
      save();
      // Ours was perhaps believed by its hash alone; it convicts nobody without its seals.
      Header ours = chain.withSeals(found.ours());
      var diverged = new Alert.Diverged(found.trusted(), ours, found.theirs(), found.upstream());
      keep(file -> file.add(diverged, clock.millis()));
      alerts.accept(diverged);
    } else {
      alerts.accept(alert);
    }
  }

  // ---- The head

  private Optional<LightStore.Content> stored() {
    try {
      return store.isPresent() ? store.get().read(cache) : Optional.empty();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /// Where to begin: where a stored client was, unless that is too old to go on from, or stands
  /// where the network has sealed two blocks, and a newer block has been named.
  private LightStore.Content start(Hash32 named, QbftVerifier verifier) {
    Optional<LightStore.Content> stored = stored();
    if (stored.isEmpty()) {
      return checkpoint(named, verifier);
    }
    LightStore.Content before = stored.get();
    boolean usable =
        before.diverged() == 0 && !verifier.expired(before.points().getLast(), nowSeconds());
    if (usable || named == null) {
      return before;
    }
    try {
      LightStore.Content anew = checkpoint(named, verifier);
      return anew.head().number() > before.diverged() ? anew : before;
    } catch (UnavailableException noBetter) {
      return before;
    }
  }

  private LightStore.Content checkpoint(Hash32 hash, QbftVerifier verifier) {
    Header header =
        hash == null || hash.equals(network.genesisHash())
            ? network.genesis()
            : upstreams
                .ask(
                    List.of(Call.of("eth_getBlockByHash", hash, false)),
                    replies -> HeaderChain.ofHash(Reply.found(replies.get(0)), hash))
                .value();
    Verdict<TrustedHeader> verdict =
        verifier.checkpoint(header, checkpointValidators(header), nowSeconds());
    return switch (verdict) {
      case Verdict.Accepted<TrustedHeader> accepted ->
          new LightStore.Content(List.of(accepted.next()), header, Optional.empty(), 0);
      case Verdict.Expired<TrustedHeader> expired ->
          throw new UnavailableException("the checkpoint is too old: " + expired.reason());
      case Verdict.Refused<TrustedHeader> refused ->
          throw new UnavailableException("not a checkpoint: " + refused.reason());
      case Verdict.Unconnected<TrustedHeader> unconnected ->
          throw new IllegalStateException(unconnected.reason());
    };
  }

  /// Who sealed the checkpoint where a contract says so: those it names after the parent.
  private List<Address> checkpointValidators(Header header) {
    QbftFollower reader =
        new QbftFollower(network, null, upstreams, List.of(), 0, this::alert, this::nowSeconds);
    return header.number() == 0
        ? QbftVerifier.genesis(network)
            .map(TrustedHeader::validators)
            .orElseGet(() -> reader.contractValidators(header))
        : reader.claim(header).contractValidators();
  }

  private void follow() {
    while (!closed) {
      try {
        synchronized (wake) {
          if (!closed) {
            wake.wait(pollMillis);
          }
        }
        if (!closed) {
          stepOrWait();
        }
      } catch (InterruptedException closing) {
        return;
      } catch (RuntimeException bug) {
        alerts.accept(new Alert.Failed(bug));
      }
    }
  }

  /// Where nobody answers, all are asked again in a moment; who reads meanwhile sees the head's
  /// age.
  private void stepOrWait() {
    try {
      step();
    } catch (UnavailableException silent) {
      witnesses = 0;
    }
  }

  /// Steps until nothing new comes: a node far ahead of the others is believed at once. Where one
  /// has lied, the rest are asked again.
  private void step() {
    for (int i = 0; i < MAX_EXTRA_STEPS && !closed; i++) {
      HeadFollower.Step step;
      int lies = upstreams.evidence().size();
      try {
        step = follower.step(chain.headers());
      } finally {
        steps++;
      }
      if (step.witnesses() > 0) {
        witnesses = step.witnesses();
      }
      if (step.head().isEmpty()) {
        if (upstreams.evidence().size() > lies) {
          continue; // without the liar, whom the others were not waited for
        }
        break;
      }
      Header head = step.head().get();
      step.finalized()
          .ifPresentOrElse(settled -> chain.advance(head, settled), () -> chain.advance(head));
      pool.onHead(head);
      if (step.finalized().isPresent()) {
        break; // what the committee signed last is the newest there is
      }
    }
    long now = monotonicMillis();
    if (now - saved > SAVE_MILLIS) {
      saved = now;
      save();
    }
  }

  private void save() {
    store.ifPresent(file -> {
      try {
        file.write(follower.content(chain.headers().head()), cache);
      } catch (IOException full) {
        alerts.accept(new Alert.Failed(new UncheckedIOException(full)));
      }
    });
  }

  /// Looks for a new head now instead of a little later.
  public void refresh() {
    synchronized (wake) {
      wake.notifyAll();
    }
  }

  /// The newest verified block.
  public Verified<Header> head() {
    return verified(chain.head(), chain.head());
  }

  private <T> Verified<T> verified(Header at, T value) {
    Trust trust = witnesses > 1 ? Trust.CROSS_CHECKED : Trust.PROVEN;
    return new Verified<>(value, Point.of(at), Math.max(0, nowSeconds() - at.timestamp()), trust);
  }

  /// Why nothing is believed any more; empty as long as it is.
  public Optional<String> frozen() {
    return chain.frozen();
  }

  /// How many nodes named the newest head.
  public int witnesses() {
    return witnesses;
  }

  private Header at(long number) {
    chain.head();
    return chain
        .header(number)
        .orElseThrow(() -> new UnavailableException("block " + number + " is above the head"));
  }

  // ---- State

  /// An account, empty where there is none.
  public Verified<Optional<Account>> account(Address address) {
    Header head = chain.head();
    try {
      return accountAt(head, address);
    } catch (UnavailableException offline) {
      Seen seen = staleAnswers ? cache.seen.get(address) : null;
      if (seen == null) {
        throw offline;
      }
      return verified(seen.at(), seen.account());
    }
  }

  public Verified<Optional<Account>> account(Address address, long block) {
    return accountAt(at(block), address);
  }

  private Verified<Optional<Account>> accountAt(Header at, Address address) {
    return verified(at, Optional.ofNullable(chain.proven(at).account(address)));
  }

  /// Wei.
  public Verified<UInt256> balance(Address address) {
    return account(address).map(each -> each.orElse(Account.EMPTY).balance());
  }

  public Verified<Long> nonce(Address address) {
    return account(address).map(each -> each.orElse(Account.EMPTY).nonce());
  }

  public Verified<byte[]> code(Address address) {
    Header head = chain.head();
    StateView state = chain.proven(head);
    Account account = state.account(address);
    return verified(head, account == null ? new byte[0] : state.code(account.codeHash()));
  }

  public Verified<UInt256> storage(Address address, UInt256 slot) {
    Header head = chain.head();
    return verified(head, chain.proven(head).storage(address, slot));
  }

  /// The proof itself, checked.
  public Verified<AccountProof> proof(Address address, List<UInt256> slots) {
    Header head = chain.head();
    return verified(head, chain.proven(head).prove(address, slots));
  }

  // ---- Execution

  /// What a message would do on top of the head, executed here.
  public Verified<TxResult> call(Message message) {
    return simulate(simulation -> simulation.call(message, null));
  }

  /// The least gas limit with which a message succeeds, searched.
  ///
  /// @param message whose gas limit is the most to try
  public Verified<Simulation.Estimate> estimateGas(Message message) {
    return simulate(simulation -> simulation.estimateGas(message));
  }

  public Verified<Simulation.AccessListResult> createAccessList(Message message) {
    return simulate(simulation -> simulation.createAccessList(message));
  }

  private <T> Verified<T> simulate(Function<Simulation, T> work) {
    Header head = chain.head();
    Fork fork = network.forks().at(head.number(), head.timestamp(), head.difficulty().isZero());
    BlockEnv env =
        new BlockEnv(
            network.chainId(),
            head.beneficiary(),
            head.number(),
            head.timestamp(),
            head.gasLimit(),
            head.difficulty(),
            head.mixHash(),
            head.baseFeePerGas() == null ? UInt256.ZERO : head.baseFeePerGas(),
            head.excessBlobGas() == null
                ? UInt256.ZERO
                : BlobGas.baseFee(head.excessBlobGas(), network.forks().blobParams(fork)),
            number -> chain.headerToSearch(number).map(Header::hash).orElse(Hash32.ZERO));
    ForkRules rules = ForkRules.of(fork, network.contractSizeLimit());
    Simulation simulation = new Simulation(chain.proven(head), env, rules, callMillis);
    return verified(head, work.apply(simulation));
  }

  // ---- Blocks, transactions, logs

  /// A block with its transactions.
  public Verified<Block> block(long number) {
    Header header = at(number);
    return verified(header, chain.block(header.hash()).orElseThrow());
  }

  /// Receipts of a block in the order of its transactions.
  public Verified<List<Receipt>> receipts(long number) {
    Header header = at(number);
    return verified(header, chain.receipts(header.hash()).orElseThrow());
  }

  /// A transaction proven to be in a block. Empty where no node knows of one; that there is none
  /// cannot be proven.
  public Optional<Verified<Transaction>> transaction(Hash32 hash) {
    chain.head();
    return chain
        .locate(hash)
        .map(at ->
            verified(
                chain.header(at.blockHash()).orElseThrow(),
                chain.block(at.blockHash()).orElseThrow().transactions().get(at.index())));
  }

  /// The receipt of a transaction that is proven to be in a block.
  public Optional<Verified<Receipt>> receipt(Hash32 hash) {
    chain.head();
    Optional<TransactionLocation> found = chain.locate(hash);
    return found.map(at ->
        verified(
            chain.header(at.blockHash()).orElseThrow(),
            chain.receipts(at.blockHash()).orElseThrow().get(at.index())));
  }

  /// All logs that match, in the blocks that the budget suffices for: a block's bloom proves that
  /// there are none, or its receipts, rebuilt and proven, are searched.
  public Verified<LogPage> logs(LogQuery query, LogPage.Budget budget) {
    Header head = chain.head();
    long last = Math.min(query.toBlock(), head.number());
    List<LogPage.Found> found = new ArrayList<>();
    int receipts = 0;
    long number = Math.max(0, query.fromBlock());
    for (int looked = 0; number <= last && looked < budget.blocks(); number++, looked++) {
      Header header = chain.headerToSearch(number).orElseThrow();
      if (query.mayMatch(header.logsBloom())) {
        if (receipts++ == budget.receipts() || found.size() >= budget.logs()) {
          break;
        }
        collect(query, header, found);
      }
    }
    return verified(head, new LogPage(found, number > last ? -1 : number));
  }

  private void collect(LogQuery query, Header header, List<LogPage.Found> found) {
    List<Receipt> receipts = chain.receipts(header.hash()).orElseThrow();
    Block block = null;
    int logIndex = 0;
    for (int i = 0; i < receipts.size(); i++) {
      for (Log log : receipts.get(i).logs()) {
        if (query.matches(log)) {
          block = block == null ? chain.block(header.hash()).orElseThrow() : block;
          Hash32 transaction = block.transactions().get(i).hash();
          found.add(
              new LogPage.Found(log, header.number(), header.hash(), transaction, i, logIndex));
        }
        logIndex++;
      }
    }
  }

  // ---- Sending

  /// Checks a transaction, gives it to all nodes, and sees to it until it is in a block.
  public PoolView.Submission send(PooledTransaction transaction) {
    chain.head();
    return pool.submit(transaction);
  }

  // ---- For those who serve it

  /// The proven chain, as methods of JSON-RPC read it.
  public ChainView chain() {
    return chain;
  }

  /// Transactions sent from here.
  public PoolView pool() {
    return pool;
  }

  /// Judges what somebody sent unasked of what a sync committee signed; looks for a new head at
  /// once if it is proven.
  ///
  /// @param from for the evidence if it is a lie
  public BeaconFollower.Offered offer(String from, Claim<LightClientUpdate> claim) {
    if (!(follower instanceof SyncCommitteeFollower ethereum)) {
      return BeaconFollower.Offered.USELESS;
    }
    BeaconFollower.Offered outcome = ethereum.offer(from, claim);
    if (outcome == BeaconFollower.Offered.BELIEVED) {
      refresh();
    }
    return outcome;
  }

  /// Asks one more source of what sync committees sign, in the place of one that was added and does
  /// not answer where there are `most`.
  ///
  /// @return whether there was a place
  public boolean addConsensus(BeaconSource source, int most) {
    return follower instanceof SyncCommitteeFollower ethereum && ethereum.add(source, most);
  }

  /// What to tell beacon nodes of oneself; empty where validators seal.
  public Optional<BeaconStatus> beaconStatus() {
    return follower instanceof SyncCommitteeFollower ethereum
        ? Optional.of(ethereum.ownStatus())
        : Optional.empty();
  }

  /// The sources of what sync committees sign, none where validators seal.
  public List<BeaconFollower.Status> consensus() {
    return follower.sources();
  }

  /// The newest lies of those, oldest first.
  public List<Evidence> consensusLies() {
    synchronized (consensusLies) {
      return List.copyOf(consensusLies);
    }
  }

  /// The nodes that are asked.
  public UpstreamPool upstreams() {
    return upstreams;
  }

  public Network network() {
    return network;
  }

  /// How often all nodes were asked for a new head.
  public long steps() {
    return steps;
  }

  @Override
  public void close() {
    synchronized (wake) {
      closed = true;
      wake.notifyAll();
    }
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    upstreams.close();
    if (!thread.isAlive()) {
      save();
    }
  }

  /// Settings of a client.
  public static final class Builder {
    private static final long CALL_MILLIS = 5_000;

    private final Network network;
    private final List<URI> upstreams = new ArrayList<>();
    private final List<URI> consensus = new ArrayList<>();
    private final List<BeaconSource> beaconSources = new ArrayList<>();
    private ConsensusNetwork beacon;
    private Hash32 checkpoint;
    private Path store;
    private Transport transport = new HttpTransport();
    private UpstreamLimits limits = UpstreamLimits.DEFAULT;
    private Clock clock = Clock.systemUTC();
    private Consumer<Alert> alerts = alert -> {};
    private long trustingSeconds = QbftVerifier.TRUSTING_SECONDS;
    private long pollMillis;
    private final long callMillis = CALL_MILLIS;
    private boolean staleAnswers;

    private Builder(Network network) {
      this.network = network;
      long period = network.qbft() == null ? 1 : network.qbft().initial().blockPeriodSeconds();
      pollMillis = Math.max(1, period) * 1000 / 2;
    }

    /// Follows a beacon chain, whose sync committees sign for the network's blocks.
    public Builder beacon(ConsensusNetwork value) {
      beacon = value;
      pollMillis = Math.max(1, value.slotMillis() / 2);
      return this;
    }

    /// A beacon node's REST interface to ask; as many as there are, of different operators.
    public Builder consensus(URI url) {
      consensus.add(url);
      return this;
    }

    /// Another source of what sync committees sign.
    public Builder consensus(BeaconSource source) {
      beaconSources.add(source);
      return this;
    }

    private List<BeaconSource> sources() {
      List<BeaconSource> all = new ArrayList<>(beaconSources);
      consensus.forEach(url -> all.add(new BeaconRest(beacon, url)));
      return all;
    }

    /// A block trusted to be one of the network's, by default its genesis block; with a beacon
    /// chain the root of one of its final blocks, of the last two weeks. A stored client goes on
    /// from where it was instead, unless it is too old for that.
    public Builder checkpoint(Hash32 hash) {
      checkpoint = hash;
      return this;
    }

    /// A full node to ask; as many as there are, of different operators.
    public Builder upstream(URI url) {
      upstreams.add(url);
      return this;
    }

    /// Keeps what was verified in this file, and what was proven wrong in one beside it with
    /// `.evidence` behind its name.
    public Builder store(Path file) {
      store = file;
      return this;
    }

    public Builder transport(Transport value) {
      transport = value;
      return this;
    }

    public Builder limits(UpstreamLimits value) {
      limits = value;
      return this;
    }

    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /// Told of what users should know, on any thread.
    public Builder onAlert(Consumer<Alert> listener) {
      alerts = listener;
      return this;
    }

    /// For how long validators are trusted to guard their keys. The longer, the easier it is to
    /// start from an old checkpoint, for friend and foe.
    public Builder trustingSeconds(long seconds) {
      trustingSeconds = seconds;
      return this;
    }

    /// Time between looks for a new head, by default half of the network's block period.
    public Builder pollMillis(long millis) {
      pollMillis = millis;
      return this;
    }

    /// Whether accounts are answered from an older block where no node answers. The answer says
    /// which block and how old.
    public Builder staleAnswers(boolean value) {
      staleAnswers = value;
      return this;
    }

    /// Starts the client; its head is verified when this returns.
    ///
    /// @throws UnavailableException where nothing is stored and nobody proves the checkpoint
    public LightClient build() {
      if (upstreams.isEmpty()) {
        throw new IllegalArgumentException("no upstream to ask");
      }
      if (network.qbft() == null && beacon == null) {
        throw new IllegalArgumentException(
            "network " + network.name() + " is neither one of QBFT nor has it a beacon chain");
      }
      return new LightClient(this);
    }
  }
}
