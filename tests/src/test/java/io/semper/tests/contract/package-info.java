/// Contracts that tests put on chains.
package io.semper.tests.contract;
