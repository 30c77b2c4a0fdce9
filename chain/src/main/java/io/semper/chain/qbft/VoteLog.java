package io.semper.chain.qbft;

import io.semper.chain.db.StorageException;
import io.semper.chain.qbft.QbftMessage.Certificate;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/// The records of a validator in a file: each framed by length and checksum, appended, and durable
/// after [#sync]. Used by one thread; the file is locked against other processes.
///
/// A last record that is cut off was never acknowledged and is dropped. Damage before it is not
/// mended: a validator that has lost votes must not sign as if there were none.
public final class VoteLog implements AutoCloseable {
  private static final byte[] MAGIC = {'s', 'e', 'm', 'p', 'e', 'r', 'v', '1'};
  private static final int FRAME_BYTES = 8;

  /// A commit's record: a block and prepares.
  private static final int MAX_RECORD_BYTES = 2 * MessageCodec.MAX_BYTES;

  /// Size from which on what is over is cut off.
  private static final long COMPACT_BYTES = 1 << 20;

  private static final int SIGNED = 0;
  private static final int ROLE = 1;

  private final Path file;
  private final MessageCodec codec;
  private final List<VoteRecord> records = new ArrayList<>();
  private FileChannel channel;
  private FileLock lock;

  /// @param first what a new log begins with
  private VoteLog(Path file, MessageCodec codec, List<VoteRecord> first) throws IOException {
    this.file = file;
    this.codec = codec;
    if (!Files.exists(file)) {
      records.addAll(first);
      rewrite();
      return;
    }
    channel = open(file);
    boolean opened = false;
    try {
      lock = lock(channel, file);
      read();
      opened = true;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /// Opens a log. Where there is none one is made that says that nothing is known of what the key
  /// has signed.
  ///
  /// @throws StorageException where it is damaged, in use or cannot be read
  public static VoteLog open(Path file, Recovery recovery) {
    return open(file, recovery, List.of(new VoteRecord.Role(false, VoteRecord.Role.UNKNOWN)));
  }

  /// Makes the log of a new key, which has signed nothing, unless there is one.
  ///
  /// @throws StorageException as [#open]
  public static void create(Path file) {
    open(file, (hash, signature) -> Address.ZERO, List.of()).close();
  }

  private static VoteLog open(Path file, Recovery recovery, List<VoteRecord> first) {
    try {
      return new VoteLog(file, new MessageCodec(recovery), first);
    } catch (IOException e) {
      throw new StorageException(file + ": " + e.getMessage(), e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static FileLock lock(FileChannel channel, Path file) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException inThisProcess) {
      lock = null;
    }
    if (lock == null) {
      throw new StorageException(file + " is in use by another process");
    }
    return lock;
  }

  /// What was found on opening and has been appended since, oldest first. Of what was found, votes
  /// of heights below the last one voted at are left out: nothing is signed there any more.
  public List<VoteRecord> records() {
    return List.copyOf(records);
  }

  private void read() throws IOException {
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (all.hasRemaining() && channel.read(all) >= 0) {}
    byte[] bytes = all.array();
    if (bytes.length < MAGIC.length
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw damaged(0);
    }
    // Who signed is found out of what is kept only: of a long log that would take seconds.
    MessageCodec unsigned = new MessageCodec((hash, signature) -> Address.ZERO);
    List<Found> found = new ArrayList<>();
    long last = 0;
    int at = MAGIC.length;
    while (at < bytes.length) {
      int length = frame(bytes, at);
      if (length < 0) {
        cutOff(bytes, at);
        break;
      }
      int from = at + FRAME_BYTES;
      byte[] payload = Arrays.copyOfRange(bytes, from, from + length);
      VoteRecord record = decode(payload, unsigned, at);
      found.add(new Found(at, payload, record.height()));
      last = record instanceof VoteRecord.Signed ? Math.max(last, record.height()) : last;
      at += FRAME_BYTES + length;
    }
    channel.position(at);
    for (Found each : found) {
      if (each.height >= last) {
        records.add(decode(each.payload, codec, each.at));
      }
    }
    // The process before may have ended between writing and syncing: what it wrote is sent now.
    channel.force(false);
  }

  private record Found(int at, byte[] payload, long height) {}

  /// Length of the payload of a whole record, -1 where there is none.
  private static int frame(byte[] bytes, int at) {
    if (bytes.length - at < FRAME_BYTES) {
      return -1;
    }
    int length = BigEndian.getInt(bytes, at);
    if (length <= 0 || length > MAX_RECORD_BYTES || length > bytes.length - at - FRAME_BYTES) {
      return -1;
    }
    return checksum(bytes, at + FRAME_BYTES, length) == BigEndian.getInt(bytes, at + 4)
        ? length
        : -1;
  }

  /// Drops the end of the file, unless a whole record in it shows that it is no end cut off.
  private void cutOff(byte[] bytes, int at) throws IOException {
    for (int later = at + 1; later < bytes.length; later++) {
      if (frame(bytes, later) >= 0) {
        throw damaged(at);
      }
    }
    channel.truncate(at);
  }

  private StorageException damaged(long at) {
    return new StorageException(
        file
            + " is damaged at byte "
            + at
            + ": what this validator has signed is not known. Remove the file to let it wait until"
            + " the network is past it");
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  /// Appends a record, which is durable after the next [#sync].
  public void append(VoteRecord record) {
    records.add(record);
    try {
      write(channel, encode(record));
    } catch (IOException e) {
      throw new StorageException(file + ": " + e.getMessage(), e);
    }
  }

  private static void write(FileChannel to, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES + payload.length);
    frame.putInt(payload.length).putInt(checksum(payload, 0, payload.length)).put(payload).flip();
    while (frame.hasRemaining()) {
      to.write(frame);
    }
  }

  /// Returns when all that was appended would survive a power failure.
  public void sync() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new StorageException(file + ": " + e.getMessage(), e);
    }
  }

  /// Lets go of votes of heights that are over; of roles only the newest counts.
  public void forget(long belowHeight) {
    VoteRecord.Role role = null;
    for (VoteRecord record : records) {
      role = record instanceof VoteRecord.Role newer ? newer : role;
    }
    VoteRecord.Role newest = role;
    records.removeIf(record ->
        record instanceof VoteRecord.Role ? record != newest : record.height() < belowHeight);
    try {
      if (channel.size() > COMPACT_BYTES) {
        rewrite();
      }
    } catch (IOException e) {
      throw new StorageException(file + ": " + e.getMessage(), e);
    }
  }

  /// Puts a new file with all records in the place of the old one, if there is one: whatever
  /// happens, it is there whole or not at all.
  private void rewrite() throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    FileChannel to = open(next);
    FileLock toLock = lock(to, next);
    to.write(ByteBuffer.wrap(MAGIC));
    for (VoteRecord record : records) {
      write(to, encode(record));
    }
    to.force(true);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder();
    if (channel != null) {
      lock.release();
      channel.close();
    }
    channel = to;
    lock = toLock;
  }

  private void syncFolder() throws IOException {
    try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }

  static byte[] encode(VoteRecord record) {
    RlpWriter out = new RlpWriter(512).startList();
    switch (record) {
      case VoteRecord.Signed vote -> {
        out.number(SIGNED).raw(MessageCodec.encode(vote.message()));
        Certificate certificate = vote.prepared();
        if (certificate != null) {
          out.number(certificate.round()).raw(certificate.block().encode()).startList();
          for (Prepare prepare : certificate.prepares()) {
            out.raw(MessageCodec.encode(prepare));
          }
          out.endList();
        }
      }
      case VoteRecord.Role role ->
          out.number(ROLE).number(role.standby() ? 1 : 0).number(role.signFrom());
    }
    return out.endList().toBytes();
  }

  /// @param at where it stands in the file
  private VoteRecord decode(byte[] payload, MessageCodec with, long at) {
    try {
      return decode(payload, with);
    } catch (MalformedInputException e) {
      throw damaged(at);
    }
  }

  static VoteRecord decode(byte[] payload, MessageCodec codec) {
    RlpReader in = new RlpReader(payload);
    in.enterList();
    VoteRecord record = number(in, ROLE) == SIGNED ? signed(in, codec) : role(in);
    in.leaveList();
    in.end();
    return record;
  }

  private static int number(RlpReader in, int most) {
    int at = in.offset();
    long number = in.readLong();
    if (number > most) {
      throw new MalformedInputException(number + " where at most " + most + " can stand", at);
    }
    return (int) number;
  }

  private static VoteRecord signed(RlpReader in, MessageCodec codec) {
    QbftMessage message = codec.decode(in.readRaw());
    if (!in.hasNext()) {
      return new VoteRecord.Signed(message, null);
    }
    int round = number(in, Consensus.MAX_ROUND);
    Block block = Block.decode(in.readRaw());
    List<Prepare> prepares = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      if (!(codec.decode(in.readRaw()) instanceof Prepare prepare)) {
        throw new MalformedInputException("no prepare", in.offset());
      }
      prepares.add(prepare);
    }
    in.leaveList();
    return new VoteRecord.Signed(
        message, new Certificate(round, block.header().sealHash(), block, List.copyOf(prepares)));
  }

  private static VoteRecord role(RlpReader in) {
    return new VoteRecord.Role(number(in, 1) == 1, in.readLong());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StorageException(file + ": " + e.getMessage(), e);
    }
  }
}
