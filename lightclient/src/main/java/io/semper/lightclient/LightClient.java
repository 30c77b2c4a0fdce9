package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
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
import io.semper.lightclient.upstream.Evidence;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.Transport;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
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
  private static final String DIVERGED = "the network has sealed two blocks ";

  private final Network network;
  private final Clock clock;
  private final UpstreamPool upstreams;
  private final StateCache cache = new StateCache();
  private final HeadFollower follower;
  private final LightChain chain;
  private final LightPool pool;
  private final Findings findings;
  private final HeadLoop loop;
  private final boolean staleAnswers;
  private final long callMillis;

  private LightClient(Builder b) {
    network = b.network;
    clock = b.clock;
    findings = new Findings(b.store, clock::millis, b.alerts);
    staleAnswers = b.staleAnswers;
    callMillis = b.callMillis;
    upstreams =
        new UpstreamPool(
            b.upstreams, b.transport, b.limits, LightClient::monotonicMillis, findings::lied);
    boolean complete = false;
    long diverged = 0;
    try {
      Optional<LightStore> store =
          Optional.ofNullable(b.store).map(file -> new LightStore(file, network.genesisHash()));
      Optional<LightStore.Content> stored = stored(store);
      Header head;
      if (b.beacon == null) {
        QbftVerifier verifier = new QbftVerifier(network, b.trustingSeconds);
        LightStore.Content start =
            new QbftStart(network, verifier, upstreams, this::alert, this::nowSeconds)
                .content(stored, b.checkpoint);
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
            new BeaconFollower(b.beacon, b.sources(), clock::millis, findings::consensusLied);
        if (b.checkpoint != null) {
          beacon.trust(b.checkpoint);
        }
        SyncCommitteeFollower ethereum =
            new SyncCommitteeFollower(network.genesis(), beacon, upstreams, this::alert);
        head =
            stored
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
      loop = new HeadLoop(follower, chain, pool, upstreams, cache, store, findings, b.pollMillis);
      loop.start();
      complete = true;
    } finally {
      if (!complete) {
        upstreams.close();
      }
    }
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

  private void alert(Alert alert) {
    if (alert instanceof Alert.Diverged found) {
      chain.freeze(DIVERGED + found.ours().number());
      loop.save();
      // Ours was perhaps believed by its hash alone; it convicts nobody without its seals.
      Header ours = chain.withSeals(found.ours());
      findings.diverged(
          new Alert.Diverged(found.trusted(), ours, found.theirs(), found.upstream()));
    } else {
      findings.tell(alert);
    }
  }

  // ---- The head

  private Optional<LightStore.Content> stored(Optional<LightStore> store) {
    try {
      return store.isPresent() ? store.get().read(cache) : Optional.empty();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /// Looks for a new head now instead of a little later.
  public void refresh() {
    loop.refresh();
  }

  /// The newest verified block.
  public Verified<Header> head() {
    return verified(chain.head(), chain.head());
  }

  private <T> Verified<T> verified(Header at, T value) {
    Trust trust = loop.witnesses() > 1 ? Trust.CROSS_CHECKED : Trust.PROVEN;
    return new Verified<>(value, Point.of(at), Math.max(0, nowSeconds() - at.timestamp()), trust);
  }

  /// Why nothing is believed any more; empty as long as it is.
  public Optional<String> frozen() {
    return chain.frozen();
  }

  /// How many nodes named the newest head.
  public int witnesses() {
    return loop.witnesses();
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
    return verified(head, new LogSearch(chain).page(head, query, budget));
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
    return findings.consensusLies();
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
    return loop.steps();
  }

  @Override
  public void close() {
    loop.close();
    upstreams.close();
    if (loop.hasEnded()) {
      loop.save();
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

    /// What asking may cost in time, threads and memory: see [UpstreamLimits#heapBytes] for the
    /// heap that hostile nodes can take.
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
