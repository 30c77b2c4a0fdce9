package io.semper.lightclient;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;

/// Headers as nodes write them.
final class HeaderText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private HeaderText() {}

  static ObjectNode json(Header h) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("hash", h.hash().toString())
            .put("parentHash", h.parentHash().toString())
            .put("sha3Uncles", h.ommersHash().toString())
            .put("miner", h.beneficiary().toString())
            .put("stateRoot", h.stateRoot().toString())
            .put("transactionsRoot", h.transactionsRoot().toString())
            .put("receiptsRoot", h.receiptsRoot().toString())
            .put("logsBloom", Hex.encode(h.logsBloom().toBytes()))
            .put("difficulty", h.difficulty().toHex())
            .put("number", quantity(h.number()))
            .put("gasLimit", quantity(h.gasLimit()))
            .put("gasUsed", quantity(h.gasUsed()))
            .put("timestamp", quantity(h.timestamp()))
            .put("extraData", Hex.encode(h.extraData()))
            .put("mixHash", h.mixHash().toString())
            .put("nonce", "0x" + "%016x".formatted(h.nonce()));
    put(json, "baseFeePerGas", h.baseFeePerGas());
    put(json, "withdrawalsRoot", h.withdrawalsRoot());
    put(json, "blobGasUsed", h.blobGasUsed());
    put(json, "excessBlobGas", h.excessBlobGas());
    put(json, "parentBeaconBlockRoot", h.parentBeaconBlockRoot());
    put(json, "requestsHash", h.requestsHash());
    put(json, "blockAccessListHash", h.blockAccessListHash());
    put(json, "slotNumber", h.slotNumber());
    return json;
  }

  private static String quantity(long value) {
    return "0x" + Long.toHexString(value);
  }

  private static void put(ObjectNode json, String name, Object value) {
    switch (value) {
      case null -> {}
      case Long number -> json.put(name, quantity(number));
      case UInt256 number -> json.put(name, number.toHex());
      case Hash32 hash -> json.put(name, hash.toString());
      default -> throw new IllegalArgumentException(name);
    }
  }
}
