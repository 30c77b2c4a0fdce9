/// What each fork changed, one file a fork, differences only.
package io.semper.evm.fork;
