package io.semper.node.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import java.util.List;
import org.junit.jupiter.api.Test;

class DevAccountsTest {
  private final DevAccounts accounts = DevAccounts.first(10);

  @Test
  void areTheOnesEveryDevelopmentNodeKnows() {
    assertThat(accounts.accounts()).hasSize(10).doesNotHaveDuplicates();
    assertThat(accounts.accounts().getFirst())
        .isEqualTo(Address.of("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"));
    assertThat(Hex.encode(accounts.all().getFirst().key()))
        .isEqualTo("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    assertThat(accounts.accounts().getLast())
        .isEqualTo(Address.of("0xa0ee7a142d267c1f36714e4a8f75612f20a79720"));
    assertThat(Hex.encode(accounts.all().getLast().key()))
        .isEqualTo("0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6");
  }

  @Test
  void thoseWrittenDownAreTheDerivedOnes() {
    List<DevAccounts.DevAccount> derived = DevAccounts.first(11).all();
    for (int i = 0; i < 10; i++) {
      assertThat(accounts.all().get(i).address()).isEqualTo(derived.get(i).address());
      assertThat(accounts.all().get(i).key()).isEqualTo(derived.get(i).key());
    }
  }

  @Test
  void fewerAreTheFirstOnes() {
    assertThat(DevAccounts.first(3).accounts()).isEqualTo(accounts.accounts().subList(0, 3));
    assertThatThrownBy(() -> DevAccounts.first(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void signForThemselvesOnly() {
    Hash32 hash = Keccak.hash(new byte[] {1});
    Address third = accounts.accounts().get(2);
    assertThat(Secp256k1.recover(hash, accounts.sign(third, hash))).isEqualTo(third);
    assertThatThrownBy(() -> accounts.sign(Address.ZERO, hash))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
