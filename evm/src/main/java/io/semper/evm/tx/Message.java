package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Authorization;
import io.semper.core.types.Transaction;
import java.util.List;

/// A transaction without its signature: what the virtual machine executes.
///
/// @param type the EIP-2718 type
/// @param to `null` to create a contract
/// @param nonce unsigned 64-bit
/// @param gasLimit unsigned 64-bit
/// @param maxFeePerGas the gas price of types 0 and 1
/// @param maxPriorityFeePerGas the gas price of types 0 and 1
/// @param blobVersionedHashes empty where there are no blobs; `null` never
/// @param authorizations empty where there are none; `null` never
public record Message(
    int type,
    Address sender,
    Address to,
    long nonce,
    long gasLimit,
    UInt256 maxFeePerGas,
    UInt256 maxPriorityFeePerGas,
    UInt256 value,
    byte[] data,
    List<AccessListEntry> accessList,
    UInt256 maxFeePerBlobGas,
    List<Hash32> blobVersionedHashes,
    List<Authorization> authorizations) {

  /// @param sender the recovered sender
  public static Message of(Transaction transaction, Address sender) {
    return new Message(
        transaction.type(),
        sender,
        transaction.to(),
        transaction.nonce(),
        transaction.gasLimit(),
        transaction.maxFeePerGas(),
        transaction.maxPriorityFeePerGas(),
        transaction.value(),
        transaction.data(),
        transaction.accessList(),
        transaction.maxFeePerBlobGas(),
        transaction.blobVersionedHashes(),
        transaction.authorizations());
  }
}
