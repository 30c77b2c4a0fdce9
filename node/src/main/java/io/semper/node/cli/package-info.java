/// The command line: one class per command, options shared by several as mixins.
///
/// Options, environment variables and the configuration file meet in [ConfigFile] and
/// [OptionDefaults]; commands only ever see values. Names of commands, options and exit codes are
/// scripted by people and stay.
package io.semper.node.cli;
