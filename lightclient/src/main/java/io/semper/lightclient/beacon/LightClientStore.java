package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Sha256;
import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;
import java.util.List;

/// What a light client believes. Immutable: applying an update makes another.
///
/// @param nextSyncCommittee that of the period after the finalised header's; `null` if not yet
///   known
/// @param optimisticHeader the newest header that enough signed, not before the finalised one
/// @param previousMaxActiveParticipants most who signed anything, in the timeout before the present
/// @param timeout the number of the timeout (as many slots as a period) the counts belong to
public record LightClientStore(
    LightClientHeader finalizedHeader,
    SyncCommittee currentSyncCommittee,
    SyncCommittee nextSyncCommittee,
    LightClientHeader optimisticHeader,
    int previousMaxActiveParticipants,
    int currentMaxActiveParticipants,
    long timeout) {

  private static final int VERSION = 1;
  private static final int MAX_HEADER_BYTES = 1024;

  /// The store as bytes that [#decode] reads.
  byte[] encode() {
    SszWriter out = new SszWriter().uint64(VERSION).uint64(timeout);
    out.uint64(previousMaxActiveParticipants).uint64(currentMaxActiveParticipants);
    out.uint64(nextSyncCommittee == null ? 0 : 1).bytes(currentSyncCommittee.encoded());
    if (nextSyncCommittee != null) {
      out.bytes(nextSyncCommittee.encoded());
    }
    for (LightClientHeader header : List.of(finalizedHeader, optimisticHeader)) {
      byte[] encoded = header.encode();
      out.uint64(encoded.length).bytes(encoded);
    }
    byte[] all = out.toBytes();
    return out.bytes(Sha256.hashBytes(all)).toBytes();
  }

  /// @throws MalformedInputException where the bytes are not what [#encode] wrote for such a
  ///   network
  static LightClientStore decode(byte[] in, int committeeSize) {
    int end = in.length - Hash32.BYTES;
    if (end < 0 || !Sha256.hash(Arrays.copyOf(in, end)).equals(Hash32.of(in, end))) {
      throw new MalformedInputException("stored light client is damaged", 0);
    }
    SszReader reader = new SszReader(Arrays.copyOf(in, end));
    if (reader.uint64() != VERSION) {
      throw new MalformedInputException("stored light client is of another version", 0);
    }
    long timeout = reader.uint64();
    int previous = (int) reader.uint64();
    int current = (int) reader.uint64();
    boolean next = reader.uint64() != 0;
    SyncCommittee committee = SyncCommittee.read(reader, committeeSize);
    SyncCommittee following = next ? SyncCommittee.read(reader, committeeSize) : null;
    LightClientHeader finalized = header(reader);
    LightClientHeader optimistic = header(reader);
    reader.end();
    return new LightClientStore(
        finalized, committee, following, optimistic, previous, current, timeout);
  }

  private static LightClientHeader header(SszReader in) {
    long length = in.uint64();
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw new MalformedInputException("stored header of " + length + " bytes", 0);
    }
    return LightClientHeader.decode(in.bytes((int) length));
  }

  boolean isNextSyncCommitteeKnown() {
    return nextSyncCommittee != null;
  }

  /// How many have to be exceeded for a header to become the optimistic one.
  int safetyThreshold() {
    return Math.max(previousMaxActiveParticipants, currentMaxActiveParticipants) / 2;
  }

  /// `process_slot_for_light_client_store`, without its forced update, which would believe a
  /// minority.
  LightClientStore at(long currentTimeout) {
    if (currentTimeout <= timeout) {
      return this;
    }
    return new LightClientStore(
        finalizedHeader,
        currentSyncCommittee,
        nextSyncCommittee,
        optimisticHeader,
        currentTimeout == timeout + 1 ? currentMaxActiveParticipants : 0,
        0,
        currentTimeout);
  }
}
