package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.StateView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Headers that a process of a simulation has, and of the state after each the contract that names
/// validators: what a set of validators depends on.
final class HeaderView implements ChainView {
  private final Timeline timeline;
  private final Map<Hash32, Header> headers = new HashMap<>();

  HeaderView(Timeline timeline) {
    this.timeline = timeline;
  }

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
    byte[] code = Timeline.code(timeline.named(header.number()));
    return new Contract(new Account(1, UInt256.ZERO, Account.EMPTY_ROOT, Keccak.hash(code)), code);
  }

  private record Contract(Account contract, byte[] code) implements StateView {
    @Override
    public Account account(Address address) {
      return address.equals(Timeline.CONTRACT) ? contract : null;
    }

    @Override
    public UInt256 storage(Address address, UInt256 slot) {
      return UInt256.ZERO;
    }

    @Override
    public byte[] code(Hash32 codeHash) {
      return codeHash.equals(contract.codeHash()) ? code : new byte[0];
    }
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
