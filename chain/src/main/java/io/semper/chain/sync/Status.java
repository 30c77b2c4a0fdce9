package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.fork.ForkId;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;

/// What a node says of itself when a connection opens and from time to time afterwards: `[version,
/// genesis hash, [fork checksum, next fork], head number, head hash, finalized number]`.
///
/// @param finalizedNumber 0 where nothing is final
public record Status(
    Hash32 genesisHash, ForkId forkId, long headNumber, Hash32 headHash, long finalizedNumber) {
  /// Longest encoding that is read.
  static final int MAX_BYTES = 256;

  private static final long VERSION = 1;

  /// The status of a chain as it stands.
  public static Status of(ChainView chain, Header genesis) {
    Header head = chain.head();
    return new Status(
        genesis.hash(),
        ForkId.of(
            chain.forks(), genesis.hash(), genesis.timestamp(), head.number(), head.timestamp()),
        head.number(),
        head.hash(),
        chain.finalized().map(Header::number).orElse(0L));
  }

  byte[] encode() {
    return new RlpWriter(128)
        .startList()
        .number(VERSION)
        .hash(genesisHash)
        .startList()
        .number(Integer.toUnsignedLong(forkId.checksum()))
        .number(forkId.next())
        .endList()
        .number(headNumber)
        .hash(headHash)
        .number(finalizedNumber)
        .endList()
        .toBytes();
  }

  /// Reads the encoding. Later versions may append fields.
  ///
  /// @throws MalformedInputException where it is none
  static Status decode(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    if (in.readLong() < VERSION) {
      throw new MalformedInputException("status of version 0", in.offset());
    }
    Hash32 genesis = in.readHash();
    in.enterList();
    long checksum = in.readLong();
    if (checksum >>> 32 != 0) {
      throw new MalformedInputException("fork checksum exceeds 32 bits", in.offset());
    }
    ForkId forkId = new ForkId((int) checksum, in.readUnsignedLong());
    in.leaveList();
    Status status = new Status(genesis, forkId, in.readLong(), in.readHash(), in.readLong());
    while (in.hasNext()) {
      in.skip();
    }
    in.leaveList();
    in.end();
    return status;
  }

  /// Why a peer of this status cannot be of use to one of `own`; `null` where it can.
  String incompatibility(Status own) {
    if (!genesisHash.equals(own.genesisHash)) {
      return "its genesis block is " + genesisHash + ", ours " + own.genesisHash;
    }
    return null;
  }
}
