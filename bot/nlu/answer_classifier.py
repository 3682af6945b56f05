"""Rasa classifier: which answer fits, and then whether a statement about it is right or wrong.

Two steps instead of one. All phrases of an answer (`CARD`, `CARD+yes`, `CARD+no`) count together
when the answer is chosen, so that what is likely is not split over three intents; which of the
three it is, is asked among those alone. Both are multinomial logistic regression (scikit-learn).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

FILE = "answers.npz"
SAYS = "+"

Numbers = NDArray[np.float32]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AnswerClassifier(IntentClassifier, GraphComponent):
    """Gives each intent its probability.

    Rasa wires the methods by the names of their parameters; they must stay as they are.
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Know nothing yet."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._learnt: dict[str, NDArray[Any]] = {}

    @classmethod
    def required_components(cls) -> list[type]:
        """A featurizer must stand before this in config.yml."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C` of both regressions: more fits the phrases more closely; `ranked`: intents given."""
        return {"C": 10.0, "C_says": 10.0, "max_iter": 60, "tol": 1e-2, "ranked": 20}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AnswerClassifier:
        """Rasa's constructor."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all phrases and keep what was learnt."""
        examples = [each for each in training_data.intent_examples if each.get(TEXT)]
        vectors = np.vstack([_vector(each) for each in examples])
        intents = np.array([each.get(INTENT) for each in examples])
        self._learnt = learn(vectors, intents, self._config)
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / FILE, **self._learnt)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AnswerClassifier:
        """What an earlier run learnt."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / FILE) as file:
            component._learnt = dict(file)
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Name the likeliest intent of each message, and rank those after it."""
        for message in messages:
            if not message.get(TEXT):
                continue
            shares = probabilities(_vector(message), self._learnt)
            best = np.argsort(-shares)[: self._config["ranked"]]
            names = self._learnt["intents"]
            ranking = [{"name": str(names[i]), "confidence": float(shares[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Classify the phrases themselves."""
        self.process(training_data.training_examples)
        return training_data


def learn(
    vectors: Numbers, intents: NDArray[np.str_], config: dict[str, Any]
) -> dict[str, NDArray[Any]]:
    """Weights of both steps.

    Args:
        vectors: Of the phrases, shape (phrases, size).
        intents: Of each phrase.
        config: As in get_default_config.

    Returns:
        `intents`, sorted; for each the place of its answer in `answers`; `weights` (answers, size)
        and `biases`; `says_weights` (intents, size) and `says_biases`, zeros where an answer has
        only one intent.
    """
    answers = np.array([intent.partition(SAYS)[0] for intent in intents])
    fitted = {"max_iter": config["max_iter"], "tol": config["tol"]}
    names = np.unique(intents)
    chooser = LogisticRegression(C=config["C"], **fitted).fit(vectors, answers)
    weights, biases = _rows(chooser)
    says_weights = np.zeros((len(names), vectors.shape[1]), np.float32)
    says_biases = np.zeros(len(names), np.float32)
    of_names = np.array([name.partition(SAYS)[0] for name in names])
    for answer in chooser.classes_:
        places = np.flatnonzero(of_names == answer)
        if len(places) > 1:
            own = answers == answer
            says = LogisticRegression(C=config["C_says"], **fitted).fit(vectors[own], intents[own])
            says_weights[places], says_biases[places] = _rows(says)
    return {
        "intents": names,
        "answers": chooser.classes_,
        "of_answer": np.searchsorted(chooser.classes_, of_names),
        "weights": weights,
        "biases": biases,
        "says_weights": says_weights,
        "says_biases": says_biases,
    }


def probabilities(vector: Numbers, learnt: dict[str, NDArray[Any]]) -> Numbers:
    """The probability of each intent: of its answer, times its share among those of that answer.

    Args:
        vector: Of one message, shape (size,).
        learnt: As `learn` gave it.

    Returns:
        Shape (intents,), in the order of `intents`; the sum is 1.
    """
    scores = learnt["weights"] @ vector + learnt["biases"]
    of_answers = np.exp(scores - scores.max())
    of_answers /= of_answers.sum()
    said = np.exp(learnt["says_weights"] @ vector + learnt["says_biases"])
    place = learnt["of_answer"]
    sums = np.bincount(place, weights=said, minlength=len(of_answers))
    shares: Numbers = (of_answers[place] * said / sums[place]).astype(np.float32)
    return shares


def _rows(fitted: LogisticRegression) -> tuple[Numbers, Numbers]:
    """A row of weights and a bias for each class; scikit-learn has one row for two classes."""
    weights, biases = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights = np.vstack([-weights / 2, weights / 2])
        biases = np.concatenate([-biases / 2, biases / 2])
    return weights.astype(np.float32), biases.astype(np.float32)


def _vector(message: Message) -> Numbers:
    """The sentence vector of a message."""
    _, sentence = message.get_dense_features(TEXT)
    vector: Numbers = sentence.features[0]
    return vector
