// Hardhat 3 with its network helpers and ethers, unchanged, over HTTP. Needs Node 22: see run-devtools.sh.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startDev } from '../dapps/lib/node.mjs';
import { Register } from '../dapps/lib/contracts.mjs';

describe('hardhat', () => {
  let node, ethers, helpers, alice, bob;
  before(async () => {
    node = await startDev();
    process.env.SEMPER_URL = node.url;
    const { default: hre } = await import('hardhat');
    const connection = await hre.network.connect('semper');
    ethers = connection.ethers;
    helpers = connection.networkHelpers;
    [alice, bob] = await ethers.getSigners();
  });
  after(async () => node?.stop());

  test('mines', async () => {
    const before = await helpers.time.latestBlock();
    await helpers.mine();
    await helpers.mine(10, { interval: 15 });
    assert.equal(await helpers.time.latestBlock(), before + 11);
    await helpers.mineUpTo(before + 20);
    assert.equal(await helpers.time.latestBlock(), before + 20);
  });

  test('travels in time', async () => {
    const now = await helpers.time.latest();
    assert.equal(await helpers.time.increase(3600), now + 3600);
    await helpers.time.increaseTo(now + 10_000);
    assert.equal(await helpers.time.latest(), now + 10_000);
    await helpers.time.setNextBlockTimestamp(now + 20_000);
    await helpers.mine();
    assert.equal(await helpers.time.latest(), now + 20_000);
  });

  test('changes accounts', async () => {
    const account = '0x00000000000000000000000000000000deadbeef';
    await helpers.setBalance(account, 10n ** 18n);
    await helpers.setNonce(account, 5);
    await helpers.setCode(account, Register.deployed);
    await helpers.setStorageAt(account, 0, 77);
    assert.equal(await ethers.provider.getBalance(account), 10n ** 18n);
    assert.equal(await ethers.provider.getTransactionCount(account), 5);
    assert.equal(await ethers.provider.getCode(account), Register.deployed);
    assert.equal(BigInt(await helpers.getStorageAt(account, 0)), 77n);
    const register = new ethers.Contract(account, Register.abi, alice);
    assert.equal(await register.value(), 77n);
    await (await register.set(78n, 'by hardhat')).wait();
    assert.equal(await register.value(), 78n);
  });

  test('impersonates', async () => {
    const account = '0x00000000000000000000000000000000000000aa';
    await helpers.setBalance(account, 10n ** 18n);
    await helpers.impersonateAccount(account);
    const signer = await ethers.getSigner(account);
    const receipt = await (await signer.sendTransaction({ to: bob.address, value: 1n })).wait();
    assert.equal(receipt.from.toLowerCase(), account);
    await helpers.stopImpersonatingAccount(account);
    await assert.rejects(signer.sendTransaction({ to: bob.address, value: 1n }), /unknown account/);
  });

  test('goes back to snapshots and fixtures', async () => {
    const balance = await ethers.provider.getBalance(bob.address);
    const snapshot = await helpers.takeSnapshot();
    await (await alice.sendTransaction({ to: bob.address, value: 5n })).wait();
    await snapshot.restore();
    assert.equal(await ethers.provider.getBalance(bob.address), balance);
    const factory = new ethers.ContractFactory(Register.abi, Register.bytecode, alice);
    const deployed = async () => {
      const register = await factory.deploy(1n);
      await register.waitForDeployment();
      return register;
    };
    const first = await helpers.loadFixture(deployed);
    await (await first.set(9n, 'changed')).wait();
    const second = await helpers.loadFixture(deployed);
    assert.equal(await second.getAddress(), await first.getAddress());
    assert.equal(await second.value(), 1n, 'as it was deployed');
  });

  test('chooses what the next block says', async () => {
    await helpers.setNextBlockBaseFeePerGas(7_000_000_000n);
    await helpers.setCoinbase('0x00000000000000000000000000000000000000cc');
    await helpers.setPrevRandao(42);
    await helpers.setBlockGasLimit(25_000_000n);
    await helpers.mine();
    const block = await ethers.provider.getBlock('latest');
    assert.equal(block.baseFeePerGas, 7_000_000_000n);
    assert.equal(block.miner.toLowerCase(), '0x00000000000000000000000000000000000000cc');
    assert.equal(block.gasLimit, 25_000_000n);
    assert.equal(BigInt(block.prevRandao ?? (await ethers.provider.send('eth_getBlockByNumber', ['latest', false])).mixHash), 42n);
  });

  test('drops transactions', async () => {
    await ethers.provider.send('evm_setAutomine', [false]);
    const sent = await alice.sendTransaction({ to: bob.address, value: 1n });
    await helpers.dropTransaction(sent.hash);
    await helpers.mine();
    assert.equal(await ethers.provider.getTransactionReceipt(sent.hash), null);
    await ethers.provider.send('evm_setAutomine', [true]);
  });

  test('begins anew', async () => {
    await ethers.provider.send('hardhat_reset', []);
    assert.equal(await helpers.time.latestBlock(), 0);
  });
});
