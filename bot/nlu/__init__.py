"""Rasa graph components and the sentence encoder they use."""
