package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.QbftExtraData;
import java.util.List;

/// What validators send each other, with the signature that its author made over it.
///
/// [MessageCodec] makes them from bytes and has then found out who signed; nobody else makes any
/// but of his own. The digest of a block is its seal hash: with the round of its header.
public sealed interface QbftMessage {
  long height();

  int round();

  Signature signature();

  Address author();

  /// Of the block it is about: zero where it names none.
  Hash32 digest();

  /// The number Besu gives this kind of message.
  int code();

  /// The RLP of what is signed.
  byte[] payload();

  /// What the signature is made over: Keccak-256 of `[code, payload]`.
  default Hash32 signedHash() {
    return hashOf(code(), payload());
  }

  static Hash32 hashOf(int code, byte[] payload) {
    return Keccak.hash(
        new RlpWriter(payload.length + 16)
            .startList()
            .number(code)
            .raw(payload)
            .endList()
            .toBytes());
  }

  /// A block for a round.
  ///
  /// @param digest of the block
  /// @param roundChanges which justify a round above 0: of a quorum, without blocks and prepares
  /// @param prepares which show that the block was prepared in the highest round they name
  record Proposal(
      long height,
      int round,
      Block block,
      Hash32 digest,
      Signature signature,
      Address author,
      List<RoundChange> roundChanges,
      List<Prepare> prepares)
      implements QbftMessage {
    static final int CODE = 0x12;

    static byte[] payload(long height, int round, Block block) {
      return new RlpWriter(1024)
          .startList()
          .number(height)
          .number(round)
          .raw(block.encode())
          .endList()
          .toBytes();
    }

    static Proposal sign(
        Signer key,
        long height,
        int round,
        Block block,
        List<RoundChange> roundChanges,
        List<Prepare> prepares) {
      Signature signature = key.sign(QbftMessage.hashOf(CODE, payload(height, round, block)));
      Hash32 digest = block.header().sealHash();
      return new Proposal(
          height, round, block, digest, signature, key.address(), roundChanges, prepares);
    }

    @Override
    public int code() {
      return CODE;
    }

    @Override
    public byte[] payload() {
      return payload(height, round, block);
    }
  }

  /// Its author has found the proposal of a round good.
  record Prepare(long height, int round, Hash32 digest, Signature signature, Address author)
      implements QbftMessage {
    static final int CODE = 0x13;

    static byte[] payload(long height, int round, Hash32 digest) {
      RlpWriter out = new RlpWriter(64).startList().number(height).number(round);
      return out.hash(digest).endList().toBytes();
    }

    static Prepare sign(Signer key, long height, int round, Hash32 digest) {
      Signature signature = key.sign(QbftMessage.hashOf(CODE, payload(height, round, digest)));
      return new Prepare(height, round, digest, signature, key.address());
    }

    @Override
    public int code() {
      return CODE;
    }

    @Override
    public byte[] payload() {
      return payload(height, round, digest);
    }
  }

  /// Its author has seen a quorum find the proposal of a round good.
  ///
  /// @param seal signature over the digest, for the header
  record Commit(
      long height, int round, Hash32 digest, Signature seal, Signature signature, Address author)
      implements QbftMessage {
    static final int CODE = 0x14;

    static byte[] payload(long height, int round, Hash32 digest, Signature seal) {
      RlpWriter out = new RlpWriter(128).startList().number(height).number(round).hash(digest);
      QbftExtraData.writeSignature(out, seal);
      return out.endList().toBytes();
    }

    static Commit sign(Signer key, long height, int round, Hash32 digest) {
      Signature seal = key.sign(digest);
      Signature signature =
          key.sign(QbftMessage.hashOf(CODE, payload(height, round, digest, seal)));
      return new Commit(height, round, digest, seal, signature, key.address());
    }

    @Override
    public int code() {
      return CODE;
    }

    @Override
    public byte[] payload() {
      return payload(height, round, digest, seal);
    }
  }

  /// Its author has given up all rounds before this one.
  ///
  /// @param preparedRound in which a quorum last prepared a block before its eyes, -1 for none
  /// @param preparedDigest of that block, or `null`
  /// @param block the same, or `null`; not signed, as the digest says it
  /// @param prepares that show it; empty within a proposal
  record RoundChange(
      long height,
      int round,
      int preparedRound,
      Hash32 preparedDigest,
      Signature signature,
      Address author,
      Block block,
      List<Prepare> prepares)
      implements QbftMessage {
    static final int CODE = 0x15;

    static byte[] payload(long height, int round, int preparedRound, Hash32 preparedDigest) {
      RlpWriter out = new RlpWriter(64).startList().number(height).number(round).startList();
      if (preparedDigest != null) {
        out.number(preparedRound).hash(preparedDigest);
      }
      return out.endList().endList().toBytes();
    }

    /// @param prepared the newest certificate, or `null`
    static RoundChange sign(Signer key, long height, int round, Certificate prepared) {
      int preparedRound = prepared == null ? -1 : prepared.round();
      Hash32 digest = prepared == null ? null : prepared.digest();
      byte[] payload = payload(height, round, preparedRound, digest);
      Signature signature = key.sign(QbftMessage.hashOf(CODE, payload));
      return new RoundChange(
          height,
          round,
          preparedRound,
          digest,
          signature,
          key.address(),
          prepared == null ? null : prepared.block(),
          prepared == null ? List.of() : prepared.prepares());
    }

    @Override
    public Hash32 digest() {
      return preparedDigest == null ? Hash32.ZERO : preparedDigest;
    }

    /// As it stands in a proposal.
    RoundChange bare() {
      return new RoundChange(
          height, round, preparedRound, preparedDigest, signature, author, null, List.of());
    }

    @Override
    public int code() {
      return CODE;
    }

    @Override
    public byte[] payload() {
      return payload(height, round, preparedRound, preparedDigest);
    }
  }

  /// That a quorum prepared a block in a round.
  ///
  /// @param block with that round in its header
  record Certificate(int round, Hash32 digest, Block block, List<Prepare> prepares) {}
}
