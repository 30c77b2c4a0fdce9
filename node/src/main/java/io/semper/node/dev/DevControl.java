package io.semper.node.dev;

import io.semper.chain.block.Alteration;
import io.semper.chain.block.Alteration.Edit;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.Choices;
import io.semper.chain.producer.LocalProducer;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.node.log.Logging;
import io.semper.rpc.RpcException;
import io.semper.rpc.dev.Development;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// A development chain at its user's command.
///
/// Everything that changes chain, pool or choices runs on the producer's thread, so that no block
/// is sealed in between. What is done to accounts becomes the chain's [Alteration], which the next
/// block takes in.
public final class DevControl implements Development {
  private static final int MAX_SNAPSHOTS = 10_000;

  private final LocalProducer producer;
  private final ChainView view;
  private final AlterableChain chain;
  private final TxPool pool;
  private final Choices choices;
  private final Impersonation impersonation;
  private final Choices.Saved atFirst;
  private final Hash32 instance;
  private final Supplier<Header> next;

  // By number; guarded by the producer's thread for changes, by itself for reading.
  private final NavigableMap<Long, Point> points = new TreeMap<>();
  private long nextSnapshot = 1;

  /// Where to go back to.
  ///
  /// @param seconds the chain's clock at the time
  private record Point(
      Header head,
      Alteration alteration,
      Choices.Saved choices,
      long seconds,
      List<PooledTransaction> waiting) {}

  /// @param instance differs from start to start
  /// @param next the header of the block that would be sealed now
  public DevControl(
      LocalProducer producer,
      ChainView view,
      AlterableChain chain,
      TxPool pool,
      Choices choices,
      Impersonation impersonation,
      Hash32 instance,
      Supplier<Header> next) {
    this.producer = producer;
    this.view = view;
    this.chain = chain;
    this.pool = pool;
    this.choices = choices;
    this.impersonation = impersonation;
    this.instance = instance;
    this.next = next;
    atFirst = choices.saved();
  }

  /// A name for one start of a chain.
  public static Hash32 newInstance() {
    byte[] random = new byte[Hash32.BYTES];
    new SecureRandom().nextBytes(random);
    return Hash32.of(random);
  }

  // ---- Blocks

  @Override
  public Header mine(Long timestamp) throws InterruptedException {
    return producer.call(() -> {
      if (timestamp != null) {
        Choices.Saved now = choices.saved();
        requireLater(timestamp);
        choices.setTime(now.offset(), timestamp, now.timestampStep());
      }
      return producer.seal();
    });
  }

  private void requireLater(long timestamp) {
    long head = view.head().timestamp();
    if (timestamp <= head) {
      throw RpcException.server(
          "Timestamp "
              + timestamp
              + " is lower than or equal to previous block's timestamp "
              + head);
    }
  }

  @Override
  public boolean automine() {
    return choices.saved().automine();
  }

  @Override
  public void setAutomine(boolean on) throws InterruptedException {
    run(() -> choices.setSealing(on, on ? 0 : choices.saved().blockMillis()));
  }

  @Override
  public long intervalMillis() {
    return choices.saved().blockMillis();
  }

  @Override
  public void setInterval(long millis) throws InterruptedException {
    run(() -> choices.setSealing(false, millis));
  }

  @Override
  public void setGasLimit(long gas) throws InterruptedException {
    run(() -> choices.setBlock(choices.saved().beneficiary(), gas));
  }

  @Override
  public void setBeneficiary(Address account) throws InterruptedException {
    run(() -> choices.setBlock(account, choices.saved().gasLimit()));
  }

  @Override
  public void setBaseFee(UInt256 wei) throws InterruptedException {
    run(() -> choices.setNext(wei, choices.saved().nextPrevRandao()));
  }

  @Override
  public void setPrevRandao(Hash32 value) throws InterruptedException {
    run(() -> choices.setNext(choices.saved().nextBaseFee(), value));
  }

  /// Runs work that may change what the next block is.
  private void run(Runnable work) throws InterruptedException {
    producer.call(() -> {
      work.run();
      pool.refresh();
      return true;
    });
  }

  // ---- Time

  @Override
  public long increaseTime(long seconds) throws InterruptedException {
    return producer.call(() -> {
      Choices.Saved now = choices.saved();
      // Blocks sealed faster than one a second have run ahead of the clock.
      long ahead = Math.max(0, view.head().timestamp() - choices.seconds());
      long offset = now.offset() + ahead + seconds;
      choices.setTime(offset, now.nextTimestamp(), now.timestampStep());
      pool.refresh();
      return offset;
    });
  }

  @Override
  public long setTime(long timestamp) throws InterruptedException {
    return producer.call(() -> {
      Choices.Saved now = choices.saved();
      long forward = timestamp - choices.seconds();
      choices.setTime(now.offset() + forward, now.nextTimestamp(), now.timestampStep());
      pool.refresh();
      return forward;
    });
  }

  @Override
  public void setNextTimestamp(long timestamp) throws InterruptedException {
    run(() -> {
      requireLater(timestamp);
      choices.setTime(choices.saved().offset(), timestamp, choices.saved().timestampStep());
    });
  }

  @Override
  public long setTimestampStep(long seconds) throws InterruptedException {
    return producer.call(() -> {
      Choices.Saved now = choices.saved();
      choices.setTime(now.offset(), now.nextTimestamp(), seconds);
      pool.refresh();
      return now.timestampStep();
    });
  }

  // ---- State

  @Override
  public void setBalance(Address account, UInt256 wei) throws InterruptedException {
    edit(account, () -> Edit.ofBalance(wei));
  }

  @Override
  public void addBalance(Address account, UInt256 wei) throws InterruptedException {
    edit(
        account,
        () -> {
          Account now = view.stateAfter(view.head()).account(account);
          UInt256 sum = now == null ? wei : now.balance().plusExact(wei);
          if (sum == null) {
            throw RpcException.invalidParams("balance of more than 256 bits");
          }
          return Edit.ofBalance(sum);
        });
  }

  @Override
  public void setNonce(Address account, long nonce) throws InterruptedException {
    edit(account, () -> Edit.ofNonce(nonce));
  }

  @Override
  public void setCode(Address account, byte[] code) throws InterruptedException {
    edit(account, () -> Edit.ofCode(code));
  }

  @Override
  public void setStorage(Address account, UInt256 slot, UInt256 value) throws InterruptedException {
    edit(account, () -> Edit.ofSlot(slot, value));
  }

  private void edit(Address account, Supplier<Edit> edit) throws InterruptedException {
    producer.call(() -> {
      alter(chain.alteration().and(account, edit.get()));
      return true;
    });
  }

  private void alter(Alteration alteration) throws InterruptedException {
    chain.alter(alteration);
    pool.refresh();
  }

  @Override
  public byte[] dump() throws InterruptedException {
    return producer.call(() -> {
      Map<Address, List<UInt256>> written = chain.written();
      chain
          .alteration()
          .accounts()
          .forEach((address, edit) -> {
            List<UInt256> slots = written.computeIfAbsent(address, a -> new ArrayList<>());
            edit.storage().keySet().stream().filter(s -> !slots.contains(s)).forEach(slots::add);
          });
      return StateFile.write(view.stateAfter(view.head()), written);
    });
  }

  @Override
  public void load(byte[] state) throws InterruptedException {
    Map<Address, Edit> edits = StateFile.read(state);
    producer.call(() -> {
      alter(chain.alteration().and(edits));
      return true;
    });
  }

  // ---- Going back

  @Override
  public long snapshot() throws InterruptedException {
    return producer.call(() -> {
      long number = nextSnapshot++;
      Point point =
          new Point(
              view.head(), chain.alteration(), choices.saved(), choices.seconds(), pool.all());
      synchronized (points) {
        points.put(number, point);
        if (points.size() > MAX_SNAPSHOTS) {
          points.pollFirstEntry();
        }
      }
      return number;
    });
  }

  @Override
  public boolean revert(long snapshot) throws InterruptedException {
    return producer.call(() -> {
      Point point = points.get(snapshot);
      if (point == null) {
        return false;
      }
      goTo(point.head());
      alter(point.alteration());
      choices.restore(point.choices());
      Choices.Saved then = point.choices();
      // Time goes on from when the snapshot was taken.
      long offset = then.offset() + point.seconds() - choices.seconds();
      choices.setTime(offset, then.nextTimestamp(), then.timestampStep());
      point.waiting().forEach(pool::submit);
      synchronized (points) {
        points.tailMap(snapshot, true).clear();
      }
      return true;
    });
  }

  @Override
  public void rollback(long blocks) throws InterruptedException {
    producer.call(() -> {
      long number = view.head().number();
      if (blocks > number) {
        throw RpcException.invalidParams("cannot leave " + blocks + " blocks, there are " + number);
      }
      goTo(view.header(number - blocks).orElseThrow());
      return true;
    });
  }

  @Override
  public void reset(String url, Long block) throws InterruptedException {
    producer.call(() -> {
      chain.startOver(url, block);
      pool.clear(null);
      choices.restore(atFirst);
      impersonation.clear();
      synchronized (points) {
        points.clear();
      }
      return true;
    });
  }

  @Override
  public void setForkUrl(String url) throws InterruptedException {
    producer.call(() -> {
      chain.readFrom(url);
      return true;
    });
  }

  /// Makes an earlier block the head; what waits is forgotten with what was left.
  private void goTo(Header head) throws InterruptedException {
    chain.goTo(head);
    pool.clear(null);
  }

  // ---- Transactions

  @Override
  public void impersonate(Address account, boolean on) {
    impersonation.set(account, on);
  }

  @Override
  public void impersonateAll(boolean on) {
    impersonation.setEverybody(on);
  }

  @Override
  public boolean drop(Hash32 transaction) throws InterruptedException {
    return producer.call(() -> pool.remove(transaction));
  }

  @Override
  public void dropAll(Address sender) throws InterruptedException {
    producer.call(() -> {
      pool.clear(sender);
      return true;
    });
  }

  // ---- About itself

  @Override
  public void setLogging(boolean on) {
    Logging.mute(!on);
  }

  @Override
  public Hash32 instance() {
    return instance;
  }

  @Override
  public Header next() {
    return next.get();
  }

  @Override
  public List<Snapshot> snapshots() {
    synchronized (points) {
      List<Snapshot> all = new ArrayList<>();
      points.forEach((number, point) ->
          all.add(new Snapshot(number, point.head().number(), point.head().hash())));
      return all;
    }
  }

  @Override
  public Optional<Forked> forked() {
    return chain.forked();
  }
}
