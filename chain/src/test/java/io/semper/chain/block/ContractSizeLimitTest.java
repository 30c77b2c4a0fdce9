package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Networks with their own limit in place of EIP-170's, and of EIP-3860's that follows from it.
class ContractSizeLimitTest {
  private static final byte[] KEY = new byte[32];

  static {
    KEY[31] = 1;
  }

  private static final Address SENDER = Secp256k1.address(Secp256k1.publicKey(KEY));

  private static final StateView RICH =
      new StateView() {
        @Override
        public Account account(Address address) {
          return address.equals(SENDER)
              ? new Account(0, UInt256.MAX, Account.EMPTY.storageRoot(), Account.EMPTY.codeHash())
              : null;
        }

        @Override
        public UInt256 storage(Address address, UInt256 slot) {
          return UInt256.ZERO;
        }

        @Override
        public byte[] code(Hash32 codeHash) {
          return new byte[0];
        }
      };

  @Test
  void codeUpToTheLimitIsDeployed() {
    assertThat(deployed(100, Fork.SHANGHAI, 100, 6)).isTrue();
    assertThat(deployed(100, Fork.SHANGHAI, 101, 6)).isFalse();
    assertThat(deployed(50_000, Fork.SHANGHAI, 50_000, 6)).isTrue();
    assertThat(deployed(50_000, Fork.SHANGHAI, 50_001, 6)).isFalse();
  }

  @Test
  void initialisationCodeMayBeTwiceAsLong() {
    assertThat(deployed(100, Fork.SHANGHAI, 1, 200)).isTrue();
    assertThat(create(100, Fork.SHANGHAI, 1, 201))
        .isInstanceOfSatisfying(
            TxResult.Invalid.class, invalid -> assertThat(invalid.reason()).contains("limit 200"));
    assertThat(deployed(50_000, Fork.SHANGHAI, 1, 50_000)).isTrue();
  }

  @Test
  void forksWithoutALimitStayWithoutOne() {
    assertThat(deployed(100, Fork.TANGERINE_WHISTLE, 101, 6)).isTrue();
    assertThat(deployed(100, Fork.LONDON, 1, 201)).isTrue();
  }

  private static boolean deployed(int limit, Fork fork, int codeBytes, int initCodeBytes) {
    TxResult result = create(limit, fork, codeBytes, initCodeBytes);
    assertThat(result).isInstanceOf(TxResult.Executed.class);
    return ((TxResult.Executed) result).success();
  }

  /// Makes a contract of so many zero bytes by initialisation code padded to so many.
  private static TxResult create(int limit, Fork fork, int codeBytes, int initCodeBytes) {
    // PUSH2 codeBytes, PUSH1 0, RETURN
    byte[] returning = {0x61, (byte) (codeBytes >> 8), (byte) codeBytes, 0x60, 0, (byte) 0xf3};
    byte[] initCode = Arrays.copyOf(returning, initCodeBytes);
    Network network =
        Genesis.read(
            ("{\"config\": {\"chainId\": 7, \"contractSizeLimit\": "
                    + limit
                    + "},"
                    + " \"difficulty\": \"0x1\", \"gasLimit\": \"0x2faf080\", \"alloc\": {}}")
                .getBytes(StandardCharsets.UTF_8));
    Header header =
        Header.builder()
            .number(1)
            .gasLimit(50_000_000)
            .baseFeePerGas(fork.atLeast(Fork.LONDON) ? UInt256.ONE : null)
            .build();
    BlockExecution execution =
        new BlockExecution(network, fork, header, RICH, number -> Hash32.ZERO, diff -> Hash32.ZERO);
    Transaction unsigned =
        new LegacyTransaction(null, 0, UInt256.ONE, 40_000_000, null, UInt256.ZERO, initCode, null);
    return execution.execute(unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), KEY)));
  }
}
