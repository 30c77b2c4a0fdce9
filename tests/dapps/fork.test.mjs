// A development chain on top of another one, whose state is read when it is asked for.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forks } from './lib/forks.mjs';
import { Process, devCommand, freePort, startDev } from './lib/node.mjs';

describe('a fork of a development chain', () => {
  let origin;
  before(async () => {
    origin = await startDev();
  });
  after(async () => origin?.stop());
  forks(() => origin, startDev);
});

test('what cannot be forked is told in a line', async () => {
  for (const [args, message] of [
    [['--fork-url', `http://127.0.0.1:${await freePort()}`], /--fork-url: forked node 127\.0\.0\.1: /],
    [['--fork-url', 'nowhere'], /not the address of a node/],
    [['--fork-block-number', '5'], /needs --fork-url/],
    [['--fork-url', 'http://127.0.0.1:1', '--data-dir', '/tmp/none'], /--data-dir/],
  ]) {
    const [program, ...rest] = devCommand();
    const node = new Process([program, ...rest, '--port', '0', ...args]);
    const { code } = await node.ended;
    assert.notEqual(code, 0);
    assert.match(node.log, message);
    assert.doesNotMatch(node.log, /^\s+at [\w.$/]+\(.*\)$/m);
  }
});
