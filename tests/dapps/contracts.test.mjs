// The Java tests deploy a compiled contract that is kept beside them: what the pinned solc makes of the source today.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Register } from './lib/contracts.mjs';

const KEPT = new URL('../src/test/resources/io/semper/tests/dapps/Register.json', import.meta.url);

test('the contract kept for the Java tests is the one of the source', () => {
  assert.deepEqual(JSON.parse(readFileSync(KEPT, 'utf8')), { abi: Register.abi, bytecode: Register.bytecode });
});
