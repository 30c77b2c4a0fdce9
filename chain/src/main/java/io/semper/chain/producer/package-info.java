/// Making blocks: choosing transactions, executing them, and sealing where no consensus is needed.
package io.semper.chain.producer;
