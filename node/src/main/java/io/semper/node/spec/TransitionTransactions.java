package io.semper.node.spec;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.AccessListTransaction;
import io.semper.core.types.Authorization;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The transactions of `evm t8n`: JSON objects as JSON-RPC has them, signed or with the key to sign
/// them with, or the RLP list of a block body.
final class TransitionTransactions {
  private TransitionTransactions() {}

  /// @param transaction `null` where it cannot be decoded
  /// @param problem then says why
  record Candidate(Transaction transaction, String problem) {}

  /// @throws MalformedFixtureException where the array holds something else
  static List<Candidate> ofJson(JsonNode array, UInt256 chainId) {
    List<Candidate> all = new ArrayList<>();
    if (array == null || array.isNull()) {
      return all;
    }
    for (JsonNode json : array) {
      all.add(new Candidate(signed(json, chainId), null));
    }
    return all;
  }

  /// @param body RLP list; entries after a damaged one cannot be told apart and are left out
  static List<Candidate> ofRlp(byte[] body) {
    List<Candidate> all = new ArrayList<>();
    try {
      RlpReader in = new RlpReader(body);
      in.enterList();
      while (in.hasNext()) {
        byte[] item = in.nextIsList() ? in.readRaw() : in.readBytes();
        all.add(decoded(item));
      }
    } catch (MalformedInputException e) {
      all.add(new Candidate(null, "rlp: " + e.getMessage()));
    }
    return all;
  }

  private static Candidate decoded(byte[] item) {
    try {
      return new Candidate(Transaction.decode(item), null);
    } catch (MalformedInputException e) {
      return new Candidate(null, goProblem(item, e.getMessage()));
    }
  }

  /// Fillers of tests know a missing recipient by go-ethereum's words for it.
  private static String goProblem(byte[] item, String problem) {
    boolean noRecipient = problem.startsWith("string of 0 bytes, expected 20 at byte");
    if (noRecipient && (item[0] == 3 || item[0] == 4)) {
      return "rlp: input string too short for common.Address, decoding into"
          + " (types.Transaction)(types."
          + (item[0] == 3 ? "BlobTx" : "SetCodeTx")
          + ").To";
    }
    return problem;
  }

  private static Transaction signed(JsonNode json, UInt256 chainId) {
    BigInteger v = required(json, "v", TransitionTransactions::number);
    UInt256 r = required(json, "r", TransitionTransactions::word);
    UInt256 s = required(json, "s", TransitionTransactions::word);
    byte[] key = optional(json, "secretKey", TransitionTransactions::bytes);
    boolean unsigned = v.signum() == 0 && r.isZero() && s.isZero();
    if (key == null || !unsigned) {
      return transaction(json, v, r, s);
    }
    JsonNode wish = json.get("protected");
    boolean bound = wish == null || wish.isNull() || wish.booleanValue();
    Transaction transaction = transaction(json, v, r, s);
    if (transaction instanceof LegacyTransaction legacy && bound) {
      transaction =
          new LegacyTransaction(
              chainId,
              legacy.nonce(),
              legacy.maxFeePerGas(),
              legacy.gasLimit(),
              legacy.to(),
              legacy.value(),
              legacy.data(),
              legacy.signature());
    }
    return transaction.withSignature(Secp256k1.sign(transaction.signingHash(), key));
  }

  private static Transaction transaction(JsonNode json, BigInteger v, UInt256 r, UInt256 s) {
    int type = optional(json, "type", n -> number(n).intValueExact(), 0);
    long nonce = required(json, "nonce", TransitionTransactions::unsigned);
    long gas = required(json, "gas", TransitionTransactions::unsigned);
    UInt256 value = required(json, "value", TransitionTransactions::word);
    byte[] data = required(json, "input", TransitionTransactions::bytes);
    Address to = optional(json, "to", TransitionTransactions::address);
    if (type == 0) {
      return legacy(json, v, r, s, nonce, gas, to, value, data);
    }
    UInt256 chainId = required(json, "chainId", TransitionTransactions::word);
    Signature signature = new Signature(v.testBit(0) ? 1 : 0, r, s);
    List<AccessListEntry> accessList = list(json, "accessList", TransitionTransactions::access);
    if (type == 1) {
      UInt256 price = required(json, "gasPrice", TransitionTransactions::word);
      return new AccessListTransaction(
          chainId, nonce, price, gas, to, value, data, accessList, signature);
    }
    UInt256 tip = required(json, "maxPriorityFeePerGas", TransitionTransactions::word);
    UInt256 cap = required(json, "maxFeePerGas", TransitionTransactions::word);
    return switch (type) {
      case 2 ->
          new FeeMarketTransaction(
              chainId, nonce, tip, cap, gas, to, value, data, accessList, signature);
      case 3 ->
          new BlobTransaction(
              chainId,
              nonce,
              tip,
              cap,
              gas,
              required(json, "to", TransitionTransactions::address),
              value,
              data,
              accessList,
              required(json, "maxFeePerBlobGas", TransitionTransactions::word),
              list(json, "blobVersionedHashes", TransitionTransactions::hash),
              signature);
      case 4 ->
          new SetCodeTransaction(
              chainId,
              nonce,
              tip,
              cap,
              gas,
              required(json, "to", TransitionTransactions::address),
              value,
              data,
              accessList,
              list(json, "authorizationList", TransitionTransactions::authorization),
              signature);
      default -> throw new MalformedFixtureException("transaction type not supported");
    };
  }

  private static LegacyTransaction legacy(
      JsonNode json,
      BigInteger v,
      UInt256 r,
      UInt256 s,
      long nonce,
      long gas,
      Address to,
      UInt256 value,
      byte[] data) {
    UInt256 price = required(json, "gasPrice", TransitionTransactions::word);
    boolean bound = v.compareTo(BigInteger.valueOf(35)) >= 0;
    BigInteger rest = v.subtract(BigInteger.valueOf(bound ? 35 : 27));
    UInt256 chainId = bound ? UInt256.of(rest.shiftRight(1)) : null;
    Signature signature = new Signature(rest.testBit(0) ? 1 : 0, r, s);
    return new LegacyTransaction(chainId, nonce, price, gas, to, value, data, signature);
  }

  private static AccessListEntry access(JsonNode json) {
    return new AccessListEntry(
        required(json, "address", TransitionTransactions::address),
        list(json, "storageKeys", TransitionTransactions::hash));
  }

  private static Authorization authorization(JsonNode json) {
    Integer parity = optional(json, "yParity", n -> number(n).intValueExact());
    return new Authorization(
        required(json, "chainId", TransitionTransactions::word),
        required(json, "address", TransitionTransactions::address),
        required(json, "nonce", TransitionTransactions::unsigned),
        parity == null ? required(json, "v", n -> number(n).intValueExact()) : parity,
        required(json, "r", TransitionTransactions::word),
        required(json, "s", TransitionTransactions::word));
  }

  // ---- Values

  private static <T> T required(JsonNode json, String name, Function<JsonNode, T> decode) {
    T value = optional(json, name, decode);
    if (value == null) {
      throw new MalformedFixtureException("missing required field '" + name + "' in transaction");
    }
    return value;
  }

  private static <T> T optional(JsonNode json, String name, Function<JsonNode, T> decode) {
    return optional(json, name, decode, null);
  }

  private static <T> T optional(
      JsonNode json, String name, Function<JsonNode, T> decode, T absent) {
    JsonNode field = json.get(name);
    if (field == null || field.isNull()) {
      return absent;
    }
    try {
      return decode.apply(field);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedFixtureException("field '" + name + "': " + e.getMessage());
    }
  }

  private static <T> List<T> list(JsonNode json, String name, Function<JsonNode, T> decode) {
    List<T> items = new ArrayList<>();
    json.path(name).forEach(item -> items.add(decode.apply(item)));
    return List.copyOf(items);
  }

  private static BigInteger number(JsonNode node) {
    String text = node.asText();
    if (text.startsWith("0x")) {
      return text.length() == 2 ? BigInteger.ZERO : new BigInteger(text.substring(2), 16);
    }
    return new BigInteger(text);
  }

  private static UInt256 word(JsonNode node) {
    return UInt256.of(number(node));
  }

  private static long unsigned(JsonNode node) {
    BigInteger number = number(node);
    if (number.signum() < 0 || number.bitLength() > 64) {
      throw new IllegalArgumentException("more than 64 bits");
    }
    return number.longValue();
  }

  private static byte[] bytes(JsonNode node) {
    return Hex.decode(node.asText());
  }

  private static Address address(JsonNode node) {
    return Address.of(bytes(node));
  }

  private static Hash32 hash(JsonNode node) {
    byte[] bytes = bytes(node);
    return bytes.length == Hash32.BYTES ? Hash32.of(bytes) : UInt256.of(bytes).toHash32();
  }
}
