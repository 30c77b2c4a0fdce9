package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Commit;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.QbftExtraData;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Messages as bytes, in the encoding Besu gives them on `istanbul/100`.
///
/// An encoding as a whole is `[code, message]`, since there is no other place for the code here. Of
/// the extra items that releases 26.1 to 26.5 of Besu write, none are written; where they are empty
/// they are read over.
public final class MessageCodec {
  /// Longest message: twice the largest block (EIP-7934) would be more than any needs, since a
  /// message holds one block.
  public static final int MAX_BYTES = 12 << 20;

  private static final UInt256 HALF = Secp256k1.HALF_N;

  private final Recovery recovery;

  public MessageCodec(Recovery recovery) {
    this.recovery = recovery;
  }

  public static byte[] encode(QbftMessage message) {
    RlpWriter out = new RlpWriter(512).startList().number(message.code());
    switch (message) {
      case Proposal p -> {
        out.startList();
        signed(out, p);
        out.startList().startList();
        for (RoundChange change : p.roundChanges()) {
          signed(out, change);
        }
        out.endList().startList();
        for (Prepare prepare : p.prepares()) {
          signed(out, prepare);
        }
        out.endList().endList().endList();
      }
      case Prepare p -> signed(out, p);
      case Commit c -> signed(out, c);
      case RoundChange r -> {
        out.startList();
        signed(out, r);
        if (r.block() == null) {
          out.startList().endList();
        } else {
          out.raw(r.block().encode());
        }
        out.startList();
        for (Prepare prepare : r.prepares()) {
          signed(out, prepare);
        }
        out.endList().endList();
      }
    }
    return out.endList().toBytes();
  }

  private static void signed(RlpWriter out, QbftMessage message) {
    out.startList().raw(message.payload());
    QbftExtraData.writeSignature(out, message.signature());
    out.endList();
  }

  /// Reads a message and finds out who signed it and all it holds.
  ///
  /// @throws MalformedInputException where it is none, or a signature in it is none
  public QbftMessage decode(byte[] encoded) {
    return decode(encoded, author -> true);
  }

  /// The same for messages of those who are welcome; `null` for others', of which no more than one
  /// signature has been looked at.
  public QbftMessage decode(byte[] encoded, Predicate<Address> welcome) {
    if (encoded.length > MAX_BYTES) {
      throw new MalformedInputException(
          "message of " + encoded.length + " bytes, at most " + MAX_BYTES + " allowed", 0);
    }
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    long code = in.readLong();
    QbftMessage message =
        switch ((int) Math.min(code, Integer.MAX_VALUE)) {
          case Proposal.CODE -> proposal(in, welcome);
          case Prepare.CODE -> prepare(in);
          case Commit.CODE -> commit(in);
          case RoundChange.CODE -> roundChange(in, welcome);
          default -> throw new MalformedInputException("message code " + code, in.offset());
        };
    if (message == null || !welcome.test(message.author())) {
      return null;
    }
    in.leaveList();
    in.end();
    return message;
  }

  private Proposal proposal(RlpReader in, Predicate<Address> welcome) {
    in.enterList();
    in.enterList();
    byte[] payload = in.readRaw();
    RlpReader body = new RlpReader(payload);
    body.enterList();
    long height = body.readLong();
    int round = round(body);
    Block block = Block.decode(body.readRaw());
    skipEmpty(body);
    body.leaveList();
    Signature signature = QbftExtraData.readSignature(in);
    Address author = author(Proposal.CODE, payload, signature, in);
    if (!welcome.test(author)) {
      return null;
    }
    in.leaveList();
    in.enterList();
    List<RoundChange> changes = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      checkCount(changes.size(), in);
      changes.add(bareRoundChange(in));
    }
    in.leaveList();
    List<Prepare> prepares = prepares(in);
    in.leaveList();
    in.leaveList();
    Hash32 digest = block.header().sealHash();
    return new Proposal(
        height, round, block, digest, signature, author, List.copyOf(changes), prepares);
  }

  private Prepare prepare(RlpReader in) {
    in.enterList();
    byte[] payload = in.readRaw();
    RlpReader body = new RlpReader(payload);
    body.enterList();
    long height = body.readLong();
    int round = round(body);
    Hash32 digest = body.readHash();
    body.leaveList();
    Signature signature = QbftExtraData.readSignature(in);
    Address author = author(Prepare.CODE, payload, signature, in);
    in.leaveList();
    return new Prepare(height, round, digest, signature, author);
  }

  private Commit commit(RlpReader in) {
    in.enterList();
    byte[] payload = in.readRaw();
    RlpReader body = new RlpReader(payload);
    body.enterList();
    long height = body.readLong();
    int round = round(body);
    Hash32 digest = body.readHash();
    Signature seal = QbftExtraData.readSignature(body);
    body.leaveList();
    Signature signature = QbftExtraData.readSignature(in);
    Address author = author(Commit.CODE, payload, signature, in);
    in.leaveList();
    return new Commit(height, round, digest, seal, signature, author);
  }

  private RoundChange roundChange(RlpReader in, Predicate<Address> welcome) {
    in.enterList();
    RoundChange bare = bareRoundChange(in);
    if (!welcome.test(bare.author())) {
      return null;
    }
    byte[] raw = in.readRaw();
    Block block = raw.length == 1 && raw[0] == (byte) 0xC0 ? null : Block.decode(raw);
    if (in.hasNext() && !in.nextIsList()) {
      skipEmpty(in);
    }
    List<Prepare> prepares = prepares(in);
    in.leaveList();
    return new RoundChange(
        bare.height(),
        bare.round(),
        bare.preparedRound(),
        bare.preparedDigest(),
        bare.signature(),
        bare.author(),
        block,
        prepares);
  }

  private RoundChange bareRoundChange(RlpReader in) {
    in.enterList();
    byte[] payload = in.readRaw();
    RlpReader body = new RlpReader(payload);
    body.enterList();
    long height = body.readLong();
    int round = round(body);
    int preparedRound = -1;
    Hash32 preparedDigest = null;
    body.enterList();
    if (body.hasNext()) {
      preparedRound = round(body);
      preparedDigest = body.readHash();
    }
    body.leaveList();
    body.leaveList();
    Signature signature = QbftExtraData.readSignature(in);
    Address author = author(RoundChange.CODE, payload, signature, in);
    in.leaveList();
    return new RoundChange(
        height, round, preparedRound, preparedDigest, signature, author, null, List.of());
  }

  private List<Prepare> prepares(RlpReader in) {
    List<Prepare> prepares = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      checkCount(prepares.size(), in);
      prepares.add(prepare(in));
    }
    in.leaveList();
    return List.copyOf(prepares);
  }

  private static void checkCount(int count, RlpReader in) {
    if (count == QbftExtraData.MAX_VALIDATORS) {
      throw new MalformedInputException(
          "more than " + QbftExtraData.MAX_VALIDATORS + " messages in one", in.offset());
    }
  }

  private static int round(RlpReader in) {
    int at = in.offset();
    long round = in.readLong();
    if (round > Consensus.MAX_ROUND) {
      throw new MalformedInputException("round " + round + " above any that is reached", at);
    }
    return (int) round;
  }

  /// The place of a block access list, where the list is none.
  private static void skipEmpty(RlpReader in) {
    if (in.hasNext()) {
      in.readBytesUpTo(0);
    }
  }

  private Address author(int code, byte[] payload, Signature signature, RlpReader in) {
    Address author =
        signature.s().compareTo(HALF) > 0
            ? null
            : recovery.recover(QbftMessage.hashOf(code, payload), signature);
    if (author == null) {
      throw new MalformedInputException("signature of nobody", in.offset());
    }
    return author;
  }
}
