"""Likeness by sound."""

from callbot.understand.sounds import alike, likeness, sound_key, weakest_word


def test_liaison_and_spelling_do_not_change_the_sound():
    """What a recogniser writes as it hears it is the same phrase."""
    assert sound_key("가슴이 꽉 조이고")[0] == sound_key("가스미 꽉조이고")[0]
    assert alike("숨을 못 쉬어", "수믈 모쉬어") > 90


def test_a_place_is_given_in_the_characters_of_the_utterance():
    """So that the quote is verbatim."""
    text = "아이고 가스미 꽉 조여요 지금"
    found = likeness("가슴이 꽉 조여요", text, 80)
    assert found is not None
    assert text[found.start : found.end] == "가스미 꽉 조여요"


def test_a_phrase_longer_than_the_utterance_is_never_found_in_it():
    """partial_ratio alone would find "네" in anything."""
    assert likeness("죽고 싶어요", "네", 0) is None
    assert likeness("죽고 싶어요", "싶어요", 0) is None


def test_nothing_spoken_is_like_nothing():
    """Punctuation and foreign signs have no sound."""
    assert likeness("죽고 싶어요", "... ?!", 0) is None


def test_the_telling_word_must_be_there():
    """ "큰아들인데요" is like "아들이 때려요" but for the word that matters."""
    assert weakest_word("아들이 때려요", "아드리 자꾸 대려요") > 90
    assert weakest_word("아들이 때려요", "아들인데요") < 76


def test_a_sound_that_is_missing_counts():
    """Also in an utterance shorter than the phrase."""
    found = likeness("살려 주세요", "알려 주세요", 50)
    assert found is not None
    assert found.score < 100
