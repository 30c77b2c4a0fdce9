// Lodestar drives a Semper node over the Engine API while transactions flow; a Semper light client begins at a final block,
// follows the chain over three sync-committee periods and proves what it answers against that node. One network for both.
// Prints what happened.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import {
  CAPELLA_EPOCH, SLOT_SECONDS, SLOTS_PER_EPOCH, START_SECONDS, folder, launcher, start, startNetwork, until,
} from './network.mjs';
import { freePort, rpc as rpcAt } from '../dapps/lib/node.mjs';

const FINAL_EPOCHS = 4;
const MOST_TO_FINALITY = START_SECONDS + 240 + 6 * SLOTS_PER_EPOCH * SLOT_SECONDS; // epoch 4 is final when epoch 6 begins
const SLOTS_PER_PERIOD = 8 * SLOTS_PER_EPOCH;
const PERIODS = Number(process.env.PERIODS ?? 3);
const MOST_TO_THE_END = 420 + PERIODS * SLOTS_PER_PERIOD * SLOT_SECONDS;
const CONTRACT = '0x00000000000000000000000000000000000c0de0';
const ABSENT = '0x00000000000000000000000000000000deadbeef';
const hex = (number) => '0x' + number.toString(16);

let network;

before(async () => {
  network = await startNetwork({
    // Gives the block's number and 42 from its storage, added.
    [CONTRACT]: { balance: '0x0', code: '0x600054430160005260206000f3', storage: { '0x00': '0x2a' } },
  });
});

test('Lodestar finalises on Semper through Capella', { timeout: 1000 * (MOST_TO_FINALITY + 60) }, async () => {
  const { rpc, beacon, sent } = network;
  const finality = await until(`finality of epoch ${FINAL_EPOCHS}`, MOST_TO_FINALITY, async () => {
    const checkpoints = await beacon('v1/beacon/states/head/finality_checkpoints');
    return Number(checkpoints.finalized.epoch) >= FINAL_EPOCHS ? checkpoints : undefined;
  });

  // All that was sent so far will be included, while more comes.
  const already = [...sent];
  const receipts = await until('every receipt', 30, async () => {
    const found = await Promise.all(already.map((hash) => rpc('eth_getTransactionReceipt', hash)));
    return found.every((receipt) => receipt !== null) ? found : undefined;
  });
  for (const receipt of receipts) assert.equal(receipt.status, '0x1');

  const slot = Number((await beacon('v1/beacon/headers/head')).header.message.slot);
  const blocks = Number(await rpc('eth_blockNumber'));
  let withdrawals = 0;
  let withdrawnGwei = 0n;
  let beforeShanghai = 0;
  for (let number = 1; number <= blocks; number++) {
    const block = await rpc('eth_getBlockByNumber', '0x' + number.toString(16), false);
    if (block.withdrawals === undefined) {
      beforeShanghai++;
    } else {
      withdrawals += block.withdrawals.length;
      for (const { amount } of block.withdrawals) withdrawnGwei += BigInt(amount);
    }
  }
  // Both layers hold the same block for final.
  const finalBlock = await rpc('eth_getBlockByNumber', 'finalized', false);
  const finalBeacon = await beacon(`v2/beacon/blocks/${finality.finalized.root}`);
  assert.equal(finalBlock.hash, finalBeacon.message.body.execution_payload.block_hash);

  console.log(`epochs finalised: ${finality.finalized.epoch}, of them ${CAPELLA_EPOCH} before Capella`);
  console.log(`blocks proposed: ${blocks} in ${slot} slots, ${beforeShanghai} before Shanghai`);
  console.log(`transactions included: ${receipts.length} of ${already.length} sent`);
  console.log(`withdrawals: ${withdrawals}, together ${withdrawnGwei} gwei`);
  assert.ok(blocks >= 0.8 * slot, 'most slots have a block');
  assert.ok(beforeShanghai > 0 && beforeShanghai < blocks, 'blocks before and after Shanghai');
  assert.ok(withdrawals > 0, 'withdrawals after Capella');
  assert.ok(already.length >= 100, 'transactions flowed');
});

test('a light client follows Lodestar from period to period', { timeout: 1000 * MOST_TO_THE_END }, async () => {
  const { rpc, beacon, rpcPort, restPort, p2pPort, wallets, stopSending, genesisFile } = network;
  // Whoever begins in an earlier period learns the present committee only from a block that became final in that one.
  const checkpoint = await until('a final block of the present period', SLOTS_PER_PERIOD * SLOT_SECONDS, async () => {
    const { finalized } = await beacon('v1/beacon/states/head/finality_checkpoints');
    const head = Number((await beacon('v1/beacon/headers/head')).header.message.slot);
    const period = Math.floor((Number(finalized.epoch) * SLOTS_PER_EPOCH) / SLOTS_PER_PERIOD);
    return period === Math.floor(head / SLOTS_PER_PERIOD) ? finalized : undefined;
  });
  assert.ok(Number(checkpoint.epoch) > CAPELLA_EPOCH, 'its execution block is proven');
  const spec = await beacon('v1/config/spec');
  const genesis = await beacon('v1/beacon/genesis');
  const config = join(folder, 'beacon.json');
  const known = { GENESIS_TIME: genesis.genesis_time, GENESIS_VALIDATORS_ROOT: genesis.genesis_validators_root };
  writeFileSync(config, JSON.stringify({ data: { ...spec, ...known } }));

  const [command, ...prefix] = launcher;
  /** Starts a light client with one source of the beacon chain; returns how to ask it. */
  async function startLight(name, source) {
    const port = await freePort();
    start(name, command, [
      ...prefix, 'light', '--genesis', genesisFile, '--consensus-config', config, '--consensus', source,
      '--checkpoint', checkpoint.root, '--upstream', `http://127.0.0.1:${rpcPort}`, '--port', `${port}`,
      '--data-dir', join(folder, name),
    ]);
    return (method, ...params) => rpcAt(`http://127.0.0.1:${port}`, method, params);
  }
  const began = Date.now();
  const light = await startLight('light', `http://127.0.0.1:${restPort}`);
  await until('an answer of the light client', 60, () => light('eth_getBalance', wallets[0].address, 'latest'));
  const firstMillis = Date.now() - began;

  const from = Number(checkpoint.epoch) * SLOTS_PER_EPOCH;
  const last = (Math.floor(from / SLOTS_PER_PERIOD) + PERIODS) * SLOTS_PER_PERIOD + 2;
  const { peer_id: peer } = await beacon('v1/node/identity');
  let overLibp2p;
  let begunAt;
  let heads = 0;
  let answers = 0;
  let seen = -1;
  let slot = from;
  let oldest = 0;
  while (slot < last) {
    const head = await until('the next head', 90, async () => {
      const block = await light('eth_getBlockByNumber', 'latest', false);
      return Number(block.number) > seen ? block : undefined;
    });
    seen = Number(head.number);
    slot = (Number(head.timestamp) - Number(genesis.genesis_time)) / SLOT_SECONDS;
    heads++;
    oldest = Math.max(oldest, Date.now() / 1000 - Number(head.timestamp));
    const there = await rpc('eth_getBlockByNumber', head.number, false);
    assert.equal(head.hash, there.hash);
    assert.equal(head.stateRoot, there.stateRoot);
    for (const address of [...wallets.map((wallet) => wallet.address), ABSENT]) {
      assert.equal(await light('eth_getBalance', address, head.number), await rpc('eth_getBalance', address, head.number));
      assert.equal(
        await light('eth_getTransactionCount', address, head.number),
        await rpc('eth_getTransactionCount', address, head.number),
      );
      answers += 2;
    }
    assert.equal(Number(await light('eth_getStorageAt', CONTRACT, '0x0', head.number)), 42);
    const called = await light('eth_call', { to: CONTRACT, data: '0x' }, head.number);
    assert.equal(called, await rpc('eth_call', { to: CONTRACT, data: '0x' }, head.number));
    assert.equal(Number(called), seen + 42);
    answers += 2;
    if (overLibp2p === undefined && slot >= last - 2 * SLOTS_PER_EPOCH) {
      // The same from the beginning, over libp2p alone.
      overLibp2p = await startLight('light-libp2p', `/ip4/127.0.0.1/tcp/${p2pPort}/p2p/${peer}`);
      begunAt = seen;
    }
  }

  assert.ok(heads >= (slot - from) / 2, `${heads} heads seen in ${slot - from} slots`);
  assert.ok(Number(await rpc('eth_blockNumber')) - seen <= SLOTS_PER_EPOCH, 'it follows the head, not what is final');
  await until('a head over libp2p', 120, async () => {
    const head = await overLibp2p('eth_getBlockByNumber', 'latest', false);
    return Number(head.number) > begunAt + SLOTS_PER_EPOCH ? head : undefined;
  });
  const { both, apart } = await until('heads at most two blocks apart', 30, async () => {
    const heads = await Promise.all([light, overLibp2p].map((each) => each('eth_getBlockByNumber', 'latest', false)));
    const between = Math.abs(Number(heads[0].number) - Number(heads[1].number));
    return between <= 2 ? { both: heads, apart: between } : undefined;
  });
  const balances = [overLibp2p, rpc].map((each) => each('eth_getBalance', wallets[0].address, both[1].number));
  assert.equal(...(await Promise.all(balances)));
  await stopSending();

  // What is final is so on both layers, and a block far below is proven by the hashes of those above.
  const final = await light('eth_getBlockByNumber', 'finalized', false);
  assert.equal(final.hash, (await rpc('eth_getBlockByNumber', final.number, false)).hash);
  assert.deepEqual(await light('eth_getBlockByNumber', 'safe', false), final);
  assert.ok(Number(final.number) > (PERIODS - 1) * SLOTS_PER_PERIOD * 0.8, `block ${Number(final.number)} is final`);
  const early = hex(Number(final.number) >> 1);
  assert.equal((await light('eth_getBlockByNumber', early, false)).hash, (await rpc('eth_getBlockByNumber', early, false)).hash);
  const { consensus, lies, trust } = await light('semper_provenance');
  assert.deepEqual(lies, []);
  assert.equal(consensus.length, 1);
  const libp2p = await overLibp2p('semper_provenance');
  assert.deepEqual(libp2p.lies, []);
  const gossip = Object.fromEntries(Object.entries(libp2p.gossip).map(([what, count]) => [what, Number(count)]));
  assert.ok(gossip.believed > 0, 'updates came by gossip');
  assert.equal(gossip.refused, 0);

  console.log(`begun at slot ${from}, followed to slot ${slot}, over ${PERIODS} periods`);
  console.log(`first proven balance ${firstMillis} ms after the start of the process`);
  console.log(`heads ${heads}, proven answers ${answers}, oldest head ${oldest.toFixed(1)} s, trust ${trust}`);
  console.log(`over libp2p: ${apart} blocks apart, by gossip ${JSON.stringify(gossip)}`);
});
