package io.semper.genesis;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Reads genesis files: the JSON with which go-ethereum, Besu and Quorum describe a network.
///
/// The dialects agree on structure (`config`, header fields, `alloc`) and differ in spelling:
/// capitals in names, numbers as JSON numbers, decimal or hexadecimal strings, addresses with and
/// without `0x`. All of that is read; unknown members are ignored; what is missing and has a
/// customary default gets it. Everything else is a [MalformedGenesisException].
public final class Genesis {
  /// Largest file read, in bytes, which is held whole: three million accounts with ether.
  /// Mainnet's, with 8,893 accounts, has less than one million.
  public static final int MAX_BYTES = 256 << 20;

  /// Deeper than any genesis file nests: the deepest are settings of consensus transitions.
  private static final int MAX_NESTING = 64;

  private static final UInt256 INITIAL_BASE_FEE = UInt256.of(1_000_000_000); // EIP-1559
  private static final UInt256 DEFAULT_DIFFICULTY = UInt256.of(131_072);
  private static final long DEFAULT_GAS_LIMIT = 4_712_388;

  /// SHA-256 of nothing: the requests hash of a block without requests (EIP-7685).
  private static final Hash32 NO_REQUESTS =
      Hash32.of("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  private static final ObjectMapper JSON = jsonMapper();

  private Genesis() {}

  /// Reads a genesis file.
  ///
  /// @throws MalformedGenesisException naming the field and what was expected
  public static Network read(byte[] json) {
    File file = parse(json);
    if (file.accounts() == null) {
      throw file.rest().get("alloc").expected("an object of accounts");
    }
    Allocation allocation = new Allocation(file.accounts());
    Network network = network(Network.PRIVATE, file.rest(), allocation, StateRoot.of(allocation));
    Optional<PublicNetwork> known = PublicNetwork.byGenesisHash(network.genesisHash());
    return known.map(found -> network.named(found.id())).orElse(network);
  }

  /// The network a file describes over a state that is known already.
  static Network read(String name, byte[] json, Allocation allocation, Hash32 stateRoot) {
    return network(name, parse(json).rest(), allocation, stateRoot);
  }

  /// The trimmed-down member `stateRoot` of a resource.
  static Hash32 stateRoot(byte[] json) {
    return parse(json).rest().get("stateRoot").hash();
  }

  private static ObjectMapper jsonMapper() {
    ObjectMapper mapper =
        JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_NESTING)
                .maxDocumentLength(MAX_BYTES)
                .maxStringLength(MAX_BYTES)
                .build());
    return mapper;
  }

  /// A file as it was read: the accounts, taken in one by one since there may be millions, and all
  /// else.
  ///
  /// @param accounts `null` where it has none
  private record File(Field rest, TreeMap<Address, GenesisAccount> accounts) {}

  private static File parse(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw new MalformedGenesisException(
          "", "expected at most " + MAX_BYTES + " bytes, found " + json.length);
    }
    try (JsonParser in = JSON.createParser(json)) {
      return parse(in);
    } catch (JacksonException e) {
      JsonLocation at = e.getLocation();
      throw new MalformedGenesisException(
          "",
          "expected JSON: "
              + e.getOriginalMessage()
              + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a byte array does not fail to be read
    }
  }

  private static File parse(JsonParser in) throws IOException {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw new MalformedGenesisException("", "expected a JSON object");
    }
    ObjectNode rest = JSON.createObjectNode();
    TreeMap<Address, GenesisAccount> accounts = null;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken value = in.nextToken();
      boolean alloc = name.equalsIgnoreCase("alloc") && value != JsonToken.VALUE_NULL;
      if (!alloc) {
        rest.set(name, in.readValueAsTree());
      } else if (accounts != null) {
        throw new MalformedGenesisException(name, "given twice");
      } else if (value == JsonToken.START_OBJECT) {
        accounts = accounts(in, name);
      } else {
        throw new Field(name, in.readValueAsTree()).expected("an object");
      }
    }
    in.nextToken(); // whatever follows is refused, be it JSON or not
    if (in.currentToken() != null) {
      throw new MalformedGenesisException("", "expected nothing after the JSON object");
    }
    return new File(new Field("", rest), accounts);
  }

  private static TreeMap<Address, GenesisAccount> accounts(JsonParser in, String path)
      throws IOException {
    TreeMap<Address, GenesisAccount> accounts = new TreeMap<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      Field field = new Field(path + "." + key, in.readValueAsTree());
      if (accounts.put(address(key, field), account(field)) != null) {
        throw field.malformed("account given twice");
      }
    }
    return accounts;
  }

  private static Network network(String name, Field file, Allocation allocation, Hash32 stateRoot) {
    Map<String, Field> members = file.membersIgnoringCase();
    Field configField = members.get("config");
    if (configField == null || !configField.present()) {
      throw file.get("config").expected("an object");
    }
    Map<String, Field> config = configField.membersIgnoringCase();
    Field chainId = present(config, "chainid");
    if (chainId == null) {
      throw configField.get("chainId").expected("a number");
    }
    if (chainId.number().isZero()) {
      throw chainId.expected("a number above zero");
    }
    ForkSchedule forks = ForkConfig.read(config);
    Field daoForkSupport = present(config, "daoforksupport");
    // Besu has no such switch, and takes a fork at block 0 for none; go-ethereum's default is no.
    boolean daoForkAhead = forks.activation(Fork.DAO).orElse(0) > 0;
    Field depositContract = present(config, "depositcontractaddress");
    Field zeroBaseFee = present(config, "zerobasefee");
    boolean free = zeroBaseFee != null && zeroBaseFee.bool();
    return new Network(
        name,
        chainId.number(),
        forks,
        daoForkSupport == null ? daoForkAhead : daoForkSupport.bool(),
        depositContract == null ? null : depositContract.address(),
        fixedDifficulty(config),
        free,
        contractSizeLimit(config),
        QbftConfig.read(config),
        header(members, forks, free, stateRoot),
        allocation);
  }

  private static UInt256 fixedDifficulty(Map<String, Field> config) {
    Field ethash = present(config, "ethash");
    if (ethash == null) {
      return null;
    }
    Field fixed = present(ethash.membersIgnoringCase(), "fixeddifficulty");
    return fixed == null ? null : fixed.number();
  }

  /// Besu's limit in bytes, or Quorum's list of limits in KiB by block.
  private static int contractSizeLimit(Map<String, Field> config) {
    Field limit = present(config, "contractsizelimit");
    if (limit != null) {
      return limit.intNumber(1);
    }
    Field limits = present(config, "maxcodesizeconfig");
    if (limits == null) {
      return Network.CONTRACT_SIZE_LIMIT_BYTES;
    }
    if (!limits.node().isArray() || limits.node().size() != 1) {
      throw limits.expected("an array of one limit, since limits that change are not supported");
    }
    Field only = new Field(limits.path() + "[0]", limits.node().get(0));
    if (only.get("block").longNumber() != 0) {
      throw only.get("block").expected("0, since limits that change are not supported");
    }
    int kibibytes = only.get("size").intNumber(1);
    if (kibibytes > Integer.MAX_VALUE / 1024) {
      throw only.get("size").expected("a number of KiB below " + Integer.MAX_VALUE / 1024);
    }
    return kibibytes * 1024;
  }

  private static Header header(
      Map<String, Field> members, ForkSchedule forks, boolean zeroBaseFee, Hash32 stateRoot) {
    Field number = present(members, "number");
    if (number != null && !number.number().isZero()) {
      throw number.expected("0");
    }
    long timestamp = longOr(members, "timestamp", 0);
    // Whatever its difficulty, a genesis block carries the fields of the forks scheduled at it.
    Fork fork = forks.at(0, timestamp, true);
    Field difficulty = present(members, "difficulty");
    Hash32 mixHash = hashOr(members, "mixhash");
    long gasLimit = longOr(members, "gaslimit", 0);
    Field extraData = present(members, "extradata");
    Field nonce = present(members, "nonce");
    Field coinbase = present(members, "coinbase");
    Header.Builder header =
        Header.builder()
            .parentHash(hashOr(members, "parenthash"))
            .beneficiary(coinbase == null ? Address.ZERO : coinbase.address())
            .stateRoot(stateRoot)
            .transactionsRoot(Account.EMPTY_ROOT)
            .receiptsRoot(Account.EMPTY_ROOT)
            .gasLimit(gasLimit == 0 ? DEFAULT_GAS_LIMIT : gasLimit)
            .gasUsed(longOr(members, "gasused", 0))
            .timestamp(timestamp)
            .extraData(extraData == null ? new byte[0] : extraData.bytes())
            .mixHash(mixHash)
            .nonce(nonce == null ? 0 : nonce.unsignedLong());
    if (difficulty != null) {
      header.difficulty(difficulty.number());
    } else {
      header.difficulty(mixHash.isZero() ? DEFAULT_DIFFICULTY : UInt256.ZERO);
    }
    if (londonAtGenesis(forks, fork)) {
      Field baseFee = present(members, "basefeepergas");
      UInt256 initial = zeroBaseFee ? UInt256.ZERO : INITIAL_BASE_FEE;
      header.baseFeePerGas(baseFee == null ? initial : baseFee.number());
    }
    if (fork.atLeast(Fork.SHANGHAI)) {
      header.withdrawalsRoot(Account.EMPTY_ROOT);
    }
    if (fork.atLeast(Fork.CANCUN)) {
      header
          .blobGasUsed(longOr(members, "blobgasused", 0))
          .excessBlobGas(longOr(members, "excessblobgas", 0))
          .parentBeaconBlockRoot(hashOr(members, "parentbeaconblockroot"));
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      header.requestsHash(NO_REQUESTS);
    }
    return header.build();
  }

  /// A chain that merges later starts before London even though [Fork#PARIS] sorts after it.
  private static boolean londonAtGenesis(ForkSchedule forks, Fork atGenesis) {
    return atGenesis.atLeast(Fork.SHANGHAI)
        || forks.mergedAtGenesis()
        || forks.at(0, 0, false).atLeast(Fork.LONDON);
  }

  private static Address address(String key, Field field) {
    try {
      return Address.of(key);
    } catch (IllegalArgumentException e) {
      throw field.malformed("expected the name to be an address of 40 hexadecimal digits");
    }
  }

  private static GenesisAccount account(Field field) {
    Map<String, Field> members = field.members();
    // The oldest files, those of the first test networks, say wei.
    Field balance = present(members, members.containsKey("balance") ? "balance" : "wei");
    Field nonce = present(members, "nonce");
    Field code = present(members, "code");
    Field storage = present(members, "storage");
    return new GenesisAccount(
        balance == null ? UInt256.ZERO : balance.number(),
        nonce == null ? 0 : nonce.unsignedLong(),
        code == null ? new byte[0] : code.bytes(),
        storage == null ? Collections.emptySortedMap() : storage(storage));
  }

  private static SortedMap<UInt256, UInt256> storage(Field field) {
    TreeMap<UInt256, UInt256> slots = new TreeMap<>();
    field
        .members()
        .forEach((key, valueField) -> {
          UInt256 slot = Field.word(valueField, key);
          UInt256 value = Field.word(valueField, valueField.text());
          if (!value.isZero() && slots.put(slot, value) != null) {
            throw valueField.malformed("slot given twice");
          }
        });
    return Collections.unmodifiableSortedMap(slots);
  }

  private static long longOr(Map<String, Field> members, String name, long absent) {
    Field field = present(members, name);
    return field == null ? absent : field.longNumber();
  }

  private static Hash32 hashOr(Map<String, Field> members, String name) {
    Field field = present(members, name);
    return field == null ? Hash32.ZERO : field.hash();
  }

  private static Field present(Map<String, Field> members, String name) {
    Field field = members.get(name);
    return field != null && field.present() ? field : null;
  }
}
