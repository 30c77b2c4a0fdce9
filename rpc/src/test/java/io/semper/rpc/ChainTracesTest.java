package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hex;
import io.semper.core.types.ContractAddress;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.ledger.DevAccount;
import io.semper.rpc.trace.TraceLimits;
import org.junit.jupiter.api.Test;

/// Chains traced for subscribers.
final class ChainTracesTest {
  private static final DevAccount ALICE = TestNode.ALICE;

  private static JsonNode notified(WebSocketTest.Client client, String id) throws Exception {
    JsonNode message = TestNode.json(client.next());
    assertThat(message.path("method").textValue()).isEqualTo("debug_subscription");
    assertThat(message.at("/params/subscription").textValue()).isEqualTo(id);
    return message.at("/params/result");
  }

  @Test
  void blocksFollowEachOtherAndEmptyOnesAreLeftOutButTheLast() throws Exception {
    try (TestNode node = new TestNode();
        WebSocketTest.Client client = new WebSocketTest.Client(node)) {
      node.chain.add(ALICE.transfer(0, TestNode.BOB, 1));
      node.chain.add();
      node.chain.add(ALICE.transfer(1, TestNode.BOB, 1), ALICE.transfer(2, TestNode.BOB, 1));
      node.chain.add();
      String range = "\"0x0\",\"latest\",{\"tracer\":\"callTracer\"}";
      JsonNode reply = client.ask("debug_subscribe", "[\"traceChain\"," + range + "]");
      String id = reply.path("result").textValue();
      JsonNode first = notified(client, id);
      assertThat(first.path("block").textValue()).isEqualTo("0x1");
      assertThat(first.at("/traces/0/result/gasUsed").textValue()).isEqualTo("0x5208");
      JsonNode third = notified(client, id);
      assertThat(third.path("block").textValue()).isEqualTo("0x3");
      assertThat(third.path("traces").size()).isEqualTo(2);
      JsonNode last = notified(client, id);
      assertThat(last.path("block").textValue()).isEqualTo("0x4");
      assertThat(last.path("traces").isEmpty()).isTrue();
      assertThat(last.path("hash").textValue()).isEqualTo(node.chain.head().hash().toString());
    }
  }

  @Test
  void aTraceThatTakesTooLongSaysSoInItsPlace() throws Exception {
    TraceLimits hasty = new TraceLimits(0, 1 << 20, 1 << 30, 100, 8, 1);
    try (TestNode node = new TestNode(RpcLimits.DEFAULT, EthSettings.DEFAULT, hasty);
        WebSocketTest.Client client = new WebSocketTest.Client(node)) {
      node.chain.add(ALICE.deploy(0, Hex.decode("6110005b600190038060035700")));
      node.chain.add(ALICE.call(1, ContractAddress.of(ALICE.address(), 0), new byte[0]));
      JsonNode reply = client.ask("debug_traceChain", "[\"0x1\",\"0x2\"]");
      JsonNode only = notified(client, reply.path("result").textValue());
      assertThat(only.at("/traces/0/error").textValue()).isEqualTo("execution timeout");
      assertThat(only.at("/traces/0/result/structLogs").size()).isPositive();
    }
  }

  @Test
  void rangesAndTransportsThatCannotBeAreRefused() throws Exception {
    TraceLimits small = new TraceLimits(5_000, 1 << 20, 1 << 30, 1, 8, 1);
    try (TestNode node = new TestNode(RpcLimits.DEFAULT, EthSettings.DEFAULT, small);
        WebSocketTest.Client client = new WebSocketTest.Client(node)) {
      node.chain.add(ALICE.transfer(0, TestNode.BOB, 1));
      node.chain.add(ALICE.transfer(1, TestNode.BOB, 1));
      assertThat(
              client.ask("debug_traceChain", "[\"0x2\",\"0x1\"]").at("/error/message").textValue())
          .isEqualTo("end block (#1) needs to come after start block (#2)");
      assertThat(client.ask("debug_traceChain", "[\"0x0\",\"0x2\"]").at("/error/code").intValue())
          .isEqualTo(RpcException.LIMIT_EXCEEDED);
      assertThat(node.error("debug_traceChain", "[\"0x0\",\"0x1\"]").path("code").intValue())
          .isEqualTo(RpcException.METHOD_NOT_FOUND);
    }
  }
}
