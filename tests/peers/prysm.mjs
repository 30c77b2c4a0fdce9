// Prysm at the newest rules (Fulu, Osaka from genesis; 64 validators, slots of 2 s) over a Semper node that is killed
// (kill -9) and started again on the way, with transfers, blobs, withdrawal requests and withdrawals in the blocks.
// Then light clients follow the beacon chain over REST and over libp2p and prove balances against the node.
//
//   node tests/peers/prysm.mjs [--epochs=6] [--kills=3] [--seed=1] [--light=true] [--requests=true] [--slot=2]
//
// A head is proven once two thirds of the sync committee have signed it, and Prysm throws away what is signed late: where
// the machine is too busy for slots of 2 s, SEMPER_BEACON may name a copy of the setup whose config.yaml has longer ones.
//
// Prysm (as of c40b59a) answers no light client over libp2p at Fulu. Where it has not been built to do so (README.md),
// --requests=false asks over REST and hears gossip alone over libp2p.
// Needs SEMPER_PEERS with beacon-chain, validator and prysmctl, and `npm ci` in tests/dapps. About ten minutes. Prints
// what happened; ends with a failure where something is missing.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../dapps/lib/node.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const peers = process.env.SEMPER_PEERS;
const setup = process.env.SEMPER_BEACON ?? join(root, "../shared/peers/beacon/beacon.sh");
if (!peers || !existsSync(join(peers, "beacon-chain")) || !existsSync(setup)) {
  console.log("skipped: SEMPER_PEERS has no beacon-chain, or SEMPER_BEACON is no script that starts it");
  process.exit(0);
}
const options = Object.fromEntries(process.argv.slice(2).map((a) => a.replace(/^--/, "").split("=")));
const EPOCHS = Number(options.epochs ?? 6);
const KILLS = Number(options.kills ?? 3);
const SLOT_SECONDS = Number(options.slot ?? 2);
const SLOTS_PER_EPOCH = 32;
const VALIDATORS = 64;
const CHAIN_ID = 32382;
const WITHDRAWAL_REQUESTS = "0x00000961Ef480Eb55e80D19ad83579A64c007002"; // EIP-7002
const SENDERS = 4;

const dapps = createRequire(join(root, "tests/dapps/package.json"));
const { HDNodeWallet, Mnemonic, Transaction } = dapps("ethers");
const { bls12_381: bls } = dapps("@noble/curves/bls12-381");
const { blobOf, ethersKzg } = await import(join(root, "tests/dapps/lib/blobs.mjs"));

const folder = mkdtempSync(join(process.env.SCRATCH ?? tmpdir(), "prysm-"));
const [command, ...prefix] = (process.env.SEMPER_COMMAND ?? join(root, "semper")).split(" ");
const pause = (millis) => new Promise((done) => setTimeout(done, millis));
let seed = Number(options.seed ?? 1);
function random(limit) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed % limit;
}

const running = new Map();
function start(name, args) {
  const log = openSync(join(folder, `${name}.log`), "a");
  const child = spawn(command, [...prefix, ...args], { stdio: ["ignore", log, log] });
  running.set(name, child);
  return child;
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? undefined : new Promise((done) => child.once("exit", done));
}

async function stopAll() {
  for (const name of ["validator", "beacon"]) {
    const file = join(folder, `${name}.pid`);
    if (existsSync(file)) {
      try {
        process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
      } catch {
        // It has ended by itself.
      }
    }
  }
  await Promise.all([...running.values()].map((child) => (child.kill("SIGTERM"), ended(child))));
}

async function until(what, seconds, ask) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < end, `${what} within ${seconds} s (logs: ${folder})`);
    await pause(200);
  }
}

const caller = (port) => async (method, ...params) => {
  const reply = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  const { result, error } = await reply.json();
  if (error) throw Object.assign(new Error(`${method}: ${error.message}`), { code: error.code });
  return result;
};

const [rpcPort, enginePort] = await Promise.all([freePort(), freePort()]);
const beaconPort = 20_000 + (process.pid % 20_000);
const rpc = caller(rpcPort);
const beacon = async (path, body) => {
  const reply = await fetch(`http://127.0.0.1:${beaconPort + 1}/eth/${path}`, {
    ...(body && { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return body ? undefined : await reply.json();
};

const nodeArguments = [
  "node", "--data-dir", join(folder, "data"), "--genesis", join(folder, "genesis.json"), "--port", `${rpcPort}`,
  "--engine-port", `${enginePort}`, "--jwt-secret", join(folder, "jwt.hex"),
];

/** Kills the node at once and starts it again; returns for how long nobody answered. */
async function kill() {
  const child = running.get("semper");
  // The launcher becomes the Java process, so that its pid is the node's.
  child.kill("SIGKILL");
  await ended(child);
  const began = Date.now();
  start("semper", nodeArguments);
  await until("an answer after the kill", 60, () => rpc("eth_blockNumber"));
  return Date.now() - began;
}

// What is sent: each sender's transactions in order, each until there is a receipt, through kills.
const phrase = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const wallets = Array.from({ length: SENDERS + 2 }, (_, i) => HDNodeWallet.fromMnemonic(phrase, `m/44'/60'/0'/0/${i}`));
const receipts = [];
let sending = true;

async function stream(wallet, make, everyMillis) {
  for (let nonce = 0; sending; nonce++) {
    const fees = { maxPriorityFeePerGas: 10n ** 9n, maxFeePerGas: 10n ** 11n };
    const raw = await wallet.signTransaction({ type: 2, chainId: CHAIN_ID, nonce, ...fees, ...make(nonce) });
    const hash = Transaction.from(raw).hash;
    for (;;) {
      const receipt = await rpc("eth_getTransactionReceipt", hash).catch(() => undefined);
      if (receipt) {
        receipts.push(receipt);
        break;
      }
      if (receipt === null) await rpc("eth_sendRawTransaction", raw).catch(() => undefined); // known already, or between two lives
      await pause(500);
    }
    await pause(everyMillis);
  }
}

const publicKey = (index) => bls.getPublicKey(secretKey(index));
function secretKey(index) {
  const little = Buffer.alloc(32);
  little.writeUInt32LE(index);
  const digest = createHash("sha256").update(little).digest().reverse();
  return BigInt("0x" + digest.toString("hex")) % bls.fields.Fr.ORDER;
}

const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const padded = (bytes, length) => Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);

/** Changes every validator's credentials to an execution address, without which nothing is withdrawn. */
async function changeCredentials() {
  const { data: genesis } = await beacon("v1/beacon/genesis");
  const version = Buffer.from(genesis.genesis_fork_version.slice(2), "hex");
  const validatorsRoot = Buffer.from(genesis.genesis_validators_root.slice(2), "hex");
  const forkData = sha(padded(version, 32), validatorsRoot);
  const domain = Buffer.concat([Buffer.from([0x0a, 0, 0, 0]), forkData.subarray(0, 28)]);
  const address = Buffer.from("00000000000000000000000000000000000000fe", "hex");
  const changes = [];
  for (let index = 0; index < VALIDATORS; index++) {
    const key = Buffer.from(publicKey(index));
    const number = Buffer.alloc(32);
    number.writeUInt32LE(index);
    const keyRoot = sha(padded(key, 64));
    const object = sha(sha(number, keyRoot), sha(padded(address, 32), Buffer.alloc(32)));
    const signature = bls.sign(sha(object, domain), secretKey(index), { DST: "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_" });
    changes.push({
      message: {
        validator_index: `${index}`, from_bls_pubkey: "0x" + key.toString("hex"), to_execution_address: "0x" + address.toString("hex"),
      },
      signature: "0x" + Buffer.from(signature).toString("hex"),
    });
  }
  await beacon("v1/beacon/pool/bls_to_execution_changes", changes);
}

try {
  const initial = spawnSync(setup, ["init", peers, folder, "40"], { stdio: ["ignore", "inherit", "inherit"] });
  assert.equal(initial.status, 0, "the beacon chain's genesis");
  start("semper", nodeArguments);
  await until("an answer of Semper", 60, () => rpc("eth_blockNumber"));
  const begun = spawnSync(setup, ["start", peers, folder, `http://127.0.0.1:${enginePort}`, `${beaconPort}`], { stdio: "ignore" });
  assert.equal(begun.status, 0, "the beacon node and its validators");
  await until("a block", 120, async () => Number(await rpc("eth_blockNumber")) > 0 || undefined);
  console.log("blocks are made");
  await changeCredentials();

  const streams = wallets.slice(0, SENDERS).map((wallet, i) =>
    stream(wallet, () => ({ to: wallets[(i + 1) % SENDERS].address, value: 1n, gasLimit: 21_000 }), 100));
  const blobs = (nonce) => [blobOf(`blob ${nonce % 3}`)];
  streams.push(stream(wallets[SENDERS], (nonce) => ({
    type: 3, to: wallets[0].address, gasLimit: 21_000, blobs: blobs(nonce), kzg: ethersKzg, blobWrapperVersion: 1,
    maxFeePerBlobGas: 10n ** 9n,
  }), 2000));
  // An exit of nothing by who is no validator's owner: the beacon chain passes over it, the block carries it.
  streams.push(stream(wallets[SENDERS + 1], (nonce) => ({
    to: WITHDRAWAL_REQUESTS, value: 10n ** 9n, gasLimit: 300_000,
    data: "0x" + Buffer.from(publicKey(nonce % VALIDATORS)).toString("hex") + "0000000000000001",
  }), 5000));

  const finality = async () => Number((await beacon("v1/beacon/states/head/finality_checkpoints")).data.finalized.epoch);
  const kills = [];
  for (let k = 0; k < KILLS; k++) {
    // The first after finality has begun, each further one an epoch later, at any time of it.
    await until(`finality of epoch ${k + 1}`, 250 * SLOT_SECONDS, async () => (await finality()) >= k + 1 || undefined);
    await pause(500 * SLOT_SECONDS * (random(SLOTS_PER_EPOCH) + SLOTS_PER_EPOCH));
    const before = Number(await rpc("eth_blockNumber"));
    const silent = await kill();
    const after = await until("a block after the kill", 60, async () => {
      const number = Number(await rpc("eth_blockNumber"));
      return number > before ? number : undefined;
    });
    kills.push({ before, silent });
    console.log(`killed at block ${before}, answered again after ${silent} ms, at block ${after} now`);
  }
  const last = await until(`finality of epoch ${EPOCHS}`, 450 * SLOT_SECONDS, async () => {
    const epoch = await finality();
    return epoch >= EPOCHS ? epoch : undefined;
  });
  sending = false;
  await Promise.all(streams);

  const { data: head } = await beacon("v1/beacon/headers/head");
  const slots = Number(head.header.message.slot);
  const blocks = Number(await rpc("eth_blockNumber"));
  const totals = { transactions: 0, blobs: 0, withdrawals: 0, withRequests: 0 };
  const NO_REQUESTS = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const gaps = [];
  let previous;
  for (let number = 1; number <= blocks; number++) {
    const block = await rpc("eth_getBlockByNumber", "0x" + number.toString(16), false);
    totals.transactions += block.transactions.length;
    totals.blobs += Number(block.blobGasUsed) / 131_072;
    totals.withdrawals += block.withdrawals.length;
    if (block.requestsHash !== NO_REQUESTS) totals.withRequests++;
    if (previous && Number(block.timestamp) - previous > SLOT_SECONDS) {
      gaps.push(`${Number(block.timestamp) - previous} s before ${number}`);
    }
    previous = Number(block.timestamp);
  }
  console.log(`epochs finalised: ${last}; slots ${slots}, blocks ${blocks}, gaps: ${gaps.join(", ") || "none"}`);
  console.log(`included: ${JSON.stringify(totals)}; receipts of ${receipts.length} sent, none missing`);
  console.log(`kills: ${kills.map((k) => `block ${k.before} (${k.silent} ms)`).join(", ")}`);
  assert.ok(receipts.every((receipt) => receipt.status === "0x1"), "a transaction failed");
  for (const [what, count] of Object.entries(totals)) assert.ok(count > 0, `no ${what}`);
  const { data: checkpoints } = await beacon("v1/beacon/states/head/finality_checkpoints");
  const { data: finalBlock } = await beacon(`v2/beacon/blocks/${checkpoints.finalized.root}`);
  assert.equal((await rpc("eth_getBlockByNumber", "finalized", false)).hash, finalBlock.message.body.execution_payload.block_hash);

  if (options.light !== "false") {
    const { data: spec } = await beacon("v1/config/spec");
    const { data: genesis } = await beacon("v1/beacon/genesis");
    const config = join(folder, "beacon.json");
    const known = { GENESIS_TIME: genesis.genesis_time, GENESIS_VALIDATORS_ROOT: genesis.genesis_validators_root };
    writeFileSync(config, JSON.stringify({ data: { ...spec, ...known } }));
    // Without discovery it has no record to answer with, but says at its start who it is.
    const [, peerId] = readFileSync(join(folder, "beacon.log"), "utf8").match(/\/p2p\/(16Uiu2[A-Za-z0-9]+)/);
    const rest = `http://127.0.0.1:${beaconPort + 1}`;
    const libp2p = `/ip4/127.0.0.1/tcp/${beaconPort + 2}/p2p/${peerId}`;
    const sources = { rest, libp2p: options.requests === "false" ? `${rest},${libp2p}` : libp2p };
    for (const [name, source] of Object.entries(sources)) {
      const port = await freePort();
      const light = caller(port);
      const began = Date.now();
      start(`light-${name}`, [
        "light", "--genesis", join(folder, "genesis.json"), "--consensus-config", config, "--consensus", source,
        "--checkpoint", checkpoints.finalized.root, "--upstream", `http://127.0.0.1:${rpcPort}`, "--port", `${port}`,
        "--data-dir", join(folder, `light-${name}`),
      ]);
      const first = await until(`a proven balance over ${name}`, 120, () => light("eth_getBalance", wallets[0].address, "latest"));
      const firstMillis = Date.now() - began;
      assert.ok(BigInt(first) > 0n);
      let seen = 0;
      for (let heads = 0; heads < 10; heads++) {
        const block = await until("the next head", 90 * SLOT_SECONDS, async () => {
          const latest = await light("eth_getBlockByNumber", "latest", false);
          return Number(latest.number) > seen ? latest : undefined;
        });
        seen = Number(block.number);
        assert.equal(block.hash, (await rpc("eth_getBlockByNumber", block.number, false)).hash);
        for (const { address } of wallets) {
          assert.equal(await light("eth_getBalance", address, block.number), await rpc("eth_getBalance", address, block.number));
        }
      }
      const { lies, trust, gossip } = await light("semper_provenance");
      assert.deepEqual(lies, []);
      if (name === "libp2p") {
        assert.ok(Number(gossip.believed) > 0, `no update came by gossip: ${JSON.stringify(gossip)}`);
        assert.equal(Number(gossip.refused), 0);
      }
      const age = (Date.now() / 1000 - Number((await light("eth_getBlockByNumber", "latest", false)).timestamp)).toFixed(1);
      console.log(`light client over ${name}: first balance ${firstMillis} ms after its start, 10 heads to block ${seen}, ` +
        `head ${age} s old, trust ${trust}${gossip ? `, gossip ${JSON.stringify(gossip)}` : ""}`);
    }
  }
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
  console.log("passed");
} catch (failure) {
  await stopAll();
  console.error(failure);
  console.error(`logs: ${folder}`);
  process.exitCode = 1;
}
