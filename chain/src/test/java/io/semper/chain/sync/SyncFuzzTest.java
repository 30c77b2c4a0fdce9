package io.semper.chain.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkId;
import io.semper.core.fuzz.Fuzz;
import io.semper.core.types.Header;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Questions and answers of the ledger's protocols. Blocks, bodies, receipts and transactions are
/// tried where they are read, in `core.types`.
class SyncFuzzTest {
  @TestFactory
  List<DynamicTest> everyDecoder() {
    Protocols all = Protocols.of(Hash32.ZERO, SyncLimits.DEFAULT);
    Status status = new Status(Hash32.ZERO, new ForkId(7, 9), 5, Hash32.ZERO, 4);
    byte[] range = all.headers().encodeRequest(new HeaderRange(1_000_000, 192));
    byte[] hashes = all.bodies().encodeRequest(List.of(Hash32.ZERO, Hash32.of(1, 2, 3, 4)));
    Header header = Header.builder().number(1).difficulty(UInt256.ONE).build();
    return List.of(
        Fuzz.of("status", in -> all.status().decodeChunk(in), status.encode()),
        Fuzz.of(
            "question for headers",
            in -> {
              HeaderRange asked = all.headers().decodeRequest(in);
              assertThat(all.headers().encodeRequest(asked)).isEqualTo(in);
            },
            range),
        Fuzz.of("answer of headers", in -> all.headers().decodeChunk(in), header.encode()),
        Fuzz.of(
            "hashes",
            in -> {
              List<Hash32> asked = all.bodies().decodeRequest(in);
              assertThat(all.bodies().encodeRequest(asked)).isEqualTo(in);
            },
            hashes),
        Fuzz.of("hashes of the pool", in -> all.pool().decodeChunk(in), hashes),
        Fuzz.of(
            "question for the pool",
            in -> all.pool().decodeRequest(in),
            all.pool().encodeRequest(List.of())));
  }
}
