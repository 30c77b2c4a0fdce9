/// Transactions as state transitions: validity, intrinsic gas, execution, fees and refunds.
package io.semper.evm.tx;
