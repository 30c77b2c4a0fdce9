// Hardhat 3 against the node whose address is in SEMPER_URL.
import { defineConfig } from 'hardhat/config';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers';

export default defineConfig({
  plugins: [hardhatEthers, hardhatNetworkHelpers],
  networks: { semper: { type: 'http', chainType: 'l1', url: process.env.SEMPER_URL } },
});
