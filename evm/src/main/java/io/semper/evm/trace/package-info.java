/// What can watch an execution.
package io.semper.evm.trace;
