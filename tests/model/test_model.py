"""The stored model, its explanations, its policy and its language gate."""

import copy
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moderation
from moderation.errors import ModelError
from moderation.model import explanation
from moderation.model.language import identify
from moderation.model.linear import LinearModel, alias_key
from moderation.model.policy import decide
from moderation.records import Comment, Span, Thread
from moderation.scoring.classifier import Classifier


def test_loading_what_was_saved_gives_the_same_scores_and_a_hash(small_model: Classifier, tmp_path: Path) -> None:
    small_model.save(tmp_path / "mine")
    loaded = moderation.load(tmp_path / "mine")
    assert (loaded.name, loaded.hash) == ("mine", small_model.hash)
    assert loaded.score("You idiot.") == Classifier(small_model.model).score("You idiot.")


def test_a_model_is_saved_over_the_one_it_came_from_while_others_hold_that(
    small_model: Classifier, tmp_path: Path
) -> None:
    small_model.save(tmp_path / "mine")
    held, again = moderation.load(tmp_path / "mine"), moderation.load(tmp_path / "mine")
    before = held.score("You idiot.")
    again.save(tmp_path / "mine")
    assert held.score("You idiot.") == moderation.load(tmp_path / "mine").score("You idiot.") == before
    assert not [path.name for path in (tmp_path / "mine").iterdir() if path.name.startswith(".")]


def test_arrays_that_do_not_fit_are_refused(small_model: Classifier, tmp_path: Path) -> None:
    model = small_model.model
    arrays = {
        "weights": model.weights[:-1],
        "stance_starts": model.stance_starts,
        "stance_ids": model.stance_ids,
        "stance_weights": model.stance_weights,
    }
    LinearModel(model.vocabulary, model.heads, model.targets, arrays, model.about).save(tmp_path / "bad")
    with pytest.raises(ModelError, match=r"classifier\.json: its arrays do not fit one another; restore the folder"):
        moderation.load(tmp_path / "bad")


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="you idiot planned1!.\u200b\u0301іﬃ&<b>;", max_size=80))
def test_reasons_add_up_to_the_logit(small_model: Classifier, text: str) -> None:
    logits = small_model.load_kernel().score([text], np.zeros((1, len(small_model.targets)), np.uint8)).logits
    for column, head in enumerate(small_model.model.heads):
        reasons = explanation.explain(small_model.model, text, head.name)
        assert sum(reason.weight for reason in reasons) == pytest.approx(logits[0, column], abs=1e-6)
        assert all(0 <= reason.start < reason.end <= len(text) for reason in reasons)


def test_reasons_point_at_the_raw_words_however_disguised(small_model: Classifier) -> None:
    text = "What an i\u200bd\u0456ot you are"
    shares = {
        text[reason.start : reason.end]: reason.weight
        for reason in explanation.explain(small_model.model, text, "hostile")
    }
    assert set(shares) == {"What", "an", "i\u200bd\u0456ot", "you", "are"}
    assert shares["i\u200bd\u0456ot"] > 0


def test_a_quoted_insult_is_not_charged_to_the_one_who_quotes_it(small_model: Classifier) -> None:
    text = "You are a stupid idiot and a moron.\nPlease do not talk to people like that."
    plain = small_model.score(Comment(text=text))
    quoted = small_model.score(Comment(text=text, quotes=(Span(0, 35),)), explain=True)
    assert plain.hostile > quoted.hostile
    assert quoted.hostile == small_model.score("Please do not talk to people like that.").hostile
    assert all(reason.start >= 35 for reason in quoted.reasons["hostile"])


def test_lines_of_a_plain_text_that_begin_with_an_arrow_are_quotes_unless_nothing_else_is_said(
    small_model: Classifier,
) -> None:
    insult = "> You are a stupid idiot and a moron."
    quoted = small_model.score(insult + "\nPlease do not talk to people like that.")
    assert quoted.quotes == (Span(0, len(insult)),)
    assert quoted.hostile == small_model.score("Please do not talk to people like that.").hostile
    alone = small_model.score(insult)
    assert alone.quotes == ()
    assert alone.hostile > quoted.hostile
    assert small_model.score("2 > 1 and you know it >:(").quotes == ()


def test_a_stance_is_given_only_for_targets_that_the_comment_or_its_thread_is_about(small_model: Classifier) -> None:
    assert small_model.score("I like cheese.").stance == ()
    assert "Khalifa Haftar" in {stance.target for stance in small_model.score("Haftar will save the country").stance}
    thread = Thread(id="t", title="Council votes on the bike lane")
    scores = small_model.score_many(
        [Comment(text="Good news.", thread="t"), Comment(text="Good news.", thread="u")], threads={"t": thread}
    )
    assert [[stance.target for stance in score.stance] for score in scores] == [["bike lane"], []]


@pytest.mark.parametrize(("times", "about"), [(2, {"Khalifa Haftar", "bike lane"}), (3, {"Khalifa Haftar"})])
def test_what_an_article_mentions_in_passing_is_no_target_of_its_comments(
    small_model: Classifier, times: int, about: set[str]
) -> None:
    thread = Thread(id="t", article="Haftar spoke again. " * times + "The bike lane is closed.")
    comments = [Comment(text=text, thread="t") for text in ("Good news.", "Open the bike lane!")]
    scores = small_model.score_many(comments, threads={"t": thread})
    assert [{stance.target for stance in score.stance} for score in scores] == [about, {"Khalifa Haftar", "bike lane"}]


def test_a_target_that_the_model_does_not_know_is_an_error_that_lists_the_known(small_model: Classifier) -> None:
    known = ", ".join(small_model.targets)
    with pytest.raises(ModelError) as caught:
        small_model.score("hi", targets=["Atlantis"])
    assert (
        str(caught.value)
        == f'{small_model.name}: the model was not trained on the target "Atlantis"; it knows: {known}'
    )


@pytest.mark.parametrize("name", ["Khalifa Haftar", "khalifa haftar", "haftar", " HAFTAR "])
def test_a_target_may_be_given_by_an_alias_and_in_any_case(small_model: Classifier, name: str) -> None:
    assert [stance.target for stance in small_model.score("Good news.", targets=[name]).stance] == ["Khalifa Haftar"]


def test_what_is_no_comment_is_refused_with_a_hint(small_model: Classifier) -> None:
    with pytest.raises(TypeError, match=r"^a comment is a str or a moderation\.Comment, not NoneType$"):
        small_model.score(None)  # type: ignore[arg-type]
    for several in (small_model.score_many, lambda comments: moderation.score(comments, small_model)):
        with pytest.raises(TypeError, match="comments must be several texts, not one text; use Classifier"):
            several("You moron.")
        with pytest.raises(TypeError, match=r'comments must be texts, not a dict; give the column .*table\["text"\]'):
            several({"text": ["You moron."]})
    with pytest.raises(TypeError, match=r"^comments\[1\]: a comment is a str or a moderation\.Comment, not float$"):
        small_model.score_many(["Fine.", float("nan")])  # type: ignore[list-item]
    with pytest.raises(
        TypeError, match=r"^comments\[3000\]: a comment is a str or a moderation\.Comment, not NoneType$"
    ):
        list(moderation.score(["Fine."] * 3000 + [None], small_model))  # type: ignore[list-item]
    with pytest.raises(TypeError, match="model must be a Classifier, not str; load a folder"):
        moderation.score(["Fine."], "models/default")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r'targets must be a sequence of names, such as \["Haftar"\]'):
        small_model.score("Good news.", targets="Haftar")


def test_a_thread_tells_what_its_comments_are_about(small_model: Classifier) -> None:
    page = Thread(
        id="t",
        title="Haftar marches",
        comments=(Comment(text="I love it.", thread="t"), Comment(text="I hate it.", thread="t")),
    )
    for scores in (
        list(moderation.score(page, small_model)),
        [small_model.score(comment, thread=page) for comment in page.comments],
        [small_model.score(Comment(text=comment.text), thread=page) for comment in page.comments],
    ):
        assert [[stance.target for stance in score.stance] for score in scores] == [["Khalifa Haftar"]] * 2


def test_a_classifier_goes_to_other_processes_and_can_be_copied(small_model: Classifier) -> None:
    texts = ["You absolute moron, I hate Haftar.", "Fine."]
    here = [small_model.score(text) for text in texts]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as workers:
        assert list(workers.map(small_model.score, texts)) == here
    twin = copy.deepcopy(small_model)
    assert [twin.score(text) for text in texts] == here
    assert (twin.name, twin.hash) == (small_model.name, small_model.hash)


def test_a_classifier_says_what_it_is_and_why_it_decides(small_model: Classifier) -> None:
    assert (
        repr(small_model) == f"<Classifier {small_model.name}: hostile, conspiracy; {len(small_model.targets)} targets>"
    )
    score = small_model.score("You are a stupid idiot and a moron.")
    threshold = next(head.threshold for head in small_model.model.heads if head.name == "hostile")
    assert small_model.decide(score).reason == f"hostile {score.hostile:.2f} reaches {threshold:.2f}"
    german = small_model.score("Das ist nicht der richtige Weg und ich glaube auch nicht, dass es sich noch ändert.")
    assert small_model.decide(german).reason == "in a language that the model does not know"


def test_stance_probabilities_add_up_to_one(small_model: Classifier) -> None:
    (stance,) = (s for s in small_model.score("the bike lane is a waste of money").stance if s.target == "bike lane")
    assert stance.favor + stance.against + stance.neutral == pytest.approx(1, abs=2e-4)


def test_scores_come_back_in_order_from_a_stream(small_model: Classifier) -> None:
    texts = [f"comment number {k}" for k in range(5000)]
    assert [score.text for score in moderation.score(iter(texts), small_model)] == texts


def test_a_comment_in_another_language_is_marked_and_left_to_a_person(small_model: Classifier) -> None:
    score = small_model.score("Das ist nicht der richtige Weg und ich glaube auch nicht, dass es sich noch ändert.")
    assert (score.language, score.hostile, score.conspiracy, score.flags, score.action) == (
        "de",
        None,
        None,
        (),
        "review",
    )


def test_a_disguise_does_not_slip_out_through_the_language_gate(small_model: Classifier) -> None:
    text = "уоu аrе а ѕtuріd іdіоt аnd еvеrуbоdу knоwѕ іt"  # half of the letters are Cyrillic
    score = small_model.score(text)
    assert score.language == "en"
    assert score.hostile is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I never said that they should close the school.", "en"),
        ("No sé qué decir de esto, pero la verdad es que me gusta mucho.", "es"),
        ("Je ne sais pas ce que vous voulez dire avec cette histoire.", "fr"),
        ("Это не имеет никакого отношения к делу, совсем никакого", "ru"),
        ("これはとても面白い記事だと思いますありがとう", "ja"),
        ("lol", None),
        ("", None),
    ],
)
def test_languages_are_told_apart_and_short_text_is_left_open(text: str, language: str | None) -> None:
    assert identify(text) == language


def test_the_decision_says_which_threshold_was_reached() -> None:
    decision = decide({"hostile": 0.7, "conspiracy": 0.2}, {"hostile": 0.6, "conspiracy": 0.5})
    assert (decision.flags, decision.action, decision.reason) == (("hostile",), "review", "hostile 0.70 reaches 0.60")
    assert decide({"hostile": None}, {"hostile": 0.6}).action == "approve"


def test_nothing_is_ever_rejected(small_model: Classifier) -> None:
    actions = {
        small_model.score(text).action for text in ("You idiot, die", "hello", "Das ist nicht der Weg und ich sage es")
    }
    assert actions == {"approve", "review"}


def test_an_alias_of_more_than_four_words_has_no_fingerprint() -> None:
    assert alias_key("one two three four five") == 0
    assert alias_key("!!!") == 0
    assert alias_key("Government of National Accord") == alias_key("government OF national  accord!")


def test_scoring_from_several_threads_gives_what_one_gives(small_model: Classifier) -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"you {word} number {k}" for k in range(400) for word in ("idiot", "star", "banker")]
    expected = small_model.score_many(texts)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(small_model.score_many, [texts] * 8):
            assert scores == expected
