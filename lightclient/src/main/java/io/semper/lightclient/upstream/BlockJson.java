package io.semper.lightclient.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.AccessListTransaction;
import io.semper.core.types.Authorization;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.Bloom;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Log;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.Receipt;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Headers, transactions and receipts from the JSON of other nodes, in the form that hashes to what
/// their roots say. Nothing is checked here but that it can be read, and what hash and roots leave
/// open.
///
/// Everything throws `IllegalArgumentException` where the JSON is none of the kind.
public final class BlockJson {
  /// More than fit in any block.
  public static final int MAX_ITEMS = 100_000;

  private static final int MAX_TOPICS = 4;
  private static final int MAX_NAME = 64;

  /// Members of a block as nodes write it, of its header and beside it.
  private static final Set<String> KNOWN =
      Set.of(
          "parentHash",
          "sha3Uncles",
          "miner",
          "stateRoot",
          "transactionsRoot",
          "receiptsRoot",
          "logsBloom",
          "difficulty",
          "number",
          "gasLimit",
          "gasUsed",
          "timestamp",
          "extraData",
          "mixHash",
          "nonce",
          "baseFeePerGas",
          "withdrawalsRoot",
          "blobGasUsed",
          "excessBlobGas",
          "parentBeaconBlockRoot",
          "requestsHash",
          "blockAccessListHash",
          "slotNumber",
          "hash",
          "size",
          "totalDifficulty",
          "uncles",
          "transactions",
          "withdrawals",
          "author",
          "sealFields");

  private BlockJson() {}

  /// @throws LieException where a field is left out and a later one is there, as in no header. The
  ///   hash would not tell: it is of values, whatever name each is given
  public static Header header(JsonNode b) throws LieException {
    Header.Builder header =
        Header.builder()
            .parentHash(Fields.required(b, "parentHash", Fields::hash))
            .ommersHash(Fields.required(b, "sha3Uncles", Fields::hash))
            .beneficiary(Fields.required(b, "miner", Fields::address))
            .stateRoot(Fields.required(b, "stateRoot", Fields::hash))
            .transactionsRoot(Fields.required(b, "transactionsRoot", Fields::hash))
            .receiptsRoot(Fields.required(b, "receiptsRoot", Fields::hash))
            .logsBloom(Fields.required(b, "logsBloom", BlockJson::bloom))
            .difficulty(Fields.required(b, "difficulty", Fields::quantity))
            .number(Fields.required(b, "number", Fields::positiveLong))
            .gasLimit(Fields.required(b, "gasLimit", Fields::positiveLong))
            .gasUsed(Fields.required(b, "gasUsed", Fields::positiveLong))
            .timestamp(Fields.required(b, "timestamp", Fields::unsignedLong))
            .extraData(Fields.required(b, "extraData", BlockJson::extraData))
            .mixHash(Fields.required(b, "mixHash", Fields::hash))
            .nonce(Fields.required(b, "nonce", BlockJson::nonce));
    UInt256 baseFee = Fields.field(b, "baseFeePerGas", Fields::quantity);
    if (baseFee != null) header.baseFeePerGas(baseFee);
    Hash32 withdrawals = Fields.field(b, "withdrawalsRoot", Fields::hash);
    if (withdrawals != null) header.withdrawalsRoot(withdrawals);
    Long blobGas = Fields.field(b, "blobGasUsed", Fields::unsignedLong);
    if (blobGas != null) header.blobGasUsed(blobGas);
    Long excess = Fields.field(b, "excessBlobGas", Fields::unsignedLong);
    if (excess != null) header.excessBlobGas(excess);
    Hash32 beacon = Fields.field(b, "parentBeaconBlockRoot", Fields::hash);
    if (beacon != null) header.parentBeaconBlockRoot(beacon);
    Hash32 requests = Fields.field(b, "requestsHash", Fields::hash);
    if (requests != null) header.requestsHash(requests);
    Hash32 accesses = Fields.field(b, "blockAccessListHash", Fields::hash);
    if (accesses != null) header.blockAccessListHash(accesses);
    Long slot = Fields.field(b, "slotNumber", Fields::unsignedLong);
    if (slot != null) header.slotNumber(slot);
    Header read = header.build();
    if (hasGap(read)) {
      List<String> unknown = unknownFields(b);
      if (!unknown.isEmpty()) {
        throw new IllegalArgumentException("a header of another kind, with " + unknown);
      }
      throw new LieException("a header that leaves out a field before others");
    }
    return read;
  }

  private static boolean hasGap(Header h) {
    Object[] later = {
      h.baseFeePerGas(),
      h.withdrawalsRoot(),
      h.blobGasUsed(),
      h.excessBlobGas(),
      h.parentBeaconBlockRoot(),
      h.requestsHash(),
      h.blockAccessListHash(),
      h.slotNumber()
    };
    for (int i = 1; i < later.length; i++) {
      if (later[i] != null && later[i - 1] == null) {
        return true;
      }
    }
    return false;
  }

  /// Members of a block that are not known here: a later fork's header may have them.
  public static List<String> unknownFields(JsonNode block) {
    List<String> unknown = new ArrayList<>();
    block
        .fieldNames()
        .forEachRemaining(name -> {
          if (!KNOWN.contains(name) && unknown.size() < MAX_TOPICS) {
            unknown.add(name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name);
          }
        });
    return unknown;
  }

  /// What nobody has verified yet may be kept longer than the reply it came in.
  private static byte[] extraData(JsonNode node) {
    byte[] bytes = Fields.bytes(node);
    if (bytes.length > QbftExtraData.MAX_BYTES) {
      throw new IllegalArgumentException(bytes.length + " bytes");
    }
    return bytes;
  }

  private static Bloom bloom(JsonNode node) {
    byte[] bytes = Fields.bytes(node);
    if (bytes.length != Bloom.BYTES) {
      throw new IllegalArgumentException("bloom of " + bytes.length + " bytes");
    }
    return Bloom.of(bytes);
  }

  private static long nonce(JsonNode node) {
    byte[] bytes = Fields.bytes(node);
    if (bytes.length != Long.BYTES) {
      throw new IllegalArgumentException("nonce of " + bytes.length + " bytes");
    }
    return UInt256.of(bytes).limb0();
  }

  /// The transactions of a block with full ones.
  public static List<Transaction> transactions(JsonNode block) {
    return Fields.list(block.path("transactions"), MAX_ITEMS, BlockJson::transaction);
  }

  /// `null` where the block has none because of its age.
  public static List<Withdrawal> withdrawals(JsonNode block) {
    return Fields.field(
        block, "withdrawals", list -> Fields.list(list, MAX_ITEMS, BlockJson::withdrawal));
  }

  private static Withdrawal withdrawal(JsonNode w) {
    return new Withdrawal(
        Fields.required(w, "index", Fields::unsignedLong),
        Fields.required(w, "validatorIndex", Fields::unsignedLong),
        Fields.required(w, "address", Fields::address),
        Fields.required(w, "amount", Fields::unsignedLong));
  }

  public static Transaction transaction(JsonNode t) {
    Long given = Fields.field(t, "type", Fields::positiveLong);
    long type = given == null ? 0 : given;
    UInt256 v = Fields.required(t, "v", Fields::quantity);
    Signature signature =
        new Signature(
            parity(type, v),
            Fields.required(t, "r", Fields::quantity),
            Fields.required(t, "s", Fields::quantity));
    long nonce = Fields.required(t, "nonce", Fields::unsignedLong);
    long gas = Fields.required(t, "gas", Fields::unsignedLong);
    var to = Fields.field(t, "to", Fields::address);
    UInt256 value = Fields.required(t, "value", Fields::quantity);
    byte[] data = Fields.required(t, "input", Fields::bytes);
    if (type == 0) {
      UInt256 price = Fields.required(t, "gasPrice", Fields::quantity);
      return new LegacyTransaction(
          protectedChain(v), nonce, price, gas, to, value, data, signature);
    }
    UInt256 chain = Fields.required(t, "chainId", Fields::quantity);
    List<AccessListEntry> list = Fields.required(t, "accessList", BlockJson::accessList);
    if (type == 1) {
      UInt256 price = Fields.required(t, "gasPrice", Fields::quantity);
      return new AccessListTransaction(chain, nonce, price, gas, to, value, data, list, signature);
    }
    UInt256 tip = Fields.required(t, "maxPriorityFeePerGas", Fields::quantity);
    UInt256 most = Fields.required(t, "maxFeePerGas", Fields::quantity);
    return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
      case 2 ->
          new FeeMarketTransaction(chain, nonce, tip, most, gas, to, value, data, list, signature);
      case 3 ->
          new BlobTransaction(
              chain,
              nonce,
              tip,
              most,
              gas,
              to,
              value,
              data,
              list,
              Fields.required(t, "maxFeePerBlobGas", Fields::quantity),
              Fields.required(
                  t, "blobVersionedHashes", n -> Fields.list(n, MAX_ITEMS, Fields::hash)),
              signature);
      case 4 ->
          new SetCodeTransaction(
              chain,
              nonce,
              tip,
              most,
              gas,
              to,
              value,
              data,
              list,
              Fields.required(
                  t, "authorizationList", n -> Fields.list(n, MAX_ITEMS, BlockJson::authorization)),
              signature);
      default -> throw new IllegalArgumentException("transaction type " + type + " not supported");
    };
  }

  private static List<AccessListEntry> accessList(JsonNode node) {
    return Fields.list(
        node,
        MAX_ITEMS,
        entry ->
            new AccessListEntry(
                Fields.required(entry, "address", Fields::address),
                Fields.required(
                    entry, "storageKeys", n -> Fields.list(n, MAX_ITEMS, Fields::hash))));
  }

  private static Authorization authorization(JsonNode node) {
    long parity = Fields.required(node, "yParity", Fields::positiveLong);
    if (parity > 255) {
      throw new IllegalArgumentException("authorization parity exceeds one byte");
    }
    return new Authorization(
        Fields.required(node, "chainId", Fields::quantity),
        Fields.required(node, "address", Fields::address),
        Fields.required(node, "nonce", Fields::unsignedLong),
        (int) parity,
        Fields.required(node, "r", Fields::quantity),
        Fields.required(node, "s", Fields::quantity));
  }

  private static int parity(long type, UInt256 v) {
    return type > 0 ? (int) (v.limb0() & 1) : (int) (v.limb0() + 1 & 1);
  }

  /// EIP-155: `v` is 35 or 36 and twice the chain id; before it 27 or 28.
  private static UInt256 protectedChain(UInt256 v) {
    UInt256 first = UInt256.of(35);
    return v.compareTo(first) < 0 ? null : UInt256.of(v.minus(first).toBigInteger().shiftRight(1));
  }

  /// A receipt, whose bloom is made from its logs.
  public static Receipt receipt(JsonNode r) {
    Long type = Fields.field(r, "type", Fields::positiveLong);
    Long status = Fields.field(r, "status", Fields::positiveLong);
    List<Log> logs = Fields.list(r.path("logs"), MAX_ITEMS, BlockJson::log);
    if (type != null && type > 127) {
      throw new IllegalArgumentException("receipt of type " + type);
    }
    return new Receipt(
        type == null ? 0 : type.intValue(),
        Fields.field(r, "root", Fields::hash),
        status != null && status == 1,
        Fields.required(r, "cumulativeGasUsed", Fields::positiveLong),
        Bloom.ofLogs(logs),
        logs);
  }

  private static Log log(JsonNode l) {
    return new Log(
        Fields.required(l, "address", Fields::address),
        Fields.list(l.path("topics"), MAX_TOPICS, Fields::hash),
        Fields.required(l, "data", Fields::bytes));
  }

  public static List<Receipt> receipts(JsonNode list) {
    return Fields.list(list, MAX_ITEMS, BlockJson::receipt);
  }
}
