package io.semper.tests.contract;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;

/// A token as of ERC-20, all 10^27 of it at first its maker's:
///
/// ```solidity
/// contract Token {
///   mapping(address => uint256) public balanceOf;
///   event Transfer(address indexed from, address indexed to, uint256 value);
///   constructor() { balanceOf[msg.sender] = 1e27; }
///   function transfer(address to, uint256 value) external returns (bool) {
///     balanceOf[msg.sender] -= value;
///     balanceOf[to] += value;
///     emit Transfer(msg.sender, to, value);
///     return true;
///   }
/// }
/// ```
public final class Token {
  private static final String CREATION =
      "0x6080604052348015600f57600080fd5b503360009081526020819052604090206b033b2e3c9fd0803ce800"
          + "000090556101d28061003d6000396000f3fe608060405234801561001057600080fd5b5060043610610036"
          + "5760003560e01c806370a082311461003b578063a9059cbb1461006e575b600080fd5b61005b6100493660"
          + "0461014a565b60006020819052908152604090205481565b6040519081526020015b60405180910390f35b"
          + "61008161007c36600461016c565b610091565b6040519015158152602001610065565b3360009081526020"
          + "81905260408120805483919083906100b29084906101ac565b90915550506001600160a01b038316600090"
          + "815260208190526040812080548492906100df9084906101bf565b90915550506040518281526001600160"
          + "a01b0384169033907fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef9060"
          + "200160405180910390a35060015b92915050565b80356001600160a01b038116811461014557600080fd5b"
          + "919050565b60006020828403121561015c57600080fd5b6101658261012e565b9392505050565b60008060"
          + "40838503121561017f57600080fd5b6101888361012e565b946020939093013593505050565b634e487b71"
          + "60e01b600052601160045260246000fd5b8181038181111561012857610128610196565b80820180821115"
          + "61012857610128610196565b";

  private Token() {}

  /// The input of the transaction that makes it.
  public static byte[] creation() {
    return Hex.decode(CREATION);
  }

  public static byte[] transfer(Address to, long value) {
    byte[] call = call("0xa9059cbb", to, 68);
    System.arraycopy(UInt256.of(value).toBytes(), 0, call, 36, 32);
    return call;
  }

  public static byte[] balanceOf(Address owner) {
    return call("0x70a08231", owner, 36);
  }

  private static byte[] call(String selector, Address address, int length) {
    byte[] call = new byte[length];
    System.arraycopy(Hex.decode(selector), 0, call, 0, 4);
    System.arraycopy(address.toBytes(), 0, call, 16, 20);
    return call;
  }
}
