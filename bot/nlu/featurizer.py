"""Rasa featurizer: all-MiniLM-L6-v2 sentence vectors, made by bot/nlu/minilm.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.minilm import load_encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MiniLMFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one sentence vector of 384 numbers to each message.

    Rasa wires the methods by the names of their parameters; they must stay as they are.
    """

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Load the encoder that set-up built."""
        super().__init__(name, config)
        self._encoder = load_encoder()

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer must stand before this in config.yml."""
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MiniLMFeaturizer:
        """Rasa's constructor."""
        return cls(config, execution_context.node_name)

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Nothing can be set wrongly."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurize all training phrases."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add a sentence vector to each message that has text."""
        for message in messages:
            if message.get(TEXT):
                self._featurize(message)
        return messages

    def _featurize(self, message: Message) -> None:
        vector: np.ndarray[Any, np.dtype[np.float32]] = self._encoder.encode([message.get(TEXT)])
        message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
