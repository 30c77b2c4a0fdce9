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
  private static final long FAILURE_BYTES = 1 << 18;

  /// Until everybody is asked again for seals that nobody had.
  private static final long ASK_AGAIN_MILLIS = 60_000;

  private final boolean used;
  private final UpstreamPool upstreams;
  private final BoundedCache<Hash32, Header> shown =
      new BoundedCache<>(HEADER_BYTES, header -> 2 * header.extraData().length + 1_000);

  /// Until when, by the pool's clock, nobody is asked for the seals of a block.
  private final BoundedCache<Hash32, Long> missing =
      new BoundedCache<>(FAILURE_BYTES, until -> Long.BYTES);

  /// @param used whether the network is one of QBFT
  SealedHeaders(boolean used, UpstreamPool upstreams) {
    this.used = used;
    this.upstreams = upstreams;
  }

  /// A header whose hash is proven, with seals and round only if these are proven as well. Where
  /// they are not, others are asked for better ones.
  Header of(Header header) {
    return atHand(header).or(() -> askedLately(header)).orElseGet(() -> bare(header));
  }

  /// The same, asking nobody.
  Header quick(Header header) {
    return atHand(header).orElseGet(() -> bare(header));
  }

  /// The same for evidence, which others judge: where nothing better is found, the header as it is.
  Header best(Header header) {
    return atHand(header).or(() -> asked(header)).orElse(header);
  }

  private Optional<Header> askedLately(Header header) {
    Long until = missing.get(header.hash());
    return until != null && upstreams.nowMillis() < until ? Optional.empty() : asked(header);
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
    Optional<Header> proven;
    try {
      proven =
          upstreams
              .find(
                  List.of(Call.of("eth_getBlockByHash", hash, false)),
                  replies -> sealed(HeaderChain.ofHash(Reply.found(replies.get(0)), hash)))
              .map(answer -> answer.value());
    } catch (UnavailableException nobody) {
      proven = Optional.empty();
    }
    proven.ifPresentOrElse(
        this::put, () -> missing.put(hash, upstreams.nowMillis() + ASK_AGAIN_MILLIS));
    return proven;
  }

  /// @throws Reply.RefusedException where it has no seals: who leaves them out says nothing false
  private static Header sealed(Header header) throws LieException, Reply.RefusedException {
    if (header.qbft().orElseThrow().seals().isEmpty()) {
      throw new Reply.RefusedException("seals not known there", true);
    }
    Optional<String> problem = problem(header);
    if (problem.isPresent()) {
      throw new LieException("block " + header.number() + ": " + problem.get());
    }
    return header;
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
