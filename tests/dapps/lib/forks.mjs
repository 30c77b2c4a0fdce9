// What a fork of a chain has to show, whichever node the chain is of.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { createTestClient, http, parseEther, publicActions, walletActions } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { Register } from './contracts.mjs';
import { MNEMONIC, failure, rpc } from './node.mjs';

const alice = mnemonicToAccount(MNEMONIC);
const bob = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
const CAROL = '0x00000000000000000000000000000000000ca401';

const client = (url) =>
  createTestClient({ chain: foundry, mode: 'anvil', transport: http(url), account: alice, cacheTime: 0, pollingInterval: 50 })
    .extend(publicActions)
    .extend(walletActions);

/** Hands requests on to `url` and counts the methods called. */
async function counting(url) {
  const calls = {};
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    for (const each of [JSON.parse(body)].flat()) calls[each.method] = (calls[each.method] ?? 0) + 1;
    const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(Buffer.from(await reply.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, calls, stop: () => server.close() };
}

/** What a fork shows of `origin`, a chain with the register deployed and set. `start` starts the fork. */
export function forks(origin, startFork) {
  let proxy, node, fork, register, forkedAt, first;
  before(async () => {
    const there = client(origin().url);
    const deployed = await there.waitForTransactionReceipt({ hash: await there.deployContract({ abi: Register.abi, bytecode: Register.bytecode, args: [5n] }) });
    register = { address: deployed.contractAddress, abi: Register.abi };
    first = await there.waitForTransactionReceipt({ hash: await there.writeContract({ ...register, functionName: 'set', args: [6n, 'there'] }) });
    await there.waitForTransactionReceipt({ hash: await there.sendTransaction({ to: CAROL, value: parseEther('2') }) });
    forkedAt = await there.getBlockNumber();
    // Of later, which the fork must not see.
    await there.waitForTransactionReceipt({ hash: await there.writeContract({ ...register, functionName: 'set', args: [7n, 'later'] }) });
    proxy = await counting(origin().url);
    node = await startFork(['--fork-url', proxy.url, '--fork-block-number', String(forkedAt)]);
    fork = client(node.url);
  });
  after(async () => {
    await node?.stop();
    proxy?.stop();
  });

  test('stands at the block it was forked at', async () => {
    const there = client(origin().url);
    assert.equal(await fork.getBlockNumber(), forkedAt);
    assert.equal((await fork.getBlock()).hash, (await there.getBlock({ blockNumber: forkedAt })).hash);
    const { forkedNetwork } = await rpc(node.url, 'anvil_metadata');
    assert.deepEqual([forkedNetwork.chainId, forkedNetwork.forkBlockNumber], [31337, Number(forkedAt)]);
  });

  test('reads state lazily, once, as it was at that block', async () => {
    const calls = { ...proxy.calls };
    const asked = (method) => (proxy.calls[method] ?? 0) - (calls[method] ?? 0);
    assert.equal(await fork.getBalance({ address: CAROL }), parseEther('2'));
    assert.equal(asked('eth_getBalance'), 1);
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 6n);
    assert.equal(asked('eth_getStorageAt'), 1);
    for (let i = 0; i < 3; i++) {
      assert.equal(await fork.getBalance({ address: CAROL }), parseEther('2'));
      assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 6n);
    }
    assert.equal(asked('eth_getStorageAt'), 1, 'kept');
  });

  test('shows earlier blocks, transactions, receipts and logs', async () => {
    const there = client(origin().url);
    // What is no part of the block differs from node to node.
    const block = async (chain) => {
      const { size, totalDifficulty, ...rest } = await chain.getBlock({ blockHash: first.blockHash, includeTransactions: true });
      return rest;
    };
    assert.deepEqual(await block(fork), await block(there));
    const receipt = await fork.getTransactionReceipt({ hash: first.transactionHash });
    assert.deepEqual([receipt.blockHash, receipt.gasUsed, receipt.logs.length], [first.blockHash, first.gasUsed, 1]);
    assert.equal((await fork.getTransaction({ hash: first.transactionHash })).from, alice.address.toLowerCase());
    const logs = await fork.getContractEvents({ ...register, fromBlock: 0n });
    assert.deepEqual(logs.map((l) => l.args.note), ['created', 'there']);
    assert.equal(await fork.readContract({ ...register, functionName: 'value', blockNumber: first.blockNumber - 1n }), 5n, 'state of earlier blocks');
  });

  test('goes on by itself', async () => {
    const hash = await fork.writeContract({ ...register, functionName: 'add', args: [4n] });
    const receipt = await fork.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'success');
    assert.equal(receipt.blockNumber, forkedAt + 1n);
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 10n);
    assert.equal(await client(origin().url).readContract({ ...register, functionName: 'value' }), 7n, 'the other chain is as it was');
    assert.equal((await fork.getBlock({ blockNumber: forkedAt + 1n })).parentHash, (await fork.getBlock({ blockNumber: forkedAt })).hash);
    const made = await fork.waitForTransactionReceipt({ hash: await fork.deployContract({ abi: Register.abi, bytecode: Register.bytecode, args: [1n] }) });
    assert.equal(await fork.readContract({ address: made.contractAddress, abi: Register.abi, functionName: 'value' }), 1n);
  });

  test('does as it is told', async () => {
    const id = await fork.snapshot();
    await fork.impersonateAccount({ address: CAROL });
    await fork.waitForTransactionReceipt({ hash: await fork.sendTransaction({ account: CAROL, to: bob.address, value: parseEther('1') }) });
    assert.ok((await fork.getBalance({ address: CAROL })) < parseEther('1'));
    await fork.setStorageAt({ address: register.address, index: 0, value: '0x' + '63'.padStart(64, '0') });
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 99n);
    await fork.mine({ blocks: 2 });
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 99n);
    await fork.revert({ id });
    assert.equal(await fork.getBalance({ address: CAROL }), parseEther('2'));
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 10n);
    assert.equal(await fork.getBalance({ address: alice.address, blockNumber: forkedAt }) > parseEther('9990'), true);
  });

  test('is forked anew', async () => {
    await fork.reset({ jsonRpcUrl: proxy.url, blockNumber: forkedAt + 1n });
    assert.equal(await fork.getBlockNumber(), forkedAt + 1n);
    assert.equal(await fork.readContract({ ...register, functionName: 'value' }), 7n);
    assert.match((await failure(rpc(node.url, 'anvil_reset', [{ forking: { jsonRpcUrl: 'ftp://x' } }]))).message, /not the address of a node/);
    assert.match((await failure(rpc(node.url, 'anvil_reset', [{ forking: { blockNumber: 1_000_000 } }]))).message, /block 1000000 is not there|forked node/);
    assert.equal(await fork.getBlockNumber(), forkedAt + 1n);
  });
}
