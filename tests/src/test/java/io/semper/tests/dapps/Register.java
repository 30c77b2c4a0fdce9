package io.semper.tests.dapps;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.List;
import org.web3j.abi.EventEncoder;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.TypeReference;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.Event;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.RemoteFunctionCall;
import org.web3j.protocol.core.methods.response.Log;
import org.web3j.protocol.core.methods.response.TransactionReceipt;
import org.web3j.tx.Contract;
import org.web3j.tx.TransactionManager;
import org.web3j.tx.gas.ContractGasProvider;

/// A wrapper as web3j generates them, around `Register` of `tests/dapps/contracts`, whose compiled
/// form is a resource here.
final class Register extends Contract {
  static final Event CHANGED =
      new Event(
          "Changed",
          List.of(
              new TypeReference<Address>(true) {},
              new TypeReference<Uint256>(true) {},
              new TypeReference<Utf8String>() {}));

  static final String CHANGED_TOPIC = EventEncoder.encode(CHANGED);

  record Changed(String by, BigInteger value, String note) {
    static Changed of(Log log) {
      var values = staticExtractEventParameters(CHANGED, log);
      return new Changed(
          (String) values.getIndexedValues().get(0).getValue(),
          (BigInteger) values.getIndexedValues().get(1).getValue(),
          (String) values.getNonIndexedValues().get(0).getValue());
    }
  }

  Register(String address, Web3j web3j, TransactionManager sender, ContractGasProvider gas) {
    super(bytecode(), address, web3j, sender, gas);
  }

  static Register deploy(
      Web3j web3j, TransactionManager sender, ContractGasProvider gas, long first)
      throws Exception {
    String constructor = FunctionEncoder.encodeConstructor(List.of(new Uint256(first)));
    return deployRemoteCall(
            Register.class, web3j, sender, gas, bytecode(), constructor, BigInteger.ZERO)
        .send();
  }

  static String bytecode() {
    try (InputStream in = Register.class.getResourceAsStream("Register.json")) {
      return new ObjectMapper().readTree(in).get("bytecode").asText();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  RemoteFunctionCall<BigInteger> value() {
    return executeRemoteCallSingleValueReturn(valueCall(), BigInteger.class);
  }

  RemoteFunctionCall<TransactionReceipt> set(long next, String note) {
    return executeRemoteCallTransaction(setCall(next, note));
  }

  RemoteFunctionCall<TransactionReceipt> refuse(String why) {
    return executeRemoteCallTransaction(refuseCall(why));
  }

  RemoteFunctionCall<TransactionReceipt> fill(long from, long count) {
    return executeRemoteCallTransaction(fillCall(from, count));
  }

  static Function valueCall() {
    return new Function("value", List.of(), List.of(new TypeReference<Uint256>() {}));
  }

  static Function setCall(long next, String note) {
    return call("set", new Uint256(next), new Utf8String(note));
  }

  static Function refuseCall(String why) {
    return call("refuse", new Utf8String(why));
  }

  static Function fillCall(long from, long count) {
    return call("fill", new Uint256(from), new Uint256(count));
  }

  static Function withdrawCall(BigInteger amount) {
    return call("withdraw", new Uint256(amount));
  }

  private static Function call(String name, Type<?>... arguments) {
    return new Function(name, List.of(arguments), List.of());
  }
}
