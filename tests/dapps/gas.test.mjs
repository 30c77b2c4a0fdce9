// eth_estimateGas is enough, and at most 1 % more than enough: checked against the least gas that does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ContractFactory, Interface, JsonRpcProvider, Wallet, getCreateAddress, parseEther } from 'ethers';
import { Register, Token } from './lib/contracts.mjs';
import { eventually, failure, rpc, startDev } from './lib/node.mjs';

const MAX_EXCESS = 1.01;
const CEILING = 16_000_000;

const register = new Interface(Register.abi);
const token = new Interface(Token.abi);
let node, provider, sender, registerAddress, tokenAddress;

async function send(transaction) {
  const hash = await rpc(node.url, 'eth_sendTransaction', [{ from: sender, ...transaction }]);
  // Asked for until it is there: ethers' own wait is for the next block, and where each transaction has one at once, the
  // block it waits for may have come between its two questions.
  const receipt = await eventually(() => provider.getTransactionReceipt(hash), (found) => found !== null, 'a receipt');
  assert.equal(receipt.status, 1);
  return receipt;
}

async function suffices(call, gas) {
  try {
    await rpc(node.url, 'eth_call', [{ ...call, gas: '0x' + gas.toString(16) }, 'latest']);
    return true;
  } catch (refusal) {
    if (refusal.code === undefined) throw refusal;
    return false;
  }
}

/** The least gas limit with which `call` succeeds. */
async function need(call) {
  let low = 20_999, high = CEILING;
  assert.ok(await suffices(call, high), 'never succeeds');
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await suffices(call, middle)) high = middle;
    else low = middle;
  }
  return high;
}

const call = (name, args) => () => ({ to: registerAddress, data: register.encodeFunctionData(name, args) });

describe('eth_estimateGas', () => {
  before(async () => {
    node = await startDev();
    provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    [sender] = await rpc(node.url, 'eth_accounts');
    const create = (artifact, ...args) => new ContractFactory(artifact.abi, artifact.bytecode).getDeployTransaction(...args);
    registerAddress = (await send({ data: (await create(Register, 1n)).data, value: '0xde0b6b3a7640000' })).contractAddress;
    tokenAddress = (await send({ data: (await create(Token, 1_000n)).data })).contractAddress;
    await send({ to: registerAddress, data: register.encodeFunctionData('fill', [100, 40]) });
  });

  after(async () => {
    provider?.destroy();
    await node?.stop();
  });

  for (const [what, request] of [
    ['a transfer', () => ({ to: Wallet.createRandom().address, value: '0x1' })],
    ['a transfer with data', () => ({ to: Wallet.createRandom().address, data: '0x' + '00ff'.repeat(500) })],
    ['much data without work (its floor)', () => ({ to: Wallet.createRandom().address, data: '0x' + 'ff'.repeat(20_000) })],
    ['money to a contract', () => ({ to: registerAddress, value: '0x5' })],
    ['a changed value', call('set', [5, 'a note'])],
    ['a token transfer', () => ({ to: tokenAddress, data: token.encodeFunctionData('transfer', [Wallet.createRandom().address, 1]) })],
    ['forty new cells', call('fill', [1000, 40])],
    ['forty cells given back', call('clear', [100, 40])],
    ['money taken out', call('withdraw', [1])],
    ['one nested call', call('nest', [1])],
    ['forty nested calls', call('nest', [40])],
    ['gas that must be left over', call('demand', [300_000])],
    ['a creation', () => ({ data: Register.bytecode + '0'.repeat(64) })],
  ]) {
    test(what, async () => {
      const transaction = { from: sender, ...request() };
      const estimate = Number(await rpc(node.url, 'eth_estimateGas', [transaction]));
      const needed = await need(transaction);
      assert.ok(estimate >= needed, `estimate ${estimate} is less than ${needed}`);
      assert.ok(estimate <= needed * MAX_EXCESS, `estimate ${estimate} is too much for ${needed}`);
      const receipt = await send({ ...transaction, gas: '0x' + estimate.toString(16) });
      assert.ok(receipt.gasUsed <= BigInt(estimate));
    });
  }

  test('follows overrides of the state', async () => {
    const poor = Wallet.createRandom().address;
    const transaction = { from: poor, to: sender, value: '0x10' };
    const refused = await failure(rpc(node.url, 'eth_estimateGas', [transaction]));
    assert.match(refused.message, /insufficient funds/);
    const estimate = await rpc(node.url, 'eth_estimateGas', [transaction, 'latest', { [poor]: { balance: '0x10' } }]);
    assert.equal(estimate, '0x5208');
  });

  test('says when no gas suffices', async () => {
    const request = { from: sender, to: registerAddress, data: register.encodeFunctionData('spin') };
    const spun = await failure(rpc(node.url, 'eth_estimateGas', [{ ...request, gas: '0x30d40' }]));
    assert.match(spun.message, /gas required exceeds allowance \(200000\)|out of gas/i);
    const unpaid = await failure(
      rpc(node.url, 'eth_estimateGas', [{ from: Wallet.createRandom().address, to: sender, gasPrice: '0x' + parseEther('1').toString(16), value: '0x1' }]));
    assert.match(unpaid.message, /insufficient funds|gas required exceeds allowance/);
  });

  test('a creation lands where it should', async () => {
    const nonce = await provider.getTransactionCount(sender);
    const receipt = await send({ data: Token.bytecode + '0'.repeat(63) + '1' });
    assert.equal(receipt.contractAddress, getCreateAddress({ from: sender, nonce }));
  });
});
