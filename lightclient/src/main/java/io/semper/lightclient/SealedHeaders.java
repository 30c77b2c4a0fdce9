package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.QbftSeals;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Seals and round of QBFT headers. A hash proves nothing of them, since it leaves them out: they
/// are shown where a quorum of the validators whom the header names sealed it in that round, and
/// left out where that cannot be seen, as where a contract names the validators. Looked at only
/// when a header is shown, for it takes time.
///
/// Two honest nodes may have other seals of one block; both are true. Safe for use by several
/// threads.
final class SealedHeaders {
  private static final long HEADER_BYTES = 2 << 20;

  private final boolean used;
  private final UpstreamPool upstreams;
  private final BoundedCache<Hash32, Header> shown =
      new BoundedCache<>(HEADER_BYTES, header -> 2 * header.extraData().length + 1_000);

  /// @param used whether the network is one of QBFT
  SealedHeaders(boolean used, UpstreamPool upstreams) {
    this.used = used;
    this.upstreams = upstreams;
  }

  /// A header whose hash is proven, with seals and round only if these are proven as well. Where
  /// they are not, others are asked for better ones.
  Header of(Header header) {
    return atHand(header).or(() -> asked(header)).orElseGet(() -> bare(header));
  }

  /// The same, asking nobody.
  Header quick(Header header) {
    return atHand(header).orElseGet(() -> bare(header));
  }

  private Optional<Header> atHand(Header header) {
    if (!used || header.qbft().isEmpty()) {
      return Optional.of(header);
    }
    Header known = shown.get(header.hash());
    if (known == null && !set(header).isEmpty() && problem(header).isEmpty()) {
      put(header);
      return Optional.of(header);
    }
    return Optional.ofNullable(known);
  }

  /// Takes a header whose seals have been proven.
  void put(Header header) {
    if (used) {
      shown.put(header.hash(), header);
    }
  }

  /// Whoever gave the header gave other seals than it has; another may do better.
  private Optional<Header> asked(Header header) {
    if (set(header).isEmpty()) {
      return Optional.empty();
    }
    Hash32 hash = header.hash();
    try {
      Header proven =
          upstreams
              .ask(
                  List.of(Call.of("eth_getBlockByHash", hash, false)),
                  replies -> {
                    Header other = HeaderChain.ofHash(Reply.found(replies.get(0)), hash);
                    Optional<String> problem = problem(other);
                    if (problem.isPresent()) {
                      throw new LieException("block " + other.number() + ": " + problem.get());
                    }
                    return other;
                  })
              .value();
      put(proven);
      return Optional.of(proven);
    } catch (UnavailableException nobody) {
      return Optional.empty();
    }
  }

  private static List<Address> set(Header header) {
    return header.qbft().map(QbftExtraData::validators).orElse(List.of());
  }

  private static Optional<String> problem(Header header) {
    List<Address> set = set(header);
    return QbftSeals.problem(
        header, set, QbftSeals.quorum(set.size()), Secp256k1::recover, new ArrayList<>());
  }

  /// The header without what its hash does not cover.
  private static Header bare(Header header) {
    byte[] extra = header.qbft().orElseThrow().unsealed(0).encode();
    return header.toBuilder().extraData(extra).build();
  }
}
