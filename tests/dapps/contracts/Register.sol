pragma solidity ^0.8.28;

/// What the tests call: a value with events, every way to refuse, and work of known shapes.
contract Register {
  event Changed(address indexed by, uint256 indexed value, string note);

  error Insufficient(uint256 available, uint256 required);

  uint256 public value;
  mapping(uint256 => uint256) public cells;

  constructor(uint256 first) payable {
    value = first;
    emit Changed(msg.sender, first, "created");
  }

  receive() external payable {}

  function set(uint256 next, string calldata note) external returns (uint256 former) {
    former = value;
    value = next;
    emit Changed(msg.sender, next, note);
  }

  function refuse(string calldata why) external {
    value = 0;
    revert(why);
  }

  function refuseSilently() external {
    value = 0;
    assembly { revert(0, 0) }
  }

  function withdraw(uint256 amount) external {
    if (amount > address(this).balance) revert Insufficient(address(this).balance, amount);
    (bool done, ) = msg.sender.call{value: amount}("");
    require(done, "not taken");
  }

  function add(uint256 more) external {
    value += more;
  }

  function fill(uint256 from, uint256 count) external {
    for (uint256 i = from; i < from + count; i++) cells[i] = i + 1;
  }

  /// Gives gas back at the end, so more is needed on the way than is paid.
  function clear(uint256 from, uint256 count) external {
    for (uint256 i = from; i < from + count; i++) delete cells[i];
  }

  /// Each level keeps a 64th of its gas, and a level out of gas fails the whole.
  function nest(uint256 depth) external {
    if (depth == 0) {
      cells[0]++;
    } else {
      this.nest(depth - 1);
    }
  }

  /// Fails unless the caller sent more gas than the work itself uses.
  function demand(uint256 left) external {
    value++;
    require(gasleft() >= left, "more gas");
  }

  function spin() external {
    while (true) value++;
  }
}

contract Token {
  event Transfer(address indexed from, address indexed to, uint256 amount);

  mapping(address => uint256) public balanceOf;

  constructor(uint256 supply) {
    balanceOf[msg.sender] = supply;
  }

  function transfer(address to, uint256 amount) external returns (bool) {
    require(balanceOf[msg.sender] >= amount, "balance");
    balanceOf[msg.sender] -= amount;
    balanceOf[to] += amount;
    emit Transfer(msg.sender, to, amount);
    return true;
  }
}

/// What an account that is not a contract can be made to run.
contract Batcher {
  event Ran(address self, uint256 calls);

  uint256 public runs;

  function run(address payable[] calldata to, uint256[] calldata amounts) external payable {
    for (uint256 i = 0; i < to.length; i++) {
      (bool done, ) = to[i].call{value: amounts[i]}("");
      require(done, "call failed");
    }
    runs++;
    emit Ran(address(this), to.length);
  }

  receive() external payable {}
}
