package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.db.StorageException;
import io.semper.chain.qbft.QbftMessage.Certificate;
import io.semper.chain.qbft.QbftMessage.Commit;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages and vote records as bytes, with real signatures.
class MessageCodecTest {
  private static final MessageCodec CODEC = new MessageCodec(Secp256k1::recover);

  @TempDir private Path folder;

  private record Key(byte[] secret) implements Signer {
    static Key of(int index) {
      byte[] secret = new byte[32];
      secret[31] = (byte) index;
      return new Key(secret);
    }

    @Override
    public Address address() {
      return Secp256k1.address(Secp256k1.publicKey(secret));
    }

    @Override
    public Signature sign(Hash32 hash) {
      return Secp256k1.sign(hash, secret);
    }
  }

  private static Block block(int round) {
    QbftExtraData extra =
        new QbftExtraData(new byte[32], List.of(Address.of(1)), null, round, List.of());
    Header header =
        Header.builder()
            .number(5)
            .difficulty(UInt256.ONE)
            .mixHash(QbftExtraData.MIX_HASH)
            .extraData(extra.encode())
            .build();
    return new Block(header, List.of(), List.of(), null);
  }

  static List<QbftMessage> messages() {
    Hash32 digest = block(1).header().sealHash();
    List<Prepare> prepares =
        List.of(Prepare.sign(Key.of(1), 5, 1, digest), Prepare.sign(Key.of(2), 5, 1, digest));
    Certificate certificate = new Certificate(1, digest, block(1), prepares);
    RoundChange empty = RoundChange.sign(Key.of(1), 5, 3, null);
    RoundChange full = RoundChange.sign(Key.of(2), 5, 3, certificate);
    return List.of(
        Proposal.sign(Key.of(1), 5, 0, block(0), List.of(), List.of()),
        Proposal.sign(Key.of(1), 5, 3, block(3), List.of(empty.bare(), full.bare()), prepares),
        prepares.get(0),
        Commit.sign(Key.of(3), 5, 1, digest),
        empty,
        full);
  }

  static List<VoteRecord> records() {
    List<QbftMessage> messages = messages();
    Hash32 digest = block(1).header().sealHash();
    Certificate certificate =
        new Certificate(1, digest, block(1), List.of((Prepare) messages.get(2)));
    return List.of(
        new VoteRecord.Signed(messages.get(0), null),
        new VoteRecord.Signed(messages.get(3), certificate),
        new VoteRecord.Role(true, 9),
        new VoteRecord.Signed(messages.get(5), null));
  }

  @Test
  void messagesRoundTripWithTheirAuthors() {
    for (QbftMessage message : messages()) {
      byte[] encoded = MessageCodec.encode(message);
      assertThat(CODEC.decode(encoded)).isEqualTo(message);
    }
  }

  /// The shapes of the protocol: `[[payload, signature], ...]` behind a code.
  @Test
  void theShapeIsBesus() {
    Prepare prepare = Prepare.sign(Key.of(1), 300, 2, Hash32.ZERO);
    RlpReader in = new RlpReader(MessageCodec.encode(prepare));
    in.enterList();
    assertThat(in.readLong()).isEqualTo(0x13);
    in.enterList();
    in.enterList();
    assertThat(in.readLong()).isEqualTo(300);
    assertThat(in.readLong()).isEqualTo(2);
    assertThat(in.readHash()).isEqualTo(Hash32.ZERO);
    in.leaveList();
    assertThat(in.readBytes(65)[64]).isBetween((byte) 0, (byte) 1);
    in.leaveList();
    RoundChange change = RoundChange.sign(Key.of(1), 300, 2, null);
    byte[] encoded = MessageCodec.encode(change);
    assertThat(Arrays.copyOfRange(encoded, encoded.length - 2, encoded.length))
        .isEqualTo(new byte[] {(byte) 0xC0, (byte) 0xC0});
  }

  /// A round change of GoQuorum's, as a log in quorum#1491 has it: its bytes, and whose it is.
  @Test
  void aMessageOfGoQuorumIsReadAndWritten() {
    byte[] sent =
        Hex.decode(
            "0xf84cf848c4818201c0b841"
                + "3b079a705d70c2cf4c6487b4081b89ceb31b11425d03f80aa2968290437d2c48"
                + "478fad9dd4c40980047c5682dc96889e6e27eb9140eccad1e31af02fca6adc93"
                + "01c0c0");
    byte[] encoded = new RlpWriter().startList().number(0x15).raw(sent).endList().toBytes();
    QbftMessage message = CODEC.decode(encoded);
    assertThat(message).isInstanceOf(RoundChange.class);
    assertThat(message.author())
        .isEqualTo(Address.of("0xd8dba507e85f116b1f7e231ca8525fc9008a6966"));
    assertThat(message.height()).isEqualTo(130);
    assertThat(message.round()).isEqualTo(1);
    assertThat(MessageCodec.encode(message)).isEqualTo(encoded);
  }

  /// What only a bug writes is no record.
  @Test
  void recordsThatCannotBeAreRefused() {
    RlpWriter kind = new RlpWriter().startList().number(2).number(0).number(0).endList();
    RlpWriter role = new RlpWriter().startList().number(1).number(2).number(0).endList();
    RlpWriter round = new RlpWriter().startList().number(0);
    round.raw(MessageCodec.encode(messages().get(3))).number(Consensus.MAX_ROUND + 1);
    round.raw(block(1).encode()).startList().endList().endList();
    for (RlpWriter record : List.of(kind, role, round)) {
      assertThatThrownBy(() -> VoteLog.decode(record.toBytes(), CODEC))
          .isInstanceOf(MalformedInputException.class)
          .hasMessageContaining("at most");
    }
  }

  /// Releases 26.1 to 26.5 of Besu write a place for a block access list, empty here.
  @Test
  void emptyPlacesOfLaterReleasesAreReadOver() {
    RoundChange change = RoundChange.sign(Key.of(1), 5, 2, null);
    RlpWriter out = new RlpWriter().startList().number(0x15).startList();
    out.startList().raw(change.payload());
    QbftExtraData.writeSignature(out, change.signature());
    out.endList().startList().endList().bytes(new byte[0]).startList().endList();
    assertThat(CODEC.decode(out.endList().endList().toBytes())).isEqualTo(change);
  }

  @Test
  void limitsHold() {
    refused(new byte[MessageCodec.MAX_BYTES + 1], "at most");
    RlpWriter round = new RlpWriter().startList().number(0x13).startList().startList();
    round.number(1).number(Consensus.MAX_ROUND + 1).hash(Hash32.ZERO).endList();
    refused(round.bytes(new byte[65]).endList().endList().toBytes(), "above any");
    RlpWriter code = new RlpWriter().startList().number(0x16).startList().endList();
    refused(code.endList().toBytes(), "message code");
    RlpWriter wide = new RlpWriter().startList().number(0x1_0000_0013L).startList().endList();
    refused(wide.endList().toBytes(), "message code");
    Prepare good = Prepare.sign(Key.of(1), 1, 0, Hash32.ZERO);
    Signature s = good.signature();
    Signature high =
        new Signature(
            1 - s.yParity(),
            s.r(),
            UInt256.of(Secp256k1.N.toBigInteger().subtract(s.s().toBigInteger())));
    refused(
        MessageCodec.encode(new Prepare(1, 0, Hash32.ZERO, high, good.author())),
        "signature of nobody");
  }

  private static void refused(byte[] encoded, String why) {
    assertThatThrownBy(() -> CODEC.decode(encoded))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining(why);
  }

  @Test
  void voteRecordsSurviveClosingAndACutOffEnd() throws Exception {
    Path file = folder.resolve("votes");
    List<VoteRecord> records = records();
    VoteLog.create(file);
    try (VoteLog log = VoteLog.open(file, Secp256k1::recover)) {
      records.forEach(log::append);
      log.sync();
    }
    byte[] whole = Files.readAllBytes(file);
    assertThat(reopened(file)).isEqualTo(records);
    for (int cut = 1; cut <= VoteLog.encode(records.get(3)).length + 7; cut++) {
      Files.write(file, Arrays.copyOf(whole, whole.length - cut));
      assertThat(reopened(file)).isEqualTo(records.subList(0, 3));
    }
    // Zeros where the length grew and the data did not arrive.
    Files.write(file, Arrays.copyOf(whole, whole.length + 512));
    assertThat(reopened(file)).isEqualTo(records);
  }

  private static List<VoteRecord> reopened(Path file) {
    try (VoteLog log = VoteLog.open(file, Secp256k1::recover)) {
      return log.records();
    }
  }

  /// A log that was lost says so from its first moment on, and not only in the process that made
  /// it; one of a new key says that nothing was signed.
  @Test
  void aNewLogSaysWhatIsKnown() {
    Path lost = folder.resolve("lost");
    VoteRecord nothingKnown = new VoteRecord.Role(false, VoteRecord.Role.UNKNOWN);
    VoteLog.open(lost, Secp256k1::recover).close();
    assertThat(reopened(lost)).containsExactly(nothingKnown);
    assertThat(reopened(lost)).containsExactly(nothingKnown);
    VoteLog.create(lost); // which there is
    assertThat(reopened(lost)).containsExactly(nothingKnown);
    Path fresh = folder.resolve("new");
    VoteLog.create(fresh);
    assertThat(reopened(fresh)).isEmpty();
  }

  /// What a process left that was killed while it made a log is no log.
  @Test
  void aLogThatWasNotMadeWholeIsMadeAnew() throws Exception {
    Path file = folder.resolve("votes");
    Files.write(folder.resolve("votes.new"), new byte[] {'s', 'e', 'm'});
    assertThat(reopened(file)).hasSize(1);
  }

  /// Damage before the end is told, not mended: whatever byte it hits.
  @Test
  void aDamagedVoteLogIsRefused() throws Exception {
    Path file = folder.resolve("votes");
    VoteLog.create(file);
    try (VoteLog log = VoteLog.open(file, Secp256k1::recover)) {
      log.append(new VoteRecord.Signed(messages().get(2), null));
      log.append(new VoteRecord.Role(false, 4));
      log.sync();
    }
    byte[] whole = Files.readAllBytes(file);
    int last = 8 + VoteLog.encode(new VoteRecord.Role(false, 4)).length;
    for (int at = 0; at < whole.length - last; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(file, damaged);
      assertThatThrownBy(() -> VoteLog.open(file, Secp256k1::recover).close())
          .as("byte " + at)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("damaged");
    }
  }

  /// A validator starts soon, however long its log.
  @Test
  void whoSignedIsFoundOutOfTheLastHeightOnly() throws Exception {
    Path file = folder.resolve("votes");
    Hash32 digest = block(1).header().sealHash();
    VoteRecord role = new VoteRecord.Role(false, 4);
    VoteRecord last = new VoteRecord.Signed(Prepare.sign(Key.of(1), 29, 0, digest), null);
    VoteLog.create(file);
    try (VoteLog log = VoteLog.open(file, Secp256k1::recover)) {
      log.append(role);
      for (int height = 0; height < 29; height++) {
        log.append(new VoteRecord.Signed(Prepare.sign(Key.of(1), height, 0, digest), null));
      }
      log.append(last);
      log.sync();
    }
    AtomicInteger recovered = new AtomicInteger();
    Recovery counting =
        (hash, signature) -> {
          recovered.incrementAndGet();
          return Secp256k1.recover(hash, signature);
        };
    try (VoteLog log = VoteLog.open(file, counting)) {
      assertThat(log.records()).containsExactly(role, last);
      assertThat(recovered).hasValue(1);
    }
  }

  @Test
  void aVoteLogDoesNotGrow() throws Exception {
    Path file = folder.resolve("votes");
    Prepare prepare = (Prepare) messages().get(2);
    try (VoteLog log = VoteLog.open(file, Secp256k1::recover)) {
      for (int height = 0; height < 12_000; height++) {
        log.append(
            new VoteRecord.Signed(
                new Prepare(height, 0, prepare.digest(), prepare.signature(), prepare.author()),
                null));
        log.forget(height);
      }
      log.append(new VoteRecord.Role(false, 4));
      log.forget(20_000);
      assertThat(log.records()).containsExactly(new VoteRecord.Role(false, 4));
      assertThat(Files.size(file)).isLessThan(1_200_000);
    }
  }
}
