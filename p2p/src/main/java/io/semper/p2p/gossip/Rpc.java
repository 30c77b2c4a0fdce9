package io.semper.p2p.gossip;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.List;

/// What peers send each other: subscriptions, messages and control, in one frame.
///
/// Identifiers of several IWANT or IDONTWANT entries are read as one list.
public record Rpc(
    List<Subscription> subscriptions,
    List<GossipMessage> messages,
    List<IHave> ihave,
    List<MessageId> iwant,
    List<String> graft,
    List<Prune> prune,
    List<MessageId> idontwant) {

  /// That the sender subscribed to a topic or left it.
  public record Subscription(boolean subscribe, String topic) {}

  /// Messages of a topic the sender has.
  public record IHave(String topic, List<MessageId> ids) {}

  /// That the sender took the receiver out of its mesh.
  ///
  /// @param peers others to try instead
  /// @param backoffSeconds how long not to graft again, unsigned; 0 where nothing is said
  public record Prune(String topic, List<ExchangedPeer> peers, long backoffSeconds) {}

  /// A peer that might be dialled.
  ///
  /// @param signedRecord its sealed peer record, empty where none was sent
  public record ExchangedPeer(byte[] peerId, byte[] signedRecord) {}

  private static final int SUBSCRIPTIONS = 1;
  private static final int MESSAGES = 2;
  private static final int CONTROL = 3;

  static Rpc subscriptions(List<Subscription> subscriptions) {
    return new Rpc(subscriptions, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  static Rpc message(GossipMessage message) {
    return new Rpc(
        List.of(), List.of(message), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  static Rpc ihave(List<IHave> ihave) {
    return new Rpc(List.of(), List.of(), ihave, List.of(), List.of(), List.of(), List.of());
  }

  static Rpc iwant(List<MessageId> iwant) {
    return new Rpc(List.of(), List.of(), List.of(), iwant, List.of(), List.of(), List.of());
  }

  static Rpc mesh(List<String> graft, List<Prune> prune) {
    return new Rpc(List.of(), List.of(), List.of(), List.of(), graft, prune, List.of());
  }

  static Rpc idontwant(MessageId id) {
    return new Rpc(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(id));
  }

  /// The protobuf, without its length prefix.
  public byte[] encode() {
    ProtoWriter out = new ProtoWriter();
    for (Subscription each : subscriptions) {
      out.message(
          SUBSCRIPTIONS, new ProtoWriter().bool(1, each.subscribe()).string(2, each.topic()));
    }
    for (GossipMessage message : messages) {
      out.bytes(MESSAGES, message.encoded());
    }
    ProtoWriter control = new ProtoWriter();
    for (IHave each : ihave) {
      control.message(1, ids(new ProtoWriter().string(1, each.topic()), 2, each.ids()));
    }
    if (!iwant.isEmpty()) {
      control.message(2, ids(new ProtoWriter(), 1, iwant));
    }
    for (String topic : graft) {
      control.message(3, new ProtoWriter().string(1, topic));
    }
    for (Prune each : prune) {
      control.message(4, encode(each));
    }
    if (!idontwant.isEmpty()) {
      control.message(5, ids(new ProtoWriter(), 1, idontwant));
    }
    if (control.size() > 0) {
      out.message(CONTROL, control);
    }
    return out.toByteArray();
  }

  private static ProtoWriter ids(ProtoWriter out, int field, List<MessageId> ids) {
    for (MessageId id : ids) {
      out.bytes(field, id.bytes());
    }
    return out;
  }

  private static ProtoWriter encode(Prune prune) {
    ProtoWriter out = new ProtoWriter().string(1, prune.topic());
    for (ExchangedPeer peer : prune.peers()) {
      ProtoWriter nested = new ProtoWriter().bytes(1, peer.peerId());
      if (peer.signedRecord().length > 0) {
        nested.bytes(2, peer.signedRecord());
      }
      out.message(2, nested);
    }
    return out.varint(3, prune.backoffSeconds());
  }

  /// Reads an RPC. Fields unknown here are skipped.
  ///
  /// @throws MalformedInputException where it does not decode, or has more entries than
  ///   [GossipLimits] allows; nothing is allocated for what is above a limit
  public static Rpc decode(byte[] encoded) {
    return new Decoder().decode(encoded);
  }

  private static final class Decoder {
    private final List<Subscription> subscriptions = new ArrayList<>(0);
    private final List<GossipMessage> messages = new ArrayList<>(1);
    private final List<IHave> ihave = new ArrayList<>(0);
    private final List<MessageId> iwant = new ArrayList<>(0);
    private final List<String> graft = new ArrayList<>(0);
    private final List<Prune> prune = new ArrayList<>(0);
    private final List<MessageId> idontwant = new ArrayList<>(0);
    private int announced;
    private int controlEntries;

    Rpc decode(byte[] encoded) {
      ProtoReader in = new ProtoReader(encoded);
      while (in.next()) {
        switch (in.field()) {
          case SUBSCRIPTIONS -> {
            limit(subscriptions.size() < GossipLimits.MAX_SUBSCRIPTIONS, "subscriptions", in);
            subscriptions.add(subscription(in.message()));
          }
          case MESSAGES -> {
            limit(messages.size() < GossipLimits.MAX_MESSAGES, "messages", in);
            messages.add(GossipMessage.decode(in.bytes(encoded.length)));
          }
          case CONTROL -> control(in.message());
          default -> in.skip();
        }
      }
      return new Rpc(subscriptions, messages, ihave, iwant, graft, prune, idontwant);
    }

    private static void limit(boolean within, String what, ProtoReader in) {
      if (!within) {
        throw new MalformedInputException("too many " + what + " in an RPC", in.fieldStart());
      }
    }

    private static Subscription subscription(ProtoReader in) {
      boolean subscribe = false;
      String topic = "";
      while (in.next()) {
        switch (in.field()) {
          case 1 -> subscribe = in.bool();
          case 2 -> topic = in.string(Topic.MAX_NAME_BYTES);
          default -> in.skip();
        }
      }
      return new Subscription(subscribe, topic);
    }

    private void control(ProtoReader in) {
      while (in.next()) {
        limit(controlEntries++ < GossipLimits.MAX_CONTROL_ENTRIES, "control entries", in);
        switch (in.field()) {
          case 1 -> ihave.add(ihave(in.message()));
          case 2 -> ids(in.message(), iwant);
          case 3 -> graft.add(graft(in.message()));
          case 4 -> prune.add(prune(in.message()));
          case 5 -> ids(in.message(), idontwant);
          default -> in.skip();
        }
      }
    }

    private IHave ihave(ProtoReader in) {
      String topic = "";
      List<MessageId> ids = new ArrayList<>();
      while (in.next()) {
        if (in.field() == 1) {
          topic = in.string(Topic.MAX_NAME_BYTES);
        } else if (in.field() == 2 && announced < GossipLimits.MAX_IDS) {
          announced++;
          id(in, ids);
        } else {
          in.skip();
        }
      }
      return new IHave(topic, ids);
    }

    private static void ids(ProtoReader in, List<MessageId> ids) {
      while (in.next()) {
        if (in.field() == 1 && ids.size() < GossipLimits.MAX_IDS) {
          id(in, ids);
        } else {
          in.skip();
        }
      }
    }

    private static void id(ProtoReader in, List<MessageId> ids) {
      ids.add(new MessageId(in.bytes(MessageId.MAX_BYTES)));
    }

    private static String graft(ProtoReader in) {
      String topic = "";
      while (in.next()) {
        if (in.field() == 1) {
          topic = in.string(Topic.MAX_NAME_BYTES);
        } else {
          in.skip();
        }
      }
      return topic;
    }

    private static Prune prune(ProtoReader in) {
      String topic = "";
      List<ExchangedPeer> peers = new ArrayList<>(0);
      long backoff = 0;
      while (in.next()) {
        if (in.field() == 1) {
          topic = in.string(Topic.MAX_NAME_BYTES);
        } else if (in.field() == 2 && peers.size() < GossipLimits.MAX_EXCHANGED_PEERS) {
          peers.add(exchangedPeer(in.message()));
        } else if (in.field() == 3) {
          backoff = in.varint();
        } else {
          in.skip();
        }
      }
      return new Prune(topic, peers, backoff);
    }

    private static ExchangedPeer exchangedPeer(ProtoReader in) {
      byte[] peerId = {};
      byte[] signedRecord = {};
      while (in.next()) {
        switch (in.field()) {
          case 1 -> peerId = in.bytes(GossipLimits.MAX_PEER_RECORD_BYTES);
          case 2 -> signedRecord = in.bytes(GossipLimits.MAX_PEER_RECORD_BYTES);
          default -> in.skip();
        }
      }
      return new ExchangedPeer(peerId, signedRecord);
    }
  }
}
