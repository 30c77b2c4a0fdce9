// GoQuorum's QBFT and Semper's, one after the other, four validators each, a block a second, two seconds for a round:
// one of them is dead for a minute, then two are for a minute and a half and come back. What both did stands in a table.
//
//   node tests/peers/quorum.mjs [FOLDER] [--down=60] [--outage=90] [--repeat=1] [--only=quorum|semper]
//
// FOLDER has GoQuorum's program `quorum` (default: SEMPER_PEERS). SEMPER_FIXTURES has chains/qbft.tar.xz, whose genesis
// file GoQuorum starts from. Blocks are empty on both sides; dead is kill -9; a gap is from the moment one block was
// first seen at any node to the next, looked for every 25 ms. Seven minutes. No time decides whether it passes: what
// does is that two validators make no block, and that blocks come again.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createECDH, createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../dapps/lib/node.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const words = process.argv.slice(2);
const options = Object.fromEntries(words.filter((a) => a.startsWith("--")).map((a) => a.slice(2).split("=")));
const peers = words.find((a) => !a.startsWith("--")) ?? process.env.SEMPER_PEERS;
const archive = join(process.env.SEMPER_FIXTURES ?? join(root, "../shared/fixtures"), "chains/qbft.tar.xz");
const quorum = peers && join(resolve(peers), "quorum");
if (!quorum || !existsSync(quorum) || !existsSync(archive)) {
  console.log("skipped: no folder with GoQuorum's program `quorum`, or SEMPER_FIXTURES has no chains/qbft.tar.xz");
  process.exit(0);
}
const DOWN_SECONDS = Number(options.down ?? 60);
const OUTAGE_SECONDS = Number(options.outage ?? 90);
const REPEATS = Number(options.repeat ?? 1);
const VALIDATORS = 4;
const LOOK_MILLIS = 25;
const ANSWER_MILLIS = 500;
const PATIENCE_SECONDS = 600;
/** A block that was decided before the second of two died may still come. */
const SETTLE_SECONDS = 3;

const folder = mkdtempSync(join(process.env.SCRATCH ?? tmpdir(), "quorum-"));
const launcher = process.env.SEMPER_LAUNCHER ?? join(root, "semper");
const pause = (millis) => new Promise((done) => setTimeout(done, millis));

class Validator {
  constructor(name, command, environment, port, log) {
    Object.assign(this, { name, command, environment, port, log });
  }

  start() {
    const log = openSync(this.log, "a");
    const [program, ...args] = this.command;
    this.child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...this.environment } });
    this.ended = new Promise((done) => this.child.once("exit", done));
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
    this.child = undefined;
  }

  /** The number of its newest block, -1 where it does not answer. */
  async head() {
    if (!this.child) return -1;
    try {
      const reply = await fetch(`http://127.0.0.1:${this.port}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}',
        signal: AbortSignal.timeout(ANSWER_MILLIS),
      });
      return Number((await reply.json()).result);
    } catch {
      return -1;
    }
  }
}

/** When each block was first seen at any of them. */
class Watch {
  seen = new Map();
  highest = 0;

  constructor(nodes) {
    this.nodes = nodes;
    this.done = this.run();
  }

  async run() {
    for (let turn = 0; !this.stopped; turn++) {
      const head = await this.nodes[turn % this.nodes.length].head();
      if (head > this.highest) {
        const now = performance.now();
        // Of several since the last look each took its share.
        const before = this.seen.get(this.highest) ?? now;
        const share = (now - before) / (head - this.highest);
        for (let n = this.highest + 1; n <= head; n++) this.seen.set(n, now - share * (head - n));
        this.highest = head;
      }
      await pause(LOOK_MILLIS);
    }
  }

  /** Milliseconds between the blocks that were seen from one moment to another, in order of size. */
  gaps(from, to) {
    const gaps = [];
    for (const [number, at] of this.seen) {
      const before = this.seen.get(number - 1);
      if (before !== undefined && at >= from && at <= to) gaps.push(at - before);
    }
    return gaps.sort((a, b) => a - b);
  }

  async until(what, condition) {
    for (const end = Date.now() + 1000 * PATIENCE_SECONDS; !(await condition()); await pause(LOOK_MILLIS)) {
      assert.ok(Date.now() < end, `${what} within ${PATIENCE_SECONDS} s (logs: ${folder})`);
    }
  }

  /** All of them have what any had a moment ago, and a block has come since. */
  async whole() {
    const goal = this.highest + 1;
    for (const node of this.nodes) {
      await this.until(`${node.name} at block ${goal}`, async () => (await node.head()) >= goal);
    }
  }

  async stop() {
    this.stopped = true;
    await this.done;
  }
}

/** Four of GoQuorum's, from the keys and the genesis file of the recorded chain. */
async function quorumNetwork() {
  const home = join(folder, "goquorum");
  mkdirSync(home);
  const unpacked = spawnSync("tar", ["-xJOf", archive, "qbft/genesis.json"], { maxBuffer: 1 << 24 });
  assert.equal(unpacked.status, 0, `tar: ${unpacked.stderr}`);
  writeFileSync(join(home, "genesis.json"), unpacked.stdout);
  const { qbft } = JSON.parse(unpacked.stdout).config;
  assert.deepEqual([qbft.blockperiodseconds, qbft.emptyblockperiodseconds, qbft.requesttimeoutseconds], [1, 1, 2]);
  const members = [];
  for (let i = 0; i < VALIDATORS; i++) {
    const key = createECDH("secp256k1");
    key.setPrivateKey(createHash("sha256").update(`semper qbft ${i}`).digest());
    members.push({ key, data: join(home, `node-${i + 1}`), port: await freePort(), peerPort: await freePort() });
  }
  const enodes = members.map(({ key, peerPort }) =>
    `enode://${key.getPublicKey("hex").slice(2)}@127.0.0.1:${peerPort}?discport=0`);
  return members.map(({ key, data, port, peerPort }, i) => {
    mkdirSync(join(data, "geth"), { recursive: true });
    writeFileSync(join(data, "geth/nodekey"), key.getPrivateKey("hex").padStart(64, "0"));
    writeFileSync(join(data, "static-nodes.json"), JSON.stringify(enodes.filter((_, other) => other !== i)));
    const environment = { PRIVATE_CONFIG: "ignore" };
    const initial = spawnSync(quorum, ["--datadir", data, "init", join(home, "genesis.json")], {
      env: { ...process.env, ...environment },
    });
    assert.equal(initial.status, 0, `quorum init: ${initial.stderr}`);
    const command = [
      quorum, "--datadir", data, "--networkid", "1337", "--nodiscover", "--netrestrict", "127.0.0.0/8", "--nat", "none",
      "--syncmode", "full", "--mine", "--miner.threads", "1", "--miner.gasprice", "0", "--emitcheckpoints", "--ipcdisable",
      "--port", `${peerPort}`, "--http", "--http.addr", "127.0.0.1", "--http.port", `${port}`, "--http.api", "eth,net,istanbul",
    ];
    return new Validator(`GoQuorum ${i + 1}`, command, environment, port, join(home, `node-${i + 1}.log`));
  });
}

const isFree = (port) => new Promise((done) => {
  const probe = createServer().once("error", () => done(false));
  probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
});

/** Four of Semper's, as `network init` makes them and their `start` scripts run them. */
async function semperNetwork() {
  const home = join(folder, "semper");
  const needed = (base) => Array.from({ length: 2 * VALIDATORS }, (_, i) => base + (i % VALIDATORS) + (i < VALIDATORS ? 0 : 100));
  let base = 12_000 + (process.pid % 18_000);
  while (!(await Promise.all(needed(base).map(isFree))).every(Boolean)) base += 2 * VALIDATORS;
  const initial = spawnSync(launcher, ["network", "init", "--validators", `${VALIDATORS}`, "--dir", home, "--base-port", `${base}`]);
  assert.equal(initial.status, 0, `network init: ${initial.stdout}${initial.stderr}`);
  return Array.from({ length: VALIDATORS }, (_, i) => {
    const data = join(home, `node-${i + 1}`);
    // The script becomes the launcher, and that the node.
    return new Validator(`Semper ${i + 1}`, [join(data, "start")], { SEMPER: launcher }, base + i, join(data, "log"));
  });
}

const percentile = (sorted, percent) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
const seconds = (millis) => (millis / 1000).toFixed(2);

async function run(name, nodes) {
  const watch = new Watch(nodes);
  const row = { gaps: [], returns: [] };
  try {
    for (const node of nodes) node.start();
    await watch.until("the third block", () => watch.highest >= 3);
    await watch.whole();
    console.log(`${name}: four validators make blocks`);
    if (DOWN_SECONDS > 0) {
      const began = performance.now();
      await nodes[1].kill();
      await pause(1000 * DOWN_SECONDS);
      row.gaps = watch.gaps(began, performance.now());
      nodes[1].start();
      await watch.whole();
      console.log(`${name}: ${row.gaps.length} blocks in ${DOWN_SECONDS} s with one of ${VALIDATORS} dead; it is back`);
    }
    for (let i = 0; OUTAGE_SECONDS > 0 && i < REPEATS; i++) {
      await Promise.all([nodes[2].kill(), nodes[3].kill()]);
      await pause(1000 * SETTLE_SECONDS);
      const head = watch.highest;
      await pause(1000 * OUTAGE_SECONDS);
      assert.equal(watch.highest, head, `${name}: a block of two validators`);
      const revived = performance.now();
      nodes[2].start();
      nodes[3].start();
      await watch.until("a block after the outage", () => watch.highest > head);
      row.returns.push(watch.seen.get(head + 1) - revived);
      console.log(`${name}: two dead for ${OUTAGE_SECONDS} s, next block ${seconds(row.returns.at(-1))} s after their start`);
      await watch.whole();
    }
    return row;
  } finally {
    await watch.stop();
    await Promise.all(nodes.filter((node) => node.child).map((node) => node.kill()));
  }
}

try {
  const networks = { GoQuorum: quorumNetwork, Semper: semperNetwork };
  const table = [
    `| four validators, blocks of 1 s, rounds of 2 s | one dead for ${DOWN_SECONDS} s: gaps p50, p99, most | ` +
      `two dead for ${OUTAGE_SECONDS} s: next block after their start |`,
    "|---|---|---|",
  ];
  for (const [name, make] of Object.entries(networks)) {
    if (options.only && options.only !== (name === "Semper" ? "semper" : "quorum")) continue;
    const { gaps, returns } = await run(name, await make());
    const three = gaps.length ? [50, 99, 100].map((p) => seconds(percentile(gaps, p))).join(", ") + " s" : "-";
    table.push(`| ${name} | ${three} | ${returns.map(seconds).join(", ") || "-"} s |`);
  }
  console.log(`\n${table.join("\n")}`);
  rmSync(folder, { recursive: true, force: true });
} catch (failure) {
  console.error(failure);
  console.error(`logs: ${folder}`);
  process.exitCode = 1;
}
