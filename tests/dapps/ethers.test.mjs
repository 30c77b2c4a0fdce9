// ethers 6 against a development chain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  Contract, ContractFactory, HDNodeWallet, Interface, JsonRpcProvider, NonceManager, Wallet, WebSocketProvider,
  ZeroHash, hashMessage, parseEther, recoverAddress, verifyTypedData,
} from 'ethers';
import { blobOf, ethersKzg, sidecar } from './lib/blobs.mjs';
import { Batcher, Register, Token } from './lib/contracts.mjs';
import { MNEMONIC, eventually, failure, rpc, startDev } from './lib/node.mjs';

const account = (i) => HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${i}`);
const BLOB_GAS = 131_072n;

let node, provider, sockets, owner, register;

/** The next event of an emitter, or a failure after a while. */
function next(emitter, event, millis = 20_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${JSON.stringify(event)} within ${millis} ms`)), millis);
    emitter.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

async function deploy(artifact, args, signer, overrides = {}) {
  const contract = await new ContractFactory(artifact.abi, artifact.bytecode, signer).deploy(...args, overrides);
  await contract.waitForDeployment();
  return contract;
}

describe('ethers', () => {
  before(async () => {
    node = await startDev();
    provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1, pollingInterval: 100 });
    sockets = new WebSocketProvider(node.wsUrl);
    owner = new NonceManager(account(0).connect(provider));
    register = await deploy(Register, [7n], owner, { value: parseEther('1') });
  });

  after(async () => {
    await sockets?.destroy();
    provider?.destroy();
    await node?.stop();
  });

  test('finds the network and the ten accounts', async () => {
    assert.equal((await provider.getNetwork()).chainId, 31337n);
    const accounts = await provider.send('eth_accounts', []);
    assert.deepEqual(
      accounts.map((a) => a.toLowerCase()),
      Array.from({ length: 10 }, (_, i) => account(i).address.toLowerCase()),
    );
    assert.equal(await provider.getBalance(account(9).address), parseEther('10000'));
    assert.equal(await provider.getBalance(account(9).address, 0), parseEther('10000'));
  });

  test('deploys a contract', async () => {
    const receipt = await register.deploymentTransaction().wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.contractAddress, await register.getAddress());
    assert.equal(receipt.to, null);
    assert.equal(await provider.getCode(receipt.contractAddress), Register.deployed);
    assert.equal(await provider.getBalance(receipt.contractAddress), parseEther('1'));
    assert.equal(await provider.getCode(receipt.contractAddress, receipt.blockNumber - 1), '0x');
  });

  test('calls, sends and reads the receipt', async () => {
    const former = await register.value();
    assert.equal(await register.set.staticCall(11n, 'x'), former);
    assert.equal(await register.value(), former, 'a call changes nothing');

    const sent = await register.set(11n, 'sent');
    const receipt = await sent.wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.hash, sent.hash);
    assert.equal(receipt.from, await owner.getAddress());
    assert.ok(receipt.gasUsed > 21_000n && receipt.gasUsed <= sent.gasLimit);
    const [event] = receipt.logs.map((log) => register.interface.parseLog(log));
    assert.equal(event.name, 'Changed');
    assert.deepEqual([...event.args], [await owner.getAddress(), 11n, 'sent']);

    assert.equal(await register.value(), 11n);
    assert.equal(await register.value({ blockTag: receipt.blockNumber - 1 }), former, 'the past stays readable');
    const block = await provider.getBlock(receipt.blockNumber, true);
    assert.equal(block.hash, receipt.blockHash);
    assert.deepEqual(block.prefetchedTransactions.map((t) => t.hash), [sent.hash]);
  });

  test('charges what the receipt says', async () => {
    const payer = account(1).connect(provider);
    const balance = await provider.getBalance(payer.address);
    const receipt = await (await payer.sendTransaction({ to: ZeroHash.slice(0, 42), value: 5n })).wait();
    assert.equal(receipt.gasUsed, 21_000n);
    assert.equal(await provider.getBalance(payer.address), balance - 5n - receipt.gasUsed * receipt.gasPrice);
  });

  test('hears contract events over WebSocket', async () => {
    const heard = next(register.connect(sockets), register.filters.Changed(null, 12n));
    // The subscription is known to be in place once another request on the same socket is answered.
    await sockets.getBlockNumber();
    await (await register.set(13n, 'of another value')).wait();
    const receipt = await (await register.set(12n, 'heard')).wait();
    const [event] = await heard;
    assert.deepEqual([...event.args], [await owner.getAddress(), 12n, 'heard']);
    assert.equal(event.log.transactionHash, receipt.hash);
    assert.equal(event.log.removed, false);
  });

  test('hears new blocks and pending transactions over WebSocket', async () => {
    const block = next(sockets, 'block');
    const pending = next(sockets, 'pending');
    await sockets.getBlockNumber();
    const sent = await register.set(14n, 'block');
    const receipt = await sent.wait();
    assert.equal((await block)[0], receipt.blockNumber);
    assert.equal((await pending)[0], sent.hash);
  });

  test('sends through a WebSocket', async () => {
    const sender = account(2).connect(sockets);
    const receipt = await (await register.connect(sender).set(15n, 'socket')).wait();
    assert.equal(receipt.status, 1);
    assert.equal(await register.value(), 15n);
  });

  for (const [kind, attempt] of [
    ['call', (m, args) => register[m].staticCall(...args)],
    ['estimate', (m, args) => register[m].estimateGas(...args)],
    ['send', (m, args) => register.connect(account(3).connect(provider))[m](...args)],
  ]) {
    test(`tells the reason of a refused ${kind}`, async () => {
      const error = await failure(attempt('refuse', ['not today']));
      assert.equal(error.code, 'CALL_EXCEPTION');
      assert.equal(error.reason, 'not today');
      assert.deepEqual([error.revert.name, ...error.revert.args], ['Error', 'not today']);
    });

    test(`tells the custom error of a refused ${kind}`, async () => {
      const error = await failure(attempt('withdraw', [parseEther('2')]));
      assert.equal(error.code, 'CALL_EXCEPTION');
      const revert = error.revert ?? register.interface.parseError(error.data);
      assert.equal(revert.name, 'Insufficient');
      assert.deepEqual([...revert.args], [parseEther('1'), parseEther('2')]);
    });

    test(`tells the panic of a refused ${kind}`, async () => {
      const error = await failure(attempt('add', [2n ** 256n - 1n]));
      assert.equal(error.code, 'CALL_EXCEPTION');
      assert.equal(error.revert.name, 'Panic');
      assert.equal(BigInt(error.revert.args[0]), 0x11n, 'overflow');
    });

    test(`tells a refused ${kind} without data`, async () => {
      const error = await failure(attempt('refuseSilently', []));
      assert.equal(error.code, 'CALL_EXCEPTION');
      assert.equal(error.data, '0x');
    });
  }

  test('a transaction that fails in its block has a receipt of status 0', async () => {
    const value = await register.value();
    const sent = await register.refuse('in the block', { gasLimit: 100_000n });
    const error = await failure(sent.wait());
    assert.equal(error.code, 'CALL_EXCEPTION');
    assert.equal(error.receipt.status, 0);
    assert.equal(error.receipt.hash, sent.hash);
    assert.deepEqual(error.receipt.logs, []);
    assert.equal(await register.value(), value);
  });

  test('estimates EIP-1559 fees that get a transaction in', async () => {
    const fees = await provider.getFeeData();
    const latest = await provider.getBlock('latest');
    assert.ok(fees.maxPriorityFeePerGas > 0n);
    assert.ok(fees.maxFeePerGas >= latest.baseFeePerGas + fees.maxPriorityFeePerGas);
    assert.ok(fees.gasPrice >= latest.baseFeePerGas);
    const sent = await register.set(16n, 'fees', {
      maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    });
    assert.equal(sent.type, 2);
    const receipt = await sent.wait();
    const block = await provider.getBlock(receipt.blockNumber);
    const cap = block.baseFeePerGas + fees.maxPriorityFeePerGas;
    assert.equal(receipt.gasPrice, cap < fees.maxFeePerGas ? cap : fees.maxFeePerGas);
  });

  test('sends legacy and access-list transactions', async () => {
    const gasPrice = (await provider.getFeeData()).gasPrice;
    const legacy = await (await register.set(17n, 'legacy', { type: 0, gasPrice })).wait();
    assert.deepEqual([legacy.type, legacy.status, legacy.gasPrice], [0, 1, gasPrice]);
    const accessList = [{ address: await register.getAddress(), storageKeys: [ZeroHash] }];
    const listed = await register.set(18n, 'list', { type: 1, gasPrice: gasPrice, accessList });
    const receipt = await listed.wait();
    assert.deepEqual([receipt.type, receipt.status], [1, 1]);
    const found = await provider.getTransaction(listed.hash);
    assert.equal(found.accessList[0].storageKeys[0], ZeroHash);
  });

  test('sends a blob transaction with cell proofs', async () => {
    const blobs = [blobOf('the first blob'), blobOf('the second blob')];
    const sender = account(4).connect(provider);
    const sent = await sender.sendTransaction({
      type: 3, to: account(5).address, value: 1n, blobs, kzg: ethersKzg, blobWrapperVersion: 1, maxFeePerBlobGas: 10n ** 9n,
    });
    const receipt = await sent.wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.type, 3);
    assert.equal(receipt.blobGasUsed, 2n * BLOB_GAS);
    assert.ok(receipt.blobGasPrice >= 1n && receipt.blobGasPrice <= 10n ** 9n);
    const found = await provider.getTransaction(sent.hash);
    assert.equal(found.blobVersionedHashes.length, 2);
    assert.ok(found.blobVersionedHashes.every((h) => h.startsWith('0x01')));
    const block = await provider.getBlock(receipt.blockNumber);
    assert.equal(block.blobGasUsed, 2n * BLOB_GAS);
  });

  test('a blob whose proof is wrong is refused', async () => {
    const sender = account(4).connect(provider);
    const blob = blobOf('the first blob');
    const swapped = {
      ...ethersKzg,
      computeBlobProof: (b) => {
        const [first, second, ...rest] = sidecar(b).cellProofs;
        return '0x' + [second, first, ...rest].map((p) => p.slice(2)).join('');
      },
    };
    const nonce = await sender.getNonce();
    const error = await failure(
      sender.sendTransaction({
        type: 3, to: account(5).address, blobs: [blob], kzg: swapped, blobWrapperVersion: 1, maxFeePerBlobGas: 10n ** 9n,
      }),
    );
    assert.match(error.message, /proof/i);
    assert.equal(await sender.getNonce('pending'), nonce);
  });

  test('an account runs code by a set-code transaction', async () => {
    const batcher = await deploy(Batcher, [], owner);
    const delegate = await batcher.getAddress();
    const signer = account(6).connect(provider);
    const nonce = await signer.getNonce();
    // The sender's own nonce is taken by the transaction before the authorisation is looked at.
    const authorization = await signer.authorize({ address: delegate, nonce: nonce + 1 });
    const data = batcher.interface.encodeFunctionData('run', [[account(7).address, account(8).address], [1n, 2n]]);
    const before7 = await provider.getBalance(account(7).address);
    const sent = await signer.sendTransaction({ type: 4, to: signer.address, data, authorizationList: [authorization] });
    const receipt = await sent.wait();
    assert.deepEqual([receipt.type, receipt.status], [4, 1]);
    assert.equal(await provider.getCode(signer.address), '0xef0100' + delegate.slice(2).toLowerCase());
    assert.equal(await signer.getNonce(), nonce + 2);
    assert.equal(await provider.getBalance(account(7).address), before7 + 1n);
    const [ran] = receipt.logs.map((log) => batcher.interface.parseLog(log));
    assert.deepEqual([ran.name, ...ran.args], ['Ran', signer.address, 2n]);
    assert.equal(receipt.logs[0].address, signer.address);
    assert.equal(await batcher.attach(signer.address).runs(), 1n, 'its storage is the account\'s own');
    assert.equal(await batcher.runs(), 0n);
    const found = await provider.getTransaction(sent.hash);
    assert.equal(found.authorizationList[0].address, delegate);
  });

  test('a delegation is set by another sender and taken back', async () => {
    const subject = Wallet.createRandom().connect(provider);
    const sponsor = account(7).connect(provider);
    const to = await register.getAddress();
    const set = await subject.authorize({ address: to, nonce: 0 });
    await (await sponsor.sendTransaction({ type: 4, to: subject.address, authorizationList: [set] })).wait();
    assert.equal(await provider.getCode(subject.address), '0xef0100' + to.slice(2).toLowerCase());
    const clear = await subject.authorize({ address: ZeroHash.slice(0, 42), nonce: 1 });
    await (await sponsor.sendTransaction({ type: 4, to: subject.address, authorizationList: [clear] })).wait();
    assert.equal(await provider.getCode(subject.address), '0x');
    assert.equal(await provider.getTransactionCount(subject.address), 2);
  });

  test('gets logs over ranges', async () => {
    const token = await deploy(Token, [1_000n], owner);
    const receipts = [];
    for (let i = 1; i <= 12; i++) {
      receipts.push(await (await token.transfer(account(i % 3).address, i)).wait());
    }
    const [first, last] = [receipts[0].blockNumber, receipts[11].blockNumber];
    const amounts = async (filter, from, to) =>
      (await token.queryFilter(filter, from, to)).map((e) => Number(e.args.amount));
    assert.deepEqual(await amounts('Transfer', first, last), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual(await amounts('Transfer', 0, 'latest'), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual(await amounts('Transfer', receipts[3].blockNumber, receipts[5].blockNumber), [4, 5, 6]);
    assert.deepEqual(await amounts('Transfer', 0, first - 1), []);
    const toFirst = token.filters.Transfer(null, account(1).address);
    assert.deepEqual(await amounts(toFirst, first, last), [1, 4, 7, 10]);
    const either = [token.interface.getEvent('Transfer').topicHash, null, [1, 2].map((i) => '0x' + account(i).address.slice(2).toLowerCase().padStart(64, '0'))];
    const logs = await provider.getLogs({ address: await token.getAddress(), topics: either, fromBlock: first, toBlock: last });
    assert.deepEqual(logs.map((l) => Number(BigInt(l.data))), [1, 2, 4, 5, 7, 8, 10, 11]);
    const one = await provider.getLogs({ address: await token.getAddress(), blockHash: receipts[6].blockHash });
    assert.deepEqual(one.map((l) => l.transactionHash), [receipts[6].hash]);
    assert.deepEqual(await provider.getLogs({ address: account(9).address, fromBlock: 0, toBlock: 'latest' }), []);
    const reversed = await failure(provider.send('eth_getLogs', [{ fromBlock: '0x2', toBlock: '0x1' }]));
    assert.match(reversed.error.message, /block range|fromBlock|invalid/i);
  });

  test('knows a nonce that is too low', async () => {
    const sender = account(0).connect(provider);
    const error = await failure(sender.sendTransaction({ to: sender.address, nonce: 0, gasLimit: 21_000n }));
    assert.equal(error.code, 'NONCE_EXPIRED');
  });

  test('knows that funds do not suffice', async () => {
    const poor = Wallet.createRandom().connect(provider);
    const sending = await failure(poor.sendTransaction({ to: poor.address, value: 1n, gasLimit: 21_000n }));
    assert.equal(sending.code, 'INSUFFICIENT_FUNDS');
    const rich = account(9).connect(provider);
    const estimating = await failure(rich.sendTransaction({ to: poor.address, value: parseEther('10001') }));
    assert.equal(estimating.code, 'INSUFFICIENT_FUNDS');
  });

  test('knows a replacement that pays too little, and a better one takes the place', async () => {
    const sender = account(8).connect(provider);
    const nonce = await sender.getNonce();
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n, gasLimit: 21_000n };
    // A gap before it keeps it waiting.
    const waiting = await sender.sendTransaction({ to: sender.address, nonce: nonce + 1, value: 1n, ...fees });
    const error = await failure(
      sender.sendTransaction({ to: sender.address, nonce: nonce + 1, value: 2n, ...fees, maxFeePerGas: 10n ** 11n + 1n }),
    );
    assert.equal(error.code, 'REPLACEMENT_UNDERPRICED');
    assert.equal((await provider.getTransaction(waiting.hash)).blockNumber, null);
    const better = await sender.sendTransaction({
      to: sender.address, nonce: nonce + 1, value: 3n, gasLimit: 21_000n, maxFeePerGas: 2n * 10n ** 11n, maxPriorityFeePerGas: 2n * 10n ** 9n,
    });
    await sender.sendTransaction({ to: sender.address, nonce, ...fees });
    const receipt = await better.wait();
    assert.equal(receipt.status, 1);
    assert.equal(await provider.getTransactionReceipt(waiting.hash), null);
    assert.equal(await sender.getNonce(), nonce + 2);
  });

  test('sends many transactions at once', async () => {
    const sender = new NonceManager(account(9).connect(provider));
    const nonce = await sender.getNonce();
    const sent = await Promise.all(
      Array.from({ length: 30 }, (_, i) => sender.sendTransaction({ to: account(5).address, value: BigInt(i), gasLimit: 21_000n })),
    );
    const receipts = await Promise.all(sent.map((t) => t.wait()));
    assert.ok(receipts.every((r) => r.status === 1));
    assert.equal(await provider.getTransactionCount(account(9).address), nonce + 30);
  });

  test('batches requests, one failing among them', async () => {
    const batches = [];
    provider.on('debug', (event) => event.action === 'sendRpcPayload' && batches.push(event.payload));
    const answers = await Promise.allSettled([
      ...Array.from({ length: 40 }, (_, i) => provider.getBalance(account(9).address, i % 2 ? 0 : 'latest')),
      provider.send('semper_noSuchMethod', []),
      register.refuse.staticCall('in a batch'),
      provider.getBlockNumber(),
    ]);
    await provider.removeAllListeners('debug');
    assert.ok(batches.some((payload) => Array.isArray(payload) && payload.length >= 40), 'one array of requests');
    assert.ok(answers.slice(0, 40).every((a) => a.status === 'fulfilled'));
    assert.equal(answers[1].value, parseEther('10000'));
    assert.equal(answers[40].reason.code, 'UNSUPPORTED_OPERATION');
    assert.equal(answers[41].reason.reason, 'in a batch');
    assert.ok(answers[42].value > 0);
  });

  test('filters give each change once', async () => {
    const filter = await provider.send('eth_newFilter', [{ address: await register.getAddress(), topics: [] }]);
    const blocks = await provider.send('eth_newBlockFilter', []);
    const sent = await (await register.set(21n, 'filtered')).wait();
    const changes = await provider.send('eth_getFilterChanges', [filter]);
    assert.deepEqual(changes.map((l) => l.transactionHash), [sent.hash]);
    assert.deepEqual(await provider.send('eth_getFilterChanges', [filter]), []);
    assert.deepEqual(await provider.send('eth_getFilterChanges', [blocks]), [sent.blockHash]);
    assert.equal(await provider.send('eth_uninstallFilter', [filter]), true);
    assert.equal(await provider.send('eth_uninstallFilter', [filter]), false);
    const gone = await failure(provider.send('eth_getFilterChanges', [filter]));
    assert.match(gone.error.message, /filter not found/);
  });

  test('polls for events over HTTP', async () => {
    const heard = next(register, register.filters.Changed(null, 22n));
    await provider.getBlockNumber();
    await eventually(() => register.listenerCount(), (n) => n === 1, 'listening');
    const receipt = await (await register.set(22n, 'polled')).wait();
    const [event] = await heard;
    assert.equal(event.args.note, 'polled');
    assert.equal(event.log.transactionHash, receipt.hash);
  });

  test('a new WebSocket after a lost one hears again', async () => {
    const first = new WebSocketProvider(node.wsUrl);
    await first.getBlockNumber();
    const lost = new Promise((resolve) => (first.websocket.onclose = resolve));
    first.websocket.terminate();
    await lost;
    const second = new WebSocketProvider(node.wsUrl);
    // A listener that leaves by itself unsubscribes, and ethers fails that request when it is destroyed meanwhile.
    const heard = new Promise((resolve) => second.on('block', resolve));
    await second.getBlockNumber();
    const receipt = await (await register.set(23n, 'again')).wait();
    assert.equal(await heard, receipt.blockNumber);
    await second.destroy();
  });

  test('signs messages and typed data by the node\'s accounts', async () => {
    const signer = await provider.getSigner(account(1).address);
    const message = 'a message';
    assert.equal(recoverAddress(hashMessage(message), await signer.signMessage(message)), account(1).address);
    const domain = { name: 'Register', version: '1', chainId: 31337n, verifyingContract: await register.getAddress() };
    const types = { Order: [{ name: 'from', type: 'address' }, { name: 'amounts', type: 'uint256[]' }, { name: 'note', type: 'string' }] };
    const order = { from: account(1).address, amounts: [1n, 2n], note: 'typed' };
    assert.equal(verifyTypedData(domain, types, order, await signer.signTypedData(domain, types, order)), account(1).address);
  });

  test('the node\'s accounts send without a key in the page', async () => {
    const signer = await provider.getSigner(account(2).address);
    const receipt = await (await register.connect(signer).set(24n, 'by the node')).wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.from, account(2).address);
  });

  test('an unknown transaction and block are null', async () => {
    assert.equal(await provider.getTransaction(ZeroHash), null);
    assert.equal(await provider.getTransactionReceipt(ZeroHash), null);
    assert.equal(await provider.getBlock(ZeroHash), null);
    assert.equal(await provider.getBlock(10_000_000), null);
    assert.equal(await rpc(node.url, 'eth_getUncleCountByBlockNumber', ['latest']), '0x0');
  });

  test('the interface without the sources decodes a call made by hand', async () => {
    const plain = new Contract(await register.getAddress(), new Interface(['function value() view returns (uint256)']), provider);
    assert.equal(await plain.value(), BigInt(await provider.getStorage(await register.getAddress(), 0)));
  });
});
