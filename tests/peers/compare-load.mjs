// Imports the load chain (300 blocks, 125,919 transactions) into go-ethereum and Semper and compares
// every block, every receipt, and 500 account proofs at the head, chosen by a fixed seed.
//
//   node tests/peers/compare-load.mjs [--proofs=500] [--seed=1] [--keep]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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

const work = mkdtempSync(join(tmpdir(), "semper-compare-"));
const children = [];
async function stop() {
  await Promise.all(
    children.map((child) => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      return child.exitCode === null ? ended : null;
    }),
  );
  if (!options.keep) rmSync(work, { recursive: true, force: true });
}

function run(command, args) {
  const started = Date.now();
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}${result.stdout}`);
  return (Date.now() - started) / 1000;
}

async function call(url, requests) {
  const batch = requests.map(([method, ...params], id) => ({ jsonrpc: "2.0", id, method, params }));
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(batch),
  });
  const answers = await reply.json();
  return batch.map(({ id, method }) => {
    const answer = answers.find((each) => each.id === id);
    if (!answer || answer.error) throw new Error(`${url} ${method}: ${JSON.stringify(answer?.error)}`);
    return answer.result;
  });
}

async function serve(command, args, url) {
  const child = spawn(command, args, { stdio: "ignore" });
  children.push(child);
  for (let i = 0; ; i++) {
    try {
      await call(url, [["eth_chainId"]]);
      return;
    } catch (error) {
      if (child.exitCode !== null || i > 600) throw new Error(`${command} does not answer: ${error.message}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}

let compared = 0;
let different = 0;
function compare(what, a, b) {
  compared++;
  const where = difference(a, b, what);
  if (where && different++ < 5) console.log(`different: ${where}`);
}

// Where two answers differ first, with both values; null where they do not.
function difference(a, b, path) {
  if (a === b) return null;
  if (!a || !b || typeof a !== "object" || typeof b !== "object") {
    return `${path}: geth ${JSON.stringify(a)}, semper ${JSON.stringify(b)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

run("tar", ["-xJf", archive, "-C", work]);
const chain = join(work, "load1");
const gethData = join(work, "geth");
run(join(peers, "geth"), ["--datadir", gethData, "init", join(chain, "genesis.json")]);
console.log(`geth import   ${run(join(peers, "geth"), ["--datadir", gethData, "--gcmode", "archive", "import", join(chain, "chain.rlp")])} s`);
const semper = join(root, "semper");
const genesis = ["--data-dir", join(work, "semper"), "--genesis", join(chain, "genesis.json")];
console.log(`semper import ${run(semper, ["import", ...genesis, join(chain, "chain.rlp")])} s`);

const [p1, p2, p3] = [await freePort(), await freePort(), await freePort()];
const [geth, ours] = [`http://127.0.0.1:${p1}`, `http://127.0.0.1:${p2}`];
await serve(join(peers, "geth"), ["--datadir", gethData, "--gcmode", "archive", "--http", "--http.port", p1, "--authrpc.port", p3, "--http.api", "eth,net,web3,debug", "--nodiscover", "--maxpeers", "0", "--port", "0", "--ipcdisable"].map(String), geth);
await serve(semper, ["node", ...genesis, "--port", String(p2)], ours);

const [head] = await call(geth, [["eth_blockNumber"]]);
compare("head", head, (await call(ours, [["eth_blockNumber"]]))[0]);
const addresses = new Set();
let receipts = 0;
for (let n = 0; n <= Number(head); n++) {
  const tag = "0x" + n.toString(16);
  const requests = [["eth_getBlockByNumber", tag, true], ["eth_getBlockReceipts", tag]];
  const [a, b] = await Promise.all([call(geth, requests), call(ours, requests)]);
  compare(`block ${n}`, a[0], b[0]);
  a[1].forEach((receipt, i) => compare(`receipt ${n}/${i}`, receipt, b[1][i]));
  compare(`receipt count ${n}`, a[1].length, b[1].length);
  receipts += a[1].length;
  for (const receipt of a[1]) [receipt.from, receipt.to, receipt.contractAddress].forEach((each) => each && addresses.add(each));
}
// Linear congruential generator: the same choice in every run.
let state = BigInt(options.seed ?? 1);
const random = (below) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(below));
};
const all = [...addresses].sort();
const wanted = Number(options.proofs ?? 500);
for (let i = 0; i < wanted; i++) {
  const address = i % 10 === 9 ? "0x" + (BigInt(all[random(all.length)]) ^ 1n).toString(16).padStart(40, "0") : all[random(all.length)];
  const slots = [0, 1, 2, random(1000)].map((slot) => "0x" + slot.toString(16));
  const request = [["eth_getProof", address, slots, head]];
  const [[a], [b]] = await Promise.all([call(geth, request), call(ours, request)]);
  compare(`proof of ${address}`, a, b);
}
console.log(`${receipts} receipts, ${wanted} proofs, ${Number(head) + 1} blocks`);
console.log(`${compared - different} passed, ${different} failed`);
await stop();
process.exit(different ? 1 : 0);
