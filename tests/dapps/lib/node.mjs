// Starts the node under test and speaks plain JSON-RPC to it.
//
// SEMPER_COMMAND  the command to start (default: the launcher in the project's root, with `dev`); gets `--port P`
// SEMPER_LAUNCHER the launcher, where commands other than `dev` are run (default: that in the project's root)
// SEMPER_URL      an already running development chain to use instead, http://HOST:PORT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const LAUNCHER = process.env.SEMPER_LAUNCHER ?? ROOT + 'semper';
export const MNEMONIC = 'test test test test test test test test test test test junk';

// The first start may build the node.
const START_MILLIS = 600_000;
const STOP_MILLIS = 30_000;
const POLL_MILLIS = 50;
const KEPT_LOG_CHARS = 200_000;

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function devCommand() {
  const given = process.env.SEMPER_COMMAND;
  return given ? given.split(' ') : [LAUNCHER, 'dev'];
}

/** One process, its output, its end. */
export class Process {
  constructor(command, options = {}) {
    this.log = '';
    this.child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.ended = new Promise((resolve) => {
      this.child.on('error', (failure) => resolve({ code: null, signal: null, failure }));
      // 'close' comes after the last output, 'exit' may not.
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.ended.then((end) => (this.end = end));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.log = (this.log + text).slice(-KEPT_LOG_CHARS)));
    }
  }

  get pid() {
    return this.child.pid;
  }

  /** Asks it to stop and waits; says so where it does not. */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    const end = await Promise.race([this.ended, delay(STOP_MILLIS, null, { ref: false })]);
    if (end === null) {
      this.child.kill('SIGKILL');
      await this.ended;
      throw new Error(`process ${this.pid} did not stop within ${STOP_MILLIS} ms of ${signal}\n${this.log}`);
    }
    return end;
  }

  /** Resident memory in bytes. */
  residentBytes() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
  }
}

/** Waits until `url` answers eth_chainId; fails with the log as soon as the process is over. */
export async function answering(process, url, millis = START_MILLIS) {
  for (const end = Date.now() + millis; ; ) {
    if (process.end) {
      throw new Error(`node ended with ${JSON.stringify(process.end)}\n${process.log}`);
    }
    try {
      return await rpc(url, 'eth_chainId', []);
    } catch (notYet) {
      if (Date.now() > end) {
        await process.stop('SIGKILL');
        throw new Error(`no answer at ${url} within ${millis} ms: ${notYet.message}\n${process.log}`);
      }
      await delay(POLL_MILLIS);
    }
  }
}

/** A development chain: the one of SEMPER_URL, or a fresh one on a free port. */
export async function startDev(args = []) {
  if (process.env.SEMPER_URL && args.length === 0) {
    return located(process.env.SEMPER_URL, null);
  }
  const port = await freePort();
  const [program, ...rest] = devCommand();
  const node = new Process([program, ...rest, '--port', String(port), ...args]);
  const url = `http://127.0.0.1:${port}`;
  await answering(node, url);
  return located(url, node);
}

function located(url, node) {
  return {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    port: Number(new URL(url).port),
    process: node,
    stop: async () => node?.stop(),
  };
}

export class RpcError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Any body, as text; the parsed reply where there is one. */
export async function post(url, body, headers = { 'content-type': 'application/json' }) {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, text, json: text === '' ? undefined : JSON.parse(text) };
}

/** The result of one call, or its RpcError. */
export async function rpc(url, method, params = []) {
  const { json } = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  if (json.error) {
    throw new RpcError(json.error);
  }
  return json.result;
}

/** Asks again until `ready(answer)` holds. */
export async function eventually(ask, ready, what, millis = 20_000) {
  for (const end = Date.now() + millis; ; ) {
    const answer = await ask();
    if (ready(answer)) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`${what} did not happen within ${millis} ms; last seen: ${JSON.stringify(answer)}`);
    }
    await delay(POLL_MILLIS);
  }
}

/** What `promise` rejects with. */
export async function failure(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString() : v))}`);
}
