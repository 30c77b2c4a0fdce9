// Lodestar drives a Semper node over the Engine API while transactions flow. Ends when enough epochs are final; prints what
// happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPELLA_EPOCH, SLOT_SECONDS, SLOTS_PER_EPOCH, startNetwork, until } from './network.mjs';

const FINAL_EPOCHS = 4;
const MOST_SECONDS = 90 + 9 * SLOTS_PER_EPOCH * SLOT_SECONDS; // epoch 4 is final when epoch 6 begins

test('Lodestar finalises on Semper through Capella', { timeout: 1000 * (MOST_SECONDS + 150) }, async () => {
  const { rpc, beacon, sent, stopSending } = await startNetwork();
  const finality = await until(`finality of epoch ${FINAL_EPOCHS}`, MOST_SECONDS, async () => {
    const checkpoints = await beacon('v1/beacon/states/head/finality_checkpoints');
    return Number(checkpoints.finalized.epoch) >= FINAL_EPOCHS ? checkpoints : undefined;
  });
  await stopSending();

  // All that was sent before is included.
  const receipts = await until('every receipt', 30, async () => {
    const found = await Promise.all(sent.map((hash) => rpc('eth_getTransactionReceipt', hash)));
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
  console.log(`transactions included: ${receipts.length} of ${sent.length} sent`);
  console.log(`withdrawals: ${withdrawals}, together ${withdrawnGwei} gwei`);
  assert.ok(blocks >= 0.8 * slot, 'most slots have a block');
  assert.ok(beforeShanghai > 0 && beforeShanghai < blocks, 'blocks before and after Shanghai');
  assert.ok(withdrawals > 0, 'withdrawals after Capella');
  assert.ok(sent.length >= 100, 'transactions flowed');
});
