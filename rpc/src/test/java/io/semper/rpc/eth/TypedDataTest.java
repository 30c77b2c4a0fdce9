package io.semper.rpc.eth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.semper.rpc.RpcException;
import org.junit.jupiter.api.Test;

/// EIP-712, with the example of the proposal itself.
final class TypedDataTest {
  private static final String MAIL =
      """
      {"types":{
        "EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
          {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
        "Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],
        "Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},
          {"name":"contents","type":"string"}]},
       "primaryType":"Mail",
       "domain":{"name":"Ether Mail","version":"1","chainId":1,
         "verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
       "message":{
         "from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
         "to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
         "contents":"Hello, Bob!"}}
      """;

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void theProposalsExampleHasItsHash() throws Exception {
    assertThat(TypedData.parse(json(MAIL)).hash())
        .hasToString("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    assertThat(TypedData.parse(TextNode.valueOf(MAIL)).hash())
        .isEqualTo(TypedData.parse(json(MAIL)).hash());
  }

  @Test
  void whatDoesNotFitItsTypeIsRefused() {
    for (String broken :
        new String[] {
          "{}",
          "nonsense",
          MAIL.replace("\"chainId\":1", "\"chainId\":\"one\""),
          MAIL.replace("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0x12"),
          MAIL.replace("\"contents\":\"Hello, Bob!\"", "\"other\":1"),
          MAIL.replace("\"type\":\"uint256\"", "\"type\":\"float\"")
        }) {
      assertThatThrownBy(() -> TypedData.parse(TextNode.valueOf(broken)).hash())
          .isInstanceOf(RpcException.class);
    }
  }
}
