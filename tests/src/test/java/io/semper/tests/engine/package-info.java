/// The Engine API of whole nodes, driven as a consensus client drives it.
package io.semper.tests.engine;
