package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.Optional;

/// A block header of any fork. Fields of later forks are `null` in earlier headers.
///
/// Fields appear in the order of their encoding; a header may carry a later field only if it
/// carries all before it. Immutable; the hash is computed once.
///
/// Headers of QBFT networks are told by their mix hash and by extra data of that shape, which is
/// longer than other networks allow. Their hash leaves out round and seals.
public final class Header {
  /// Keccak-256 of the RLP of an empty list: the ommers hash of blocks without ommers.
  public static final Hash32 NO_OMMERS = Keccak.hash(new byte[] {(byte) 0xC0});

  /// Extra data of all but proof-of-authority networks is no longer (Yellow Paper, 4.3.4).
  public static final int MAX_PLAIN_EXTRA_DATA_BYTES = 32;

  private final Builder f;
  private byte[] encoded;
  private Hash32 hash;
  private Optional<QbftExtraData> qbft;

  private Header(Builder fields) {
    f = fields;
  }

  public Hash32 parentHash() {
    return f.parentHash;
  }

  public Hash32 ommersHash() {
    return f.ommersHash;
  }

  public Address beneficiary() {
    return f.beneficiary;
  }

  public Hash32 stateRoot() {
    return f.stateRoot;
  }

  public Hash32 transactionsRoot() {
    return f.transactionsRoot;
  }

  public Hash32 receiptsRoot() {
    return f.receiptsRoot;
  }

  public Bloom logsBloom() {
    return f.logsBloom;
  }

  /// Zero in every proof-of-stake block (EIP-3675).
  public UInt256 difficulty() {
    return f.difficulty;
  }

  public long number() {
    return f.number;
  }

  public long gasLimit() {
    return f.gasLimit;
  }

  public long gasUsed() {
    return f.gasUsed;
  }

  /// Seconds since 1970, unsigned: nothing bounds it but the encoding's 64 bits.
  public long timestamp() {
    return f.timestamp;
  }

  public byte[] extraData() {
    return f.extraData;
  }

  /// The ethash mix, or the randomness of the beacon chain since Paris (EIP-4399).
  public Hash32 mixHash() {
    return f.mixHash;
  }

  /// The eight bytes of the proof-of-work nonce.
  public long nonce() {
    return f.nonce;
  }

  /// Since London (EIP-1559).
  public UInt256 baseFeePerGas() {
    return f.baseFeePerGas;
  }

  /// Since Shanghai (EIP-4895).
  public Hash32 withdrawalsRoot() {
    return f.withdrawalsRoot;
  }

  /// Since Cancun (EIP-4844), unsigned.
  public Long blobGasUsed() {
    return f.blobGasUsed;
  }

  /// Since Cancun (EIP-4844), unsigned.
  public Long excessBlobGas() {
    return f.excessBlobGas;
  }

  /// Since Cancun (EIP-4788).
  public Hash32 parentBeaconBlockRoot() {
    return f.parentBeaconBlockRoot;
  }

  /// Since Prague (EIP-7685).
  public Hash32 requestsHash() {
    return f.requestsHash;
  }

  /// Since Amsterdam (EIP-7928), whose blocks can be read here and not yet executed.
  public Hash32 blockAccessListHash() {
    return f.blockAccessListHash;
  }

  /// Since Amsterdam (EIP-7843), unsigned.
  public Long slotNumber() {
    return f.slotNumber;
  }

  /// The block's hash: Keccak-256 of the encoding, which for QBFT has round 0 and no seals. The
  /// genesis block is hashed as it is.
  public Hash32 hash() {
    Hash32 h = hash;
    if (h == null) {
      h = qbft().map(extra -> encodedHash(extra.unsealed(0))).orElse(null);
      if (h == null) {
        h = Keccak.hash(encode());
      }
      hash = h;
    }
    return h;
  }

  private Hash32 encodedHash(QbftExtraData extra) {
    byte[] encodedExtra = extra.encode();
    return Keccak.hash(write(encodedExtra));
  }

  /// The extra data of a header that QBFT made; empty for all others and for genesis blocks.
  public Optional<QbftExtraData> qbft() {
    Optional<QbftExtraData> q = qbft;
    if (q == null) {
      q = readQbft();
      qbft = q;
    }
    return q;
  }

  private Optional<QbftExtraData> readQbft() {
    if (f.number == 0
        || f.extraData.length <= MAX_PLAIN_EXTRA_DATA_BYTES
        || !f.mixHash.equals(QbftExtraData.MIX_HASH)) {
      return Optional.empty();
    }
    try {
      return Optional.of(QbftExtraData.decode(f.extraData));
    } catch (MalformedInputException other) {
      return Optional.empty();
    }
  }

  /// The RLP encoding. Callers do not change it.
  public byte[] encode() {
    byte[] e = encoded;
    if (e == null) {
      e = write(f.extraData);
      encoded = e;
    }
    return e;
  }

  private byte[] write(byte[] extraData) {
    RlpWriter out = new RlpWriter(640);
    out.startList();
    writeUpToExtraData(out);
    out.bytes(extraData).hash(f.mixHash);
    writeNonce(out);
    writeLaterFields(out);
    return out.endList().toBytes();
  }

  /// What a seal is made over. For QBFT the hash of the header with its round and without seals,
  /// for ethash that of the header without mix and nonce.
  public Hash32 sealHash() {
    Optional<QbftExtraData> extra = qbft();
    if (extra.isPresent()) {
      return encodedHash(extra.get().unsealed(extra.get().round()));
    }
    RlpWriter out = new RlpWriter(640);
    out.startList();
    writeUpToExtraData(out);
    out.bytes(f.extraData);
    writeLaterFields(out);
    return Keccak.hash(out.endList().toBytes());
  }

  /// All fields before the extra data.
  private void writeUpToExtraData(RlpWriter out) {
    out.hash(f.parentHash).hash(f.ommersHash).address(f.beneficiary);
    out.hash(f.stateRoot).hash(f.transactionsRoot).hash(f.receiptsRoot);
    out.bytes(f.logsBloom.toBytes()).number(f.difficulty).number(f.number);
    out.number(f.gasLimit).number(f.gasUsed).number(f.timestamp);
  }

  private void writeNonce(RlpWriter out) {
    byte[] nonce = new byte[8];
    for (int i = 0; i < 8; i++) {
      nonce[i] = (byte) (f.nonce >>> (56 - 8 * i));
    }
    out.bytes(nonce);
  }

  private void writeLaterFields(RlpWriter out) {
    if (f.baseFeePerGas != null) out.number(f.baseFeePerGas);
    if (f.withdrawalsRoot != null) out.hash(f.withdrawalsRoot);
    if (f.blobGasUsed != null) out.number(f.blobGasUsed);
    if (f.excessBlobGas != null) out.number(f.excessBlobGas);
    if (f.parentBeaconBlockRoot != null) out.hash(f.parentBeaconBlockRoot);
    if (f.requestsHash != null) out.hash(f.requestsHash);
    if (f.blockAccessListHash != null) out.hash(f.blockAccessListHash);
    if (f.slotNumber != null) out.number(f.slotNumber);
  }

  /// Reads the RLP encoding. Items behind those of QBFT's extra data, which nothing covers, are
  /// left out.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it is none
  public static Header decode(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    Header header = readFrom(in);
    in.end();
    return header;
  }

  static Header readFrom(RlpReader in) {
    Builder b = new Builder();
    in.enterList();
    b.parentHash = in.readHash();
    b.ommersHash = in.readHash();
    b.beneficiary = in.readAddress();
    b.stateRoot = in.readHash();
    b.transactionsRoot = in.readHash();
    b.receiptsRoot = in.readHash();
    b.logsBloom = Bloom.of(in.readBytes(Bloom.BYTES));
    b.difficulty = in.readNumber();
    b.number = in.readLong();
    b.gasLimit = in.readLong();
    b.gasUsed = in.readLong();
    b.timestamp = in.readUnsignedLong();
    b.extraData = in.readBytes();
    b.mixHash = in.readHash();
    byte[] nonce = in.readBytes(8);
    for (byte part : nonce) {
      b.nonce = b.nonce << 8 | (part & 0xFF);
    }
    if (in.hasNext()) b.baseFeePerGas = in.readNumber();
    if (in.hasNext()) b.withdrawalsRoot = in.readHash();
    if (in.hasNext()) b.blobGasUsed = in.readUnsignedLong();
    if (in.hasNext()) b.excessBlobGas = in.readUnsignedLong();
    if (in.hasNext()) b.parentBeaconBlockRoot = in.readHash();
    if (in.hasNext()) b.requestsHash = in.readHash();
    if (in.hasNext()) b.blockAccessListHash = in.readHash();
    if (in.hasNext()) b.slotNumber = in.readUnsignedLong();
    in.leaveList();
    Header header = new Header(b);
    header
        .qbft()
        .map(QbftExtraData::encode)
        .ifPresent(canonical -> {
          if (canonical.length < b.extraData.length) {
            b.extraData = canonical;
          }
        });
    return header;
  }

  /// A builder holding this header's fields.
  public Builder toBuilder() {
    return f.copy();
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Header h && h.hash().equals(hash());
  }

  @Override
  public int hashCode() {
    return hash().hashCode();
  }

  /// Collects fields. Starts as an empty pre-London header on top of the zero hash.
  public static final class Builder {
    private Hash32 parentHash = Hash32.ZERO;
    private Hash32 ommersHash = NO_OMMERS;
    private Address beneficiary = Address.ZERO;
    private Hash32 stateRoot = Hash32.ZERO;
    private Hash32 transactionsRoot = Hash32.ZERO;
    private Hash32 receiptsRoot = Hash32.ZERO;
    private Bloom logsBloom = Bloom.EMPTY;
    private UInt256 difficulty = UInt256.ZERO;
    private long number;
    private long gasLimit;
    private long gasUsed;
    private long timestamp;
    private byte[] extraData = {};
    private Hash32 mixHash = Hash32.ZERO;
    private long nonce;
    private UInt256 baseFeePerGas;
    private Hash32 withdrawalsRoot;
    private Long blobGasUsed;
    private Long excessBlobGas;
    private Hash32 parentBeaconBlockRoot;
    private Hash32 requestsHash;
    private Hash32 blockAccessListHash;
    private Long slotNumber;

    private Builder() {}

    private Builder copy() {
      Builder b = new Builder();
      b.parentHash = parentHash;
      b.ommersHash = ommersHash;
      b.beneficiary = beneficiary;
      b.stateRoot = stateRoot;
      b.transactionsRoot = transactionsRoot;
      b.receiptsRoot = receiptsRoot;
      b.logsBloom = logsBloom;
      b.difficulty = difficulty;
      b.number = number;
      b.gasLimit = gasLimit;
      b.gasUsed = gasUsed;
      b.timestamp = timestamp;
      b.extraData = extraData;
      b.mixHash = mixHash;
      b.nonce = nonce;
      b.baseFeePerGas = baseFeePerGas;
      b.withdrawalsRoot = withdrawalsRoot;
      b.blobGasUsed = blobGasUsed;
      b.excessBlobGas = excessBlobGas;
      b.parentBeaconBlockRoot = parentBeaconBlockRoot;
      b.requestsHash = requestsHash;
      b.blockAccessListHash = blockAccessListHash;
      b.slotNumber = slotNumber;
      return b;
    }

    public Header build() {
      return new Header(copy());
    }

    public Builder parentHash(Hash32 value) {
      parentHash = value;
      return this;
    }

    public Builder ommersHash(Hash32 value) {
      ommersHash = value;
      return this;
    }

    public Builder beneficiary(Address value) {
      beneficiary = value;
      return this;
    }

    public Builder stateRoot(Hash32 value) {
      stateRoot = value;
      return this;
    }

    public Builder transactionsRoot(Hash32 value) {
      transactionsRoot = value;
      return this;
    }

    public Builder receiptsRoot(Hash32 value) {
      receiptsRoot = value;
      return this;
    }

    public Builder logsBloom(Bloom value) {
      logsBloom = value;
      return this;
    }

    public Builder difficulty(UInt256 value) {
      difficulty = value;
      return this;
    }

    public Builder number(long value) {
      number = value;
      return this;
    }

    public Builder gasLimit(long value) {
      gasLimit = value;
      return this;
    }

    public Builder gasUsed(long value) {
      gasUsed = value;
      return this;
    }

    public Builder timestamp(long value) {
      timestamp = value;
      return this;
    }

    public Builder extraData(byte[] value) {
      extraData = value;
      return this;
    }

    public Builder mixHash(Hash32 value) {
      mixHash = value;
      return this;
    }

    public Builder nonce(long value) {
      nonce = value;
      return this;
    }

    public Builder baseFeePerGas(UInt256 value) {
      baseFeePerGas = value;
      return this;
    }

    public Builder withdrawalsRoot(Hash32 value) {
      withdrawalsRoot = value;
      return this;
    }

    public Builder blobGasUsed(Long value) {
      blobGasUsed = value;
      return this;
    }

    public Builder excessBlobGas(Long value) {
      excessBlobGas = value;
      return this;
    }

    public Builder parentBeaconBlockRoot(Hash32 value) {
      parentBeaconBlockRoot = value;
      return this;
    }

    public Builder requestsHash(Hash32 value) {
      requestsHash = value;
      return this;
    }

    public Builder blockAccessListHash(Hash32 value) {
      blockAccessListHash = value;
      return this;
    }

    public Builder slotNumber(Long value) {
      slotNumber = value;
      return this;
    }
  }
}
