// What development nodes can do beyond the standard: the test actions of viem, and ethers by hand.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Contract, ContractFactory, HDNodeWallet, JsonRpcProvider, parseEther } from 'ethers';
import { createTestClient, http, parseGwei, publicActions, walletActions } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { Register, Token } from './lib/contracts.mjs';
import { MNEMONIC, eventually, failure, rpc, startDev } from './lib/node.mjs';

const SOMEBODY = '0x00000000000000000000000000000000deadbeef';
const alice = mnemonicToAccount(MNEMONIC);
const bob = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });

describe('a development chain', () => {
  let node, clients;
  before(async () => {
    node = await startDev();
    const client = (mode) =>
      createTestClient({ chain: foundry, mode, transport: http(node.url), account: alice, cacheTime: 0, pollingInterval: 50 })
        .extend(publicActions)
        .extend(walletActions);
    clients = { anvil: client('anvil'), hardhat: client('hardhat') };
  });
  after(async () => node?.stop());

  const head = () => clients.anvil.getBlock();
  const receiptOf = (hash) => clients.anvil.waitForTransactionReceipt({ hash });
  const send = async (fields = {}) => receiptOf(await clients.anvil.sendTransaction({ to: bob.address, value: 1n, ...fields }));

  for (const mode of ['anvil', 'hardhat']) {
    describe(`viem's test client for ${mode}`, () => {
      const client = () => clients[mode];

      test('mines', async () => {
        const before = await head();
        await client().mine({ blocks: 3, interval: 60 });
        const after = await head();
        assert.equal(after.number, before.number + 3n);
        assert.equal(after.timestamp - (await client().getBlock({ blockNumber: after.number - 2n })).timestamp, 120n);
        await client().mine({ blocks: 1 });
        assert.equal((await head()).number, before.number + 4n);
      });

      test('sets balance, nonce, code and storage, which the next block takes in', async () => {
        const account = mode === 'anvil' ? SOMEBODY : '0x00000000000000000000000000000000000cafe0';
        await client().setBalance({ address: account, value: parseEther('3') });
        await client().setNonce({ address: account, nonce: 7 });
        await client().setCode({ address: account, bytecode: Register.deployed });
        await client().setStorageAt({ address: account, index: 0, value: '0x' + '2a'.padStart(64, '0') });
        const check = async () => {
          assert.equal(await client().getBalance({ address: account }), parseEther('3'));
          assert.equal(await client().getTransactionCount({ address: account }), 7);
          assert.equal(await client().getCode({ address: account }), Register.deployed);
          assert.equal(await client().readContract({ address: account, abi: Register.abi, functionName: 'value' }), 42n);
        };
        await check();
        await client().mine({ blocks: 1 });
        await check();
        // Now the head's state root covers it.
        const proof = await client().getProof({ address: account, storageKeys: ['0x' + '0'.repeat(64)] });
        assert.equal(proof.balance, parseEther('3'));
        assert.equal(proof.storageProof[0].value, 42n);
        const hash = await client().writeContract({ address: account, abi: Register.abi, functionName: 'add', args: [8n] });
        assert.equal((await receiptOf(hash)).status, 'success');
        assert.equal(await client().readContract({ address: account, abi: Register.abi, functionName: 'value' }), 50n);
      });

      test('goes back to a snapshot', async () => {
        const before = await head();
        const balance = await client().getBalance({ address: bob.address });
        const id = await client().snapshot();
        const { transactionHash } = await send({ value: 5n });
        await client().setBalance({ address: bob.address, value: 1n });
        await client().mine({ blocks: 2 });
        await client().revert({ id });
        assert.equal((await head()).hash, before.hash);
        assert.equal(await client().getBalance({ address: bob.address }), balance);
        assert.equal(await rpc(node.url, 'eth_getTransactionReceipt', [transactionHash]), null);
        assert.deepEqual(await rpc(node.url, 'txpool_status'), { pending: '0x0', queued: '0x0' });
        assert.equal(await rpc(node.url, 'evm_revert', [id]), false, 'a snapshot serves once');
        await send();
        assert.equal((await head()).number, before.number + 1n);
      });

      test('travels in time', async () => {
        const { timestamp } = await head();
        await client().increaseTime({ seconds: 3600 });
        await client().mine({ blocks: 1 });
        const later = (await head()).timestamp;
        assert.ok(later >= timestamp + 3600n && later < timestamp + 3700n, `${timestamp} ${later}`);
        await client().setNextBlockTimestamp({ timestamp: later + 86_400n });
        await client().mine({ blocks: 1 });
        assert.equal((await head()).timestamp, later + 86_400n);
        assert.match((await failure(client().setNextBlockTimestamp({ timestamp: later }))).message, /lower than or equal to previous block's timestamp/);
      });

      test('impersonates', async () => {
        const contract = mode === 'anvil' ? '0x000000000000000000000000000000000000c0de' : '0x00000000000000000000000000000000000c0de2';
        await client().setBalance({ address: contract, value: parseEther('1') });
        await client().setCode({ address: contract, bytecode: '0x00' });
        const request = { account: contract, to: bob.address, value: 3n };
        assert.match((await failure(client().sendTransaction(request))).message, /unknown account/);
        await client().impersonateAccount({ address: contract });
        const receipt = await receiptOf(await client().sendTransaction(request));
        assert.equal(receipt.status, 'success');
        assert.equal(receipt.from, contract.toLowerCase());
        assert.equal((await client().getTransaction({ hash: receipt.transactionHash })).from, contract.toLowerCase());
        await client().stopImpersonatingAccount({ address: contract });
        assert.match((await failure(client().sendTransaction(request))).message, /unknown account/);
      });

      test('chooses base fee, coinbase and gas limit', async () => {
        await client().setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('20') });
        await client().setCoinbase({ address: SOMEBODY });
        await client().mine({ blocks: 1 });
        const block = await head();
        assert.equal(block.baseFeePerGas, parseGwei('20'));
        assert.equal(block.miner, SOMEBODY.toLowerCase());
        await client().mine({ blocks: 1 });
        assert.notEqual((await head()).baseFeePerGas, parseGwei('20'), 'for one block alone');
        if (mode === 'anvil') {
          await client().setBlockGasLimit({ gasLimit: 20_000_000n });
          await client().mine({ blocks: 1 });
          assert.equal((await head()).gasLimit, 20_000_000n);
          await client().setBlockGasLimit({ gasLimit: 60_000_000n });
        }
      });

      test('seals when told', async () => {
        if (mode === 'anvil') assert.equal(await client().getAutomine(), true);
        await client().setAutomine(false);
        const before = await head();
        const hash = await client().sendTransaction({ to: bob.address, value: 1n });
        const other = await client().sendTransaction({ to: bob.address, value: 2n, nonce: (await client().getTransactionCount({ address: alice.address, blockTag: 'pending' })) });
        assert.equal((await head()).number, before.number);
        await client().dropTransaction({ hash: other });
        await client().mine({ blocks: 1 });
        assert.deepEqual((await head()).transactions, [hash]);
        await client().setAutomine(true);
        await send();
      });
    });
  }

  test('seals at an interval', async () => {
    const client = clients.anvil;
    const before = await head();
    await client.setIntervalMining({ interval: 1 });
    await eventually(async () => (await head()).number, (n) => n >= before.number + 2n, 'two blocks');
    await client.setIntervalMining({ interval: 0 });
    await client.setAutomine(true);
    await send();
  });

  test('keeps blocks a fixed time apart', async () => {
    const client = clients.anvil;
    await client.setBlockTimestampInterval({ interval: 5 });
    const { timestamp } = await head();
    await client.mine({ blocks: 1 });
    await send();
    assert.equal((await head()).timestamp, timestamp + 10n);
    await client.removeBlockTimestampInterval();
  });

  test('lets callers send as anybody', async () => {
    await rpc(node.url, 'anvil_autoImpersonateAccount', [true]);
    await clients.anvil.setBalance({ address: '0x00000000000000000000000000000000000000f1', value: parseEther('1') });
    const receipt = await send({ account: '0x00000000000000000000000000000000000000f1' });
    assert.equal(receipt.status, 'success');
    await rpc(node.url, 'anvil_autoImpersonateAccount', [false]);
  });

  test('traces what an impersonated account did, on the state it was altered to', async () => {
    const whale = '0x00000000000000000000000000000000000000f2';
    await rpc(node.url, 'anvil_impersonateAccount', [whale]);
    await rpc(node.url, 'anvil_setBalance', [whale, '0xde0b6b3a7640000']);
    const { transactionHash, blockNumber } = await send({ account: whale, value: 9n });
    const diff = await rpc(node.url, 'debug_traceTransaction', [transactionHash, { tracer: 'prestateTracer' }]);
    assert.equal(BigInt(diff[whale.toLowerCase()].balance), parseEther('1'));
    const receipts = await rpc(node.url, 'eth_getBlockReceipts', ['0x' + blockNumber.toString(16)]);
    assert.equal(receipts[0].from, whale.toLowerCase());
  });

  test('hands its state to another chain', async () => {
    const client = clients.anvil;
    await client.setStorageAt({ address: SOMEBODY, index: 5, value: '0x' + '7'.padStart(64, '0') });
    const state = await client.dumpState();
    const other = await startDev(['--block-time', '0']);
    try {
      assert.equal(await rpc(other.url, 'anvil_loadState', [state]), true);
      assert.equal(await rpc(other.url, 'eth_getBalance', [SOMEBODY, 'latest']), '0x' + (await client.getBalance({ address: SOMEBODY })).toString(16));
      assert.equal(await rpc(other.url, 'eth_getCode', [SOMEBODY, 'latest']), Register.deployed);
      assert.equal(BigInt(await rpc(other.url, 'eth_getStorageAt', [SOMEBODY, '0x5', 'latest'])), 7n);
      assert.equal(BigInt(await rpc(other.url, 'eth_getStorageAt', [SOMEBODY, '0x0', 'latest'])), 50n);
    } finally {
      await other.stop();
    }
    for (const bad of ['0x', '0x12', '0x1f8b0800', '0x' + Buffer.from('[]').toString('hex'), '0x' + Buffer.from('{"accounts":{"0x12":{}}}').toString('hex')]) {
      assert.match((await failure(rpc(node.url, 'anvil_loadState', [bad]))).message, /not a state/);
    }
  });

  test('tells of itself', async () => {
    const client = clients.anvil;
    const info = await rpc(node.url, 'anvil_nodeInfo');
    assert.equal(BigInt(info.currentBlockNumber), (await head()).number);
    assert.equal(info.environment.chainId, 31337);
    const id = await client.snapshot();
    const metadata = await rpc(node.url, 'hardhat_metadata');
    assert.match(metadata.clientVersion, /^anvil\/.*Semper/);
    assert.equal(metadata.latestBlockNumber, Number((await head()).number));
    assert.ok(metadata.snapshots[id]);
  });

  test('begins anew', async () => {
    const client = clients.anvil;
    await client.reset();
    assert.equal((await head()).number, 0n);
    assert.equal(await client.getBalance({ address: alice.address }), parseEther('10000'));
    await send();
    assert.equal((await head()).number, 1n);
  });

  test('refuses what makes no sense', async () => {
    for (const [method, params, message] of [
      ['anvil_setBalance', ['0x12', '0x1'], /want 40/],
      ['anvil_setBalance', [SOMEBODY, '0x1' + '0'.repeat(64)], /256/],
      ['anvil_setNonce', [SOMEBODY, '0xffffffffffffffff'], /nonce/],
      ['anvil_setCode', [SOMEBODY, '0x1'], /odd length/],
      ['evm_mine', [{ blocks: 10_000_000 }], /too many blocks/],
      ['hardhat_mine', ['0xffffffffffffffffff'], /too many blocks/],
      ['evm_increaseTime', ['0xffffffffffffffff'], /out of range/],
      ['evm_setBlockGasLimit', ['0x1'], /gas limit/],
      ['anvil_setMinGasPrice', ['0x1'], /not supported when EIP-1559 is active/],
      ['anvil_rollback', [1_000_000], /cannot leave/],
      ['anvil_reset', [{ forking: { jsonRpcUrl: 'http://127.0.0.1:1' } }], /./],
    ]) {
      assert.match((await failure(rpc(node.url, method, params))).message, message, method);
    }
    assert.equal(await rpc(node.url, 'evm_revert', ['0x9999']), false);
    await send();
  });
});

test('what is altered and sent as somebody else survives a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'semper-development-'));
  try {
    const first = await startDev(['--data-dir', data]);
    await rpc(first.url, 'anvil_setBalance', [SOMEBODY, '0xde0b6b3a7640000']);
    await rpc(first.url, 'anvil_impersonateAccount', [SOMEBODY]);
    const hash = await rpc(first.url, 'eth_sendTransaction', [{ from: SOMEBODY, to: bob.address, value: '0x5' }]);
    const receipt = await eventually(() => rpc(first.url, 'eth_getTransactionReceipt', [hash]), (r) => r !== null, 'a receipt');
    await rpc(first.url, 'anvil_setCode', [SOMEBODY, '0x60016000f3']);
    first.process.child.kill('SIGKILL');
    await first.process.ended;
    const second = await startDev(['--data-dir', data]);
    assert.deepEqual(await rpc(second.url, 'eth_getTransactionReceipt', [hash]), receipt);
    assert.equal((await rpc(second.url, 'eth_getTransactionByHash', [hash])).from, SOMEBODY.toLowerCase());
    assert.equal(await rpc(second.url, 'eth_getCode', [SOMEBODY, 'latest']), '0x60016000f3', 'also what no block has taken in');
    await second.stop();
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('the same calls make the same chain', async () => {
  const chains = [];
  for (let i = 0; i < 2; i++) {
    const node = await startDev(['--timestamp', '1700000000']);
    const provider = new JsonRpcProvider(node.url, 31337, { staticNetwork: true, cacheTimeout: -1 });
    await provider.send('anvil_setBlockTimestampInterval', [1]);
    const wallet = HDNodeWallet.fromPhrase(MNEMONIC, undefined, "m/44'/60'/0'/0/0").connect(provider);
    const token = await new ContractFactory(Token.abi, Token.bytecode, wallet).deploy(1000n);
    await token.waitForDeployment();
    await provider.send('anvil_setBalance', [SOMEBODY, '0xde0b6b3a7640000']);
    await (await new Contract(await token.getAddress(), Token.abi, wallet).transfer(bob.address, 10n)).wait();
    chains.push((await provider.getBlock('latest')).hash);
    provider.destroy();
    await node.stop();
  }
  assert.equal(chains[0], chains[1]);
});

for (const [what, args] of [['at once', []], ['each second', ['--block-time', '1']]]) {
  for (const connections of [1, 8]) {
    test(`5,000 transactions over ${connections} connection${connections > 1 ? 's' : ''}, sealed ${what}, are all included`, async () => {
      const node = await startDev([...args, '--accounts', '10']);
      try {
        const from = await rpc(node.url, 'eth_accounts');
        const each = 5_000 / connections;
        const send = async (lane) => {
          const hashes = [];
          // One request after the other, as fast as this connection goes.
          for (let i = 0; i < each; i++) {
            hashes.push(await rpc(node.url, 'eth_sendTransaction', [
              { from: from[lane], to: from[9], value: '0x1', gas: '0x5208', nonce: '0x' + i.toString(16), maxFeePerGas: '0x174876e800', maxPriorityFeePerGas: '0x1' },
            ]));
          }
          return hashes;
        };
        const hashes = (await Promise.all(Array.from({ length: connections }, (_, lane) => send(lane)))).flat();
        assert.equal(new Set(hashes).size, 5_000);
        await eventually(() => rpc(node.url, 'txpool_status'), (s) => s.pending === '0x0' && s.queued === '0x0', 'an empty pool', 120_000);
        for (let at = 0; at < hashes.length; at += 250) {
          const receipts = await Promise.all(hashes.slice(at, at + 250).map((hash) => rpc(node.url, 'eth_getTransactionReceipt', [hash])));
          assert.ok(receipts.every((r) => r?.status === '0x1'));
        }
      } finally {
        await node.stop();
      }
    });
  }
}
