/// JSON-RPC of a whole node: ledger, pool and server together.
package io.semper.tests.rpc;
