// Foundry's cast, as npm has it, unchanged.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startDev } from '../dapps/lib/node.mjs';
import { Register } from '../dapps/lib/contracts.mjs';

const CAST = fileURLToPath(new URL('node_modules/@foundry-rs/cast-linux-amd64/bin/cast', import.meta.url));
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const ALICE = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const BOB = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

describe('cast', () => {
  let node, register;
  before(async () => {
    node = await startDev();
    const deployed = await json('send', '--private-key', KEY, '--create', Register.bytecode + '7'.padStart(64, '0'));
    register = deployed.contractAddress;
  });
  after(async () => node?.stop());

  const cast = async (...args) =>
    (await promisify(execFile)(CAST, args, { env: { ...process.env, ETH_RPC_URL: node.url, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1' } })).stdout.trim();
  const json = async (...args) => JSON.parse(await cast(...args, '--json'));

  test('reads the chain', async () => {
    assert.equal(await cast('chain-id'), '31337');
    assert.match(await cast('client'), /^anvil\/.*Semper/);
    assert.equal(await cast('balance', '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720'), '10000' + '0'.repeat(18));
    assert.ok(Number(await cast('block-number')) >= 1);
    assert.ok(BigInt(await cast('base-fee')) > 0n);
    assert.ok(BigInt(await cast('gas-price')) > 0n);
    assert.equal((await json('block', '0')).number, '0x0');
  });

  test('sends and calls', async () => {
    const receipt = await json('send', '--private-key', KEY, register, 'set(uint256,string)', '9', 'by cast');
    assert.equal(receipt.status, '0x1');
    assert.match(await cast('call', register, 'value()(uint256)'), /^9\b/);
    assert.equal(BigInt(await cast('storage', register, '0')), 9n);
    assert.equal((await json('receipt', receipt.transactionHash)).blockHash, receipt.blockHash);
    assert.equal((await json('tx', receipt.transactionHash)).from.toLowerCase(), ALICE.toLowerCase());
    const logs = await json('logs', '--from-block', '0', '--address', register, 'Changed(address indexed,uint256 indexed,string)');
    assert.equal(logs.length, 2);
    assert.ok(BigInt(await cast('estimate', '--from', ALICE, register, 'set(uint256,string)', '9', 'x')) > 21_000n);
  });

  test('tells why a call was refused', async () => {
    await assert.rejects(cast('call', register, 'refuse(string)', 'not by cast'), /not by cast/);
  });

  test('proves and lists accesses', async () => {
    const proof = await json('proof', register, '0');
    assert.equal(BigInt(proof.storageProof[0].value), 9n);
    const { accessList } = await json('access-list', register, 'set(uint256,string)', '1', 'x');
    assert.ok(accessList.length > 0);
  });

  test('sends from unlocked and impersonated accounts', async () => {
    assert.equal((await json('send', '--unlocked', '--from', ALICE, BOB, '--value', '1')).status, '0x1');
    const whale = '0x00000000000000000000000000000000000000aa';
    await cast('rpc', 'anvil_setBalance', whale, '0xde0b6b3a7640000');
    await cast('rpc', 'anvil_impersonateAccount', whale);
    const receipt = await json('send', '--unlocked', '--from', whale, BOB, '--value', '1');
    assert.equal(receipt.status, '0x1');
    assert.equal(receipt.from, whale);
    await cast('rpc', 'anvil_stopImpersonatingAccount', whale);
  });

  test('drives the chain', async () => {
    const before = Number(await cast('block-number'));
    const snapshot = await json('rpc', 'evm_snapshot');
    await cast('rpc', 'anvil_mine', '0x5');
    await cast('rpc', 'evm_increaseTime', '100');
    await cast('rpc', 'evm_mine');
    assert.equal(Number(await cast('block-number')), before + 6);
    assert.equal(await json('rpc', 'evm_revert', snapshot), true);
    assert.equal(Number(await cast('block-number')), before);
    assert.equal((await json('rpc', 'anvil_nodeInfo')).environment.chainId, 31337);
  });
});
