package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.rpc.engine.ConsensusChain.Choice;
import io.semper.rpc.engine.ConsensusChain.Import;
import io.semper.rpc.engine.PayloadStatus.Status;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Which payloads are valid, which are not, and which wait for an ancestor.
///
/// Valid ones are kept by the chain. In memory, bounded, are the hashes of invalid ones, each with
/// the last valid block before it, and payloads whose ancestors are missing: these are verified as
/// soon as the gap is closed. Requests are worked off one after the other in the order in which
/// they come.
final class PayloadTree {
  /// Invalid payloads remembered; a forgotten one is verified again.
  private static final int MAX_INVALID = 4096;

  /// Payloads waiting for an ancestor, and their bytes; the oldest give way.
  static final int MAX_WAITING = 256;

  private static final long MAX_WAITING_BYTES = 128L << 20;

  private static final String REJECTED_BEFORE = "links to previously rejected block";

  private final ChainView view;
  private final ConsensusChain chain;
  private final ReentrantLock turn = new ReentrantLock(true);

  private volatile long heardNanos = System.nanoTime();

  // All guarded by turn; the values of invalid may be null.
  private final Map<Hash32, Hash32> invalid =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Hash32> eldest) {
          return size() > MAX_INVALID;
        }
      };
  private final Map<Hash32, Block> waiting = new LinkedHashMap<>();
  private long waitingBytes;

  PayloadTree(ChainView view, ConsensusChain chain) {
    this.view = view;
    this.chain = chain;
  }

  /// What became of a choice of head.
  ///
  /// @param head `null` unless a payload may be built on it now
  record Chosen(PayloadStatus status, Header head) {}

  /// Verifies a payload, or keeps it until it can be.
  PayloadStatus add(Block block) throws InterruptedException {
    heardNanos = System.nanoTime();
    turn.lockInterruptibly();
    try {
      Hash32 hash = block.header().hash();
      PayloadStatus known = known(hash);
      return known == null ? join(block) : known;
    } finally {
      turn.unlock();
    }
  }

  /// Makes a valid payload the head.
  ///
  /// @throws io.semper.rpc.RpcException where the state is inconsistent or the head out of reach
  Chosen choose(ForkchoiceState state) throws InterruptedException {
    heardNanos = System.nanoTime();
    turn.lockInterruptibly();
    try {
      PayloadStatus status = known(state.head());
      if (status == null) {
        Block held = waiting.get(state.head());
        status = held == null ? PayloadStatus.SYNCING : join(held);
      }
      if (status.status() == Status.ACCEPTED) {
        status = PayloadStatus.SYNCING;
      }
      return status.status() == Status.VALID ? chooseValid(state) : new Chosen(status, null);
    } finally {
      turn.unlock();
    }
  }

  /// How long no consensus client has said anything, or since the start.
  long silentMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
  }

  private Chosen chooseValid(ForkchoiceState state) throws InterruptedException {
    Header head = view.header(state.head()).orElseThrow();
    if (!head.difficulty().isZero() && !isTerminal(head)) {
      return new Chosen(PayloadStatus.invalid(Hash32.ZERO, "not a terminal block"), null);
    }
    PayloadStatus valid = PayloadStatus.valid(state.head());
    Optional<Header> finalized = view.finalized();
    if (finalized.isPresent()
        && head.number() < finalized.get().number()
        && view.isCanonical(head)) {
      return new Chosen(valid, null);
    }
    return switch (chain.choose(state.head(), state.safe(), state.finalized())) {
      case Choice.Done done -> new Chosen(valid, head);
      case Choice.Inconsistent i -> throw EngineError.invalidForkchoiceState(i.reason());
      case Choice.TooDeep t -> throw EngineError.tooDeepReorg(t.reason());
    };
  }

  /// EIP-3675: the block of proof of work after which comes proof of stake.
  private boolean isTerminal(Header header) {
    UInt256 terminal = view.forks().terminalTotalDifficulty();
    return terminal != null
        && view.totalDifficulty(header.hash()).orElseThrow().compareTo(terminal) >= 0
        && (header.number() == 0
            || view.totalDifficulty(header.parentHash()).orElseThrow().compareTo(terminal) < 0);
  }

  /// `null` where nothing has been decided.
  private PayloadStatus known(Hash32 hash) {
    if (view.header(hash).isPresent()) {
      return PayloadStatus.valid(hash);
    }
    return invalid.containsKey(hash)
        ? PayloadStatus.invalid(invalid.get(hash), REJECTED_BEFORE)
        : null;
  }

  /// Verifies a payload after those of its ancestors that wait.
  private PayloadStatus join(Block block) throws InterruptedException {
    ArrayDeque<Block> branch = new ArrayDeque<>();
    branch.push(block);
    Hash32 parent = block.header().parentHash();
    while (view.header(parent).isEmpty()) {
      if (invalid.containsKey(parent)) {
        return reject(branch, invalid.get(parent), REJECTED_BEFORE);
      }
      Block held = waiting.get(parent);
      if (held == null) {
        hold(block);
        return PayloadStatus.SYNCING;
      }
      branch.push(held);
      parent = held.header().parentHash();
    }
    while (!branch.isEmpty()) {
      Block next = branch.peek();
      switch (chain.importBlock(next)) {
        case Import.Valid valid -> {
          release(next.header().hash());
          branch.pop();
        }
        case Import.Invalid i -> {
          return reject(branch, latestValid(next.header().parentHash()), i.reason());
        }
        case Import.UnknownParent gone -> {
          hold(block);
          return PayloadStatus.SYNCING;
        }
        case Import.Unavailable missing -> {
          hold(block);
          return PayloadStatus.ACCEPTED;
        }
      }
    }
    return PayloadStatus.valid(block.header().hash());
  }

  /// A payload is invalid, and so is all that builds on it.
  private PayloadStatus reject(Iterable<Block> branch, Hash32 latestValid, String reason) {
    for (Block block : branch) {
      Hash32 hash = block.header().hash();
      release(hash);
      invalid.put(hash, latestValid);
    }
    return PayloadStatus.invalid(latestValid, reason);
  }

  /// The valid block before an invalid payload: `null` where it is not known, zero where it is one
  /// of proof of work.
  private Hash32 latestValid(Hash32 parent) {
    return view.header(parent)
        .map(header -> header.difficulty().isZero() ? parent : Hash32.ZERO)
        .orElse(null);
  }

  private void hold(Block block) {
    if (waiting.putIfAbsent(block.header().hash(), block) == null) {
      waitingBytes += bytes(block);
    }
    Iterator<Block> oldest = waiting.values().iterator();
    while (waiting.size() > MAX_WAITING || waitingBytes > MAX_WAITING_BYTES && waiting.size() > 1) {
      waitingBytes -= bytes(oldest.next());
      oldest.remove();
    }
  }

  private void release(Hash32 hash) {
    Block held = waiting.remove(hash);
    if (held != null) {
      waitingBytes -= bytes(held);
    }
  }

  private static long bytes(Block block) {
    long bytes = 1024;
    for (Transaction transaction : block.transactions()) {
      bytes += 512 + transaction.encode().length;
    }
    return bytes;
  }
}
