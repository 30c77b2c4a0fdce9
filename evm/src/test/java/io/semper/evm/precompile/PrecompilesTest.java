package io.semper.evm.precompile;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import org.junit.jupiter.api.Test;

/// Which contracts exist when, and the prices and bounds that vectors do not cover.
class PrecompilesTest {

  @Test
  void contractsAppearWithTheirForkAndStay() {
    for (Fork fork : Fork.values()) {
      for (Precompile precompile : Precompiles.all(Fork.BPO5)) {
        boolean present = fork.atLeast(precompile.since());
        assertThat(Precompiles.at(fork, precompile.address()) == precompile).isEqualTo(present);
        assertThat(Precompiles.active(fork).contains(precompile.address())).isEqualTo(present);
      }
    }
    assertThat(Precompiles.active(Fork.FRONTIER))
        .containsExactly(Address.of(1), Address.of(2), Address.of(3), Address.of(4));
  }

  @Test
  void onlyTheExactAddressIsAContract() {
    for (Address address :
        new Address[] {
          Address.of(0),
          Address.of(-1),
          Address.of(0x101),
          Address.of(0x20),
          Address.of(0, 1, 1),
          Address.of(1, 0, 1),
          Address.of(1L << 32 | 1)
        }) {
      assertThat(Precompiles.at(Fork.OSAKA, address)).as(address.toString()).isNull();
    }
  }

  @Test
  void hashesAreChargedByTheWord() {
    assertThat(gas(2, Fork.FRONTIER, new byte[0])).isEqualTo(60);
    assertThat(gas(2, Fork.OSAKA, new byte[33])).isEqualTo(84);
    assertThat(gas(3, Fork.OSAKA, new byte[32])).isEqualTo(720);
    assertThat(gas(4, Fork.OSAKA, new byte[65])).isEqualTo(24);
  }

  @Test
  void modexpWithLengthsOf256BitsIsUnaffordableRatherThanAllocated() {
    UInt256[] lengths = {UInt256.ZERO, UInt256.MAX, UInt256.of(1L << 40), UInt256.ONE};
    for (UInt256 base : lengths) {
      for (UInt256 exponent : lengths) {
        for (UInt256 modulus : lengths) {
          byte[] input = modexp(base, exponent, modulus);
          for (Fork fork : new Fork[] {Fork.BYZANTIUM, Fork.BERLIN, Fork.OSAKA}) {
            long gas = gas(5, fork, input);
            boolean empty = base.isZero() && modulus.isZero();
            if (fork == Fork.OSAKA) {
              boolean allowed = base.bitLength() < 2 && exponent.bitLength() < 2;
              assertThat(gas).isEqualTo(allowed && modulus.bitLength() < 2 ? 500 : Long.MAX_VALUE);
            } else if (empty) {
              assertThat(gas).isEqualTo(fork == Fork.BERLIN ? 200 : 0);
            } else {
              assertThat(gas == Long.MAX_VALUE)
                  .isEqualTo(
                      base.bitLength() > 1 || exponent.bitLength() > 1 || modulus.bitLength() > 1);
            }
            if (empty) {
              assertThat(run(5, input)).isEmpty();
            }
          }
        }
      }
    }
  }

  @Test
  void modexpOfOsakaTakes1024BytesAndNoMore() {
    UInt256 max = UInt256.of(1024);
    UInt256 over = UInt256.of(1025);
    assertThat(gas(5, Fork.OSAKA, modexp(max, max, max))).isEqualTo(2L * 128 * 128 * 16 * 992);
    assertThat(gas(5, Fork.OSAKA, modexp(over, max, max))).isEqualTo(Long.MAX_VALUE);
    assertThat(gas(5, Fork.OSAKA, modexp(max, over, max))).isEqualTo(Long.MAX_VALUE);
    assertThat(gas(5, Fork.OSAKA, modexp(max, max, over))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void curvesGotCheaperWithIstanbul() {
    for (Fork fork : new Fork[] {Fork.BYZANTIUM, Fork.PETERSBURG}) {
      assertThat(gas(6, fork, new byte[0])).isEqualTo(500);
      assertThat(gas(7, fork, new byte[0])).isEqualTo(40_000);
      assertThat(gas(8, fork, new byte[2 * 192])).isEqualTo(260_000);
    }
    assertThat(gas(6, Fork.OSAKA, new byte[0])).isEqualTo(150);
    assertThat(gas(7, Fork.OSAKA, new byte[0])).isEqualTo(6000);
    assertThat(gas(8, Fork.OSAKA, new byte[2 * 192 + 1])).isEqualTo(113_000);
    assertThat(run(8, new byte[193])).isNull();
  }

  @Test
  void p256VerifyAnswersInputOfAnyOtherLengthWithNothing() {
    assertThat(run(0x100, new byte[159])).isEmpty();
    assertThat(run(0x100, new byte[160])).isEmpty();
    assertThat(run(0x100, new byte[161])).isEmpty();
  }

  private static byte[] modexp(UInt256 base, UInt256 exponent, UInt256 modulus) {
    byte[] input = new byte[97];
    base.writeTo(input, 0);
    exponent.writeTo(input, 32);
    modulus.writeTo(input, 64);
    input[96] = 3;
    return input;
  }

  private static long gas(int number, Fork fork, byte[] input) {
    return Precompiles.at(fork, Address.of(number)).gas(input, fork);
  }

  private static byte[] run(int number, byte[] input) {
    return Precompiles.at(Fork.OSAKA, Address.of(number)).run(input);
  }
}
