package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.StateView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// All headers any node of a simulation has imported: what a set of validators depends on.
final class HeaderView implements ChainView {
  private final Map<Hash32, Header> headers = new HashMap<>();

  void add(Header header) {
    headers.put(header.hash(), header);
  }

  @Override
  public Optional<Header> header(Hash32 hash) {
    return Optional.ofNullable(headers.get(hash));
  }

  @Override
  public UInt256 chainId() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ForkSchedule forks() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Header head() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Header> safe() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Header> finalized() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Header> header(long number) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isCanonical(Header header) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Block> block(Hash32 hash) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<List<Receipt>> receipts(Hash32 blockHash) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<TransactionLocation> locate(Hash32 transactionHash) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<UInt256> totalDifficulty(Hash32 blockHash) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StateView stateAfter(Header header) {
    throw new UnsupportedOperationException();
  }

  @Override
  public AccountProof prove(Header header, Address address, List<UInt256> keys) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long oldestState() {
    return 0;
  }

  @Override
  public Subscription onHead(Consumer<HeadChange> listener) {
    throw new UnsupportedOperationException();
  }
}
