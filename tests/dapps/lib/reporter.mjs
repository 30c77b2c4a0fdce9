// A line for each test, what failed in full at the end, and the closing line `N passed, N failed`.
export default async function* report(source) {
  let passed = 0, failed = 0;
  const failures = [];
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      if (data.details.type === 'suite') continue;
      // A file that ended badly by itself is reported under its own name.
      const skipped = data.skip !== undefined;
      if (type === 'test:pass') {
        passed += skipped ? 0 : 1;
        yield `${skipped ? 'skip' : 'ok  '} ${data.name}${skipped ? ` (${data.skip})` : ` (${Math.round(data.details.duration_ms)} ms)`}\n`;
      } else {
        failed++;
        failures.push({ name: data.name, file: data.file, error: data.details.error });
        yield `FAIL ${data.name}\n`;
      }
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    }
  }
  for (const { name, file, error } of failures) {
    yield `\n${file ?? ''}: ${name}\n${(error.cause?.stack ?? error.cause ?? error.stack ?? String(error)).toString().slice(0, 4000)}\n`;
  }
  yield `\n${passed} passed, ${failed} failed\n`;
}
