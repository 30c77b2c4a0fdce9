package io.semper.genesis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hex;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes genesis files in go-ethereum's dialect, for other nodes to read.
public final class GenesisFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private GenesisFile() {}

  /// A genesis file with everything a template says, and these accounts.
  ///
  /// @param template a genesis file whose accounts are left out
  /// @param timestamp seconds since 1970
  public static byte[] write(byte[] template, Allocation allocation, long timestamp) {
    try {
      ObjectNode file = (ObjectNode) JSON.readTree(template);
      file.put("timestamp", "0x" + Long.toHexString(timestamp));
      ObjectNode accounts = file.putObject("alloc");
      allocation
          .accounts()
          .forEach((address, account) -> put(accounts.putObject(address.toString()), account));
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(file);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a template that is no JSON object", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a byte array does not fail to be read
    }
  }

  private static void put(ObjectNode out, GenesisAccount account) {
    out.put("balance", account.balance().toHex());
    if (account.nonce() != 0) {
      out.put("nonce", "0x" + Long.toHexString(account.nonce()));
    }
    if (account.code().length > 0) {
      out.put("code", Hex.encode(account.code()));
    }
    if (!account.storage().isEmpty()) {
      ObjectNode storage = out.putObject("storage");
      account.storage().forEach((slot, value) -> storage.put(slot.toHex(), value.toHex()));
    }
  }
}
