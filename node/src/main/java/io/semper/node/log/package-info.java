/// Logs on standard error: lines for people, or JSON.
///
/// The only package that knows Logback; everything else logs through SLF4J.
package io.semper.node.log;
