"""Rasa actions, run in the bot's own process."""
