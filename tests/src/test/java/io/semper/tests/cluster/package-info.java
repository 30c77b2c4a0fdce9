/// Networks of several nodes, each a process of its own.
package io.semper.tests.cluster;
