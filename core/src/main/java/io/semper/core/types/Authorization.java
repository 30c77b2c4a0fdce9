package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// Permission for an account to run another account's code (EIP-7702).
///
/// @param chainId zero for every chain
/// @param address whose code to run; the zero address ends a delegation
/// @param nonce unsigned 64-bit; must equal the signer's
/// @param yParity 0 or 1 in valid signatures, but anything below 256 travels
public record Authorization(
    UInt256 chainId, Address address, long nonce, int yParity, UInt256 r, UInt256 s) {
  private static final int MAGIC = 0x05;

  /// What the authority signs: `keccak256(0x05 ‖ rlp([chainId, address, nonce]))`.
  public static Hash32 signingHash(UInt256 chainId, Address address, long nonce) {
    RlpWriter out = new RlpWriter(64);
    out.startList().number(chainId).address(address).number(nonce).endList();
    return Keccak.hash(TypedEnvelope.wrap(MAGIC, out.toBytes()));
  }

  /// The signer, or `null` where the signature is invalid or has a high `s` (EIP-2).
  public Address authority() {
    if (yParity > 1 || s.compareTo(Secp256k1.HALF_N) > 0) {
      return null;
    }
    return Secp256k1.recover(signingHash(chainId, address, nonce), new Signature(yParity, r, s));
  }

  static void write(List<Authorization> list, RlpWriter out) {
    out.startList();
    for (Authorization a : list) {
      out.startList().number(a.chainId).address(a.address).number(a.nonce);
      out.number(a.yParity).number(a.r).number(a.s).endList();
    }
    out.endList();
  }

  static List<Authorization> read(RlpReader in) {
    List<Authorization> list = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      UInt256 chainId = in.readNumber();
      Address address = in.readAddress();
      long nonce = in.readUnsignedLong();
      int at = in.offset();
      long yParity = in.readLong();
      if (yParity > 255) {
        throw new MalformedInputException("authorization parity exceeds one byte", at);
      }
      list.add(
          new Authorization(
              chainId, address, nonce, (int) yParity, in.readNumber(), in.readNumber()));
      in.leaveList();
    }
    in.leaveList();
    return List.copyOf(list);
  }
}
