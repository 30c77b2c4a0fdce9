/// Settings as records, and the data directory, which remembers the network it was made for.
///
/// Values only, apart from [DataDirectory]. Imports `genesis` and the records of `rpc`.
package io.semper.node.config;
