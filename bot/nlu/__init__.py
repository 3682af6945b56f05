"""Rasa graph components and the sentence encoder they share with the spotter."""
