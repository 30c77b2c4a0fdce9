// Compiles contracts/Register.sol with the solc from npm; the result is kept until the source changes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = new URL('../contracts/Register.sol', import.meta.url);
const FOLDER = new URL('../build/', import.meta.url);

function compile(source) {
  const solc = createRequire(import.meta.url)('solc');
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: 'Solidity',
        sources: { 'Register.sol': { content: source } },
        settings: {
          evmVersion: 'osaka',
          optimizer: { enabled: true, runs: 200 },
          outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
        },
      }),
    ),
  );
  const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
  if (errors.length > 0) {
    throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  }
  return Object.fromEntries(
    Object.entries(output.contracts['Register.sol']).map(([name, c]) => [
      name,
      {
        abi: c.abi,
        bytecode: '0x' + c.evm.bytecode.object,
        deployed: '0x' + c.evm.deployedBytecode.object,
      },
    ]),
  );
}

function load() {
  const source = readFileSync(SOURCE, 'utf8');
  const file = new URL(createHash('sha256').update(source).digest('hex').slice(0, 16) + '.json', FOLDER);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (absent) {
    if (absent.code !== 'ENOENT') throw absent;
  }
  const contracts = compile(source);
  mkdirSync(FOLDER, { recursive: true });
  const fresh = new URL(`fresh-${process.pid}.json`, FOLDER);
  writeFileSync(fresh, JSON.stringify(contracts));
  renameSync(fresh, file);
  return contracts;
}

export const { Register, Token, Batcher } = load();
