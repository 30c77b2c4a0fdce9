package io.semper.node.qbft;

import io.semper.chain.qbft.Validators;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.ChainView;
import io.semper.genesis.Network;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.BlockRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Validators and proposers of a QBFT network, as any of its nodes knows them.
public final class QbftMethods {
  private static final long DEFAULT_METRICS_BLOCKS = 100;

  /// Headers one call reads at most.
  private static final long MAX_METRICS_BLOCKS = 10_000;

  private final Network network;
  private final ChainView chain;
  private final Validators validators;

  public QbftMethods(Network network, ChainView chain, Validators validators) {
    this.network = network;
    this.chain = chain;
    this.validators = validators;
  }

  /// Who could propose and seal a block; `null` where the block is not known.
  @Rpc("qbft_getValidatorsByBlockNumber")
  List<Address> validatorsByNumber(@Omittable BlockRef block) {
    return find(block).map(this::validatorsOf).orElse(null);
  }

  @Rpc("qbft_getValidatorsByBlockHash")
  List<Address> validatorsByHash(Hash32 hash) {
    return chain.header(hash).map(this::validatorsOf).orElse(null);
  }

  private List<Address> validatorsOf(Header header) {
    if (header.number() == 0) {
      return QbftExtraData.decode(header.extraData()).validators();
    }
    return validators.after(chain.header(header.parentHash()).orElseThrow());
  }

  /// In seconds, of the first round of the next block.
  @Rpc("qbft_getRequestTimeoutSeconds")
  Double requestTimeoutSeconds() {
    Header head = chain.head();
    return (double) network.qbft().at(head.number() + 1, head.timestamp()).requestTimeoutSeconds();
  }

  /// How many blocks each validator has proposed from one to another (inclusive), by default among
  /// the newest hundred.
  @Rpc("qbft_getSignerMetrics")
  List<Map<String, Object>> signerMetrics(@Omittable BlockRef from, @Omittable BlockRef to) {
    long last = number(to);
    boolean whole = from == BlockRef.Tag.LATEST;
    long first = whole ? Math.max(0, last - DEFAULT_METRICS_BLOCKS + 1) : number(from);
    if (first > last) {
      throw RpcException.invalidParams("from block " + first + " is above to block " + last);
    }
    if (last - first >= MAX_METRICS_BLOCKS) {
      throw RpcException.invalidParams("more than " + MAX_METRICS_BLOCKS + " blocks");
    }
    Map<Address, long[]> counts = new TreeMap<>();
    for (long n = Math.max(1, first); n <= last; n++) {
      Header header = chain.header(n).orElseThrow();
      long[] count = counts.computeIfAbsent(header.beneficiary(), address -> new long[2]);
      count[0]++;
      count[1] = n;
    }
    chain
        .header(last)
        .ifPresent(header -> {
          for (Address validator : validatorsOf(header)) {
            counts.computeIfAbsent(validator, address -> new long[2]);
          }
        });
    List<Map<String, Object>> metrics = new ArrayList<>();
    counts.forEach((address, count) -> {
      Map<String, Object> metric = new LinkedHashMap<>();
      metric.put("address", address);
      metric.put("proposedBlockCount", count[0]);
      metric.put("lastProposedBlockNumber", count[1]);
      metrics.add(metric);
    });
    return metrics;
  }

  private long number(BlockRef block) {
    return find(block)
        .map(Header::number)
        .orElseThrow(() -> RpcException.invalidParams("block not found"));
  }

  private Optional<Header> find(BlockRef block) {
    return switch (block) {
      case BlockRef.Number n -> chain.header(n.number());
      case BlockRef.Hash h -> chain.header(h.hash());
      case BlockRef.Tag tag ->
          switch (tag) {
            case EARLIEST -> chain.header(0);
            case LATEST, PENDING, SAFE, FINALIZED -> Optional.of(chain.head());
          };
    };
  }
}
