package io.semper.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FactsTest {
  private static Word known(long value) {
    return Word.known(value, 0, 0, 0);
  }

  @Test
  void aKnownOffsetCoversWhatLiesBefore() {
    Facts facts = Facts.NONE.withReached(known(64), 32).withReached(known(0), 32);
    assertThat(facts.reaches(known(64), 32)).isTrue();
    assertThat(facts.reaches(known(95), 1)).isTrue();
    assertThat(facts.reaches(known(65), 32)).isFalse();
    assertThat(facts.reaches(Word.in(9), 32)).isFalse();
  }

  @Test
  void offsetsThatNoMemoryHasCoverNothing() {
    Facts facts = Facts.NONE.withReached(known(-1), 32).withReached(Word.known(0, 1, 0, 0), 32);
    assertThat(facts.reaches(known(0), 32)).isFalse();
  }

  @Test
  void aByteIsNoWord() {
    Facts facts = Facts.NONE.withReached(Word.in(9), 1);
    assertThat(facts.reaches(Word.in(9), 32)).isFalse();
    assertThat(facts.withReached(Word.in(9), 32).reaches(Word.in(9), 1)).isTrue();
  }

  @Test
  void offsetsKeptAreBounded() {
    Facts facts = Facts.NONE;
    for (int i = 0; i <= Facts.MAX_REACHED; i++) {
      facts = facts.withReached(Word.in(8 * i), 32);
    }
    assertThat(facts.reached()).hasSize(Facts.MAX_REACHED);
    assertThat(facts.reaches(Word.in(0), 32)).isFalse();
    assertThat(facts.reaches(Word.in(8), 32)).isTrue();
  }

  @Test
  void aDivisionIsOfTheseTwoWords() {
    Facts.Division division = new Facts.Division(Word.in(8), Word.in(16), Word.in(24), Word.in(32));
    Facts facts = Facts.NONE.with(division);
    assertThat(facts.division(Word.in(8), Word.in(16))).isEqualTo(division);
    assertThat(facts.division(Word.in(16), Word.in(8))).isNull();
    assertThat(Facts.NONE.division(Word.in(8), Word.in(16))).isNull();
  }
}
