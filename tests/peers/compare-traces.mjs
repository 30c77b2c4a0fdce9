// Traces transactions of two chains (rpc-compat: all forks; load1: Osaka under load) with every tracer
// go-ethereum has, in go-ethereum and in Semper, and compares every value.
//
//   node tests/peers/compare-traces.mjs [--transactions=2000] [--seed=1] [--blocks=60] [--chain=rpc-compat|load1]
//     [--work=FOLDER]
//
// Of load1 the first blocks are taken. Beside transactions of the chain, each is traced as a call on the block
// before it, with overrides and in the middle of its block. A folder given is kept, with the chains both nodes have
// imported, and used again.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../dapps/lib/node.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const fixtures = process.env.SEMPER_FIXTURES ?? join(root, "../shared/fixtures");
const peers = process.env.SEMPER_PEERS;
const options = Object.fromEntries(
  process.argv.slice(2).map((a) => a.replace(/^--/, "").split("=")).map(([k, v]) => [k, v ?? true]),
);
const archive = join(fixtures, "chains/load1.tar.xz");
for (const [what, path] of [["SEMPER_PEERS with geth", peers && join(peers, "geth")], ["fixtures", archive]]) {
  if (!path || !existsSync(path)) {
    console.log(`skipped: no ${what}`);
    process.exit(process.env.CI && what === "fixtures" ? 1 : 0);
  }
}

// The time a trace takes must decide nothing here.
const timeout = "600s";
const named = (tracer, tracerConfig) => ({ tracer, tracerConfig, timeout });
const STRUCT = {
  struct: { timeout },
  "struct with memory and return data": { enableMemory: true, enableReturnData: true, timeout },
  "struct without stack and storage": { disableStack: true, disableStorage: true, timeout },
  "struct limited": { limit: 5000, timeout },
};
const NAMED = {
  callTracer: named("callTracer"),
  "callTracer withLog": named("callTracer", { withLog: true }),
  "callTracer onlyTopCall": named("callTracer", { onlyTopCall: true, withLog: true }),
  flatCallTracer: named("flatCallTracer"),
  "flatCallTracer convertParityErrors": named("flatCallTracer", { convertParityErrors: true, includePrecompiles: true }),
  prestateTracer: named("prestateTracer"),
  "prestateTracer diffMode": named("prestateTracer", { diffMode: true }),
  "prestateTracer diffMode without code and storage": named("prestateTracer", { diffMode: true, disableCode: true, disableStorage: true }),
  "prestateTracer includeEmpty": named("prestateTracer", { includeEmpty: true, disableCode: true }),
  "4byteTracer": named("4byteTracer"),
  keccak256PreimageTracer: named("keccak256PreimageTracer"),
  noopTracer: named("noopTracer"),
  muxTracer: named("muxTracer", { callTracer: { withLog: true }, "4byteTracer": null, prestateTracer: { diffMode: true } }),
};

const work = options.work ?? mkdtempSync(join(tmpdir(), "semper-traces-"));
const children = [];
async function stop() {
  await Promise.all(
    children.splice(0).map((child) => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      return child.exitCode === null ? ended : null;
    }),
  );
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}${result.stdout}`);
}

async function post(url, body) {
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return reply.json();
}

async function call(url, method, ...params) {
  const answer = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  // An error with the same text is the same answer.
  return answer.error ? { error: answer.error.message } : answer.result;
}

async function serve(command, args, url) {
  const child = spawn(command, args, { stdio: "ignore" });
  children.push(child);
  for (let i = 0; ; i++) {
    try {
      await call(url, "eth_chainId");
      return;
    } catch (error) {
      if (child.exitCode !== null || i > 6000) throw new Error(`${command} does not answer: ${error.message}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}

const compared = {};
const different = {};
function compare(what, where, a, b) {
  compared[what] = (compared[what] ?? 0) + 1;
  const found = difference(a, b, where);
  if (found) {
    different[what] = (different[what] ?? 0) + 1;
    if (different[what] <= 3) console.log(`different: ${what}: ${found}`);
  }
}

// Where two answers differ first, with both values; null where they do not.
function difference(a, b, path) {
  if (a === b) return null;
  if (!a || !b || typeof a !== "object" || typeof b !== "object") {
    return `${path}: geth ${JSON.stringify(a)?.slice(0, 300)}, semper ${JSON.stringify(b)?.slice(0, 300)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

// Linear congruential generator: the same choice in every run.
let state = BigInt(options.seed ?? 1);
const random = (below) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(below));
};

// The first blocks of a file of concatenated RLP lists.
function cut(file, blocks) {
  const bytes = readFileSync(file);
  let at = 0;
  for (let i = 0; i < blocks && at < bytes.length; i++) {
    const size = bytes[at] - 0xf7;
    at += 1 + size + bytes.readUIntBE(at + 1, size);
  }
  writeFileSync(file, bytes.subarray(0, at));
}

// A mined transaction as a call, on the state before its block or before itself.
async function compareCalls(geth, ours, name, hash) {
  const t = await call(geth, "eth_getTransactionByHash", hash);
  const request = { from: t.from, to: t.to ?? undefined, gas: t.gas, value: t.value, input: t.input };
  const before = "0x" + (Number(t.blockNumber) - 1).toString(16);
  const rich = { [t.from]: { balance: "0xffffffffffffffffffffffff", nonce: "0x7" } };
  const calls = {
    "traceCall callTracer": [request, before, { ...NAMED["callTracer withLog"], stateOverrides: rich }],
    "traceCall flatCallTracer": [request, before, NAMED.flatCallTracer],
    "traceCall prestateTracer": [request, before, { ...NAMED["prestateTracer diffMode"], stateOverrides: rich }],
    "traceCall in its block": [request, t.blockNumber, { ...NAMED.muxTracer, txIndex: t.transactionIndex }],
    "traceCall struct": [request, before, { enableReturnData: true, timeout, blockOverrides: { number: "0xffff", time: "0xffffffff", baseFeePerGas: "0x1" } }],
  };
  for (const [what, parameters] of Object.entries(calls)) {
    const [a, b] = await Promise.all([call(geth, "debug_traceCall", ...parameters), call(ours, "debug_traceCall", ...parameters)]);
    compare(what, `${name} ${hash}`, a, b);
  }
}

async function compareChain(name, folder, wanted) {
  const gethData = join(work, name, "geth");
  const imported = existsSync(gethData);
  const semper = process.env.SEMPER ?? join(root, "semper");
  const genesis = ["--data-dir", join(work, name, "semper"), "--genesis", join(folder, "genesis.json")];
  if (!imported) {
    mkdirSync(gethData, { recursive: true });
    run(join(peers, "geth"), ["--datadir", gethData, "init", join(folder, "genesis.json")]);
    run(join(peers, "geth"), ["--datadir", gethData, "--gcmode", "archive", "import", join(folder, "chain.rlp")]);
    run(semper, ["import", ...genesis, join(folder, "chain.rlp")]);
  }
  const [p1, p2, p3] = [await freePort(), await freePort(), await freePort()];
  const [geth, ours] = [`http://127.0.0.1:${p1}`, `http://127.0.0.1:${p2}`];
  await serve(join(peers, "geth"), ["--datadir", gethData, "--gcmode", "archive", "--http", "--http.port", p1, "--authrpc.port", p3, "--http.api", "eth,net,web3,debug", "--nodiscover", "--maxpeers", "0", "--port", "0", "--ipcdisable"].map(String), geth);
  await serve(semper, ["node", ...genesis, "--port", String(p2), "--rpc-timeout-seconds", "600"], ours);

  const head = Number(await call(geth, "eth_blockNumber"));
  const transactions = [];
  const perBlock = Math.ceil(wanted / head);
  for (let number = 1; number <= head && transactions.length < wanted; number++) {
    const block = await call(geth, "eth_getBlockByNumber", "0x" + number.toString(16), false);
    const all = block.transactions;
    // Early ones, since every earlier transaction has to be executed first.
    const early = wanted === Infinity ? all : all.slice(0, perBlock + 10);
    while (early.length > perBlock) early.splice(random(early.length), 1);
    transactions.push(...early);
    // Whole blocks with tracers whose answers are small.
    if (number % 25 === 1) {
      for (const what of ["callTracer withLog", "prestateTracer diffMode", "flatCallTracer"]) {
        const parameters = ["debug_traceBlockByNumber", "0x" + number.toString(16), NAMED[what]];
        const [a, b] = await Promise.all([call(geth, ...parameters), call(ours, ...parameters)]);
        compare(`block ${what}`, `${name} ${number}`, a, b);
      }
    }
  }
  for (const [done, hash] of transactions.entries()) {
    if (done % 250 === 249) console.log(`${name}: ${done + 1} of ${transactions.length} transactions`);
    for (const [what, config] of Object.entries(STRUCT)) {
      const [a, b] = await Promise.all([call(geth, "debug_traceTransaction", hash, config), call(ours, "debug_traceTransaction", hash, config)]);
      compare(what, `${name} ${hash}`, a, b);
    }
    const batch = Object.values(NAMED).map((config, id) => ({ jsonrpc: "2.0", id, method: "debug_traceTransaction", params: [hash, config] }));
    const [a, b] = await Promise.all([post(geth, batch), post(ours, batch)]);
    await compareCalls(geth, ours, name, hash);
    Object.keys(NAMED).forEach((what, id) => {
      const [x, y] = [a, b].map((answers) => answers.find((each) => each.id === id));
      compare(what, `${name} ${hash}`, x.result ?? x.error?.message, y.result ?? y.error?.message);
    });
  }
  await stop();
  return transactions.length;
}

let total = 0;
try {
  const wanted = Number(options.transactions ?? 2000);
  if (options.chain !== "load1") total += await compareChain("rpc-compat", join(fixtures, "rpc-compat"), Infinity);
  if (options.chain !== "rpc-compat") {
    if (!existsSync(join(work, "load1"))) {
      run("tar", ["-xJf", archive, "-C", work]);
      cut(join(work, "load1", "chain.rlp"), Number(options.blocks ?? 60));
    }
    total += await compareChain("load1", join(work, "load1"), Math.max(1, wanted - total));
  }
} finally {
  await stop();
  if (!options.work) rmSync(work, { recursive: true, force: true });
}
for (const what of Object.keys(compared)) {
  console.log(`${what}: ${compared[what] - (different[what] ?? 0)} equal, ${different[what] ?? 0} different`);
}
const failed = Object.values(different).reduce((sum, each) => sum + each, 0);
console.log(`${total} transactions, ${Object.keys(compared).length} comparisons each; ${failed} failed`);
process.exit(failed ? 1 : 0);
