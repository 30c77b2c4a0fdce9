/// Small programs that use Semper's libraries as others would, run by the tests.
package io.semper.tests.examples;
