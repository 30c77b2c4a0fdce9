// viem 2 against a development chain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  BaseError, ContractFunctionRevertedError, InsufficientFundsError, NonceTooLowError, commitmentToVersionedHash,
  createPublicClient, createWalletClient, encodeDeployData, encodeFunctionData, http, numberToHex,
  parseEther, parseEventLogs, toRlp, fromRlp, verifyMessage, verifyTypedData, webSocket, zeroAddress, zeroHash,
} from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { blobOf, sidecar } from './lib/blobs.mjs';
import { Batcher, Register, Token } from './lib/contracts.mjs';
import { MNEMONIC, eventually, failure, startDev } from './lib/node.mjs';
import { startProxy } from './lib/proxy.mjs';

const account = (addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex });
const { abi } = Register;

let node, chain, client, wallet, address;

const walletOf = (holder) => createWalletClient({ account: holder, chain, transport: http(node.url) });
const included = (hash) => client.waitForTransactionReceipt({ hash });

async function deploy(artifact, args, options = {}) {
  const hash = await wallet.deployContract({ abi: artifact.abi, bytecode: artifact.bytecode, args, ...options });
  const receipt = await included(hash);
  assert.equal(receipt.status, 'success');
  return receipt;
}

async function set(value, note, options = {}) {
  return included(await wallet.writeContract({ address, abi, functionName: 'set', args: [value, note], ...options }));
}

/** The revert viem found in an error, whatever wraps it. */
function revertOf(error) {
  assert.ok(error instanceof BaseError, String(error));
  const revert = error.walk((e) => e instanceof ContractFunctionRevertedError);
  assert.ok(revert, error.message);
  return revert;
}

describe('viem', () => {
  before(async () => {
    node = await startDev();
    chain = { ...foundry, rpcUrls: { default: { http: [node.url], webSocket: [node.wsUrl] } } };
    client = createPublicClient({ chain, transport: http(node.url), pollingInterval: 50, cacheTime: 0 });
    wallet = walletOf(account(0));
    address = (await deploy(Register, [7n], { value: parseEther('1') })).contractAddress;
  });

  after(async () => {
    await node?.stop();
  });

  test('finds the network and the accounts', async () => {
    assert.equal(await client.getChainId(), 31337);
    assert.deepEqual(
      (await wallet.getAddresses()).map((a) => a),
      [account(0).address],
    );
    const unlocked = createWalletClient({ chain, transport: http(node.url) });
    assert.deepEqual(
      (await unlocked.getAddresses()).map((a) => a.toLowerCase()),
      Array.from({ length: 10 }, (_, i) => account(i).address.toLowerCase()),
    );
    assert.equal(await client.getBalance({ address: account(9).address }), parseEther('10000'));
  });

  test('deploys, reads, simulates, writes, waits', async () => {
    assert.equal(await client.getCode({ address }), Register.deployed);
    assert.equal(await client.readContract({ address, abi, functionName: 'value' }), 7n);
    const { request, result } = await client.simulateContract({
      account: account(0), address, abi, functionName: 'set', args: [8n, 'simulated'],
    });
    assert.equal(result, 7n);
    const receipt = await included(await wallet.writeContract(request));
    assert.equal(receipt.status, 'success');
    assert.equal(receipt.type, 'eip1559');
    const [event] = parseEventLogs({ abi, logs: receipt.logs });
    assert.deepEqual([event.eventName, event.args], ['Changed', { by: account(0).address, value: 8n, note: 'simulated' }]);
    assert.equal(await client.readContract({ address, abi, functionName: 'value' }), 8n);
    assert.equal(
      await client.readContract({ address, abi, functionName: 'value', blockNumber: receipt.blockNumber - 1n }), 7n);
  });

  test('reads a contract that is nowhere deployed', async () => {
    // The constructor runs inside the call and its result is used: no state is touched.
    const code = encodeDeployData({ abi, bytecode: Register.bytecode, args: [99n] });
    const { data } = await client.call({ data: code });
    assert.equal(data, Register.deployed);
    const overridden = await client.readContract({
      address: account(9).address, abi, functionName: 'value',
      stateOverride: [{ address: account(9).address, code: Register.deployed, stateDiff: [{ slot: zeroHash, value: numberToHex(5, { size: 32 }) }] }],
    });
    assert.equal(overridden, 5n);
  });

  test('tells reason, custom error and panic of a refused call and write', async () => {
    const reverts = async (functionName, args) => {
      const attempts = [
        () => client.readContract({ address, abi, functionName, args }),
        () => client.simulateContract({ account: account(0), address, abi, functionName, args }),
        () => client.estimateContractGas({ account: account(0), address, abi, functionName, args }),
        () => wallet.writeContract({ address, abi, functionName, args }),
      ];
      const found = [];
      for (const attempt of attempts) {
        found.push(revertOf(await failure(attempt())));
      }
      return found;
    };
    for (const revert of await reverts('refuse', ['not today'])) {
      assert.equal(revert.reason, 'not today');
    }
    for (const revert of await reverts('withdraw', [parseEther('2')])) {
      assert.equal(revert.data?.errorName, 'Insufficient');
      assert.deepEqual(revert.data.args, [parseEther('1'), parseEther('2')]);
    }
    for (const revert of await reverts('add', [2n ** 256n - 1n])) {
      assert.deepEqual([revert.data?.errorName, revert.data?.args.map(BigInt)], ['Panic', [0x11n]]);
    }
    for (const revert of await reverts('refuseSilently', [])) {
      assert.match(revert.message, /revert/);
    }
  });

  test('a transaction that fails in its block says so', async () => {
    const hash = await wallet.writeContract({ address, abi, functionName: 'refuse', args: ['late'], gas: 100_000n });
    const receipt = await included(hash);
    assert.equal(receipt.status, 'reverted');
    assert.ok(receipt.gasUsed < 100_000n);
  });

  test('estimates EIP-1559 fees that get a transaction in', async () => {
    const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas();
    const { baseFeePerGas } = await client.getBlock();
    assert.ok(maxPriorityFeePerGas > 0n);
    assert.ok(maxFeePerGas >= baseFeePerGas + maxPriorityFeePerGas);
    const receipt = await set(9n, 'fees', { maxFeePerGas, maxPriorityFeePerGas });
    const block = await client.getBlock({ blockNumber: receipt.blockNumber });
    const offered = block.baseFeePerGas + maxPriorityFeePerGas;
    assert.equal(receipt.effectiveGasPrice, offered < maxFeePerGas ? offered : maxFeePerGas);
    assert.ok((await client.getGasPrice()) >= block.baseFeePerGas);
  });

  test('reads the fee history', async () => {
    const latest = await client.getBlock();
    const history = await client.getFeeHistory({ blockCount: 3, rewardPercentiles: [25, 75], blockNumber: latest.number });
    assert.equal(history.oldestBlock, latest.number - 2n);
    assert.equal(history.baseFeePerGas.length, 4);
    assert.equal(history.baseFeePerGas[2], latest.baseFeePerGas);
    assert.equal(history.gasUsedRatio[2], Number(latest.gasUsed) / Number(latest.gasLimit));
    assert.equal(history.reward.length, 3);
    assert.ok(history.reward.every(([low, high]) => low <= high));
  });

  test('hears contract events, blocks and pending transactions over WebSocket', async () => {
    const live = createPublicClient({ chain, cacheTime: 0, transport: webSocket(node.wsUrl) });
    const logs = [], blocks = [], pending = [], failures = [];
    const onError = (e) => failures.push(e);
    const stops = [
      live.watchContractEvent({ address, abi, eventName: 'Changed', args: { value: 31n }, onLogs: (l) => logs.push(...l), onError }),
      live.watchBlocks({ onBlock: (b) => blocks.push(b), onError }),
      live.watchPendingTransactions({ onTransactions: (h) => pending.push(...h), onError }),
    ];
    await live.getBlockNumber();
    await set(30n, 'another');
    const receipt = await set(31n, 'heard');
    await eventually(() => [logs.length, pending.length], ([l, p]) => l > 0 && p > 1, 'an event over WebSocket');
    await eventually(() => blocks.map((b) => b.hash), (b) => b.includes(receipt.blockHash), 'a block over WebSocket');
    assert.equal(logs.length, 1);
    assert.equal(logs[0].args.note, 'heard');
    assert.equal(logs[0].transactionHash, receipt.transactionHash);
    assert.ok(pending.includes(receipt.transactionHash));
    assert.deepEqual(failures, []);
    stops.forEach((stop) => stop());
    (await live.transport.getRpcClient()).close();
  });

  test('goes on after its WebSocket was cut', async () => {
    const proxy = await startProxy(node.port);
    const live = createPublicClient({
      chain, cacheTime: 0, transport: webSocket(proxy.wsUrl, { reconnect: { delay: 100, attempts: 20 } }),
    });
    const logs = [];
    const stop = live.watchContractEvent({ address, abi, eventName: 'Changed', onLogs: (l) => logs.push(...l), onError: () => {} });
    await live.getBlockNumber();
    await set(32n, 'before the cut');
    await eventually(() => logs.length, (n) => n === 1, 'an event before the cut');
    const former = proxy.accepted;
    proxy.cut();
    await eventually(() => proxy.accepted, (n) => n > former, 'connecting again');
    const number = await eventually(() => live.getBlockNumber().catch(() => null), (n) => n !== null, 'an answer after the cut');
    assert.equal(number, await client.getBlockNumber());
    await eventually(
      async () => {
        await set(33n, 'after the cut');
        return logs.map((l) => l.args.note);
      },
      (notes) => notes.includes('after the cut'),
      'an event after the cut',
    );
    stop();
    (await live.transport.getRpcClient()).close();
    await proxy.stop();
  });

  test('watches events by filters over HTTP', async () => {
    const filter = await client.createContractEventFilter({ address, abi, eventName: 'Changed', args: { value: 41n } });
    await set(40n, 'other');
    const receipt = await set(41n, 'wanted');
    const changes = await client.getFilterChanges({ filter });
    assert.deepEqual(changes.map((l) => [l.transactionHash, l.args.note]), [[receipt.transactionHash, 'wanted']]);
    assert.deepEqual(await client.getFilterChanges({ filter }), []);
    assert.equal((await client.getFilterLogs({ filter })).length, 1);
    assert.equal(await client.uninstallFilter({ filter }), true);
    assert.match((await failure(client.getFilterChanges({ filter }))).message, /filter not found/);
    const pending = await client.createPendingTransactionFilter();
    const sent = await set(42n, 'pending');
    assert.deepEqual(await client.getFilterChanges({ filter: pending }), [sent.transactionHash]);
  });

  test('gets logs over ranges', async () => {
    const token = (await deploy(Token, [100n])).contractAddress;
    const blocks = [];
    for (let i = 1; i <= 6; i++) {
      const hash = await wallet.writeContract({ address: token, abi: Token.abi, functionName: 'transfer', args: [account(i % 2 + 1).address, BigInt(i)] });
      blocks.push((await included(hash)).blockNumber);
    }
    const amounts = async (query) =>
      (await client.getContractEvents({ address: token, abi: Token.abi, eventName: 'Transfer', ...query })).map((l) => l.args.amount);
    assert.deepEqual(await amounts({ fromBlock: 0n, toBlock: 'latest' }), [1n, 2n, 3n, 4n, 5n, 6n]);
    assert.deepEqual(await amounts({ fromBlock: blocks[1], toBlock: blocks[3] }), [2n, 3n, 4n]);
    assert.deepEqual(await amounts({ fromBlock: 'earliest', args: { to: account(2).address } }), [1n, 3n, 5n]);
    assert.deepEqual(await amounts({ fromBlock: blocks[0], args: { to: [account(1).address, account(2).address] } }), [1n, 2n, 3n, 4n, 5n, 6n]);
    assert.deepEqual(await amounts({ fromBlock: blocks[5] }), [6n]);
  });

  test('sends a blob transaction with cell proofs', async () => {
    const { blob, commitment, cellProofs } = sidecar(blobOf('the first blob'));
    const sender = account(4);
    const fees = await client.estimateFeesPerGas();
    const request = {
      type: 'eip4844', chainId: chain.id, nonce: await client.getTransactionCount({ address: sender.address }), to: account(5).address,
      gas: 21_000n, ...fees, maxFeePerBlobGas: 10n ** 9n, blobVersionedHashes: [commitmentToVersionedHash({ commitment })],
    };
    // viem signs what goes into a block; the sidecar goes round it as EIP-7594 says.
    const signed = await sender.signTransaction(request);
    const body = fromRlp(`0x${signed.slice(4)}`, 'hex');
    const wrapped = (proofs) => `0x03${toRlp([body, '0x01', [blob], [commitment], proofs]).slice(2)}`;
    const short = await failure(client.sendRawTransaction({ serializedTransaction: wrapped(cellProofs.slice(1)) }));
    assert.ok(short instanceof BaseError);
    const hash = await client.sendRawTransaction({ serializedTransaction: wrapped(cellProofs) });
    const receipt = await included(hash);
    assert.deepEqual([receipt.type, receipt.status, receipt.blobGasUsed], ['eip4844', 'success', 131_072n]);
    assert.ok(receipt.blobGasPrice > 0n);
    const found = await client.getTransaction({ hash });
    assert.deepEqual(found.blobVersionedHashes, request.blobVersionedHashes);
    assert.ok((await client.getBlobBaseFee()) >= 1n);
  });

  test('an account runs code by a set-code transaction', async () => {
    const batcher = (await deploy(Batcher, [])).contractAddress;
    const holder = walletOf(account(6));
    const authorization = await holder.signAuthorization({ contractAddress: batcher, executor: 'self' });
    const earlier = await client.getBalance({ address: account(7).address });
    const receipt = await included(
      await holder.sendTransaction({
        to: account(6).address, authorizationList: [authorization],
        data: encodeFunctionData({ abi: Batcher.abi, functionName: 'run', args: [[account(7).address], [3n]] }),
      }),
    );
    assert.deepEqual([receipt.type, receipt.status], ['eip7702', 'success']);
    assert.equal(await client.getCode({ address: account(6).address }), `0xef0100${batcher.slice(2).toLowerCase()}`);
    assert.equal((await client.getDelegation({ address: account(6).address })).toLowerCase(), batcher.toLowerCase());
    const found = await client.getTransaction({ hash: receipt.transactionHash });
    assert.deepEqual(found.authorizationList.map((a) => a.address.toLowerCase()), [batcher.toLowerCase()]);
    assert.equal(await client.getBalance({ address: account(7).address }), earlier + 3n);
    const [ran] = parseEventLogs({ abi: Batcher.abi, logs: receipt.logs });
    assert.deepEqual(ran.args, { self: account(6).address, calls: 1n });
  });

  test('classifies what the pool refuses', async () => {
    const low = await failure(wallet.sendTransaction({ to: zeroAddress, nonce: 0, gas: 21_000n }));
    assert.ok(low.walk((e) => e instanceof NonceTooLowError), low.message);
    const poor = walletOf(privateKeyToAccount(generatePrivateKey()));
    const broke = await failure(poor.sendTransaction({ to: zeroAddress, value: 1n, gas: 21_000n }));
    assert.ok(broke.walk((e) => e instanceof InsufficientFundsError), broke.message);
    const estimated = await failure(client.estimateGas({ account: account(9), to: zeroAddress, value: parseEther('10001') }));
    assert.ok(estimated.walk((e) => e instanceof InsufficientFundsError), estimated.message);
  });

  test('many reads travel as one batch', async () => {
    let requests = 0, bodies = 0;
    const batching = createPublicClient({
      chain,
      transport: http(node.url, {
        batch: { batchSize: 100 },
        onFetchRequest: async (request) => {
          requests++;
          bodies += JSON.parse(await request.clone().text()).length;
        },
      }),
    });
    const balances = await Promise.all(Array.from({ length: 25 }, (_, i) => batching.getBalance({ address: account(8).address, blockNumber: BigInt(i % 3) })));
    assert.ok(balances.every((b) => b === parseEther('10000')));
    assert.deepEqual([requests, bodies], [1, 25]);
  });

  test('proves an account and a slot', async () => {
    const proof = await client.getProof({ address, storageKeys: [zeroHash] });
    assert.equal(proof.address.toLowerCase(), address.toLowerCase());
    assert.equal(proof.balance, parseEther('1'));
    assert.equal(proof.storageProof[0].value, await client.readContract({ address, abi, functionName: 'value' }));
    assert.ok(proof.accountProof.length > 0 && proof.storageProof[0].proof.length > 0);
  });

  test('creates an access list', async () => {
    const data = encodeFunctionData({ abi, functionName: 'set', args: [50n, 'listed'] });
    const { accessList, gasUsed } = await client.createAccessList({ account: account(0), to: address, data });
    assert.deepEqual(accessList.map((e) => [e.address.toLowerCase(), e.storageKeys]), [[address.toLowerCase(), [zeroHash]]]);
    const hash = await wallet.sendTransaction({ to: address, data, accessList, gas: 200_000n });
    assert.equal((await included(hash)).gasUsed, gasUsed);
  });

  test('the node\'s accounts sign and send', async () => {
    const unlocked = createWalletClient({ account: account(1).address, chain, transport: http(node.url) });
    const receipt = await included(await unlocked.sendTransaction({ to: account(2).address, value: 1n }));
    assert.deepEqual([receipt.status, receipt.from.toLowerCase()], ['success', account(1).address.toLowerCase()]);
    const message = 'a message';
    assert.ok(await verifyMessage({ address: account(1).address, message, signature: await unlocked.signMessage({ message }) }));
    const typed = {
      domain: { name: 'Register', version: '1', chainId: 31337, verifyingContract: address },
      types: { Inner: [{ name: 'a', type: 'int8' }], Order: [{ name: 'inner', type: 'Inner[2]' }, { name: 'data', type: 'bytes' }] },
      primaryType: 'Order',
      message: { inner: [{ a: -1 }, { a: 2 }], data: '0x0102' },
    };
    assert.ok(await verifyTypedData({ address: account(1).address, ...typed, signature: await unlocked.signTypedData(typed) }));
  });
});
