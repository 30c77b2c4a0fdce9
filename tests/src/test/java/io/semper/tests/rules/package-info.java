/// Rules about the source itself: what may import what, and what things may be called.
package io.semper.tests.rules;
