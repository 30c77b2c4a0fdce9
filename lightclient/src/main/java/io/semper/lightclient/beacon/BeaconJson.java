package io.semper.lightclient.beacon;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Containers as the beacon API writes them in JSON: numbers as decimal strings, bytes in
/// hexadecimal.
///
/// The shape tells the fork: what `version` says, where it stands and whether it is there at all
/// differs between servers. Branches may have any length that some fork gives them; what they have
/// to prove is for [SyncProtocol] to say.
final class BeaconJson {
  private static final int MAX_NESTING = 16;
  private static final int MAX_STRING_CHARS = 4096;
  private static final int MAX_BRANCH = 16;

  /// Of a whole reply: committees of 512 keys, and about a hundred beside them. Brackets are few
  /// bytes and become many.
  private static final int MAX_TOKENS = BeaconSource.MAX_UPDATES * 1024;

  private static final JsonMapper MAPPER =
      new JsonMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_NESTING)
                      .maxStringLength(MAX_STRING_CHARS)
                      .maxNumberLength(32)
                      .maxNameLength(64)
                      .maxTokenCount(MAX_TOKENS)
                      .build())
              .build());

  private final int committeeSize;

  BeaconJson(int committeeSize) {
    this.committeeSize = committeeSize;
  }

  static JsonNode parse(byte[] text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new MalformedInputException("reply is no JSON: " + e.getMessage(), 0);
    }
  }

  /// A list of updates: each within `data` of its own, or all within one.
  static List<JsonNode> list(JsonNode reply, int most) {
    JsonNode array = reply.isArray() ? reply : member(reply, "data");
    if (!array.isArray() || array.size() > most) {
      throw malformed("list", array.isArray() ? array.size() + " elements" : "none");
    }
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(element -> elements.add(unwrap(element)));
    return elements;
  }

  static JsonNode unwrap(JsonNode reply) {
    return reply.has("data") ? reply.get("data") : reply;
  }

  LightClientBootstrap bootstrap(JsonNode in) {
    SyncCommittee committee = committee(member(in, "current_sync_committee"));
    return new LightClientBootstrap(
        header(member(in, "header")), committee, branch(in, "current_sync_committee_branch"));
  }

  LightClientUpdate update(JsonNode in, Kind kind) {
    boolean full = kind == Kind.FULL;
    boolean finality = kind != Kind.OPTIMISTIC && in.hasNonNull("finalized_header");
    JsonNode aggregate = member(in, "sync_aggregate");
    return new LightClientUpdate(
        header(member(in, "attested_header")),
        full ? committee(member(in, "next_sync_committee")) : null,
        full ? branch(in, "next_sync_committee_branch") : new Hash32[0],
        finality ? header(in.get("finalized_header")) : LightClientHeader.EMPTY,
        finality ? branch(in, "finality_branch") : new Hash32[0],
        new SyncAggregate(
            bytes(aggregate, "sync_committee_bits", committeeSize / Byte.SIZE),
            bytes(aggregate, "sync_committee_signature", SyncAggregate.SIGNATURE_BYTES)),
        uint64(in, "signature_slot"));
  }

  private static LightClientHeader header(JsonNode in) {
    JsonNode at = in.has("beacon") ? in.get("beacon") : in;
    BeaconBlockHeader beacon =
        new BeaconBlockHeader(
            uint64(at, "slot"),
            uint64(at, "proposer_index"),
            hash(at, "parent_root"),
            hash(at, "state_root"),
            hash(at, "body_root"));
    if (in.has("execution_block_hash")) {
      return new LightClientHeader(
          beacon, null, hash(in, "execution_block_hash"), branch(in, "execution_branch"));
    }
    return in.hasNonNull("execution")
        ? LightClientHeader.of(
            beacon, execution(in.get("execution")), branch(in, "execution_branch"))
        : LightClientHeader.of(
            beacon, ExecutionPayloadHeader.EMPTY, LightClientHeader.EMPTY.executionBranch());
  }

  private static ExecutionPayloadHeader execution(JsonNode in) {
    boolean blobs = in.has("blob_gas_used");
    byte[] extraData = bytes(in, "extra_data");
    if (extraData.length > ExecutionPayloadHeader.MAX_EXTRA_DATA_BYTES) {
      throw malformed("extra_data", extraData.length + " bytes");
    }
    return new ExecutionPayloadHeader(
        hash(in, "parent_hash"),
        Address.of(bytes(in, "fee_recipient", Address.BYTES)),
        hash(in, "state_root"),
        hash(in, "receipts_root"),
        bytes(in, "logs_bloom", ExecutionPayloadHeader.LOGS_BLOOM_BYTES),
        hash(in, "prev_randao"),
        uint64(in, "block_number"),
        uint64(in, "gas_limit"),
        uint64(in, "gas_used"),
        uint64(in, "timestamp"),
        extraData,
        UInt256.of(number(in, "base_fee_per_gas", 256)),
        hash(in, "block_hash"),
        hash(in, "transactions_root"),
        hash(in, "withdrawals_root"),
        blobs ? uint64(in, "blob_gas_used") : 0,
        blobs ? uint64(in, "excess_blob_gas") : 0);
  }

  private SyncCommittee committee(JsonNode in) {
    JsonNode keys = member(in, "pubkeys");
    if (!keys.isArray() || keys.size() != committeeSize) {
      throw malformed("pubkeys", keys.size() + " keys");
    }
    byte[] encoded = new byte[SyncCommittee.sszBytes(committeeSize)];
    for (int i = 0; i < committeeSize; i++) {
      byte[] key = bytes("pubkeys", keys.get(i), SyncCommittee.KEY_BYTES);
      System.arraycopy(key, 0, encoded, i * SyncCommittee.KEY_BYTES, key.length);
    }
    byte[] aggregate = bytes(in, "aggregate_pubkey", SyncCommittee.KEY_BYTES);
    System.arraycopy(
        aggregate, 0, encoded, committeeSize * SyncCommittee.KEY_BYTES, aggregate.length);
    return SyncCommittee.of(encoded);
  }

  private static Hash32[] branch(JsonNode in, String name) {
    JsonNode nodes = member(in, name);
    if (!nodes.isArray() || nodes.size() > MAX_BRANCH) {
      throw malformed(name, nodes.size() + " nodes");
    }
    Hash32[] branch = new Hash32[nodes.size()];
    for (int i = 0; i < branch.length; i++) {
      branch[i] = Hash32.of(bytes(name, nodes.get(i), Hash32.BYTES));
    }
    return branch;
  }

  private static Hash32 hash(JsonNode in, String name) {
    return Hash32.of(bytes(in, name, Hash32.BYTES));
  }

  private static byte[] bytes(JsonNode in, String name, int length) {
    return bytes(name, member(in, name), length);
  }

  private static byte[] bytes(JsonNode in, String name) {
    return bytes(name, member(in, name));
  }

  private static byte[] bytes(String name, JsonNode value, int length) {
    byte[] bytes = bytes(name, value);
    if (bytes.length != length) {
      throw malformed(name, bytes.length + " bytes, not " + length);
    }
    return bytes;
  }

  private static byte[] bytes(String name, JsonNode value) {
    if (!value.isTextual() || !value.textValue().startsWith("0x")) {
      throw malformed(name, "no bytes");
    }
    try {
      return Hex.decode(value.textValue());
    } catch (IllegalArgumentException e) {
      throw malformed(name, e.getMessage());
    }
  }

  private static long uint64(JsonNode in, String name) {
    return number(in, name, 64).longValue();
  }

  private static BigInteger number(JsonNode in, String name, int bits) {
    JsonNode value = member(in, name);
    String text = value.isTextual() || value.isIntegralNumber() ? value.asText() : "";
    if (!text.matches("[0-9]{1,78}")) {
      throw malformed(name, "no number");
    }
    BigInteger number = new BigInteger(text);
    if (number.bitLength() > bits) {
      throw malformed(name, "more than " + bits + " bits");
    }
    return number;
  }

  private static JsonNode member(JsonNode in, String name) {
    JsonNode value = in.get(name);
    if (value == null || value.isNull()) {
      throw malformed(name, "missing");
    }
    return value;
  }

  private static MalformedInputException malformed(String name, String problem) {
    return new MalformedInputException(name + ": " + problem, 0);
  }
}
