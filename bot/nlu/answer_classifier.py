"""Rasa classifier: gives each intent its probability, in two steps (bot.nlu.choosing)."""

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

from bot.nlu.choosing import Numbers, learn, probabilities

FILE = "answers.npz"


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


def _vector(message: Message) -> Numbers:
    """The sentence vector of a message."""
    _, sentence = message.get_dense_features(TEXT)
    vector: Numbers = sentence.features[0]
    return vector
