/// Semper as its users see it: processes, started, killed and asked over JSON-RPC.
package io.semper.tests.process;
