package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.StateView;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The chain as far as it has been proven: what reads a full node's ledger reads this as well.
///
/// What is not at hand is asked for and proven while the caller waits. Where nobody proves it, it
/// is an [io.semper.core.view.UnavailableException], never a guess.
final class LightChain implements ChainView {
  private final Network network;
  private final HeaderChain headers;
  private final BlockSource blocks;
  private final StateCache cache;
  private final UpstreamPool upstreams;
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();
  private final SealedHeaders sealed;
  private volatile String frozen;

  /// Which transactions are proven not to be in any block yet.
  private volatile Predicate<Hash32> waiting = hash -> false;

  /// `null` where every head is final.
  private volatile Header finalized;

  LightChain(Network network, HeaderChain headers, StateCache cache, UpstreamPool upstreams) {
    this.network = network;
    this.headers = headers;
    this.cache = cache;
    this.upstreams = upstreams;
    sealed = new SealedHeaders(network.qbft() != null, upstreams);
    blocks = new BlockSource(headers, upstreams);
  }

  HeaderChain headers() {
    return headers;
  }

  /// Takes a verified header above the present head, whose seals are proven.
  void advance(Header to) {
    sealed.put(to);
    headers.advance(to);
    HeadChange change = new HeadChange(List.of(), List.of(to));
    listeners.forEach(listener -> listener.accept(change));
  }

  /// Takes a verified head that may yet be replaced, unlike `settled` and all before it. Whom it
  /// replaced is not known.
  void advance(Header to, Header settled) {
    finalized = settled;
    boolean moves = !to.equals(headers.head());
    headers.advance(to, settled);
    if (moves) {
      HeadChange change = new HeadChange(List.of(), List.of(to));
      listeners.forEach(listener -> listener.accept(change));
    }
  }

  @Override
  public UInt256 chainId() {
    return network.chainId();
  }

  @Override
  public ForkSchedule forks() {
    return network.forks();
  }

  /// @throws UnavailableException where nothing is believed any more, as everything else here does
  @Override
  public Header head() {
    return sealed.quick(believed().head());
  }

  private HeaderChain believed() {
    String why = frozen;
    if (why != null) {
      throw new UnavailableException(why);
    }
    return headers;
  }

  /// Ends all believing.
  void freeze(String why) {
    frozen = why;
  }

  /// A header with the best seals that can be had, for evidence.
  Header withSeals(Header header) {
    return sealed.best(header);
  }

  Optional<String> frozen() {
    return Optional.ofNullable(frozen);
  }

  /// Takes notice of who knows which transactions are proven not to be in any block yet.
  void waiting(Predicate<Hash32> transactions) {
    waiting = transactions;
  }

  /// Only what is final is certain not to be replaced.
  @Override
  public Optional<Header> safe() {
    return finalized();
  }

  /// What validators of QBFT have sealed is final at once.
  @Override
  public Optional<Header> finalized() {
    Header head = head();
    Header settled = finalized;
    return Optional.of(settled == null ? head : settled);
  }

  @Override
  public Optional<Header> header(long number) {
    return believed().header(number).map(sealed::of);
  }

  @Override
  public Optional<Header> header(Hash32 hash) {
    return believed().header(hash).map(sealed::of);
  }

  @Override
  public Optional<Header> headerToSearch(long number) {
    return believed().header(number);
  }

  /// No other headers are known here.
  @Override
  public boolean isCanonical(Header header) {
    return believed().header(header.number()).filter(header::equals).isPresent();
  }

  @Override
  public Optional<Block> block(Hash32 hash) {
    return believed()
        .header(hash)
        .map(header -> {
          Block block = blocks.block(header);
          return new Block(
              sealed.of(header), block.transactions(), block.ommers(), block.withdrawals());
        });
  }

  @Override
  public Optional<List<Receipt>> receipts(Hash32 blockHash) {
    return believed().header(blockHash).map(blocks::receipts);
  }

  @Override
  public Optional<TransactionLocation> locate(Hash32 transactionHash) {
    believed();
    return waiting.test(transactionHash) ? Optional.empty() : blocks.locate(transactionHash);
  }

  /// Every block of a QBFT network has a difficulty of one. Elsewhere it cannot be proven.
  @Override
  public Optional<UInt256> totalDifficulty(Hash32 blockHash) {
    if (network.qbft() == null) {
      return Optional.empty();
    }
    return believed()
        .header(blockHash)
        .map(header -> network.genesis().difficulty().plus(UInt256.of(header.number())));
  }

  @Override
  public StateView stateAfter(Header header) {
    return proven(header);
  }

  ProvenState proven(Header header) {
    believed();
    return new ProvenState(header, cache, upstreams);
  }

  @Override
  public AccountProof prove(Header header, Address address, List<UInt256> keys) {
    return proven(header).prove(address, keys);
  }

  /// As old as the nodes that are asked keep it.
  @Override
  public long oldestState() {
    return 0;
  }

  @Override
  public Subscription onHead(Consumer<HeadChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
