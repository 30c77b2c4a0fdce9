package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BaseFee;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.PoolView;
import io.semper.core.view.UnavailableException;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TransactionRules;
import io.semper.genesis.Network;
import io.semper.lightclient.upstream.Answer;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Fields;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.Survey;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Transactions sent from here that are not yet proven to be in a block. Each is checked against
/// the proven state, given to every node there is, and given again while it is not included.
///
/// What others have pending cannot be proven, so nothing is said of it.
final class LightPool implements PoolView {
  private static final int MAX_TRANSACTIONS = 1024;

  /// For the other nodes, once one has taken a transaction.
  private static final long RELAY_MILLIS = 300;

  /// For the others, while all who have answered refuse it.
  private static final long SEND_MILLIS = 6_000;

  /// Heads after which a transaction that is not included is sent again.
  private static final int HEADS_TO_SEND_AGAIN = 4;

  private final Network network;
  private final LightChain chain;
  private final UpstreamPool upstreams;
  private final List<Consumer<Transaction>> listeners = new CopyOnWriteArrayList<>();

  // Guarded by itself.
  private final Map<Hash32, Sent> sent = new LinkedHashMap<>();

  private static final class Sent {
    private final PooledTransaction pooled;
    private int heads;

    private Sent(PooledTransaction pooled) {
      this.pooled = pooled;
    }

    private Transaction transaction() {
      return pooled.transaction();
    }
  }

  LightPool(Network network, LightChain chain, UpstreamPool upstreams) {
    this.network = network;
    this.chain = chain;
    this.upstreams = upstreams;
  }

  @Override
  public Submission submit(PooledTransaction pooled) {
    Optional<String> problem = problem(pooled.transaction());
    if (problem.isPresent()) {
      return new Submission.Rejected(problem.get());
    }
    Survey.Heard<Submission> heard =
        broadcast(pooled).ask(Submission.Accepted.class::isInstance, RELAY_MILLIS, SEND_MILLIS);
    List<Answer<Submission>> said = heard.answers();
    for (Answer<Submission> each : said) {
      if (each.value() instanceof Submission.Accepted accepted) {
        remember(pooled);
        return accepted;
      }
    }
    if (heard.silent().isEmpty() && !said.isEmpty()) {
      return said.getFirst().value();
    }
    // Whoever is silent may have taken it.
    String silent = String.join(", ", heard.silent());
    throw new UnavailableException(
        heard.silent().isEmpty()
            ? "no node could be reached to send the transaction to"
            : "whether the transaction was sent is not known: nothing heard of "
                + silent
                + said.stream()
                    .map(each -> "; " + each.upstream() + ": " + reason(each.value()))
                    .collect(Collectors.joining()));
  }

  private static String reason(Submission said) {
    return switch (said) {
      case Submission.Accepted accepted -> "taken";
      case Submission.Rejected rejected -> rejected.reason();
    };
  }

  /// What can be said against a transaction before anybody else sees it.
  private Optional<String> problem(Transaction t) {
    Header head = chain.head();
    Fork fork =
        network.forks().at(head.number() + 1, head.timestamp() + 1, head.difficulty().isZero());
    ForkRules rules = ForkRules.of(fork, network.contractSizeLimit());
    Optional<String> invalid =
        TransactionRules.verify(t, rules, network.chainId()).map(each -> each.reason());
    if (invalid.isPresent()) {
      return invalid;
    }
    Account known = chain.stateAfter(head).account(t.sender());
    Account sender = known == null ? Account.EMPTY : known;
    if (Long.compareUnsigned(t.nonce(), sender.nonce()) < 0) {
      return Optional.of(
          "nonce too low: next nonce %s, tx nonce %s"
              .formatted(Long.toUnsignedString(sender.nonce()), Long.toUnsignedString(t.nonce())));
    }
    UInt256 cost = TransactionRules.mostCost(Message.of(t, t.sender()));
    if (cost == null || cost.compareTo(sender.balance()) > 0) {
      return Optional.of(
          "insufficient funds for gas * price + value: balance %s, tx cost %s"
              .formatted(sender.balance(), cost == null ? "over 2^256" : cost));
    }
    return Optional.empty();
  }

  private Survey<Submission> broadcast(PooledTransaction pooled) {
    Hash32 hash = pooled.transaction().hash();
    return upstreams.survey(
        List.of(Call.of("eth_sendRawTransaction", Hex.encode(pooled.encode()))),
        replies -> taken(replies.get(0), hash));
  }

  private static Submission taken(Reply reply, Hash32 hash)
      throws Reply.RefusedException, LieException {
    if (reply instanceof Reply.Failure failure) {
      String message = failure.message().toLowerCase(Locale.ROOT);
      return message.contains("already known") || message.contains("known transaction")
          ? new Submission.Accepted(hash)
          : new Submission.Rejected(failure.message());
    }
    Hash32 said = Fields.hash(reply.result());
    if (!said.equals(hash)) {
      throw new LieException("names transaction " + hash + " " + said);
    }
    return new Submission.Accepted(hash);
  }

  private void remember(PooledTransaction pooled) {
    Transaction transaction = pooled.transaction();
    synchronized (sent) {
      if (sent.containsKey(transaction.hash())) {
        return;
      }
      if (sent.size() == MAX_TRANSACTIONS) {
        sent.remove(sent.keySet().iterator().next());
      }
      sent.put(transaction.hash(), new Sent(pooled));
    }
    listeners.forEach(listener -> listener.accept(transaction));
  }

  /// Whether a transaction sent from here is proven to be in no block: its sender's nonce has not
  /// come to it.
  boolean isWaiting(Hash32 transaction) {
    Sent own;
    synchronized (sent) {
      own = sent.get(transaction);
    }
    if (own == null) {
      return false;
    }
    try {
      Account sender = chain.stateAfter(chain.head()).account(own.transaction().sender());
      long next = sender == null ? 0 : sender.nonce();
      return Long.compareUnsigned(next, own.transaction().nonce()) <= 0;
    } catch (UnavailableException unproven) {
      return false;
    }
  }

  /// Forgets what is included or can no longer be, and sends again what waits. Called for each new
  /// head.
  void onHead(Header head) {
    List<Sent> waiting;
    synchronized (sent) {
      waiting = List.copyOf(sent.values());
    }
    if (waiting.isEmpty()) {
      return;
    }
    ProvenState state = chain.proven(head);
    Map<Address, Long> nonces =
        state.together(() -> {
          Map<Address, Long> read = new HashMap<>();
          for (Sent each : waiting) {
            Address sender = each.transaction().sender();
            Account account = state.account(sender);
            read.put(sender, account == null ? 0 : account.nonce());
          }
          return read;
        });
    for (Sent each : waiting) {
      Transaction transaction = each.transaction();
      if (Long.compareUnsigned(transaction.nonce(), nonces.get(transaction.sender())) < 0) {
        synchronized (sent) {
          sent.remove(transaction.hash());
        }
      } else if (++each.heads % HEADS_TO_SEND_AGAIN == 0) {
        broadcast(each.pooled).put(); // heads wait for nobody's answer
      }
    }
  }

  @Override
  public Optional<PooledTransaction> transaction(Hash32 hash) {
    synchronized (sent) {
      return Optional.ofNullable(sent.get(hash)).map(each -> each.pooled);
    }
  }

  @Override
  public long nextNonce(Address sender) {
    Account account = chain.stateAfter(chain.head()).account(sender);
    long next = account == null ? 0 : account.nonce();
    synchronized (sent) {
      List<Long> own = new ArrayList<>();
      for (Sent each : sent.values()) {
        if (each.transaction().sender().equals(sender)) {
          own.add(each.transaction().nonce());
        }
      }
      while (own.contains(next)) {
        next++;
      }
    }
    return next;
  }

  @Override
  public Content content() {
    Map<Address, NavigableMap<Long, Transaction>> pending = new HashMap<>();
    synchronized (sent) {
      for (Sent each : sent.values()) {
        pending
            .computeIfAbsent(each.transaction().sender(), s -> new TreeMap<>())
            .put(each.transaction().nonce(), each.transaction());
      }
    }
    return new Content(pending, Map.of());
  }

  /// The head's state, and nothing in the block: what it will hold nobody can prove.
  @Override
  public PendingBlock pendingBlock() {
    Header head = chain.head();
    Header.Builder next =
        head.toBuilder()
            .parentHash(head.hash())
            .number(head.number() + 1)
            .timestamp(head.timestamp() + 1)
            .transactionsRoot(Roots.transactions(List.of()))
            .receiptsRoot(Roots.receipts(List.of()))
            .logsBloom(Bloom.EMPTY)
            .gasUsed(0);
    if (head.baseFeePerGas() != null) {
      next.baseFeePerGas(network.zeroBaseFee() ? UInt256.ZERO : BaseFee.next(head));
    }
    boolean withdrawals = head.withdrawalsRoot() != null;
    Block block = new Block(next.build(), List.of(), List.of(), withdrawals ? List.of() : null);
    return new PendingBlock(block, List.of(), chain.stateAfter(head));
  }

  @Override
  public Subscription onPending(Consumer<Transaction> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
