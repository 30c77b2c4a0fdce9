// A line for each test, what failed in full at the end, and the closing line `N passed, N failed`.
export default async function* report(source) {
  let passed = 0, failed = 0;
  const failures = [];
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      const cause = data.details.error?.failureType;
      // A suite counts only where it fails by itself, as when its preparation does.
      if (cause === 'subtestsFailed' || (data.details.type === 'suite' && type === 'test:pass')) continue;
      if (cause === 'cancelledByParent') {
        failed++;
        continue;
      }
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
