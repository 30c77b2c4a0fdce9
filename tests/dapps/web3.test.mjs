// web3.js 4 against a development chain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Web3 } from 'web3';
import { WebSocketProvider } from 'web3-providers-ws';
import { Wallet, HDNodeWallet } from 'ethers';
import { Register, Token } from './lib/contracts.mjs';
import { MNEMONIC, eventually, failure, startDev } from './lib/node.mjs';
import { startProxy } from './lib/proxy.mjs';

const account = (i) => HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${i}`);
const ETHER = 10n ** 18n;

let node, web3, owner, register, address;

const sent = (method) => method.send({ from: owner });

describe('web3.js', () => {
  before(async () => {
    node = await startDev();
    web3 = new Web3(node.url);
    web3.eth.transactionPollingInterval = 50;
    web3.eth.wallet.add(account(0).privateKey);
    owner = account(0).address;
    const factory = new web3.eth.Contract(Register.abi);
    register = await factory
      .deploy({ data: Register.bytecode, arguments: [7n] })
      .send({ from: owner, value: ETHER.toString() });
    address = register.options.address;
    register.handleRevert = true;
  });

  after(async () => {
    await node?.stop();
  });

  test('finds the network and the accounts', async () => {
    assert.equal(await web3.eth.getChainId(), 31337n);
    assert.equal(await web3.eth.net.getId(), 31337n);
    assert.deepEqual(
      (await web3.eth.getAccounts()).map((a) => a.toLowerCase()),
      Array.from({ length: 10 }, (_, i) => account(i).address.toLowerCase()),
    );
    assert.equal(await web3.eth.getBalance(account(9).address), 10_000n * ETHER);
    assert.match(await web3.eth.getNodeInfo(), /./);
  });

  test('deploys, calls, sends and reads the receipt', async () => {
    assert.equal(await web3.eth.getCode(address), Register.deployed);
    assert.equal(await register.methods.value().call(), 7n);
    const steps = [];
    const receipt = await register.methods
      .set(8n, 'sent')
      .send({ from: owner })
      .on('transactionHash', (hash) => steps.push(['hash', hash]))
      .on('receipt', (r) => steps.push(['receipt', r.transactionHash]));
    assert.equal(receipt.status, 1n);
    assert.deepEqual(steps, [['hash', receipt.transactionHash], ['receipt', receipt.transactionHash]]);
    const { by, value, note } = receipt.events.Changed.returnValues;
    assert.deepEqual([by, value, note], [owner, 8n, 'sent']);
    assert.equal(await register.methods.value().call(), 8n);
    assert.equal(await register.methods.value().call({}, receipt.blockNumber - 1n), 7n);
  });

  test('tells reason and custom error of a refused call', async () => {
    const refused = await failure(register.methods.refuse('not today').call({ from: owner }));
    assert.match(`${refused.message} ${refused.cause?.message} ${refused.innerError?.message}`, /not today/);
    const custom = await failure(register.methods.withdraw(2n * ETHER).call({ from: owner }));
    assert.equal(custom.cause.errorName, 'Insufficient');
    assert.equal(custom.cause.errorArgs.available, ETHER);
    assert.equal(custom.cause.errorArgs.required, 2n * ETHER);
  });

  test('tells reason and custom error of a refused estimate and send', async () => {
    const selector = web3.utils.sha3('Insufficient(uint256,uint256)').slice(0, 10);
    const data = web3.eth.abi.encodeParameters(['uint256', 'uint256'], [ETHER, 3n * ETHER]);
    const estimated = await failure(register.methods.withdraw(3n * ETHER).estimateGas({ from: owner }));
    assert.equal(estimated.cause.code, 3);
    assert.equal(estimated.cause.data, selector + data.slice(2));
    const refused = await failure(sent(register.methods.refuse('not sent')));
    assert.match(refused.reason, /not sent/);
    const custom = await failure(sent(register.methods.withdraw(3n * ETHER)));
    assert.equal(custom.signature ?? custom.customErrorName, custom.signature ? selector : 'Insufficient');
  });

  test('a transaction that fails in its block has a receipt of status 0', async () => {
    web3.eth.handleRevert = false;
    const error = await failure(
      web3.eth.sendTransaction(
        { from: owner, to: address, data: register.methods.refuse('late').encodeABI(), gas: 100_000n },
        undefined,
        { checkRevertBeforeSending: false },
      ),
    );
    assert.equal(error.receipt.status, 0n);
  });

  test('hears contract events and blocks over WebSocket', async () => {
    const provider = new WebSocketProvider(node.wsUrl);
    const live = new Web3(provider);
    const contract = new live.eth.Contract(Register.abi, address);
    const heard = [], heads = [];
    const events = contract.events.Changed({ filter: { value: 21n } });
    events.on('data', (event) => heard.push(event));
    await eventually(() => events.id ?? null, (id) => id !== null, 'a subscription');
    const blocks = await live.eth.subscribe('newBlockHeaders');
    blocks.on('data', (head) => heads.push(head));
    await sent(register.methods.set(20n, 'another'));
    const receipt = await sent(register.methods.set(21n, 'heard'));
    await eventually(() => heard.length, (n) => n > 0, 'an event over WebSocket');
    assert.equal(heard.length, 1);
    assert.equal(heard[0].returnValues.note, 'heard');
    assert.equal(heard[0].transactionHash, receipt.transactionHash);
    await eventually(() => heads.map((h) => h.number), (n) => n.includes(receipt.blockNumber), 'a head over WebSocket');
    await blocks.unsubscribe();
    provider.disconnect();
  });

  test('connects again after its WebSocket was cut', async () => {
    const proxy = await startProxy(node.port);
    const provider = new WebSocketProvider(proxy.wsUrl, {}, { autoReconnect: true, delay: 100, maxAttempts: 20 });
    provider.on('error', () => {});
    const live = new Web3(provider);
    const number = await live.eth.getBlockNumber();
    const former = proxy.accepted;
    proxy.cut();
    await eventually(() => proxy.accepted, (n) => n > former, 'connecting again');
    await eventually(() => provider.getStatus(), (s) => s === 'connected', 'being connected again');
    await sent(register.methods.set(22n, 'after the cut'));
    assert.equal(await live.eth.getBlockNumber(), number + 1n);
    provider.disconnect();
    await proxy.stop();
  });

  test('calculates EIP-1559 fees that get a transaction in', async () => {
    const fees = await web3.eth.calculateFeeData();
    const latest = await web3.eth.getBlock();
    assert.ok(fees.maxFeePerGas >= latest.baseFeePerGas + fees.maxPriorityFeePerGas);
    const receipt = await register.methods.set(23n, 'fees').send({
      from: owner, maxFeePerGas: fees.maxFeePerGas.toString(), maxPriorityFeePerGas: fees.maxPriorityFeePerGas.toString(),
    });
    assert.equal(receipt.type, 2n);
    assert.ok(receipt.effectiveGasPrice <= fees.maxFeePerGas);
    const history = await web3.eth.getFeeHistory(2, 'latest', [50]);
    assert.equal(history.baseFeePerGas.length, 3);
  });

  test('sends a legacy transaction', async () => {
    const gasPrice = await web3.eth.getGasPrice();
    const receipt = await web3.eth.sendTransaction({ from: owner, to: account(3).address, value: 9n, gas: 21_000n, gasPrice, type: 0n });
    assert.deepEqual([receipt.type, receipt.status, receipt.gasUsed], [0n, 1n, 21_000n]);
  });

  test('gets logs over ranges', async () => {
    const token = await new web3.eth.Contract(Token.abi).deploy({ data: Token.bytecode, arguments: [100n] }).send({ from: owner });
    const blocks = [];
    for (let i = 1; i <= 5; i++) {
      blocks.push((await token.methods.transfer(account((i % 2) + 1).address, i).send({ from: owner })).blockNumber);
    }
    const amounts = async (options) =>
      (await token.getPastEvents('Transfer', options)).map((e) => Number(e.returnValues.amount));
    assert.deepEqual(await amounts({ fromBlock: 0, toBlock: 'latest' }), [1, 2, 3, 4, 5]);
    assert.deepEqual(await amounts({ fromBlock: blocks[1], toBlock: blocks[2] }), [2, 3]);
    assert.deepEqual(await amounts({ fromBlock: 0, toBlock: 'latest', filter: { to: account(2).address } }), [1, 3, 5]);
    const logs = await web3.eth.getPastLogs({ address: token.options.address, fromBlock: blocks[4], toBlock: 'latest' });
    assert.deepEqual(logs.map((l) => Number(BigInt(l.data))), [5]);
  });

  test('batches requests', async () => {
    const batch = new web3.BatchRequest();
    const balances = Array.from({ length: 5 }, (_, i) =>
      batch.add({ jsonrpc: '2.0', id: i + 1, method: 'eth_getBalance', params: [account(9).address, 'latest'] }));
    const bad = batch.add({ jsonrpc: '2.0', id: 6, method: 'semper_noSuchMethod', params: [] });
    bad.catch(() => {});
    const answers = await batch.execute();
    assert.equal(answers.length, 6);
    assert.ok(answers.slice(0, 5).every((a) => BigInt(a.result) === 10_000n * ETHER));
    assert.equal(answers[5].error.code, -32601);
    assert.equal(BigInt(await balances[4]), 10_000n * ETHER);
  });

  test('passes on what the pool refuses', async () => {
    const to = account(3).address;
    const low = await failure(web3.eth.sendTransaction({ from: owner, to, nonce: 0n, gas: 21_000n }));
    assert.match(`${low.message} ${low.innerError?.message} ${low.cause?.message}`, /nonce too low/);
    const poor = web3.eth.accounts.privateKeyToAccount(Wallet.createRandom().privateKey);
    web3.eth.wallet.add(poor);
    const broke = await failure(
      web3.eth.sendTransaction({ from: poor.address, to, value: 1n, gas: 21_000n }, undefined, { checkRevertBeforeSending: false }));
    assert.match(`${broke.message} ${broke.innerError?.message} ${broke.cause?.message}`, /insufficient funds/i);
  });

  test('signs by the node\'s accounts', async () => {
    const signature = await web3.eth.sign(web3.utils.utf8ToHex('a message'), account(1).address);
    assert.equal(web3.eth.accounts.recover('a message', signature), account(1).address);
  });
});
