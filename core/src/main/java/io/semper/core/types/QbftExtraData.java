package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// What a QBFT header carries in its extra data: `[vanity, [validator, ...], vote, round, [seal,
/// ...]]`.
///
/// Round and seals say how a block came to be final and not what it is; they are no part of its
/// hash. Two nodes may hold the same block with other rounds and seals. See [Header#hash] and
/// [Header#sealHash].
///
/// @param vanity 32 bytes of the proposer's choosing; by convention, which no rule enforces
/// @param validators those who may seal this block, ascending; none where a contract keeps them
/// @param vote of the proposer, or `null`
/// @param round in which the block was committed
/// @param seals signatures over the seal hash
public record QbftExtraData(
    byte[] vanity, List<Address> validators, Vote vote, int round, List<Signature> seals) {
  /// The mix hash of every QBFT header, by which one is told from other headers.
  public static final Hash32 MIX_HASH =
      Hash32.of("0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365");

  /// Most validators, and so most seals, a header may name: 45 KiB of recovering and storing.
  public static final int MAX_VALIDATORS = 256;

  public static final int VANITY_BYTES = 32;

  /// Longest extra data that is read, with room for vanities out of the ordinary.
  public static final int MAX_BYTES = 64 << 10;

  private static final int SEAL_BYTES = 65;
  private static final byte[] ADD = {(byte) 0xFF};
  private static final byte[] DROP = {};

  /// A proposer's wish for another set of validators.
  ///
  /// @param add whether `recipient` should become a validator or cease to be one
  public record Vote(Address recipient, boolean add) {}

  public QbftExtraData {
    validators = List.copyOf(validators);
    seals = List.copyOf(seals);
  }

  /// The same in another round, without seals: what is hashed and sealed.
  public QbftExtraData unsealed(int newRound) {
    return new QbftExtraData(vanity, validators, vote, newRound, List.of());
  }

  public QbftExtraData sealed(List<Signature> newSeals) {
    return new QbftExtraData(vanity, validators, vote, round, newSeals);
  }

  public byte[] encode() {
    RlpWriter out = new RlpWriter(64 + 21 * validators.size() + 67 * seals.size());
    out.startList().bytes(vanity).startList();
    for (Address validator : validators) {
      out.address(validator);
    }
    out.endList().startList();
    if (vote != null) {
      out.address(vote.recipient()).bytes(vote.add() ? ADD : DROP);
    }
    out.endList().number(round).startList();
    for (Signature seal : seals) {
      writeSignature(out, seal);
    }
    return out.endList().endList().toBytes();
  }

  /// Reads the encoding. What may stand behind its five items in the list is left out: no hash
  /// covers it.
  ///
  /// @throws MalformedInputException where it is none
  public static QbftExtraData decode(byte[] encoded) {
    if (encoded.length > MAX_BYTES) {
      throw new MalformedInputException(
          "extra data of " + encoded.length + " bytes, at most " + MAX_BYTES + " allowed", 0);
    }
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    byte[] vanity = in.readBytes();
    List<Address> validators = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      checkCount(validators.size(), in);
      validators.add(in.readAddress());
    }
    in.leaveList();
    Vote vote = readVote(in);
    long round = in.readLong();
    if (round > Integer.MAX_VALUE) {
      throw new MalformedInputException("round " + round + " exceeds 31 bits", in.offset());
    }
    List<Signature> seals = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      checkCount(seals.size(), in);
      seals.add(readSignature(in));
    }
    in.leaveList();
    while (in.hasNext()) {
      in.skip();
    }
    in.leaveList();
    in.end();
    return new QbftExtraData(vanity, validators, vote, (int) round, seals);
  }

  private static void checkCount(int count, RlpReader in) {
    if (count == MAX_VALIDATORS) {
      throw new MalformedInputException(
          "more than " + MAX_VALIDATORS + " validators or seals", in.offset());
    }
  }

  private static Vote readVote(RlpReader in) {
    in.enterList();
    Vote vote = null;
    if (in.hasNext()) {
      Address recipient = in.readAddress();
      int at = in.offset();
      byte[] type = in.readBytesUpTo(1);
      if (type.length == 1 && type[0] != ADD[0]) {
        throw new MalformedInputException("vote neither adds (0xff) nor drops (empty)", at);
      }
      vote = new Vote(recipient, type.length == 1);
    }
    in.leaveList();
    return vote;
  }

  /// Writes 65 bytes `r ‖ s ‖ v` as a string, v being 0 or 1.
  public static void writeSignature(RlpWriter out, Signature signature) {
    byte[] bytes = new byte[SEAL_BYTES];
    signature.r().writeTo(bytes, 0);
    signature.s().writeTo(bytes, 32);
    bytes[64] = (byte) signature.yParity();
    out.bytes(bytes);
  }

  /// Reads what [#writeSignature] writes.
  ///
  /// @throws MalformedInputException where it is none
  public static Signature readSignature(RlpReader in) {
    int at = in.offset();
    byte[] bytes = in.readBytes(SEAL_BYTES);
    if ((bytes[64] & 0xFE) != 0) {
      throw new MalformedInputException(
          "signature whose v is " + (bytes[64] & 0xFF) + ", expected 0 or 1", at);
    }
    return new Signature(bytes[64], UInt256.of(bytes, 0, 32), UInt256.of(bytes, 32, 32));
  }
}
