// ethers, viem and web3.js as they are, against a light client before four validators.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Contract, ContractFactory, HDNodeWallet, JsonRpcProvider, WebSocketProvider, ZeroHash, decodeRlp, parseEther } from 'ethers';
import {
  BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, defineChain, encodeDeployData, http, numberToHex, webSocket,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { Web3 } from 'web3';
import { WebSocketProvider as Web3Sockets } from 'web3-providers-ws';
import { Register } from './lib/contracts.mjs';
import { startLight, startNetwork } from './lib/light.mjs';
import { MNEMONIC, eventually, failure, rpc } from './lib/node.mjs';

const account = (index) => HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
const POLL_MILLIS = 100;
const ALL_MILLIS = 480_000;

describe('a light client', { timeout: ALL_MILLIS }, () => {
  let network, light, chainId, address, deployed;

  before(async () => {
    network = await startNetwork();
    light = await startLight(network);
    chainId = Number(await rpc(light.url, 'eth_chainId'));
  });

  after(async () => {
    await light?.stop();
    await network?.stop();
  });

  /** Of a block that is final, so both say the same. */
  async function same(method, params) {
    const answers = await Promise.all([light.url, network.urls[0]].map((url) => rpc(url, method, params)));
    const [proven, told] = answers.map((answer) => (answer?.extraData ? { ...answer, extraData: sealed(answer.extraData) } : answer));
    assert.deepEqual(proven, told, method);
    return answers[0];
  }

  /** What of the extra data the block's hash covers: each node holds the seals that reached it first, three of four. */
  const sealed = (extraData) => decodeRlp(extraData).slice(0, 3);

  describe('to ethers', () => {
    let provider, sockets, register;

    before(async () => {
      provider = new JsonRpcProvider(light.url, undefined, { cacheTimeout: -1, pollingInterval: POLL_MILLIS });
      sockets = new WebSocketProvider(light.wsUrl);
      const contract = await new ContractFactory(Register.abi, Register.bytecode, account(0).connect(provider))
        .deploy(7n, { value: parseEther('1') });
      await contract.waitForDeployment();
      register = contract;
      address = await contract.getAddress();
      deployed = await contract.deploymentTransaction().wait();
    });

    after(async () => {
      await sockets?.destroy();
      provider?.destroy();
    });

    test('shows what was deployed through it', async () => {
      assert.equal(Number((await provider.getNetwork()).chainId), chainId);
      assert.deepEqual([deployed.status, deployed.contractAddress, deployed.to], [1, address, null]);
      assert.equal(await provider.getCode(address), Register.deployed);
      assert.equal(await provider.getCode(address, deployed.blockNumber - 1), '0x');
      assert.equal(await provider.getBalance(address), parseEther('1'));
      assert.equal(await provider.getBalance(account(9).address), parseEther('10000'));
      assert.equal(BigInt(await provider.getStorage(address, 0)), 7n);
      assert.equal(await provider.getTransactionCount(account(0).address), 1);
    });

    test('calls, estimates, sends and reads the receipt', async () => {
      assert.equal(await register.value(), 7n);
      assert.equal(await register.set.staticCall(8n, 'x'), 7n);
      const gas = await register.set.estimateGas(8n, 'sent');
      const sent = await register.set(8n, 'sent');
      const receipt = await sent.wait();
      assert.equal(receipt.status, 1);
      assert.ok(receipt.gasUsed <= gas && gas <= receipt.gasUsed * 2n, `${receipt.gasUsed} of ${gas}`);
      assert.deepEqual([...register.interface.parseLog(receipt.logs[0]).args], [account(0).address, 8n, 'sent']);
      assert.equal(await register.value(), 8n);
      assert.equal(await register.value({ blockTag: receipt.blockNumber - 1 }), 7n);
      const block = await provider.getBlock(receipt.blockNumber, true);
      assert.deepEqual(block.prefetchedTransactions.map((each) => each.hash), [sent.hash]);
      const found = await provider.getTransaction(sent.hash);
      assert.deepEqual([found.from, found.blockHash, found.data], [account(0).address, receipt.blockHash, sent.data]);
    });

    test('tells why a call is refused', async () => {
      assert.equal((await failure(register.refuse.staticCall('not today'))).reason, 'not today');
      assert.deepEqual([...(await failure(register.withdraw.staticCall(parseEther('2')))).revert.args], [parseEther('1'), parseEther('2')]);
      assert.equal((await failure(register.refuse('not today'))).reason, 'not today');
    });

    test('finds events and hears new ones', async () => {
      const past = await register.queryFilter(register.filters.Changed(), 0);
      assert.deepEqual(past.map((event) => event.args.note), ['created', 'sent']);
      const heard = [];
      const live = register.connect(sockets);
      await live.on(live.filters.Changed(null, 10n), (event) => heard.push([event.args.note, event.log.transactionHash]));
      await (await register.set(9n, 'of another value')).wait();
      const receipt = await (await register.set(10n, 'heard')).wait();
      await eventually(() => heard, (events) => events.length > 0, 'an event over WebSocket');
      assert.deepEqual(heard, [['heard', receipt.hash]]);
      await live.removeAllListeners();
    });

    test('knows no transaction and block that are not there', async () => {
      assert.equal(await provider.getBlock(10_000_000), null);
      assert.equal(await provider.getTransactionReceipt(ZeroHash), null);
    });
  });

  describe('to viem', () => {
    const holder = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
    const { abi } = Register;
    let client, wallet, live;

    before(() => {
      const chain = defineChain({
        id: chainId, name: 'network', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [light.url] } },
      });
      client = createPublicClient({ chain, transport: http(light.url), pollingInterval: POLL_MILLIS, cacheTime: 0 });
      live = createPublicClient({ chain, transport: webSocket(light.wsUrl) });
      wallet = createWalletClient({ account: holder, chain, transport: http(light.url) });
    });

    after(async () => {
      (await live.transport.getRpcClient()).close();
    });

    test('reads, simulates, writes, waits', async () => {
      assert.equal(await client.getChainId(), chainId);
      const former = await client.readContract({ address, abi, functionName: 'value' });
      const { request, result } = await client.simulateContract({ account: holder, address, abi, functionName: 'set', args: [30n, 'viem'] });
      assert.equal(result, former);
      const receipt = await client.waitForTransactionReceipt({ hash: await wallet.writeContract(request) });
      assert.deepEqual([receipt.status, receipt.type], ['success', 'eip1559']);
      assert.equal(await client.readContract({ address, abi, functionName: 'value' }), 30n);
      assert.equal(await client.readContract({ address, abi, functionName: 'value', blockNumber: receipt.blockNumber - 1n }), former);
      const events = await client.getContractEvents({ address, abi, fromBlock: 0n });
      assert.equal(events.at(-1).transactionHash, receipt.transactionHash);
    });

    test('reads with state overridden, and a contract that is nowhere deployed', async () => {
      const slot = [{ slot: ZeroHash, value: numberToHex(5, { size: 32 }) }];
      const overridden = await client.readContract({
        address: holder.address, abi, functionName: 'value',
        stateOverride: [{ address: holder.address, code: Register.deployed, stateDiff: slot }],
      });
      assert.equal(overridden, 5n);
      const { data } = await client.call({ data: encodeDeployData({ abi, bytecode: Register.bytecode, args: [99n] }) });
      assert.equal(data, Register.deployed);
    });

    test('prices, lists accesses and proves', async () => {
      const fees = await client.estimateFeesPerGas();
      const { baseFeePerGas } = await client.getBlock();
      assert.ok(fees.maxFeePerGas >= baseFeePerGas + fees.maxPriorityFeePerGas);
      const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [50] });
      assert.deepEqual([history.baseFeePerGas.length, history.gasUsedRatio.length, history.reward.length], [5, 4, 4]);
      const { accessList } = await client.createAccessList({ account: holder, to: address, data: '0x3fa4f245' });
      assert.deepEqual(accessList.map((each) => [each.address, each.storageKeys]), [[address.toLowerCase(), [ZeroHash]]]);
      const proof = await client.getProof({ address, storageKeys: [ZeroHash] });
      assert.equal(proof.storageProof[0].value, 30n);
    });

    test('tells reason, custom error and panic of a refused call', async () => {
      const refused = async (functionName, args) =>
        (await failure(client.simulateContract({ account: holder, address, abi, functionName, args })));
      const revert = (error) => error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionRevertedError);
      assert.equal(revert(await refused('refuse', ['never'])).reason, 'never');
      assert.equal(revert(await refused('withdraw', [parseEther('2')])).data.errorName, 'Insufficient');
      assert.equal(revert(await refused('add', [2n ** 256n - 1n])).data.errorName, 'Panic');
    });

    test('watches blocks over WebSocket, none left out', async () => {
      const seen = [];
      const stop = live.watchBlockNumber({ onBlockNumber: (number) => seen.push(number) });
      await eventually(() => seen.length, (count) => count >= 3, 'three blocks');
      stop();
      assert.deepEqual(seen, seen.map((_, i) => seen[0] + BigInt(i)));
    });
  });

  describe('to web3.js', () => {
    let web3, register;
    const owner = account(2).address;

    before(() => {
      web3 = new Web3(light.url);
      web3.eth.transactionPollingInterval = POLL_MILLIS;
      web3.eth.wallet.add(account(2).privateKey);
      register = new web3.eth.Contract(Register.abi, address);
    });

    test('calls, sends and reads the receipt', async () => {
      assert.equal(Number(await web3.eth.getChainId()), chainId);
      assert.equal(await web3.eth.getCode(address), Register.deployed);
      const former = await register.methods.value().call();
      const receipt = await register.methods.set(40n, 'web3').send({ from: owner });
      assert.equal(receipt.status, 1n);
      assert.equal(receipt.events.Changed.returnValues.note, 'web3');
      assert.equal(await register.methods.value().call(), 40n);
      assert.equal(await register.methods.value().call({}, receipt.blockNumber - 1n), former);
      const events = await register.getPastEvents('Changed', { fromBlock: receipt.blockNumber });
      assert.deepEqual(events.map((each) => each.transactionHash), [receipt.transactionHash]);
      assert.equal((await web3.eth.getTransaction(receipt.transactionHash)).blockNumber, receipt.blockNumber);
      assert.equal((await web3.eth.getBlock(receipt.blockNumber, true)).transactions[0].hash, receipt.transactionHash);
    });

    test('tells the reason of a refused call', async () => {
      const refused = await failure(register.methods.refuse('not today').call({ from: owner }));
      assert.match(`${refused.message} ${refused.cause?.message} ${refused.innerError?.message}`, /not today/);
    });

    test('hears blocks and events over WebSocket', async () => {
      const provider = new Web3Sockets(light.wsUrl);
      const live = new Web3(provider);
      const heard = [], heads = [];
      const events = new live.eth.Contract(Register.abi, address).events.Changed({ filter: { value: 41n } });
      events.on('data', (event) => heard.push(event.transactionHash));
      await eventually(() => events.id ?? null, (id) => id !== null, 'a subscription');
      const blocks = await live.eth.subscribe('newBlockHeaders');
      blocks.on('data', (head) => heads.push(head.number));
      const receipt = await register.methods.set(41n, 'heard').send({ from: owner });
      await eventually(() => heard, (found) => found.length > 0, 'an event over WebSocket');
      assert.deepEqual(heard, [receipt.transactionHash]);
      await eventually(() => heads, (found) => found.includes(receipt.blockNumber), 'a head over WebSocket');
      await blocks.unsubscribe();
      provider.disconnect();
    });
  });

  describe('beside a full node', () => {
    test('answers the same', async () => {
      const number = numberToHex(deployed.blockNumber);
      const block = await same('eth_getBlockByNumber', [number, true]);
      await same('eth_getBlockByHash', [block.hash, false]);
      await same('eth_getBlockTransactionCountByHash', [block.hash]);
      await same('eth_getTransactionByBlockNumberAndIndex', [number, '0x0']);
      await same('eth_getTransactionReceipt', [deployed.hash]);
      await same('eth_getBlockReceipts', [number]);
      await same('eth_getRawTransactionByHash', [deployed.hash]);
      await same('eth_getLogs', [{ fromBlock: '0x0', toBlock: number, address }]);
      await same('eth_getProof', [address, [ZeroHash], number]);
      await same('eth_feeHistory', ['0x3', number, [10, 90]]);
      await same('eth_call', [{ to: address, data: '0x3fa4f245' }, number]);
      await same('net_version', []);
    });

    test('refuses what nobody can prove, and says so', async () => {
      for (const method of ['txpool_status', 'eth_pendingTransactions', 'eth_coinbase', 'debug_traceTransaction']) {
        const { code, message } = await failure(rpc(light.url, method, []));
        assert.deepEqual([code, message.includes(method)], [-32601, true], `${method}: ${message}`);
      }
    });

    test('every answer was proven, by nodes of which none lied', async () => {
      const { block, trust, upstreams, lies } = await rpc(light.url, 'semper_provenance');
      assert.equal((await rpc(network.urls[0], 'eth_getBlockByNumber', [block.number, false])).hash, block.hash);
      assert.match(trust, /^(proven|cross-checked)$/);
      assert.deepEqual([upstreams.length, lies], [4, []]);
    });
  });
});
